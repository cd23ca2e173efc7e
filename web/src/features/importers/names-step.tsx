import type { Import } from '~/app/api-types'
import { useSettled } from '~/app/settled'
import { Badge } from '~/design/badge'
import { Field, TextField } from '~/design/field'
import { Icon } from '~/design/icons'
import { Card } from '~/design/parts'
import { type Answers, slugProblem } from './answers'
import { useNamedTool } from './queries'

interface NamesStepProps {
  readonly made: Import
  readonly answers: Answers
  readonly namespace: string
  readonly asked: boolean
  readonly refusal?: string
  readonly onChange: (change: Partial<Answers>) => void
}

const schemeKinds: Record<string, string> = { apiKey: 'API key', http: 'HTTP sign-in', oauth2: 'OAuth 2', openIdConnect: 'OpenID Connect', mutualTLS: 'Client certificate' }

/** What the tool is called, where it may reach and how it signs in there. */
export function NamesStep({ made, answers, namespace, asked, refusal, onChange }: NamesStepProps) {
  const name = `${namespace}/${answers.slug}`
  const settled = useSettled(answers.slug)
  const there = useNamedTool(`${namespace}/${settled}`, !slugProblem(settled)).data
  const exists = there?.latest_version && there.name === name
  const schemes = Object.entries(made.auth_schemes)
  return (
    <>
      <Card title="Names" padded level={2}>
        <div className="stack">
          <TextField label="Title" maxLength={120} value={answers.title} problem={asked && !answers.title.trim() ? 'Give the tool a title.' : undefined} onChange={(event) => onChange({ title: event.target.value })} />
          <Field label="Name" help="Shown in every address; it cannot be changed after publishing." warning={exists ? `${name} exists; this will be its next version.` : undefined} problem={asked ? (slugProblem(answers.slug) ?? refusal) : refusal}>
            {(control) => (
              <div className="row">
                <span className="mono hint">{namespace}/</span>
                <input {...control} className="input mono" autoComplete="off" value={answers.slug} onChange={(event) => onChange({ slug: event.target.value })} />
              </div>
            )}
          </Field>
          <TextField label="Summary" optional maxLength={100} value={answers.summary} help={`One sentence for people who choose. ${answers.summary.length} of 100 characters.`} onChange={(event) => onChange({ summary: event.target.value })} />
        </div>
      </Card>
      <Card title="Hosts it may reach" padded>
        <ul className="stack stack-tight">
          {made.hosts.map((host) => (
            <li key={host} className="row">
              <Icon name="globe" />
              <code className="strong wrap-anywhere">{host}</code>
            </li>
          ))}
        </ul>
        <p className="meta">Every other address is refused at each call. {made.hosts.length === 0 && 'The description names no host: set one in the draft.'}</p>
      </Card>
      <Card title="How it signs in there" padded>
        {schemes.length === 0 && <p className="hint">The description asks for no credential.</p>}
        <ul className="stack stack-tight">
          {schemes.map(([name, scheme]) => (
            <li key={name} className="row row-wrap">
              <Icon name="key" />
              <span className="strong">{name}</span>
              <Badge>{schemeKinds[scheme.type] ?? scheme.type}</Badge>
              {scheme.location && (
                <span className="meta">
                  {scheme.location} <code>{scheme.parameter}</code>
                </span>
              )}
            </li>
          ))}
        </ul>
        <p className="meta">Who installs the tool brings the credential. It is sealed in the vault and added at the last moment.</p>
      </Card>
    </>
  )
}
