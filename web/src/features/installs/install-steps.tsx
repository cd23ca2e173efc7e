import type { JsonObject } from '~/app/api-types'
import { concreteHosts, configuredAddress } from '~/app/hosts'
import type { ToolDetail } from '~/app/manifest-types'
import { ProblemNote } from '~/app/problem-note'
import { SchemaForm } from '~/app/schema-form/schema-form'
import { missingIn } from '~/app/schema-form/schema'
import { EffectBadge } from '~/design/badge'
import { SelectField, TextField } from '~/design/field'
import { Icon } from '~/design/icons'
import { Card, Facts, Note } from '~/design/parts'
import { aliasProblem } from './alias'
import type { CredentialPicker } from './pickers'

export interface InstallAnswers {
  step: number
  version: string
  alias: string
  config: JsonObject
  bindings: Record<string, string>
}

export interface StepProps {
  readonly tool: ToolDetail
  readonly answers: InstallAnswers
  readonly asked: boolean
  readonly onChange: (change: Partial<InstallAnswers>) => void
}

/** Which version, and under which alias. */
export function AliasStep({ tool, answers, asked, refusal, taken, onChange }: StepProps & { readonly refusal?: string; readonly taken?: string }) {
  const usable = tool.versions.filter((version) => ['published', 'deprecated'].includes(version.state))
  const example = tool.manifest.operations[0]?.name ?? 'operation'
  return (
    <Card padded>
      <div className="stack">
        <SelectField
          label="Version"
          value={answers.version}
          onChange={(event) => onChange({ version: event.target.value })}
          choices={usable.map((version, index) => ({ value: version.version, label: `${version.version}${index === 0 ? ', newest' : ''}${version.state === 'deprecated' ? ', deprecated' : ''}` }))}
          help="Pinned: it does not change by itself."
        />
        <TextField
          label="Alias"
          mono
          value={answers.alias}
          problem={(asked ? aliasProblem(answers.alias) : undefined) ?? taken ?? refusal}
          help={`Agents see it before each operation: ${answers.alias || 'alias'}_${example}.`}
          onChange={(event) => onChange({ alias: event.target.value })}
        />
      </div>
    </Card>
  )
}

/** What the tool's configuration asks for. */
export function ConfigStep({ tool, answers, asked, problemAt, onChange }: StepProps & { readonly problemAt: (pointer: string) => string | undefined }) {
  const schema = tool.manifest.config_schema
  const missing = missingIn(schema, answers.config)
  return (
    <Card padded>
      <SchemaForm
        schema={schema}
        value={answers.config}
        label="Configuration"
        nothing="This tool has nothing to configure."
        problemAt={(pointer) => (asked && missing.includes(pointer.slice(1)) ? 'This is needed.' : problemAt(pointer))}
        onChange={(config) => onChange({ config })}
      />
    </Card>
  )
}

/** A credential for each scheme. */
export function CredentialsStep({ tool, answers, asked, onChange, picker }: StepProps & { readonly picker: CredentialPicker }) {
  const schemes = Object.entries(tool.manifest.auth.schemes)
  const none = Object.values(answers.bindings).length === 0
  return (
    <>
      {asked && none && schemes.length > 0 && (
        <Note tone="warn" title="No credential is chosen.">
          Calls that need it are refused here until a connection is bound. Continue again to go on without.
        </Note>
      )}
      {schemes.length === 0 && <Note tone="ok">This tool needs no credential.</Note>}
      {schemes.map(([scheme, definition]) => (
        <Card key={scheme} title={scheme} count={<span className="meta">{definition.type}</span>} padded>
          {picker({
            scheme,
            definition,
            hosts: concreteHosts(tool.manifest.egress.hosts, answers.config, tool.manifest.config_schema),
            value: answers.bindings[scheme],
            suggestedName: tool.title,
            test: true,
            testUrl: configuredAddress(answers.config),
            onChange: (id) => {
              const { [scheme]: _, ...rest } = answers.bindings
              onChange({ bindings: id ? { ...rest, [scheme]: id } : rest })
            },
          })}
        </Card>
      ))}
      {schemes.length > 0 && <WhereKeysGo hosts={tool.manifest.egress.hosts.length} />}
    </>
  )
}

function WhereKeysGo({ hosts }: { readonly hosts: number }) {
  return (
    <Card title="Where your keys go" padded>
      <ol className="key-path">
        <li>
          <Icon name="wand" />
          <span>
            <strong>Agent</strong> sends arguments only
          </span>
        </li>
        <li className="key-path-vault">
          <Icon name="lock" />
          <span>
            <strong>Your vault</strong> adds the key at the last moment
          </span>
        </li>
        <li>
          <Icon name="globe" />
          <span>
            <strong>The service</strong> the only hosts they reach: {hosts}
          </span>
        </li>
      </ol>
    </Card>
  )
}

/** All of it once more, before anything is changed. */
export function ReviewStep({ tool, answers, error }: StepProps & { readonly error: unknown }) {
  return (
    <>
      <ProblemNote error={error} title="The tool was not installed." />
      <Card title="What will be set up" padded>
        <Facts
          left
          facts={[
            { name: 'Tool', value: <code>{tool.name}</code> },
            { name: 'Version', value: `${answers.version} (pinned)` },
            { name: 'Alias', value: <code>{answers.alias}</code> },
            { name: 'Credentials', value: `${Object.keys(answers.bindings).length} of ${Object.keys(tool.manifest.auth.schemes).length}` },
            ...Object.entries(answers.config).map(([name, value]) => ({ name, value: typeof value === 'object' ? JSON.stringify(value) : String(value) })),
          ]}
        />
      </Card>
      <Card title="Agents will be able to" count={<span className="hint">{tool.manifest.operations.length}</span>}>
        <ul className="list">
          {tool.manifest.operations.slice(0, 50).map((operation) => (
            <li key={operation.name}>
              <span className="grow">
                <code className="strong wrap-anywhere">{`${answers.alias}_${operation.name}`}</code>
                <span className="meta install-words clip">{operation.title}</span>
              </span>
              <EffectBadge kind={operation.effects.kind} />
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}
