import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from '~/app/page'
import { useCan } from '~/app/session'
import { ApiKeys } from '~/features/identity/api-keys'
import { AppearanceSettings } from '~/features/identity/appearance'
import '~/features/identity/identity.css'
import { Members } from '~/features/identity/members'
import { OrganisationFacts } from '~/features/identity/organisation'

interface Part {
  readonly id: string
  readonly label: string
  readonly verb?: string
  readonly content: () => ReactNode
}

const parts: readonly Part[] = [
  { id: 'organisation', label: 'Organisation', content: () => <OrganisationFacts /> },
  { id: 'members', label: 'Members', verb: 'members:read', content: () => <Members /> },
  { id: 'keys', label: 'API keys', verb: 'keys:read', content: () => <ApiKeys /> },
  { id: 'appearance', label: 'Appearance', content: () => <AppearanceSettings /> },
]

export function Settings() {
  const { part = 'organisation' } = useParams({ strict: false }) as { part?: string }
  const can = useCan()
  const shown = parts.filter((each) => !each.verb || can(each.verb))
  const current = shown.find((each) => each.id === part) ?? shown[0]
  return (
    <Page title="Settings">
      <div className="stack">
        <nav className="tabs" aria-label="Settings">
          {shown.map((each) => (
            <Link key={each.id} className="tab" to="/settings/$part" params={{ part: each.id }} aria-current={each === current ? 'page' : undefined}>
              {each.label}
            </Link>
          ))}
        </nav>
        {current?.content()}
      </div>
    </Page>
  )
}
