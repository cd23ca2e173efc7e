import { Check, TextArea, TextField } from '~/design/field'
import { Card } from '~/design/parts'
import type { SectionProps } from './section-props'

const NAME = /^[a-z][a-z0-9_]{0,47}$/

interface BasicsProps extends SectionProps {
  readonly onRename: (name: string) => void
}

/** Names and words of an operation. */
export function SectionBasics({ manifest, operation, readOnly, problemAt, edit, onRename }: BasicsProps) {
  const taken = (name: string) => manifest.operations.some((each) => each !== operation && each.name === name)
  const rename = (name: string) => {
    if (name === operation.name) return undefined
    if (!NAME.test(name)) return 'Begin with a letter; lower-case letters, digits and underscores, at most 48.'
    return taken(name) ? 'Another operation has this name.' : undefined
  }
  return (
    <Card padded>
      <div className="stack">
        <div className="split">
          <TextField
            key={operation.name}
            label="Name"
            mono
            readOnly={readOnly}
            defaultValue={operation.name}
            problem={problemAt('/name')}
            help="What the agent calls. Written when you leave the field."
            onBlur={(event) => {
              const problem = rename(event.target.value)
              event.target.setCustomValidity(problem ?? '')
              if (problem) event.target.reportValidity()
              else if (event.target.value !== operation.name) onRename(event.target.value)
            }}
          />
          <TextField label="Title" readOnly={readOnly} value={operation.title} problem={problemAt('/title')} help="For people." onChange={(event) => edit((now) => ({ ...now, title: event.target.value }), 'title')} />
        </div>
        <TextArea
          label="Description for the agent"
          rows={5}
          readOnly={readOnly}
          value={operation.description}
          problem={problemAt('/description')}
          warning={operation.description.trim() ? undefined : 'Say what it does, when to use it, and what comes back.'}
          onChange={(event) => edit((now) => ({ ...now, description: event.target.value }), 'description')}
        />
        <TextArea label="Description for people" optional rows={3} readOnly={readOnly} value={operation.human_description} onChange={(event) => edit((now) => ({ ...now, human_description: event.target.value }), 'human')} />
        <Check kind="switch" label="Deprecated" hint="agents see that it should no longer be used" disabled={readOnly} checked={operation.deprecated} onChange={(event) => edit((now) => ({ ...now, deprecated: event.target.checked }))} />
      </div>
    </Card>
  )
}
