import { useState } from 'react'
import type { Toolset } from '~/app/api-types'
import { Loaded, Page } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import { Button } from '~/design/button'
import { CopyButton } from '~/design/code'
import { Dialog } from '~/design/dialog'
import { plural } from '~/design/format'
import { Empty } from '~/design/parts'
import { toolsetAddress, useDeleteToolset, useSaveToolset, useToolsets } from './queries'
import { ToolsetForm } from './toolset-form'
import './installs.css'

/** Selections of operations, each with an address of its own. */
export function ToolsetsPage() {
  const toolsets = useToolsets()
  const remove = useDeleteToolset()
  const save = useSaveToolset()
  const may = useCan()('toolsets:write')
  const [editing, setEditing] = useState<Toolset | 'new'>()
  const create = may && (
    <Button kind="primary" icon="plus" onClick={() => setEditing('new')}>
      New toolset
    </Button>
  )
  const drop = (toolset: Toolset) =>
    remove.mutate(toolset.id, {
      onSuccess: () => {
        const { name, slug, prefix = true, items = [] } = toolset
        toast(`${name} is deleted`, () => save.mutate({ draft: { name, slug, prefix, items } }))
      },
    })
  return (
    <Page title="Toolsets" sub="An agent with few, fitting operations chooses better. Each toolset has an address of its own." actions={create}>
      <ProblemNote error={remove.error} title="The toolset was not deleted." />
      <Loaded query={toolsets} failure="The toolsets could not be read.">
        {({ items }) => (
          <div className="card">
            {items.length === 0 ? (
              <Empty icon="box" title="No toolsets yet" actions={create}>
                Without one, agents see everything that is installed. Make one for each kind of agent.
              </Empty>
            ) : (
              <ul className="list list-plain">
                {items.map((toolset) => (
                  <li key={toolset.id} className="row-wrap">
                    <span className="grow">
                      <span className="strong">{toolset.name}</span>
                      <span className="meta install-words wrap-anywhere">
                        <code>{toolsetAddress(toolset.slug)}</code> · {plural(toolset.items?.length ?? 0, 'tool')}
                      </span>
                    </span>
                    <CopyButton text={toolsetAddress(toolset.slug)} label={`Copy the address of ${toolset.name}`} />
                    {may && (
                      <>
                        <Button size="small" aria-label={`Edit ${toolset.name}`} onClick={() => setEditing(toolset)}>
                          Edit
                        </Button>
                        <Button size="small" kind="quiet" aria-label={`Delete ${toolset.name}`} onClick={() => drop(toolset)}>
                          Delete
                        </Button>
                      </>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Loaded>
      <Dialog title={editing === 'new' ? 'New toolset' : 'Edit the toolset'} open={editing !== undefined} onClose={() => setEditing(undefined)}>
        {editing && (
          <ToolsetForm
            toolset={editing === 'new' ? undefined : editing}
            onCancel={() => setEditing(undefined)}
            onSaved={(toolset) => {
              setEditing(undefined)
              toast(`${toolset.name} is saved`)
            }}
          />
        )}
      </Dialog>
    </Page>
  )
}
