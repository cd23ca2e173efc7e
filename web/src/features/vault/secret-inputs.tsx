import { useState } from 'react'
import { IconButton } from '~/design/button'
import { Field } from '~/design/field'
import { type Kind, type SecretField, secretFields } from './kinds'

interface SecretInputsProps {
  readonly kind: Kind
  readonly secret: Record<string, string>
  readonly asked: boolean
  readonly onChange: (secret: Record<string, string>) => void
}

function SecretInput({ field, value, problem, onChange }: { readonly field: SecretField; readonly value: string; readonly problem?: string; readonly onChange: (value: string) => void }) {
  const [shown, setShown] = useState(false)
  return (
    <Field label={field.label} problem={problem} help={field.hidden ? 'Sealed when saved; it can be replaced, never shown.' : undefined}>
      {(control) => (
        <div className="row">
          <input {...control} className="input mono" type={field.hidden && !shown ? 'password' : 'text'} autoComplete="off" spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} />
          {field.hidden && <IconButton icon={shown ? 'lock' : 'eye'} label={shown ? `Hide the ${field.label.toLowerCase()}` : `Show the ${field.label.toLowerCase()}`} onClick={() => setShown(!shown)} />}
        </div>
      )}
    </Field>
  )
}

/** The fields of a credential. Its text lives only in this form's memory until it is sent. */
export function SecretInputs({ kind, secret, asked, onChange }: SecretInputsProps) {
  return secretFields[kind].map((field) => (
    <SecretInput
      key={field.name}
      field={field}
      value={secret[field.name] ?? ''}
      problem={asked && !secret[field.name] ? `Write the ${field.label.toLowerCase()}.` : undefined}
      onChange={(value) => onChange({ ...secret, [field.name]: value })}
    />
  ))
}

export const secretComplete = (kind: Kind, secret: Record<string, string>): boolean => secretFields[kind].every((field) => secret[field.name])
