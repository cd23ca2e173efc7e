import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from 'react'
import { Icon } from './icons'

export interface FieldTexts {
  readonly label: ReactNode
  readonly help?: ReactNode
  /** What is wrong; shown in place of the help. */
  readonly problem?: ReactNode
  readonly warning?: ReactNode
  readonly optional?: boolean
}

interface Described {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean | undefined
}

interface FieldProps extends FieldTexts {
  readonly children: (control: Described) => ReactNode
}

/** Label above, help below, problem in place of help. */
export function Field({ label, help, problem, warning, optional = false, children }: FieldProps) {
  const id = useId()
  const below = problem ?? warning ?? help
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
        {optional && <span className="meta">optional</span>}
      </label>
      {children({ id, 'aria-describedby': below ? `${id}-below` : undefined, 'aria-invalid': problem ? true : undefined })}
      {below && (
        <div id={`${id}-below`} className={problem ? 'field-problem' : warning ? 'field-problem field-problem-warning' : 'field-help'}>
          {problem && <Icon name="error" small />}
          {!problem && warning && <Icon name="warn" small />}
          <span>{below}</span>
        </div>
      )}
    </div>
  )
}

type TextFieldProps = FieldTexts & Omit<InputHTMLAttributes<HTMLInputElement>, 'className'> & { readonly mono?: boolean }

export function TextField({ label, help, problem, warning, optional, mono = false, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, help, problem, warning, optional }}>
      {(control) => <input autoComplete="off" {...input} {...control} className={`input${mono ? ' mono' : ''}`} />}
    </Field>
  )
}

type TextAreaProps = FieldTexts & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className'> & { readonly mono?: boolean }

export function TextArea({ label, help, problem, warning, optional, mono = false, ...area }: TextAreaProps) {
  return (
    <Field {...{ label, help, problem, warning, optional }}>
      {(control) => <textarea rows={3} spellCheck={!mono} {...area} {...control} className={`input${mono ? ' mono' : ''}`} />}
    </Field>
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
}

type SelectFieldProps = FieldTexts & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'className'> & { readonly choices: readonly Choice[] }

export function SelectField({ label, help, problem, warning, optional, choices, ...select }: SelectFieldProps) {
  return (
    <Field {...{ label, help, problem, warning, optional }}>
      {(control) => (
        <select {...select} {...control} className="input">
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface CheckProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'type'> {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly kind?: 'checkbox' | 'radio' | 'switch'
  readonly indeterminate?: boolean
}

/** A checkbox, a radio button or a switch with its label beside it. */
export function Check({ label, hint, kind = 'checkbox', indeterminate = false, ...input }: CheckProps) {
  return (
    <label className="check">
      <input
        {...input}
        type={kind === 'radio' ? 'radio' : 'checkbox'}
        role={kind === 'switch' ? 'switch' : undefined}
        ref={(element) => {
          if (element) element.indeterminate = indeterminate
        }}
      />
      <span className="grow">
        {label}
        {hint && <span className="hint"> {hint}</span>}
      </span>
    </label>
  )
}

interface SegmentsProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly choices: readonly { readonly value: Value; readonly label: string }[]
  readonly onChange: (value: Value) => void
}

/** A switch between a few views of the same thing. */
export function Segments<Value extends string>({ label, value, choices, onChange }: SegmentsProps<Value>) {
  const name = useId()
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.label}
        </label>
      ))}
    </div>
  )
}
