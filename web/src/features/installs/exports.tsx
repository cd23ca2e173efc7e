import { useState } from 'react'
import type { Installation } from '~/app/api-types'
import { Loaded } from '~/app/page'
import { Code, pretty } from '~/design/code'
import { Segments } from '~/design/field'
import { Card } from '~/design/parts'
import { useExport } from './queries'

const forms = [
  { value: 'openai', label: 'OpenAI' },
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'gemini', label: 'Gemini' },
  { value: 'openapi', label: 'OpenAPI' },
] as const

/** The operations as function schemas of other interfaces. */
export function Exports({ installation }: { readonly installation: Installation }) {
  const [form, setForm] = useState<(typeof forms)[number]['value']>('openai')
  const text = useExport(installation.id, form)
  return (
    <Card title="Exports" actions={<Segments label="Form" value={form} choices={forms} onChange={setForm} />} padded>
      <Loaded query={text} failure="The export could not be made.">
        {(value) => <Code label={`Export for ${form}`} json text={pretty(value)} />}
      </Loaded>
    </Card>
  )
}
