import { Check, TextField } from '~/design/field'
import { Card, Note } from '~/design/parts'
import { inImplementation } from './edits'
import type { SectionProps } from './section-props'

/** Where the call goes and how it signs in there. */
export function SectionConnection({ manifest, operation, readOnly, problemAt, edit }: SectionProps) {
  const { implementation } = operation
  const schemes = Object.entries(manifest.auth.schemes)
  const alternatives = implementation.security
  const optional = alternatives.some((each) => Object.keys(each).length === 0)
  const used = new Set(alternatives.flatMap((each) => Object.keys(each)))
  const setAlternatives = (next: Record<string, string[]>[]) => edit(inImplementation({ security: next }))
  const toggle = (name: string) => setAlternatives(used.has(name) ? alternatives.filter((each) => !(name in each)) : [...alternatives, { [name]: [] }])
  const toggleOptional = () => setAlternatives(optional ? alternatives.filter((each) => Object.keys(each).length > 0) : [...alternatives, {}])
  return (
    <>
      <Card title="Server" padded>
        <TextField
          label="Address"
          mono
          readOnly={readOnly}
          value={implementation.server}
          problem={problemAt('/implementation/server')}
          help="May hold {fields} of the configuration. Its host must be among the tool's hosts."
          onChange={(event) => edit(inImplementation({ server: event.target.value }), 'server')}
        />
      </Card>
      <Card title="Credential" padded>
        <div className="stack stack-tight">
          {schemes.length === 0 && <Note>This tool has no sign-in schemes. They come from the imported description.</Note>}
          {schemes.map(([name, scheme]) => (
            <Check
              key={name}
              label={name}
              hint={[scheme.type, scheme.location && `${scheme.location} ${scheme.parameter ?? ''}`, scheme.description].filter(Boolean).join(' · ')}
              disabled={readOnly}
              checked={used.has(name)}
              onChange={() => toggle(name)}
            />
          ))}
          {schemes.length > 0 && <Check label="Also works without" hint="the call goes out when no credential is bound" disabled={readOnly} checked={optional || alternatives.length === 0} onChange={toggleOptional} />}
          {problemAt('/implementation/security') && <Note tone="danger">{problemAt('/implementation/security')}</Note>}
        </div>
      </Card>
    </>
  )
}
