"""The rules of drafts: create, edit, preview, delete with undo."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.builder import checking, errors, imports, models, queries, schemas
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.events import service as events
from toolmarket.identity import service as identity
from toolmarket.importers import schemas as importer_schemas
from toolmarket.kit import clock
from toolmarket.kit.actor import Actor
from toolmarket.kit.ids import new_id
from toolmarket.kit.schemas import Page

TOTAL_CAP = 10_000


async def create_draft(session: AsyncSession, actor: Actor, wish: schemas.DraftCreate) -> schemas.Draft:
    """Begin a draft, from an import or empty.

    Raises:
        Forbidden: the actor lacks `drafts:write`.
        NameForeign: the namespace is not the organisation's.
        ImportNotFound, OperationUnknown: what was chosen is not there.
    """
    actor.require("drafts:write")
    await _check_namespace(session, actor, wish.name)
    manifest, notes = await _beginning(session, actor, wish)

    row = await queries.add_draft(
        session,
        org_id=actor.org_id,
        values={
            "id": new_id(),
            "name": wish.name,
            "manifest": manifest,
            "notes": notes,
            "problem_count": _error_count(manifest),
            "created_by": actor.principal_id,
            "updated_by": actor.principal_id,
        },
    )
    await _told(session, actor, row.id, "created", after=wish.model_dump(mode="json"))
    return _whole(row, actor.label)


async def _check_namespace(session: AsyncSession, actor: Actor, name: str) -> None:
    organisation = await identity.find_organisation(session, org_id=actor.org_id)
    if name.partition("/")[0] != organisation.slug:
        raise errors.NameForeign(f"The name begins with {organisation.slug}/.", pointer="/name")


async def _beginning(
    session: AsyncSession, actor: Actor, wish: schemas.DraftCreate
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if wish.import_id is None:
        title = wish.title or wish.name.partition("/")[2].replace("-", " ").capitalize()
        empty = catalog_schemas.Manifest(name=wish.name, title=title, summary=wish.summary or "")
        return empty.model_dump(mode="json"), []
    row = await imports.find_import(session, actor, wish.import_id)
    manifest = {**row.manifest, "name": wish.name, "version": "1.0.0"}
    if wish.title is not None:
        manifest["title"] = wish.title
    if wish.summary is not None:
        manifest["summary"] = wish.summary
    if wish.operations is None:
        return manifest, row.notes
    chosen = set(wish.operations)
    manifest["operations"] = [each for each in manifest["operations"] if each["name"] in chosen]
    unknown = chosen - {each["name"] for each in manifest["operations"]}
    if unknown:
        raise errors.OperationUnknown(
            f"The import has no {', '.join(sorted(unknown))}.", pointer="/operations"
        )
    return manifest, [note for note in row.notes if not note.get("operation") or note["operation"] in chosen]


async def get_draft(session: AsyncSession, actor: Actor, draft_id: UUID) -> schemas.Draft:
    """One draft.

    Raises:
        DraftNotFound: unknown here, or deleted.
    """
    actor.require("drafts:read")
    row = await find_draft(session, actor, draft_id)
    return _whole(row, await _name_of(session, actor, row.updated_by))


async def list_drafts(
    session: AsyncSession, actor: Actor, *, cursor: UUID | None = None, limit: int = 50
) -> Page[schemas.DraftItem]:
    """The organisation's drafts, the newest first."""
    actor.require("drafts:read")
    rows = await queries.list_drafts(session, org_id=actor.org_id, before=cursor, limit=limit + 1)
    total = await queries.count_drafts(session, org_id=actor.org_id, cap=TOTAL_CAP + 1)
    names = await _names(session, actor, [row.updated_by for row in rows])
    return Page(
        items=[
            schemas.DraftItem.model_validate(
                {**row._mapping, "updated_by": names.get(row.updated_by, ""), "title": row.title or row.name}
            )
            for row in rows[:limit]
        ],
        next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )


async def save_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, revision: int, save: schemas.DraftSave
) -> schemas.Draft:
    """Replace a draft's document, if nobody changed it since `revision`.

    A document that is not valid yet is kept all the same; its problems come back with it.

    Raises:
        Forbidden: the actor lacks `drafts:write`.
        DraftNotFound: unknown here.
        DraftChanged: with the present draft as `current`.
        NameForeign: the namespace is not the organisation's.
    """
    actor.require("drafts:write")
    name = str(save.manifest.get("name", ""))
    await _check_namespace(session, actor, name)
    row = await queries.save_draft(
        session,
        org_id=actor.org_id,
        draft_id=draft_id,
        revision=revision,
        values={
            "name": name,
            "manifest": {"operations": [], **save.manifest},
            "problem_count": _error_count(save.manifest),
            "updated_by": actor.principal_id,
        },
    )
    if row is None:
        current = await get_draft(session, actor, draft_id)
        raise errors.DraftChanged(
            f"{current.updated_by or 'Somebody'} saved revision {current.revision} meanwhile.",
            extra={"current": current.model_dump(mode="json")},
        )
    await _told(session, actor, row.id, "saved", revision=row.revision)
    return _whole(row, actor.label)


async def delete_draft(session: AsyncSession, actor: Actor, draft_id: UUID) -> None:
    """Put a draft away; `restore_draft` brings it back.

    Raises:
        Forbidden: the actor lacks `drafts:delete`.
        DraftNotFound: unknown here.
    """
    actor.require("drafts:delete")
    row = await find_draft(session, actor, draft_id)
    await _set_deleted(session, actor, row, deleted=True)
    await _told(session, actor, row.id, "deleted")


async def restore_draft(session: AsyncSession, actor: Actor, draft_id: UUID) -> schemas.Draft:
    """Undo a deletion.

    Raises:
        Forbidden: the actor lacks `drafts:delete`.
        DraftNotFound: there is no deleted draft of that id.
    """
    actor.require("drafts:delete")
    row = await queries.get_draft(session, org_id=actor.org_id, draft_id=draft_id, deleted=True)
    if row is None:
        raise errors.DraftNotFound(f"There is no deleted draft {draft_id}.")
    restored = await _set_deleted(session, actor, row, deleted=False)
    await _told(session, actor, row.id, "restored")
    return _whole(restored, actor.label)


async def note_published(session: AsyncSession, actor: Actor, draft_id: UUID, version: str) -> None:
    """Remember which version a draft became; its number moves on with the next change."""
    row = await find_draft(session, actor, draft_id)
    await queries.save_draft(
        session,
        org_id=actor.org_id,
        draft_id=row.id,
        revision=row.revision,
        values={"published_version": version, "manifest": {**row.manifest, "version": version}},
    )


async def find_draft(session: AsyncSession, actor: Actor, draft_id: UUID) -> models.Draft:
    """The row of a draft; for this room only."""
    row = await queries.get_draft(session, org_id=actor.org_id, draft_id=draft_id)
    if row is None:
        raise errors.DraftNotFound(f"There is no draft {draft_id}.")
    return row


async def _set_deleted(
    session: AsyncSession, actor: Actor, row: models.Draft, *, deleted: bool
) -> models.Draft:
    changed = await queries.save_draft(
        session,
        org_id=actor.org_id,
        draft_id=row.id,
        revision=row.revision,
        values={"deleted_at": clock.now() if deleted else None, "updated_by": actor.principal_id},
    )
    if changed is None:
        raise errors.DraftChanged(f"Draft {row.id} was changed at the same time; try again.")
    return changed


def _error_count(manifest: dict[str, Any]) -> int:
    return sum(problem.level == "error" for problem in checking.problems_of(manifest))


async def _names(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, str]:
    principals = await identity.name_principals(session, org_id=actor.org_id, ids=list(set(ids)))
    return {principal_id: principal.label for principal_id, principal in principals.items()}


async def _name_of(session: AsyncSession, actor: Actor, principal_id: UUID) -> str:
    return (await _names(session, actor, [principal_id])).get(principal_id, "")


def _whole(row: models.Draft, updated_by: str) -> schemas.Draft:
    return schemas.Draft(
        id=row.id,
        name=row.name,
        manifest=row.manifest,
        revision=row.revision,
        problems=checking.problems_of(row.manifest),
        notes=[importer_schemas.Note.model_validate(note) for note in row.notes],
        updated_at=row.updated_at,
        updated_by=updated_by,
        published_version=row.published_version,
    )


async def _told(session: AsyncSession, actor: Actor, draft_id: UUID, what: str, **facts: Any) -> None:
    await audit.record(session, actor, f"builder.draft.{what}", target=draft_id, after=facts or None)
    await events.emit(
        session,
        org_id=actor.org_id,
        type=f"builder.draft.{what}.v1",
        subject=str(draft_id),
        data={"revision": facts["revision"]} if "revision" in facts else {},
    )
