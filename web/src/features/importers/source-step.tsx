import { type DragEvent, useId, useState } from 'react'
import { type Choice, Segments, SelectField, TextArea, TextField } from '~/design/field'
import { Icon } from '~/design/icons'
import type { Answers, SourceKind } from './answers'
import { readDescription } from './read-file'

interface SourceStepProps {
  readonly answers: Answers
  readonly asked: boolean
  readonly connections: readonly Choice[]
  readonly onChange: (change: Partial<Answers>) => void
}

const kinds: readonly { value: SourceKind; label: string }[] = [
  { value: 'file', label: 'File' },
  { value: 'paste', label: 'Paste' },
  { value: 'url', label: 'URL' },
  { value: 'mcp', label: 'MCP server' },
]

function FileSource({ answers, asked, onChange }: Omit<SourceStepProps, 'connections'>) {
  const [over, setOver] = useState(false)
  const [unreadable, setUnreadable] = useState('')
  const id = useId()
  const read = async (file: File | undefined) => {
    if (!file) return
    const { text = '', problem = '' } = await readDescription(file)
    setUnreadable(problem)
    onChange({ text, filename: problem ? '' : file.name, importId: undefined })
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void read(event.dataTransfer.files[0])
  }
  const missing = asked && !answers.text && !answers.importId
  const problem = unreadable || (missing ? 'Choose a file, or drop it here.' : '')
  return (
    <div
      className={over ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      <label htmlFor={id} className="strong">
        OpenAPI or Swagger file
      </label>
      <input id={id} className="file-input" type="file" accept=".json,.yaml,.yml,.txt,.gz,application/json" aria-invalid={problem !== '' || undefined} aria-describedby={`${id}-help`} onChange={(event) => void read(event.target.files?.[0])} />
      <p className={problem ? 'field-problem' : 'meta'} id={`${id}-help`} role={unreadable ? 'alert' : undefined}>
        {problem ? (
          problem
        ) : answers.filename && (answers.text || answers.importId) ? (
          <>
            <Icon name="check" small /> {answers.filename} is ready to be read.
          </>
        ) : (
          'OpenAPI 3.0 to 3.2 or Swagger 2.0 as JSON or YAML, also packed with gzip; a Postman collection, a HAR recording, a GraphQL schema or cURL commands. Drop it here or choose it.'
        )}
      </p>
    </div>
  )
}

/** Where the description comes from. */
export function SourceStep(props: SourceStepProps) {
  const { answers, asked, connections, onChange } = props
  return (
    <>
      <Segments label="Source" value={answers.source} choices={kinds} onChange={(source) => onChange({ source, importId: undefined })} />
      {answers.source === 'file' && <FileSource {...props} />}
      {answers.source === 'paste' && (
        <TextArea
          label="OpenAPI or Swagger text"
          mono
          rows={16}
          value={answers.text}
          problem={asked && !answers.text.trim() ? 'Paste the description here.' : undefined}
          help="JSON or YAML."
          onChange={(event) => onChange({ text: event.target.value, filename: '', importId: undefined })}
        />
      )}
      {answers.source === 'url' && (
        <TextField
          label="Address of the description"
          type="url"
          placeholder="https://api.example.com/openapi.json"
          value={answers.url}
          problem={asked && !answers.url.trim() ? 'Write the address of the description.' : undefined}
          help="Read once, by the server. Private addresses are refused unless an operator has opened them."
          onChange={(event) => onChange({ url: event.target.value, importId: undefined })}
        />
      )}
      {answers.source === 'mcp' && (
        <TextField
          label="Address of the MCP server"
          type="url"
          placeholder="https://mcp.example.com/mcp"
          value={answers.url}
          problem={asked && !answers.url.trim() ? 'Write the address of the MCP server.' : undefined}
          help="Streamable HTTP. Its tools, resources and prompts are listed; nothing is called."
          onChange={(event) => onChange({ url: event.target.value, importId: undefined })}
        />
      )}
      {answers.source === 'mcp' && (
        <SelectField
          label="Credential"
          optional
          value={answers.connectionId ?? ''}
          help="For a server that lists its tools only to those it knows. Store it under Connections first."
          choices={[{ value: '', label: 'None' }, ...connections]}
          onChange={(event) => onChange({ connectionId: event.target.value || undefined, importId: undefined })}
        />
      )}
    </>
  )
}
