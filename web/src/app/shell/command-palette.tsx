import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react'
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components'
import { Icon, type IconName } from '~/design/icons'
import { outcomeWord } from '~/design/badge'
import type { Page, RunRow, ToolListItem } from '../api-types'
import { get, query } from '../client'
import { useCan } from '../session'
import { usePlaces } from './navigation'

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

interface Hit {
  readonly id: string
  readonly label: string
  readonly hint: string
  readonly icon: IconName
  readonly to: string
}

function useHits(text: string): readonly Hit[] {
  const can = useCan()
  const words = useDeferredValue(text.trim())
  const tools = useQuery({
    queryKey: ['palette', 'tools', words],
    enabled: words.length > 1 && can('tools:read'),
    queryFn: ({ signal }) => get<Page<ToolListItem>>(`/v1/tools${query({ q: words, limit: 5 })}`, signal),
  })
  const run = useQuery({
    queryKey: ['palette', 'run', words],
    enabled: RUN_ID.test(words) && can('runs:read'),
    queryFn: ({ signal }) => get<RunRow>(`/v1/runs/${words}`, signal),
  })
  const commands: Hit[] = [
    ...usePlaces().map((place) => ({ id: place.to, label: place.label, hint: 'page', icon: place.icon, to: place.to })),
    ...(can('imports:write') ? [{ id: 'import', label: 'Bring in an API', hint: 'command', icon: 'plus' as const, to: '/build/import' }] : []),
    { id: 'appearance', label: 'Appearance: theme and density', hint: 'setting', icon: 'settings', to: '/settings/appearance' },
    ...(can('keys:read') ? [{ id: 'keys', label: 'API keys', hint: 'setting', icon: 'key' as const, to: '/settings/keys' }] : []),
  ]
  const low = words.toLowerCase()
  return [
    ...commands.filter((hit) => hit.label.toLowerCase().includes(low)),
    ...(tools.data?.items ?? []).map((tool) => ({ id: tool.id, label: tool.title, hint: tool.name, icon: 'box' as const, to: `/market/t/${tool.name}` })),
    ...(run.data ? [{ id: run.data.id, label: run.data.mcp_name, hint: `run · ${outcomeWord(run.data.outcome)}`, icon: 'runs' as const, to: `/runs/${run.data.id}` }] : []),
  ]
}

function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const navigate = useNavigate()
  const list = useId()
  const hits = useHits(text)
  const active = Math.min(chosen, Math.max(hits.length - 1, 0))
  const open = (hit: Hit | undefined) => {
    if (!hit) return
    onClose()
    void navigate({ to: hit.to })
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setChosen((active + step + hits.length) % Math.max(hits.length, 1))
    else if (event.key === 'Enter') open(hits[active])
    else return
    event.preventDefault()
  }
  return (
    <>
      <div className="palette-field">
        <div className="input-search">
        <Icon name="search" />
        <input
          className="input input-large"
          role="combobox"
          aria-label="Search or run a command"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={hits[active] ? `${list}-${active}` : undefined}
          placeholder="Page, tool, or the id of a run"
          autoComplete="off"
          autoFocus
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
          onKeyDown={press}
        />
        </div>
      </div>
      <div className="palette-list" role="listbox" id={list} aria-label="Results">
        {hits.map((hit, index) => (
          // The field above keeps the focus and handles the keys, as the combobox pattern asks.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div key={hit.id} id={`${list}-${index}`} role="option" tabIndex={-1} aria-selected={index === active} className="menu-item" onClick={() => open(hit)}>
            <Icon name={hit.icon} />
            <span className="grow clip">{hit.label}</span>
            <span className="meta">{hit.hint}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 && (
        <p className="hint dialog-body" role="status">
          Nothing is called that.
        </p>
      )}
    </>
  )
}

/** `Ctrl K`: pages, tools and runs by name. */
export function CommandPalette({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <ModalOverlay className="overlay overlay-top" isOpen={open} isDismissable onOpenChange={(now) => !now && onClose()}>
      <Modal className="dialog">
        <AriaDialog aria-label="Search or run a command">
          <Palette onClose={onClose} />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
