import { Link, useRouterState } from '@tanstack/react-router'
import { Icon } from '~/design/icons'
import { useCan } from '../session'
import { OrganisationSwitch } from './organisation-switch'
import { type Place, isAt, places } from './places'

export function usePlaces(): readonly Place[] {
  const can = useCan()
  return places.filter((place) => !place.verb || can(place.verb))
}

function PlaceLink({ place, path }: { readonly place: Place; readonly path: string }) {
  return (
    <Link to={place.to} className="nav-link" title={place.label} aria-current={isAt(place, path) ? 'page' : undefined}>
      <Icon name={place.icon} />
      <span className="nav-text">{place.label}</span>
    </Link>
  )
}

/** The organisation and the places, for the column and for the drawer. */
export function NavigationLinks() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const all = usePlaces()
  return (
    <>
      <OrganisationSwitch />
      {all.filter((place) => !place.low).map((place) => (
        <PlaceLink key={place.to} place={place} path={path} />
      ))}
      <span className="nav-space" />
      {all.filter((place) => place.low).map((place) => (
        <PlaceLink key={place.to} place={place} path={path} />
      ))}
    </>
  )
}

/** The bottom bar of a phone. */
export function TabBar({ onMore, expanded }: { readonly onMore: () => void; readonly expanded: boolean }) {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const all = usePlaces()
  const first = ['/', '/market', '/build', '/runs', '/installed', '/connections']
    .flatMap((to) => all.filter((place) => place.to === to))
    .slice(0, 4)
  return (
    <nav className="tab-bar" aria-label="Main">
      {first.map((place) => (
        <Link key={place.to} to={place.to} aria-current={isAt(place, path) ? 'page' : undefined}>
          <Icon name={place.icon} />
          {place.label}
        </Link>
      ))}
      <button type="button" aria-haspopup="dialog" aria-expanded={expanded} onClick={onMore}>
        <Icon name="menu" />
        More
      </button>
    </nav>
  )
}
