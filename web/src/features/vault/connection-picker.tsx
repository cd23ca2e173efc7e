import { useState } from 'react'
import type { AuthScheme } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { Button } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { SelectField } from '~/design/field'
import { ConnectionForm } from './connection-form'
import { ConnectionTestButton } from './connection-test'
import { fitsHosts } from './hosts'
import { kindFor, kindWords } from './kinds'
import { type TestPlace, useConnections } from './queries'
import './vault.css'

export interface ConnectionPickerProps {
  readonly scheme: string
  readonly definition: AuthScheme
  readonly hosts: readonly string[]
  readonly value: string | undefined
  readonly suggestedName: string
  readonly problem?: string
  readonly test?: boolean
  readonly testUrl?: string
  readonly onChange: (connectionId: string | undefined) => void
}

const SHOWN_CHARACTERS = 140

/** The first words of a description; some publishers write whole pages. */
const shortened = (text: string): string => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS).replace(/\s\S*$/, '')}…` : text)

/** The scheme says where its key travels; by default the service's usual place is tried. */
const placeOf = ({ type, location, parameter }: AuthScheme): TestPlace => (type === 'apiKey' ? { location: location ?? undefined, parameter: parameter ?? undefined } : {})

/** Choose a stored credential for a scheme, or store a new one. */
export function ConnectionPicker({ scheme, definition, hosts, value, suggestedName, problem, test = false, testUrl, onChange }: ConnectionPickerProps) {
  const connections = useConnections()
  const [making, setMaking] = useState(false)
  const kind = kindFor(definition)
  const stored = (connections.data?.items ?? []).filter((connection) => connection.kind === kind)
  const fitting = stored.filter((connection) => fitsHosts(connection.hosts, hosts))
  const others = stored.filter((connection) => !fitting.includes(connection))
  const chosen = stored.find((connection) => connection.id === value)
  return (
    <div className="stack stack-tight">
      <ProblemNote error={connections.error} title="The connections could not be read." onRetry={() => void connections.refetch()} />
      <div className="row picker">
        <div className="grow">
          <SelectField
            label={`Credential for ${scheme}`}
            help={`${kindWords[kind]}. ${shortened(definition.description ?? '')}`}
            problem={problem}
            value={value ?? ''}
            onChange={(event) => onChange(event.target.value || undefined)}
            choices={[
              { value: '', label: stored.length ? 'No credential' : 'None stored yet' },
              ...fitting.map((connection) => ({ value: connection.id, label: `${connection.name} (${connection.hint || connection.host})` })),
              ...others.map((connection) => ({ value: connection.id, label: `${connection.name} (${connection.host}), for other hosts` })),
            ]}
          />
        </div>
        <Button icon="plus" aria-label={`New credential for ${scheme}`} onClick={() => setMaking(true)}>
          New
        </Button>
      </div>
      {test && chosen && <ConnectionTestButton key={chosen.id} id={chosen.id} name={chosen.name} where={{ ...placeOf(definition), url: testUrl }} />}
      <Dialog title={`New credential for ${scheme}`} open={making} onClose={() => setMaking(false)}>
        <ConnectionForm
          kind={kind}
          name={suggestedName}
          hosts={hosts}
          onCancel={() => setMaking(false)}
          onMade={(connection) => {
            setMaking(false)
            onChange(connection.id)
          }}
        />
      </Dialog>
    </div>
  )
}
