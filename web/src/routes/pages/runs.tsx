import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { readFilters } from '~/features/runtime/filters'
import { RunPage } from '~/features/runtime/run-page'
import { RunsPage } from '~/features/runtime/runs-page'

export function Runs() {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  return <RunsPage filters={readFilters(search)} onFilters={(filters) => void navigate({ to: '/runs', search: filters as never, replace: true })} />
}

export function Run() {
  const { runId } = useParams({ strict: false }) as { runId: string }
  return <RunPage key={runId} runId={runId} />
}
