import { ProblemNote } from '~/app/problem-note'

/** A page that could not be shown. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  return (
    <main className="page">
      <div className="stack">
        <h1>This page could not be shown</h1>
        <ProblemNote error={error} onRetry={onRetry} />
      </div>
    </main>
  )
}
