import { Link } from '@tanstack/react-router'
import { Badge } from '~/design/badge'
import { buttonClass } from '~/design/button'
import { Icon, type IconName } from '~/design/icons'
import { Card } from '~/design/parts'

export interface Need {
  readonly id: string
  readonly tone: 'danger' | 'warn' | 'info'
  readonly icon: IconName
  readonly title: string
  readonly detail: string
  readonly act: string
  readonly to: string
}

const SHOWN = 5

/** What waits for me, the most urgent first, one act each. */
export function NeedsYou({ needs }: { readonly needs: readonly Need[] }) {
  if (needs.length === 0) return null
  return (
    <Card title="Waiting for me" count={<Badge tone="wait">{needs.length}</Badge>}>
      <ul className="list">
        {needs.slice(0, SHOWN).map((need) => (
          <li key={need.id}>
            <span className={`need-tile badge-${need.tone}`}>
              <Icon name={need.icon} />
            </span>
            <span className="grow">
              <span className="strong">{need.title}</span>
              <span className="meta home-line clip" title={need.detail}>
                {need.detail}
              </span>
            </span>
            <Link className={buttonClass({ size: 'small' })} to={need.to} aria-label={`${need.act}: ${need.title}`}>
              {need.act}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
