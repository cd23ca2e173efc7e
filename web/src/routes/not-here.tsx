import { Link } from '@tanstack/react-router'
import { buttonClass } from '~/design/button'
import { Empty } from '~/design/parts'

/** An address that leads nowhere. */
export function NotHere() {
  return (
    <main className="page">
      <h1 className="only-spoken">Nothing here</h1>
      <Empty
        icon="search"
        title="There is nothing at this address"
        actions={
          <Link className={buttonClass({ kind: 'primary' })} to="/">
            Go home
          </Link>
        }
      >
        It may have been removed, or it belongs to another organisation.
      </Empty>
    </main>
  )
}
