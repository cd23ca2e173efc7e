import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { buttonClass } from '~/design/button'
import { Empty } from '~/design/parts'
import { type Crumb, Page } from './page'
import { useCan, useSession } from './session'

interface AllowedProps {
  /** What the page needs. */
  readonly verb: string
  readonly title: string
  readonly crumbs?: readonly Crumb[]
  /** Ends the sentence "Your role cannot …". */
  readonly act: string
  /** A role that can. */
  readonly grant: string
  readonly children: ReactNode
}

/** The page, or who can grant what it needs. */
export function Allowed({ verb, title, crumbs, act, grant, children }: AllowedProps) {
  const can = useCan()
  const { organisation } = useSession()
  if (can(verb)) return children
  return (
    <Page title={title} crumbs={crumbs}>
      <div className="card">
        <Empty
          icon="lock"
          title={`Your role cannot ${act}`}
          actions={
            <Link className={buttonClass()} to="/market">
              Go to the market
            </Link>
          }
        >
          An owner or admin of {organisation.name} can give you a role that can, such as {grant}.
        </Empty>
      </div>
    </Page>
  )
}
