import { type ReactNode, useState } from 'react'
import { TextArea } from '~/design/field'
import { pretty } from '~/design/code'
import type { Json } from '../api-types'

interface JsonFieldProps {
  readonly label: ReactNode
  readonly value: Json | undefined
  readonly help?: ReactNode
  readonly problem?: string
  readonly rows?: number
  readonly placeholder?: string
  readonly optional?: boolean
  readonly onChange: (value: Json | undefined) => void
}

/** A value written as JSON. Text that does not parse stays as it is and says where it breaks. */
export function JsonField({ label, value, help, problem, rows = 4, placeholder, optional, onChange }: JsonFieldProps) {
  const shown = value === undefined ? '' : pretty(value)
  const [edit, setEdit] = useState<{ text: string; of: string; broken?: string }>()
  const current = edit && (edit.broken || edit.of === shown) ? edit : undefined
  const change = (text: string) => {
    if (!text.trim()) {
      setEdit({ text, of: '' })
      onChange(undefined)
      return
    }
    try {
      const parsed = JSON.parse(text) as Json
      setEdit({ text, of: pretty(parsed) })
      onChange(parsed)
    } catch (error) {
      setEdit({ text, of: shown, broken: error instanceof Error ? error.message : 'Not JSON.' })
    }
  }
  return (
    <TextArea
      label={label}
      mono
      rows={rows}
      placeholder={placeholder}
      help={help}
      optional={optional}
      value={current?.text ?? shown}
      problem={current?.broken ? `This is not JSON yet: ${current.broken}` : problem}
      onChange={(event) => change(event.target.value)}
    />
  )
}
