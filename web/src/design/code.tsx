import { Fragment, useState } from 'react'
import { IconButton } from './button'

const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\btrue\b|\bfalse\b|\bnull\b)|([{}[\],])/g

/** JSON text with its parts coloured. Longer text than this stays plain: marking it would slow the page. */
const MARKED_CHARACTERS = 60_000

/** Where the JSON begins: at once, or after the head of an HTTP message. */
function bodyAt(text: string): number {
  if (/^\s*[[{"]/.test(text)) return 0
  const blank = text.indexOf('\n\n')
  return blank === -1 ? text.length : blank
}

function highlight(text: string) {
  const parts = []
  const body = bodyAt(text)
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index < body) continue
    parts.push(text.slice(end, match.index))
    const kind = match[4] ? 'mark' : match[3] ? 'number' : match[2] ? 'key' : 'text'
    const hidden = kind === 'text' && /^"\[(redacted|sealed)/.test(match[0])
    const word = match[1] ?? match[0]
    parts.push(<span className={hidden ? 'hidden-value' : `token-${kind}`}>{word}</span>, match[2] ?? '')
    end = match.index + match[0].length
  }
  parts.push(text.slice(end))
  return parts.map((part, index) => <Fragment key={index}>{part}</Fragment>)
}

interface CodeProps {
  readonly label: string
  readonly text: string
  readonly json?: boolean
  readonly wrap?: boolean
  readonly copy?: boolean
}

/** Text in a well, with a button that copies it. */
export function Code({ label, text, json = false, wrap = false, copy = true }: CodeProps) {
  const marked = json && text.length <= MARKED_CHARACTERS
  return (
    <div className={wrap ? 'code code-wrap' : 'code'}>
      <pre tabIndex={0} role="region" aria-label={label}>
        {marked ? highlight(text) : text}
      </pre>
      {copy && <CopyButton text={text} label={`Copy ${label.charAt(0).toLowerCase()}${label.slice(1)}`} />}
    </div>
  )
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false)
  const write = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <span className="code-copy">
      <IconButton icon={copied ? 'check' : 'copy'} label={copied ? 'Copied' : label} small onClick={() => void write()} />
      <span role="status" className="only-spoken">
        {copied ? 'Copied' : ''}
      </span>
    </span>
  )
}

/** JSON of a value, as people read it. */
export const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? ''
