import { Check, SelectField, TextField } from '~/design/field'
import { Card, Facts, Note } from '~/design/parts'
import { inImplementation } from './edits'
import type { SectionProps } from './section-props'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const bodies = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', 'application/xml', 'application/octet-stream']

/** The request's method, path and body. */
export function SectionRequest({ operation, readOnly, problemAt, edit }: SectionProps) {
  const { implementation } = operation
  const { body } = implementation
  if (implementation.kind === 'mcp') {
    return (
      <Card title="Upstream tool" padded>
        <div className="stack">
          <Facts left facts={[{ name: 'Tool', value: <code>{implementation.tool}</code> }, { name: 'Transport', value: implementation.transport ?? 'streamable-http' }]} />
          <Note>The upstream defines the request; its name and schema are kept as they are.</Note>
        </div>
      </Card>
    )
  }
  const setBody = (contentType: string) => {
    if (!contentType) return edit(inImplementation({ body: null }))
    edit(inImplementation({ body: { argument: 'body', required: false, ...body, content_type: contentType } }))
  }
  const known = body && !bodies.includes(body.content_type) ? [body.content_type, ...bodies] : bodies
  return (
    <>
      <Card title="Request" padded>
        <div className="request-line">
          <SelectField label="Method" disabled={readOnly} value={implementation.method ?? 'GET'} choices={methods.map((value) => ({ value, label: value }))} problem={problemAt('/implementation/method')} onChange={(event) => edit(inImplementation({ method: event.target.value }))} />
          <TextField label="Path" mono readOnly={readOnly} value={implementation.path ?? ''} help="{name} stands for a path parameter." problem={problemAt('/implementation/path')} onChange={(event) => edit(inImplementation({ path: event.target.value }), 'path')} />
        </div>
      </Card>
      <Card title="Body" padded>
        <div className="stack">
          <div className="split">
            <SelectField
              label="Content type"
              disabled={readOnly}
              value={body?.content_type ?? ''}
              choices={[{ value: '', label: 'No body' }, ...known.map((value) => ({ value, label: value }))]}
              problem={problemAt('/implementation/body')}
              onChange={(event) => setBody(event.target.value)}
            />
            {body && <TextField label="Argument that holds it" mono readOnly={readOnly} value={body.argument} onChange={(event) => edit(inImplementation({ body: { ...body, argument: event.target.value } }), 'body')} />}
          </div>
          {body && <Check kind="switch" label="A body is required" disabled={readOnly} checked={body.required} onChange={(event) => edit(inImplementation({ body: { ...body, required: event.target.checked } }))} />}
        </div>
      </Card>
    </>
  )
}
