import { useState } from 'react'
import { outcomeWord } from '~/design/badge'
import { Icon } from '~/design/icons'
import { type RunFilters, channels, outcomes } from './filters'

interface FilterProps {
  readonly filters: RunFilters
  readonly onChange: (filters: RunFilters) => void
}

interface PickProps {
  readonly label: string
  readonly every: string
  readonly value: string | undefined
  readonly choices: readonly (readonly [string, string])[]
  readonly onPick: (value: string | undefined) => void
}

function Pick({ label, every, value, choices, onPick }: PickProps) {
  return (
    <select className="input filter" aria-label={label} value={value ?? ''} onChange={(event) => onPick(event.target.value || undefined)}>
      <option value="">{every}</option>
      {choices.map(([id, word]) => (
        <option key={id} value={id}>
          {word}
        </option>
      ))}
    </select>
  )
}

const spans = [
  ['hour', 'Last hour'],
  ['day', 'Last 24 hours'],
  ['week', 'Last 7 days'],
] as const

/** Search and filters; chosen ones of other pages are removable chips. */
export function RunFilterBar({ filters, onChange }: FilterProps) {
  const [text, setText] = useState(filters.q ?? '')
  const set = (name: keyof RunFilters, value: string | undefined) => onChange({ ...filters, [name]: value })
  const chips = (['operation', 'installation_id', 'principal_id'] as const).filter((name) => filters[name])
  return (
    <div className="toolbar">
      <form
        role="search"
        className="input-search filter-search"
        onSubmit={(event) => {
          event.preventDefault()
          set('q', text.trim() || undefined)
        }}
      >
        <Icon name="search" />
        <input
          className="input"
          type="search"
          aria-label="Search runs"
          data-page-search
          placeholder="Operation, run id or trace id"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            if (!event.target.value && filters.q) set('q', undefined)
          }}
        />
      </form>
      <Pick label="Outcome" every="Every outcome" value={filters.outcome} choices={outcomes.map((each) => [each, outcomeWord(each)] as const)} onPick={(value) => set('outcome', value)} />
      <Pick label="Through" every="Every way in" value={filters.channel} choices={Object.entries(channels)} onPick={(value) => set('channel', value)} />
      <Pick label="Time" every="Any time" value={filters.within} choices={spans} onPick={(value) => set('within', value)} />
      {chips.map((name) => (
        <button key={name} type="button" className="chip" aria-pressed="true" onClick={() => set(name, undefined)} title="Remove this filter">
          {name.replace('_id', '')} {name === 'operation' ? filters[name] : ''} <Icon name="x" small />
        </button>
      ))}
    </div>
  )
}
