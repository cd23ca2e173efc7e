import { Badge } from '~/design/badge'
import { Icon } from '~/design/icons'
import { stream } from '../events'
import { useStore } from '../store'

/** Whether what is shown follows the server. */
export function LiveMark() {
  const { state } = useStore(stream)
  if (state === 'live') {
    return (
      <Badge tone="ok" icon="dot" title="New rows appear by themselves.">
        live
      </Badge>
    )
  }
  if (state === 'lost') {
    return (
      <Badge tone="warn" icon="warn">
        paused, reconnecting
      </Badge>
    )
  }
  return null
}

/** Said once over every page while the event stream is lost. */
export function OfflineBanner() {
  const { state } = useStore(stream)
  if (state !== 'lost') return null
  return (
    <div className="shell-banner" role="alert">
      <Icon name="warn" />
      The connection to the server is lost. What you see may be old; your entries are kept. Reconnecting…
    </div>
  )
}
