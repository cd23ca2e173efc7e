import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { MarketPage, type MarketSearch } from '~/features/catalog/market-page'
import { ToolPage } from '~/features/catalog/tool-page'

const text = (value: unknown): string | undefined => (value === undefined || value === '' ? undefined : String(value))

export function Market() {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const now: MarketSearch = { q: text(search['q']), category: text(search['category']) }
  return <MarketPage search={now} onSearch={(next) => void navigate({ to: '/market', search: next, replace: true })} />
}

export function Tool() {
  const { namespace, slug } = useParams({ strict: false }) as { namespace: string; slug: string }
  return <ToolPage key={`${namespace}/${slug}`} name={`${namespace}/${slug}`} />
}
