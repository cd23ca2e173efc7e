import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { Loaded, PageName } from '~/app/page'
import { shownHosts } from '~/app/hosts'
import { ProblemError, fieldProblem } from '~/app/problem'
import { useSession } from '~/app/session'
import { useRemembered } from '~/app/storage'
import { Wizard, focusFirstProblem } from '~/app/wizard'
import { initialValue, missingIn } from '~/app/schema-form/schema'
import type { ToolDetail } from '~/app/manifest-types'
import { EffectBadge, Monogram } from '~/design/badge'
import { buttonClass } from '~/design/button'
import { Icon } from '~/design/icons'
import { Empty, Facts } from '~/design/parts'
import { aliasProblem, suggestAlias, takenProblem } from './alias'
import { AliasStep, ConfigStep, CredentialsStep, type InstallAnswers, ReviewStep } from './install-steps'
import type { CredentialPicker } from './pickers'
import { useInstall, useInstallations, useToolToInstall } from './queries'
import './installs.css'

interface InstallWizardProps {
  readonly name: string
  readonly picker: CredentialPicker
  readonly onInstalled: (installationId: string) => void
}

const headings = [
  ['Version and alias', 'Nothing is called yet.'],
  ['Configuration', 'Where and how the tool works for your organisation.'],
  ['Credentials', 'Sealed in your vault; no agent or publisher sees them.'],
  ['Review', 'After this step agents see the operations within a second.'],
] as const

function Side({ tool, answers }: { readonly tool: ToolDetail; readonly answers: InstallAnswers }) {
  const kinds = [...new Set(tool.manifest.operations.map((operation) => operation.effects.kind))]
  return (
    <>
      <h2>What will be set up</h2>
      <Facts
        facts={[
          { name: 'Tool', value: tool.name },
          { name: 'Version', value: `${answers.version} (pinned)` },
          { name: 'Alias', value: <code>{answers.alias}</code> },
          { name: 'Operations', value: tool.manifest.operations.length },
        ]}
      />
      <hr />
      <h3>It will be able to</h3>
      <div className="row row-wrap">
        {kinds.map((kind) => (
          <EffectBadge key={kind} kind={kind} />
        ))}
      </div>
      <hr />
      <h3>It will talk to</h3>
      <ul className="stack stack-tight">
        {shownHosts(tool.manifest.egress.hosts, answers.config, tool.manifest.config_schema).map((host) => (
          <li key={host} className="row">
            <Icon name="globe" />
            <code className="wrap-anywhere">{host}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

/** What is said of an alias that is taken; not of the one that was just installed. */
function useTaken(alias: string, done: boolean): string | undefined {
  const { data } = useInstallations()
  return done || !data ? undefined : takenProblem(alias, data.items)
}

function Steps({ tool, picker, onInstalled }: { readonly tool: ToolDetail } & Omit<InstallWizardProps, 'name'>) {
  const { organisation } = useSession()
  const begin: InstallAnswers = {
    step: 0,
    version: tool.latest_version ?? '',
    alias: suggestAlias(tool.name.split('/')[1] ?? ''),
    config: initialValue(tool.manifest.config_schema),
    bindings: {},
  }
  const [answers, setAnswers, forget] = useRemembered<InstallAnswers>(`install:${organisation.id}:${tool.name}`, begin)
  const [asked, setAsked] = useState(false)
  const install = useInstall()
  const { step } = answers
  const change = (part: Partial<InstallAnswers>) => setAnswers((now) => ({ ...now, ...part }))
  const go = (next: number) => {
    setAsked(false)
    change({ step: next })
  }
  const refuse = () => {
    setAsked(true)
    focusFirstProblem()
  }
  const refused = (error: unknown) => {
    if (!(error instanceof ProblemError)) return
    if (fieldProblem(error, 'alias') || error.document.code.includes('alias')) go(0)
    else focusFirstProblem()
  }
  const finish = () => {
    const { step: _, ...request } = answers
    install.mutate({ tool: tool.name, ...request }, { onSuccess: (made) => (forget(), onInstalled(made.id)), onError: refused })
  }
  const bound = Object.keys(answers.bindings).length > 0 || Object.keys(tool.manifest.auth.schemes).length === 0
  const taken = useTaken(answers.alias, install.isSuccess)
  const acts = [
    () => ((aliasProblem(answers.alias) ?? taken) ? refuse() : go(1)),
    () => (missingIn(tool.manifest.config_schema, answers.config).length ? refuse() : go(2)),
    () => (bound || asked ? go(3) : refuse()),
    finish,
  ]
  const [heading, sub] = headings[step] ?? headings[0]
  const refusal = fieldProblem(install.error, 'alias') ?? (install.error instanceof ProblemError && install.error.document.code.includes('alias') ? install.error.message : undefined)
  const props = { tool, answers, asked, onChange: change }
  return (
    <Wizard
      title={
        <>
          <Monogram name={tool.title} />
          <span className="grow">
            <strong>Install {tool.title}</strong>
            <span className="meta step-answer">{organisation.name}</span>
          </span>
        </>
      }
      steps={[
        { id: 'alias', label: 'Version and alias', answer: step > 0 ? `${answers.version}, ${answers.alias}` : undefined },
        { id: 'config', label: 'Configuration', answer: step > 1 ? `${Object.keys(answers.config).length} values` : undefined },
        { id: 'credentials', label: 'Credentials', answer: step > 2 ? `${Object.keys(answers.bindings).length} chosen` : undefined },
        { id: 'review', label: 'Review' },
      ]}
      current={step}
      reached={step}
      heading={heading}
      sub={sub}
      side={<Side tool={tool} answers={answers} />}
      promise="Nothing is changed until the last step. Leave at any time: your answers are kept on this device, secrets never are."
      continueLabel={step === 3 ? 'Install' : 'Continue'}
      busy={install.isPending}
      onStep={go}
      onContinue={() => acts[step]?.()}
    >
      {step === 0 && <AliasStep {...props} refusal={refusal} taken={taken} />}
      {step === 1 && <ConfigStep {...props} problemAt={(pointer) => fieldProblem(install.error, pointer.slice(1))} />}
      {step === 2 && <CredentialsStep {...props} picker={picker} />}
      {step === 3 && <ReviewStep {...props} error={install.error} />}
    </Wizard>
  )
}

/** From a published tool to working operations. */
export function InstallWizard({ name, ...rest }: InstallWizardProps) {
  const tool = useToolToInstall(name)
  return (
    <>
      <PageName title="Install" crumbs={[{ label: 'Market', to: '/market' }, { label: tool.data?.title ?? name, to: `/market/t/${name}` }]} />
      {tool.data?.latest_version === null ? (
        <div className="page">
          <h1>Install {tool.data.title}</h1>
          <Empty icon="lock" title="No version can be installed" actions={<Link className={buttonClass()} to={`/market/t/${name}`}>Back to the tool</Link>}>
            Every version was taken back by its publisher.
          </Empty>
        </div>
      ) : tool.data ? (
        <Steps key={tool.data.id} tool={tool.data} {...rest} />
      ) : (
        <div className="page">
          <h1 className="only-spoken">Install</h1>
          <Loaded query={tool} failure="The tool could not be read.">
            {() => null}
          </Loaded>
        </div>
      )}
    </>
  )
}
