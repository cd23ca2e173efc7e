import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ToolListItem } from '~/app/api-types'
import { Loaded, PageName } from '~/app/page'
import { useCan } from '~/app/session'
import { Badge, EffectBadge, Monogram } from '~/design/badge'
import { Button, buttonClass } from '~/design/button'
import { count, plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Empty } from '~/design/parts'
import { categories, categoryWord } from './categories'
import { useTools } from './queries'
import './catalog.css'

export interface MarketSearch {
  readonly q?: string
  readonly category?: string
}

interface MarketPageProps {
  readonly search: MarketSearch
  readonly onSearch: (search: MarketSearch) => void
}

function ToolCard({ tool }: { readonly tool: ToolListItem }) {
  return (
    <li className="card card-padded tool-card">
      <div className="row">
        <Monogram name={tool.title} />
        <div className="grow">
          <h3 className="clip" title={tool.title}>
            <Link className="tool-card-link" to={`/market/t/${tool.name}`}>
              {tool.title}
            </Link>
          </h3>
          <p className="meta clip">{tool.name}</p>
        </div>
        {tool.installed && (
          <Badge tone="ok" icon="check">
            installed
          </Badge>
        )}
      </div>
      <p className="tool-card-summary">{tool.summary}</p>
      <div className="row row-wrap">
        {tool.effects.map((kind) => (
          <EffectBadge key={kind} kind={kind} />
        ))}
      </div>
      <div className="row tool-card-foot">
        <span className="meta">
          {plural(tool.operations, 'operation')}
          {tool.latest_version && ` · ${tool.latest_version}`}
          {tool.rating !== null && tool.rating !== undefined && ` · ${tool.rating.toFixed(1)} of 5 (${tool.rating_count})`}
        </span>
        {!tool.installed && tool.latest_version && (
          <Link className={`${buttonClass({ size: 'small' })} push`} to={`/market/t/${tool.name}/install`} aria-label={`Install ${tool.title}`}>
            Install
          </Link>
        )}
      </div>
    </li>
  )
}

function SearchField({ search, onSearch }: MarketPageProps) {
  const [text, setText] = useState(search.q ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSearch({ ...search, q: text.trim() || undefined })
  }
  return (
    <form role="search" className="market-search" onSubmit={submit}>
      <div className="input-search grow">
        <Icon name="search" />
        <input
          className="input input-large"
          type="search"
          aria-label="Search the market"
          placeholder="Describe a task, or name a tool, operation or service"
          data-page-search
          autoFocus
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            if (!event.target.value && search.q) onSearch({ ...search, q: undefined })
          }}
        />
      </div>
      <Button kind="primary" size="large" type="submit">
        Search
      </Button>
    </form>
  )
}

function Nothing({ search, onSearch }: MarketPageProps) {
  const mayBuild = useCan()('imports:write')
  const build = mayBuild && (
    <Link className={buttonClass({ kind: 'primary' })} to="/build/import">
      Bring in an API
    </Link>
  )
  if (search.q || search.category) {
    return (
      <Empty icon="search" title="No tool matches" actions={<><Button onClick={() => onSearch({})}>Clear the search</Button>{build}</>}>
        Use fewer words, or take away the category. If the service has an API description, you can bring it in.
      </Empty>
    )
  }
  return (
    <Empty icon="market" title="The market is empty" actions={build}>
      Published tools of your organisation stand here, ready to be installed.
    </Empty>
  )
}

/** The categories that have tools, in the order of the closed list; a chosen one always stays. */
function useUsedCategories(chosen: string | undefined): readonly string[] {
  const all = useTools('', '')
  const used = new Set<string>(all.data?.pages.flatMap((page) => page.items.flatMap((tool) => tool.categories)))
  return categories.map(([id]) => id).filter((id) => used.has(id) || id === chosen)
}

/** Say what is needed, choose a tool. */
export function MarketPage(props: MarketPageProps) {
  const { search, onSearch } = props
  const tools = useTools(search.q ?? '', search.category ?? '')
  const used = useUsedCategories(search.category)
  return (
    <div className="page">
      <PageName title="Market" />
      <h1 className="question">What should your agent be able to do?</h1>
      <SearchField {...props} />
      <div className="toolbar" role="group" aria-label="Categories">
        {used.map((id) => (
          <button key={id} type="button" className="chip" aria-pressed={search.category === id} onClick={() => onSearch({ ...search, category: search.category === id ? undefined : id })}>
            {categoryWord(id)}
          </button>
        ))}
      </div>
      <Loaded query={tools} rows={8} failure="The market could not be read.">
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (!items.length) return <Nothing {...props} />
          return (
            <>
              <div className="row market-count">
                <h2>{search.q ? 'Found' : 'Tools'}</h2>
                <span className="hint" role="status">
                  {count(pages[0]?.total ?? items.length)}
                  {pages[0]?.total_capped && ' or more'}
                </span>
              </div>
              <ul className="tool-grid">
                {items.map((tool) => (
                  <ToolCard key={tool.id} tool={tool} />
                ))}
              </ul>
              {tools.hasNextPage && (
                <div className="market-more">
                  <Button busy={tools.isFetchingNextPage} onClick={() => void tools.fetchNextPage()}>
                    Show more
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}
