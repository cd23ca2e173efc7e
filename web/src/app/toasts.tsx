import { useEffect } from 'react'
import { Button, IconButton } from '~/design/button'
import { Icon } from '~/design/icons'
import { createStore, useStore } from './store'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly undo?: () => void
}

const SECONDS = 10
const toasts = createStore<readonly Toast[]>([])
let next = 1

const drop = (id: number) => toasts.set((all) => all.filter((toast) => toast.id !== id))

/** Say the result of the user's own act, with undo where there is one. Problems are never only toasts. */
export function toast(text: string, undo?: () => void): void {
  const id = next++
  toasts.set((all) => [...all.slice(-2), { id, text, undo }])
  setTimeout(() => drop(id), SECONDS * 1_000)
}

/** Where toasts appear; `Ctrl Z` outside a field takes back the last act. */
export function Toasts() {
  const all = useStore(toasts)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const last = toasts.get().findLast((each) => each.undo)
      const typing = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')
      if (!last || typing || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      last.undo?.()
      drop(last.id)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <div className="toasts" role="status" aria-live="polite">
      {all.map((each) => (
        <div className="toast" key={each.id}>
          <Icon name="check" />
          <span className="grow">{each.text}</span>
          {each.undo && (
            <Button
              kind="quiet"
              size="small"
              onClick={() => {
                each.undo?.()
                drop(each.id)
              }}
            >
              Undo <span className="key only-wide">Ctrl Z</span>
            </Button>
          )}
          <IconButton icon="x" label="Dismiss" small onClick={() => drop(each.id)} />
        </div>
      ))}
    </div>
  )
}
