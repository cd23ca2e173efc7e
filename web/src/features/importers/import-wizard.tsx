import { useState } from 'react'
import { PageName } from '~/app/page'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { useSession } from '~/app/session'
import { useRemembered } from '~/app/storage'
import { Wizard, focusFirstProblem } from '~/app/wizard'
import { Button } from '~/design/button'
import type { Choice } from '~/design/field'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Skeleton } from '~/design/parts'
import { type Answers, answersFrom, nothing, slugProblem } from './answers'
import { ImportSummary } from './import-summary'
import { NamesStep } from './names-step'
import { OperationsStep } from './operations-step'
import { type Source, useCreateDraft, useCreateImport, useImport } from './queries'
import { ReviewStep } from './review-step'
import { SourceStep } from './source-step'
import './importers.css'

const headings = [
  ['Bring in an API', 'A description of the API is enough. Nothing is called and nothing leaves your organisation.'],
  ['Choose operations', 'Each one becomes something an agent can call. Fewer, well named operations work better.'],
  ['Names and hosts', 'What people see, and the only hosts that calls may reach.'],
  ['Review', 'This becomes a draft that you can edit and try. Nobody else sees it before you publish.'],
] as const

function sourceOf(answers: Answers): Source | undefined {
  const url = answers.url.trim()
  switch (answers.source) {
    case 'url':
      return url ? { kind: 'auto', url } : undefined
    case 'mcp':
      return url ? { kind: 'mcp', url, connection_id: answers.connectionId } : undefined
    default:
      return answers.text.trim() ? { kind: 'auto', content: answers.text, filename: answers.filename || undefined } : undefined
  }
}

interface QuestionProps {
  readonly step: number
  readonly answers: Answers
  readonly asked: boolean
  readonly made: ReturnType<typeof useImport>
  readonly reading: unknown
  readonly making: unknown
  readonly connections: readonly Choice[]
  readonly onChange: (part: Partial<Answers>) => void
}

function Question({ step, answers, asked, made: { data: made, isLoading }, reading, making, connections, onChange }: QuestionProps) {
  const { organisation } = useSession()
  if (step === 0) {
    return (
      <>
        <ProblemNote error={reading} title="The description could not be read." />
        {isLoading ? <Skeleton rows={6} /> : <SourceStep answers={answers} asked={asked} connections={connections} onChange={onChange} />}
        {made && (
          <p className="hint">
            {plural(made.operations.length, 'operation')} were read from {made.source}.
          </p>
        )}
      </>
    )
  }
  if (!made) return <Skeleton rows={6} />
  if (step === 1) return <OperationsStep made={made} chosen={answers.chosen} asked={asked} onChange={(chosen) => onChange({ chosen })} />
  if (step === 2) return <NamesStep made={made} answers={answers} namespace={organisation.slug} asked={asked} refusal={fieldProblem(making, 'name')} onChange={onChange} />
  return <ReviewStep made={made} chosen={answers.chosen} error={making} />
}

interface ImportWizardProps {
  readonly onMade: (draftId: string) => void
  /** The credentials that an MCP server can be asked with; the vault's, given by the route. */
  readonly connections: readonly Choice[]
}

/** From a description to a draft, one question a step. */
export function ImportWizard({ onMade, connections }: ImportWizardProps) {
  const { organisation } = useSession()
  const [answers, setAnswers, forget] = useRemembered<Answers>(`import:${organisation.id}`, nothing)
  const [asked, setAsked] = useState(false)
  const read = useCreateImport()
  const make = useCreateDraft()
  const made = useImport(answers.importId)
  const step = made.data ? answers.step : 0
  const change = (part: Partial<Answers>) => setAnswers((now) => ({ ...now, ...part }))
  const go = (next: number) => {
    setAsked(false)
    change({ step: next })
  }
  const refuse = () => {
    setAsked(true)
    focusFirstProblem()
  }

  const readSource = () => {
    if (made.data) return go(1)
    const source = sourceOf(answers)
    if (!source) return refuse()
    read.mutate(source, {
      onSuccess: (found) => {
        setAsked(false)
        change({ ...answersFrom(found), step: 1 })
      },
      onError: focusFirstProblem,
    })
  }
  const makeDraft = () => {
    if (!made.data) return
    const { chosen, slug, title, summary } = answers
    make.mutate(
      { import_id: made.data.id, operations: chosen, name: `${organisation.slug}/${slug}`, title: title.trim(), summary },
      { onSuccess: (draft) => (forget(), onMade(draft.id)), onError: (error) => (fieldProblem(error, 'name') ? go(2) : focusFirstProblem()) },
    )
  }
  const acts = [
    readSource,
    () => (answers.chosen.length ? go(2) : refuse()),
    () => (answers.title.trim() && !slugProblem(answers.slug) ? go(3) : refuse()),
    makeDraft,
  ]
  const restart = () => {
    forget()
    read.reset()
    make.reset()
  }
  const [heading, sub] = headings[step] ?? headings[0]

  return (
    <>
      <PageName title="Import" crumbs={[{ label: 'Build', to: '/build' }]} />
      <Wizard
        title={
          <>
            <span className="empty-icon importers-mark">
              <Icon name="download" />
            </span>
            <span className="grow">
              <strong>{answers.title || 'Import'}</strong>
              <span className="meta step-answer">{organisation.name}</span>
            </span>
          </>
        }
        steps={[
          { id: 'source', label: 'Source', answer: made.data?.source },
          { id: 'operations', label: 'Operations', answer: made.data && `${answers.chosen.length} of ${made.data.operations.length}` },
          { id: 'names', label: 'Names and hosts', answer: step > 2 ? `${organisation.slug}/${answers.slug}` : undefined },
          { id: 'review', label: 'Review' },
        ]}
        current={step}
        reached={made.data ? Math.max(step, 1) : 0}
        heading={heading}
        sub={sub}
        promise="Nothing is made before the last step. Leave at any time: your answers are kept on this device."
        side={<ImportSummary made={made.data} answers={answers} namespace={organisation.slug} />}
        continueLabel={step === 3 ? 'Create the draft' : read.isPending ? 'Reading…' : 'Continue'}
        busy={read.isPending || make.isPending}
        status={read.isPending ? 'Reading the description' : undefined}
        onStep={go}
        onContinue={() => acts[step]?.()}
        leave={
          made.data && (
            <Button kind="quiet" onClick={restart}>
              Start over
            </Button>
          )
        }
      >
        <Question step={step} answers={answers} asked={asked} made={made} reading={read.error} making={make.error} connections={connections} onChange={change} />
      </Wizard>
    </>
  )
}
