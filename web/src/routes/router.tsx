import type { QueryClient } from '@tanstack/react-query'
import { Outlet, createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { sessionQuery } from '~/app/session'
import { Problem } from './problem'
import { NotHere } from './not-here'

interface Context {
  readonly cache: QueryClient
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, errorComponent: ({ error, reset }) => <Problem error={error} onRetry={reset} />, notFoundComponent: NotHere })

const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: lazyRouteComponent(() => import('./pages/sign-in'), 'SignIn') })

/** Everything that needs a session. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    const session = await context.cache.ensureQueryData(sessionQuery)
    if (!session) throw redirect({ to: '/sign-in', search: { to: location.href } })
  },
  component: lazyRouteComponent(() => import('./pages/inside'), 'Inside'),
})

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute: () => inside, path, component })

const pages = [
  page('/', lazyRouteComponent(() => import('./pages/home'), 'Home')),
  page('/market', lazyRouteComponent(() => import('./pages/market'), 'Market')),
  page('/market/t/$namespace/$slug', lazyRouteComponent(() => import('./pages/market'), 'Tool')),
  page('/market/t/$namespace/$slug/install', lazyRouteComponent(() => import('./pages/install'), 'Install')),
  page('/build', lazyRouteComponent(() => import('./pages/build'), 'Drafts')),
  page('/build/import', lazyRouteComponent(() => import('./pages/import'), 'Import')),
  page('/build/tool/$draftId', lazyRouteComponent(() => import('./pages/build'), 'DraftEditor')),
  page('/installed', lazyRouteComponent(() => import('./pages/installed'), 'Installed')),
  page('/installed/$installationId', lazyRouteComponent(() => import('./pages/installed'), 'Installation')),
  page('/connections', lazyRouteComponent(() => import('./pages/connections'), 'Connections')),
  page('/toolsets', lazyRouteComponent(() => import('./pages/installed'), 'Toolsets')),
  page('/connect', lazyRouteComponent(() => import('./pages/connect'), 'Connect')),
  page('/runs', lazyRouteComponent(() => import('./pages/runs'), 'Runs')),
  page('/runs/$runId', lazyRouteComponent(() => import('./pages/runs'), 'Run')),
  page('/settings', lazyRouteComponent(() => import('./pages/settings'), 'Settings')),
  page('/settings/$part', lazyRouteComponent(() => import('./pages/settings'), 'Settings')),
]

export const createAppRouter = (cache: QueryClient) =>
  createRouter({ routeTree: root.addChildren([signIn, inside.addChildren(pages)]), context: { cache }, defaultPreload: 'intent', scrollRestoration: true })
