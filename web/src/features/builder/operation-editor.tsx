import type { ManifestProblem } from '~/app/api-types'
import type { Manifest, Operation } from '~/app/manifest-types'
import { Button } from '~/design/button'
import { type Change, inOperation } from './edits'
import { SectionBasics } from './section-basics'
import { SectionConnection } from './section-connection'
import { SectionParameters } from './section-parameters'
import type { SectionProps } from './section-props'
import { SectionRequest } from './section-request'
import { SectionEffects, SectionLimits, SectionOutput } from './section-rest'
import { type SectionId, sections, whereIs } from './sections'

interface OperationEditorProps {
  readonly manifest: Manifest
  readonly operation: Operation
  readonly section: SectionId
  readonly problems: readonly ManifestProblem[]
  readonly readOnly: boolean
  readonly edit: (change: Change<Manifest>, group?: string) => void
  readonly onRename: (name: string) => void
  readonly onRemove: () => void
}

/** The chosen section of the chosen operation. */
export function OperationEditor({ manifest, operation, section, problems, readOnly, edit, onRename, onRemove }: OperationEditorProps) {
  const mine = problems.filter((problem) => whereIs(problem, manifest).operation === operation.name)
  const props: SectionProps = {
    manifest,
    operation,
    readOnly,
    problemAt: (end) => mine.find((problem) => problem.pointer.endsWith(end) || problem.pointer.includes(`${end}/`))?.message,
    edit: (change, group) => edit(inOperation(operation.name, change), group && `${operation.name} ${group}`),
    editTool: edit,
  }
  const key = `${operation.name} ${section}`
  const label = sections.find((each) => each.id === section)?.label ?? ''
  return (
    <>
      <div className="row row-wrap editor-head">
        <h2 tabIndex={-1} id="editor-heading">
          {label}
        </h2>
        <code className="hint clip">{operation.name}</code>
        {!readOnly && section === 'basics' && (
          <span className="push">
            <Button kind="quiet" size="small" icon="trash" onClick={onRemove}>
              Remove the operation
            </Button>
          </span>
        )}
      </div>
      {section === 'basics' && <SectionBasics key={key} {...props} onRename={onRename} />}
      {section === 'connection' && <SectionConnection key={key} {...props} />}
      {section === 'request' && <SectionRequest key={key} {...props} />}
      {section === 'parameters' && <SectionParameters key={key} {...props} />}
      {section === 'output' && <SectionOutput key={key} {...props} />}
      {section === 'limits' && <SectionLimits key={key} {...props} />}
      {section === 'effects' && <SectionEffects key={key} {...props} />}
    </>
  )
}
