import { type ReactNode, useState } from 'react'
import type { AuthScheme, JsonObject, RunDetail } from '~/app/api-types'
import type { Manifest, Operation } from '~/app/manifest-types'
import { concreteHosts } from '~/app/hosts'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { RunResult } from '~/app/run-result'
import { SchemaForm } from '~/app/schema-form/schema-form'
import { initialValue, missingIn } from '~/app/schema-form/schema'
import { useRemembered } from '~/app/storage'
import { EffectBadge } from '~/design/badge'
import { Button } from '~/design/button'
import { Code, pretty } from '~/design/code'
import { Check } from '~/design/field'
import { duration } from '~/design/format'
import { useTriedRun, useTryOperation } from './queries'

export interface TryCredential {
  readonly scheme: string
  readonly definition: AuthScheme
  readonly hosts: readonly string[]
  readonly value: string | undefined
  readonly suggestedName: string
  readonly onChange: (connectionId: string | undefined) => void
}

interface TryPanelProps {
  readonly draftId: string
  readonly manifest: Manifest
  readonly operation: Operation
  readonly flush: () => Promise<boolean>
  readonly picker: (credential: TryCredential) => ReactNode
}

function RequestSent({ run }: { readonly run: RunDetail | undefined }) {
  const attempt = run?.attempts.at(-1)
  if (!run || !attempt) return null
  const headers = Object.entries(attempt.request_headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  const body = attempt.request_body === null || attempt.request_body === '' ? '' : `\n${typeof attempt.request_body === 'string' ? attempt.request_body : pretty(attempt.request_body)}`
  return (
    <section className="stack stack-tight" aria-label="Request as sent">
      <h3>Request</h3>
      <Code label="Request" wrap json text={[`${attempt.method} ${attempt.url}`, ...headers, body].filter(Boolean).join('\n')} />
      <p className="meta">
        queue {duration(run.queue_milliseconds)} · ours {duration(run.own_milliseconds)} · upstream {duration(run.upstream_milliseconds)}
      </p>
    </section>
  )
}

function schemesOf(manifest: Manifest, operation: Operation): readonly (readonly [string, AuthScheme])[] {
  const names = new Set(operation.implementation.security.flatMap((each) => Object.keys(each)))
  return Object.entries(manifest.auth.schemes).filter(([name]) => names.has(name))
}

/** The input schema without what the tool fixes. */
function openSchema(operation: Operation) {
  const fixed = operation.fixed_inputs
  const properties = Object.entries((operation.input_schema['properties'] ?? {}) as object).filter(([name]) => !(name in fixed))
  const required = ((operation.input_schema['required'] ?? []) as string[]).filter((name) => !(name in fixed))
  return { ...operation.input_schema, properties: Object.fromEntries(properties), required }
}

interface RunRowProps {
  readonly operation: Operation
  readonly busy: boolean
  readonly missing: readonly string[]
  readonly unsure: boolean
  readonly onRun: () => void
}

function RunRow({ operation, busy, missing, unsure, onRun }: RunRowProps) {
  return (
    <div className="row row-wrap try-run">
      <Button kind="primary" icon="play" busy={busy} onClick={onRun}>
        {busy ? 'Running…' : 'Run'}
      </Button>
      <EffectBadge kind={operation.effects.kind} />
      {missing.length > 0 && (
        <span className="tone-danger" role="alert">
          {missing.join(', ')} is missing.
        </span>
      )}
      {unsure && (
        <span className="tone-danger" role="alert">
          Say first that you know it really happens.
        </span>
      )}
    </div>
  )
}

/** Call one operation of the draft for real, and see what left and what came back. */
export function TryPanel({ draftId, manifest, operation, flush, picker }: TryPanelProps) {
  const schema = openSchema(operation)
  const begin = operation.examples[0]?.input ?? initialValue(schema)
  const [input, setInput] = useRemembered<JsonObject>(`try:${draftId}:${operation.name}`, begin)
  const [config, setConfig] = useRemembered<JsonObject>(`try-config:${draftId}`, initialValue(manifest.config_schema))
  const [connections, setConnections] = useRemembered<Record<string, string>>(`try-connections:${draftId}`, {})
  const [asked, setAsked] = useState(false)
  const [agreed, setAgreed] = useState(false)
  const attempt = useTryOperation(draftId, operation.name)
  const detail = useTriedRun(attempt.data?.id)
  const missing = missingIn(schema, input)
  const unset = missingIn(manifest.config_schema, config)
  const changes = operation.effects.kind !== 'read'
  const schemes = schemesOf(manifest, operation)
  const hasConfig = Object.keys((manifest.config_schema['properties'] ?? {}) as object).length > 0
  const run = async () => {
    setAsked(true)
    if (missing.length || unset.length || (changes && !agreed) || !(await flush())) return
    attempt.mutate({ arguments: input, config, connections })
  }
  const setConnection = (scheme: string, id: string | undefined) =>
    setConnections((now) => {
      const { [scheme]: _, ...rest } = now
      return id ? { ...rest, [scheme]: id } : rest
    })
  return (
    <div className="try">
      <div className="stack">
        <SchemaForm
          schema={schema}
          value={input}
          label="Arguments"
          nothing="This operation takes no arguments."
          problemAt={(pointer) => (asked && missing.includes(pointer.slice(1)) ? 'This is needed.' : fieldProblem(attempt.error, pointer.slice(1)))}
          onChange={setInput}
        />
        {hasConfig && (
          <fieldset className="stack stack-tight">
            <legend className="field-label">Configuration</legend>
            <SchemaForm
              schema={manifest.config_schema}
              value={config}
              label="Configuration"
              nothing=""
              json={false}
              problemAt={(pointer) => (asked && unset.includes(pointer.slice(1)) ? 'This is needed.' : undefined)}
              onChange={setConfig}
            />
          </fieldset>
        )}
        {schemes.map(([scheme, definition]) => (
          <div key={scheme}>{picker({ scheme, definition, hosts: concreteHosts(manifest.egress.hosts, config, manifest.config_schema), value: connections[scheme], suggestedName: `${manifest.title}, test`, onChange: (id) => setConnection(scheme, id) })}</div>
        ))}
        {changes && <Check label={`This call really happens: ${operation.name} may change something at the outside service`} checked={agreed} aria-invalid={(asked && !agreed) || undefined} onChange={(event) => setAgreed(event.target.checked)} />}
        <RunRow operation={operation} busy={attempt.isPending} missing={asked ? [...missing, ...unset] : []} unsure={asked && changes && !agreed} onRun={() => void run()} />
      </div>
      <div className="stack">
        <ProblemNote error={attempt.error} title={attempt.error ? 'The operation was not called.' : undefined} />
        {attempt.data ? (
          <>
            <RunResult run={attempt.data} label="Result of the try" />
            <RequestSent run={detail.data} />
          </>
        ) : (
          !attempt.error && <p className="hint">Request and answer appear here. Your last arguments are kept on this device.</p>
        )}
      </div>
    </div>
  )
}
