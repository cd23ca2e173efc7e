import { sessionEnded, useSession } from '~/app/session'
import { useStore } from '~/app/store'
import { Dialog } from '~/design/dialog'
import { SignInForm } from './sign-in-form'

/** Signing in again over the page: what was typed stays, and what was being sent is sent afterwards. */
export function SessionDialog() {
  const open = useStore(sessionEnded)
  const { user } = useSession()
  return (
    <Dialog title="Sign in again" open={open} onClose={() => undefined} firm>
      <div className="stack">
        <p>Your session has ended. Nothing on the page is lost; what you were doing goes on after signing in.</p>
        <SignInForm email={user.email} onSignedIn={() => undefined} />
      </div>
    </Dialog>
  )
}
