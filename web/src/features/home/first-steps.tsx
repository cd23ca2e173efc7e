import { Link } from '@tanstack/react-router'
import type { Step } from '~/app/api-types'
import { useSession } from '~/app/session'
import { useRemembered } from '~/app/storage'
import { IconButton, buttonClass } from '~/design/button'
import { Icon } from '~/design/icons'
import { Card, Meter } from '~/design/parts'

interface Words {
  readonly title: string
  readonly hint: string
  readonly act: string
  readonly to: string
}

const words: Record<Step['id'], Words> = {
  import: { title: 'Bring in an API', hint: 'a file, a text or an address is enough', act: 'Begin', to: '/build/import' },
  try: { title: 'Try an operation', hint: 'see the real request and answer', act: 'Open drafts', to: '/build' },
  publish: { title: 'Publish to your organisation', hint: 'the draft becomes version 1.0.0', act: 'Open drafts', to: '/build' },
  install: { title: 'Install it with a credential', hint: 'sealed in your vault', act: 'Find it', to: '/market' },
  connect: { title: 'Connect an agent', hint: 'copy a few lines into your MCP client', act: 'Show', to: '/connect' },
  call: { title: 'See its first call', hint: 'we wait for it and show it here', act: 'Show', to: '/connect' },
}

/** The way from nothing to a first call; goes away when it is done or closed. */
export function FirstSteps({ steps }: { readonly steps: readonly Step[] }) {
  const { organisation } = useSession()
  const [closed, setClosed] = useRemembered(`first-steps-closed:${organisation.id}`, false)
  const done = steps.filter((step) => step.done).length
  const current = steps.findIndex((step) => !step.done)
  if (closed || current === -1) return null
  return (
    <Card
      title="First steps"
      count={
        <span className="hint">
          {done} of {steps.length}
        </span>
      }
      actions={<IconButton icon="x" label="Close the first steps" small onClick={() => setClosed(true)} />}
    >
      <div className="card-body first-steps">
        <Meter label="First steps done" value={done} of={steps.length} />
        <ol>
          {steps.map((step, index) => {
            const text = words[step.id]
            const state = step.done ? 'step-done' : index === current ? 'step-current' : ''
            return (
              <li key={step.id} className={`row first-step ${state}`}>
                <span className="step-mark">{step.done ? <Icon name="check" small /> : index + 1}</span>
                <span className="grow">
                  <b>{text.title}</b>
                  <span className="meta first-step-hint clip">
                    {step.done && <span className="only-spoken">done: </span>}
                    {step.detail || text.hint}
                  </span>
                </span>
                {index === current && (
                  <Link className={buttonClass({ kind: 'primary', size: 'small' })} to={text.to}>
                    {text.act}
                  </Link>
                )}
              </li>
            )
          })}
        </ol>
      </div>
    </Card>
  )
}
