import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from '~/design/button'
import { Icon } from '~/design/icons'
import { Note } from '~/design/parts'
import './wizard.css'

export interface WizardStep {
  readonly id: string
  readonly label: string
  /** What was answered. */
  readonly answer?: string
}

interface WizardProps {
  readonly title: ReactNode
  readonly steps: readonly WizardStep[]
  readonly current: number
  /** Steps up to this one may be visited. */
  readonly reached: number
  readonly heading: string
  readonly sub?: ReactNode
  readonly side: ReactNode
  readonly promise: string
  readonly continueLabel?: string
  readonly busy?: boolean
  readonly status?: string
  readonly onStep: (step: number) => void
  readonly onContinue: () => void
  readonly leave?: ReactNode
  readonly children: ReactNode
}

function StepList({ steps, current, reached, onStep }: Pick<WizardProps, 'steps' | 'current' | 'reached' | 'onStep'>) {
  return (
    <ol className="steps">
      {steps.map((step, index) => {
        const state = index === current ? 'step step-current' : index < reached ? 'step step-done' : 'step'
        const body = (
          <>
            <span className="step-mark">{index < reached && index !== current ? <Icon name="check" small /> : index + 1}</span>
            <span className="grow">
              <b>{step.label}</b>
              {step.answer && <span className="meta step-answer">{step.answer}</span>}
            </span>
          </>
        )
        return (
          <li key={step.id}>
            {index <= reached && index !== current ? (
              <button type="button" className={state} onClick={() => onStep(index)}>
                {body}
              </button>
            ) : (
              <div className={state} aria-current={index === current ? 'step' : undefined}>
                {body}
              </div>
            )}
          </li>
        )
      })}
    </ol>
  )
}

/** One question a step: steps with their answers on the left, the result on the right. */
export function Wizard(props: WizardProps) {
  const { title, steps, current, heading, sub, side, promise, continueLabel = 'Continue', busy = false, status, onStep, onContinue, leave, children } = props
  const head = useRef<HTMLHeadingElement>(null)
  const before = useRef(current)
  useEffect(() => {
    if (before.current !== current) {
      head.current?.focus()
      head.current?.scrollIntoView({ block: 'nearest' })
    }
    before.current = current
  }, [current])
  return (
    <div className="wizard">
      <aside className="wizard-steps" aria-label="Steps">
        <div className="wizard-title">{title}</div>
        <StepList {...props} />
        <div className="wizard-promise">
          <Note>{promise}</Note>
        </div>
      </aside>
      <div className="wizard-main">
        <form
          id="wizard-form"
          className="wizard-question"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (!busy) onContinue()
          }}
        >
          <div>
            <h1 tabIndex={-1} ref={head}>
              {heading}
            </h1>
            {sub && <p className="wizard-sub">{sub}</p>}
          </div>
          {children}
        </form>
        <div className="wizard-foot">
          {current > 0 && (
            <Button icon="chevron-left" onClick={() => onStep(current - 1)}>
              Back
            </Button>
          )}
          <span className="meta push" role="status">
            {status ?? `Step ${current + 1} of ${steps.length}`}
          </span>
          {leave}
          <Button kind="primary" type="submit" form="wizard-form" busy={busy}>
            {continueLabel}
          </Button>
        </div>
      </div>
      <aside className="wizard-side" aria-label="Result">
        {side}
      </aside>
    </div>
  )
}

/** Move to the first field that needs an answer. */
export function focusFirstProblem(): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>('.wizard-question [aria-invalid="true"], .wizard-question [role="alert"]')
    field?.scrollIntoView({ block: 'center' })
    field?.focus()
  })
}
