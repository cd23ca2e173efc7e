import { useEffect } from 'react'
import './identity.css'
import { SignInForm } from './sign-in-form'

/** The way in. */
export function SignInPage({ onSignedIn }: { readonly onSignedIn: () => void }) {
  useEffect(() => {
    document.title = 'Sign in · Tool Marketplace'
  }, [])
  return (
    <main className="sign-in">
      <div className="sign-in-box">
        <p className="sign-in-brand">
          <img src="/favicon.svg" alt="" />
          Tool Marketplace
        </p>
        <div className="card card-padded stack">
          <div>
            <h1>Sign in</h1>
            <p className="hint">Turn APIs into tools that agents call, under your rules.</p>
          </div>
          <SignInForm onSignedIn={onSignedIn} />
        </div>
      </div>
    </main>
  )
}
