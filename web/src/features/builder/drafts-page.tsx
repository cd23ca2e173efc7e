import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Loaded, Page } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import type { DraftListItem } from '~/app/manifest-types'
import { Badge, Monogram } from '~/design/badge'
import { Button, IconButton, buttonClass } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Empty } from '~/design/parts'
import { Ago } from '~/design/time'
import { NewDraft } from './new-draft'
import { useDeleteDraft, useDrafts, useRestoreDraft } from './queries'

function DraftTable({ items, onDelete }: { readonly items: readonly DraftListItem[]; readonly onDelete: (draft: DraftListItem) => void }) {
  const may = useCan()('drafts:delete')
  return (
    <div className="card">
      <table className="table table-cards">
        <thead>
          <tr>
            <th>Draft</th>
            <th>Operations</th>
            <th>Problems</th>
            <th>Published</th>
            <th>Changed</th>
            <th>
              <span className="only-spoken">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((draft) => (
            <tr key={draft.id}>
              <td>
                <div className="row">
                  <Monogram name={draft.title} size={28} />
                  <span className="grow">
                    <Link className="strong" to="/build/tool/$draftId" params={{ draftId: draft.id }}>
                      {draft.title}
                    </Link>{' '}
                    <span className="meta">{draft.name}</span>
                  </span>
                </div>
              </td>
              <td>{plural(draft.operations, 'operation')}</td>
              <td>
                {draft.problems ? (
                  <Badge tone="warn" icon="warn">
                    {plural(draft.problems, 'problem')}
                  </Badge>
                ) : (
                  <Badge tone="ok" icon="check">
                    ready
                  </Badge>
                )}
              </td>
              <td>{draft.published_version ?? <span className="hint">not yet</span>}</td>
              <td className="hint">
                <Ago at={draft.updated_at} /> {draft.updated_by && `· ${draft.updated_by}`}
              </td>
              <td className="number">{may && <IconButton icon="trash" small label={`Delete ${draft.title}`} onClick={() => onDelete(draft)} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Tools in the making. */
export function DraftsPage({ onMade }: { readonly onMade: (draftId: string) => void }) {
  const drafts = useDrafts()
  const remove = useDeleteDraft()
  const restore = useRestoreDraft()
  const [making, setMaking] = useState(false)
  const can = useCan()
  const bring = can('imports:write') && (
    <Link className={buttonClass({ kind: 'primary' })} to="/build/import">
      <Icon name="plus" />
      Bring in an API
    </Link>
  )
  const empty = can('drafts:write') && <Button onClick={() => setMaking(true)}>Empty draft</Button>
  const drop = (draft: DraftListItem) => remove.mutate(draft.id, { onSuccess: () => toast(`${draft.title} is deleted`, () => restore.mutate(draft.id)) })
  return (
    <Page
      title="Build"
      sub="Drafts are tools in the making. Nobody outside your organisation sees them."
      actions={
        <>
          {empty}
          {bring}
        </>
      }
    >
      <ProblemNote error={remove.error ?? restore.error} title="The draft was not changed." />
      <Loaded query={drafts} rows={6} failure="The drafts could not be read.">
        {({ items }) =>
          items.length ? (
            <DraftTable items={items} onDelete={drop} />
          ) : (
            <div className="card">
              <Empty icon="build" title="No drafts yet" actions={<>{bring}{empty}</>}>
                Bring in the description of an API, choose operations, try them, and publish them for your agents.
              </Empty>
            </div>
          )
        }
      </Loaded>
      <Dialog title="Empty draft" open={making} onClose={() => setMaking(false)}>
        <NewDraft onMade={onMade} onCancel={() => setMaking(false)} />
      </Dialog>
    </Page>
  )
}
