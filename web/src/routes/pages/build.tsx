import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Allowed } from '~/app/refused'
import { DraftPage } from '~/features/builder/draft-page'
import { DraftsPage } from '~/features/builder/drafts-page'
import { type SectionId, type Where, sections } from '~/features/builder/sections'
import { categories } from '~/features/catalog/categories'
import { ConnectionPicker } from '~/features/vault/connection-picker'

export function Drafts() {
  const navigate = useNavigate()
  return (
    <Allowed verb="drafts:read" title="Build" act="see drafts" grant="builder">
      <DraftsPage onMade={(draftId) => void navigate({ to: '/build/tool/$draftId', params: { draftId } })} />
    </Allowed>
  )
}

function whereOf(search: { operation?: unknown; section?: unknown }): Where | undefined {
  const section = sections.find((each) => each.id === search.section)?.id
  if (search.operation === undefined && section === undefined) return undefined
  return { operation: search.operation === undefined ? undefined : String(search.operation), section: section ?? ('basics' satisfies SectionId) }
}

export function DraftEditor() {
  const { draftId } = useParams({ strict: false }) as { draftId: string }
  const search = useSearch({ strict: false }) as { operation?: unknown; section?: unknown }
  const navigate = useNavigate()
  return (
    <Allowed verb="drafts:read" title="Draft" act="see drafts" grant="builder">
      <DraftPage
        draftId={draftId}
        where={whereOf(search)}
        onGo={(where) => void navigate({ to: '/build/tool/$draftId', params: { draftId }, search: where as never, replace: true, resetScroll: false })}
        picker={(credential) => <ConnectionPicker {...credential} />}
        categories={categories}
      />
    </Allowed>
  )
}
