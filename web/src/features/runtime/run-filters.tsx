import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { outcomeWord } from '~/design/badge'
import { Icon } from '~/design/icons'
import { type RunFilters, channels, outcomes } from './filters'
import { useInstallationNames } from './queries'

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

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

function OperationSearch({ filters, onChange }: FilterProps) {
  const [text, setText] = useState(filters.operation ?? '')
  const navigate = useNavigate()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const wanted = text.trim()
    if (RUN_ID.test(wanted)) void navigate({ to: '/runs/$runId', params: { runId: wanted } })
    else onChange({ ...filters, operation: wanted || undefined })
  }
  return (
    <form role="search" className="input-search filter-search" onSubmit={submit}>
      <Icon name="search" />
      <input
        className="input"
        type="search"
        aria-label="Search runs"
        data-page-search
        placeholder="Operation or run id"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          if (!event.target.value && filters.operation) onChange({ ...filters, operation: undefined })
        }}
      />
    </form>
  )
}

/** Search and filters; all of them live in the address. */
export function RunFilterBar({ filters, onChange }: FilterProps) {
  const installations = useInstallationNames()
  const set = (name: keyof RunFilters, value: string | undefined) => onChange({ ...filters, [name]: value })
  return (
    <div className="toolbar">
      <OperationSearch filters={filters} onChange={onChange} />
      <Pick label="Outcome" every="Every outcome" value={filters.outcome} choices={outcomes.map((each) => [each, outcomeWord(each)] as const)} onPick={(value) => set('outcome', value)} />
      <Pick label="Tool" every="Every tool" value={filters.installation_id} choices={(installations.data?.items ?? []).map((each) => [each.id, each.title] as const)} onPick={(value) => set('installation_id', value)} />
      <Pick label="Through" every="Every way in" value={filters.channel} choices={Object.entries(channels)} onPick={(value) => set('channel', value)} />
      <Pick label="Time" every="Any time" value={filters.within} choices={spans} onPick={(value) => set('within', value)} />
      {filters.principal_id && (
        <button type="button" className="chip" aria-pressed="true" onClick={() => set('principal_id', undefined)} title="Remove this filter">
          One caller <Icon name="x" small />
        </button>
      )}
    </div>
  )
}
