import { useRouter, useSearch } from '@tanstack/react-router'
import { SignInPage } from '~/features/identity/sign-in-page'

export function SignIn() {
  const router = useRouter()
  const search = useSearch({ strict: false }) as { to?: unknown }
  // Only a path of ours: anything else could lead to another site.
  const to = typeof search.to === 'string' && /^\/(?![/\\])/.test(search.to) ? search.to : '/'
  return <SignInPage onSignedIn={() => router.history.push(to)} />
}
