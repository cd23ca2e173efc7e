import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Manifest } from '~/app/manifest-types'
import type { ManifestProblem } from '~/app/api-types'
import { Badge, EffectBadge } from '~/design/badge'
import { IconButton } from '~/design/button'
import { Icon } from '~/design/icons'
import { isError } from './problems-panel'
import { type Where, sections, whereIs } from './sections'

interface BuilderSideProps {
  readonly manifest: Manifest
  readonly problems: readonly ManifestProblem[]
  readonly where: Where
  readonly readOnly: boolean
  readonly onGo: (where: Where) => void
  readonly onAdd: () => void
}

function Count({ problems }: { readonly problems: readonly ManifestProblem[] }) {
  if (problems.length === 0) return null
  const errors = problems.filter(isError).length
  return (
    <Badge tone={errors ? 'danger' : 'warn'} icon={errors ? 'error' : 'warn'}>
      {errors || problems.length}
      <span className="only-spoken">{errors ? ' errors' : ' warnings'}</span>
    </Badge>
  )
}

interface OperationLinkProps {
  readonly name: string
  readonly effect: string
  readonly problems: readonly ManifestProblem[]
  readonly current: boolean
  readonly onGo: (name: string) => void
}

const OperationLink = memo(function OperationLink({ name, effect, problems, current, onGo }: OperationLinkProps) {
  return (
    <button type="button" className="side-item" aria-current={current ? 'true' : undefined} onClick={() => onGo(name)}>
      <code className="clip grow" title={name}>
        {name}
      </code>
      {problems.length > 0 ? <Count problems={problems} /> : effect !== 'read' && <EffectBadge kind={effect} />}
    </button>
  )
})

const NONE: readonly ManifestProblem[] = []

/** Drafts with more operations than this get a filter. */
const FILTERED = 15

/** The operations, and the sections of the chosen one. */
export function BuilderSide({ manifest, problems, where, readOnly, onGo, onAdd }: BuilderSideProps) {
  const operation = manifest.operations.find((each) => each.name === where.operation)
  const [filter, setFilter] = useState('')
  const placed = useMemo(() => problems.map((problem) => ({ problem, at: whereIs(problem, manifest) })), [problems, manifest])
  const byOperation = useMemo(() => Map.groupBy(problems, (problem) => whereIs(problem, manifest).operation), [problems, manifest])
  const go = useRef(onGo)
  useEffect(() => {
    go.current = onGo
  }, [onGo])
  const section = where.operation ? where.section : 'basics'
  const goTo = useCallback((name: string) => go.current({ operation: name, section }), [section])
  const shown = manifest.operations.filter((each) => each.name.includes(filter.trim().toLowerCase()))
  return (
    <nav className="builder-side" aria-label="Parts of the draft">
      <button type="button" className="side-item" aria-current={where.operation === undefined ? 'true' : undefined} onClick={() => onGo({ section: 'basics' })}>
        <Icon name="box" />
        <span className="grow">The tool itself</span>
        <Count problems={byOperation.get(undefined) ?? NONE} />
      </button>
      <div className="row side-head">
        <h2>Operations</h2>
        <span className="hint">{manifest.operations.length}</span>
        {!readOnly && (
          <span className="push">
            <IconButton icon="plus" small label="Add an operation" onClick={onAdd} />
          </span>
        )}
      </div>
      <select className="input side-select" aria-label="Operation" value={where.operation ?? ''} onChange={(event) => onGo(event.target.value ? { operation: event.target.value, section: where.section } : { section: 'basics' })}>
        <option value="">The tool itself</option>
        {manifest.operations.map((each) => (
          <option key={each.name}>{each.name}</option>
        ))}
      </select>
      {manifest.operations.length > FILTERED && (
        <input className="input input-small side-filter" type="search" aria-label="Filter operations" placeholder="Filter" value={filter} onChange={(event) => setFilter(event.target.value)} />
      )}
      <div className="side-list">
        {shown.map((each) => (
          <OperationLink key={each.name} name={each.name} effect={each.effects.kind} problems={byOperation.get(each.name) ?? NONE} current={each.name === where.operation} onGo={goTo} />
        ))}
      </div>
      {operation && (
        <>
          <h3 className="side-head clip">Sections of {operation.name}</h3>
          <div className="side-sections">
            {sections.map((section) => {
              const mine = placed.filter(({ at }) => at.operation === operation.name && at.section === section.id).map(({ problem }) => problem)
              return (
                <button key={section.id} type="button" className="side-item side-section" aria-current={section.id === where.section ? 'true' : undefined} onClick={() => onGo({ operation: operation.name, section: section.id })}>
                  <Icon name={section.icon} />
                  <span className="grow">
                    <span className="side-label">{section.label}</span>
                    <span className="meta clip side-says">{section.says(operation, manifest)}</span>
                  </span>
                  {mine.length > 0 ? (
                    <Count problems={mine} />
                  ) : (
                    <span className="tone-ok side-ok">
                      <Icon name="check" small />
                    </span>
                  )}
                </button>
              )
            })}
          </div>
        </>
      )}
    </nav>
  )
}
