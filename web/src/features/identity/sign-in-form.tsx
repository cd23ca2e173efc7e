import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ProblemError } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { signIn } from '~/app/session'
import { Button } from '~/design/button'
import { TextField } from '~/design/field'
import { Note } from '~/design/parts'

interface SignInFormProps {
  readonly email?: string
  readonly onSignedIn: () => void
}

function Refusal({ error }: { readonly error: unknown }) {
  if (!(error instanceof ProblemError)) return error ? <ProblemNote error={error} /> : null
  const { code } = error.document
  if (code === 'wrong-credentials') {
    return (
      <Note tone="danger" title="The address and the password do not belong together." alert>
        Check both, then try again. After several wrong tries signing in pauses for a while.
      </Note>
    )
  }
  if (code === 'too-many-attempts') {
    const seconds = Number(error.headers.get('Retry-After') ?? '0')
    return (
      <Note tone="danger" title="Too many wrong tries." alert>
        {seconds > 0 ? `Try again in ${seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`}.` : 'Wait a little, then try again.'}
      </Note>
    )
  }
  return <ProblemNote error={error} title="Signing in did not work." />
}

/** E-mail address and password. */
export function SignInForm({ email: known = '', onSignedIn }: SignInFormProps) {
  const cache = useQueryClient()
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState({ email: false, password: false })
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const lacks = { email: !email.trim(), password: !password }
    setMissing(lacks)
    if (lacks.email || lacks.password || busy) return
    setBusy(true)
    setError(undefined)
    try {
      await signIn(cache, email.trim(), password)
      onSignedIn()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
      <Refusal error={error} />
      <TextField
        label="E-mail address"
        type="email"
        name="email"
        autoComplete="username"
        autoFocus={!known}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        problem={missing.email && !email.trim() ? 'Write your e-mail address.' : undefined}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        autoFocus={Boolean(known)}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        problem={missing.password && !password ? 'Write your password.' : undefined}
      />
      <Button kind="primary" size="large" type="submit" busy={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}
