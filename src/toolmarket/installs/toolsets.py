"""The rules of toolsets: selections of operations under an address of their own."""

from collections import Counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.catalog import service as catalog
from toolmarket.events import service as events
from toolmarket.installs import errors, models, queries, schemas
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import announce_change
from toolmarket.kit.ids import new_id
from toolmarket.kit.schemas import Page


async def create_toolset(session: AsyncSession, actor: Actor, wish: schemas.ToolsetCreate) -> schemas.Toolset:
    """Make a toolset.

    Raises:
        Forbidden: the actor lacks `toolsets:write`.
        ToolsetTaken: the address is in use.
        InstallationNotFound: an item names one that is not here.
        NamesCollide: without a prefix two operations would have one name.
    """
    actor.require("toolsets:write")
    await _check_items(session, actor, wish.items, prefix=wish.prefix)
    values = {"id": new_id(), "created_by": actor.principal_id, **wish.model_dump(mode="json")}
    row = await queries.add_toolset(session, org_id=actor.org_id, values=values)
    if row is None:
        raise errors.ToolsetTaken(f"Choose another address than {wish.slug}.", pointer="/slug")
    await _told(session, actor, row.id, "created")
    return schemas.Toolset.model_validate(row)


async def list_toolsets(session: AsyncSession, actor: Actor) -> Page[schemas.Toolset]:
    """All toolsets of the organisation."""
    actor.require("toolsets:read")
    rows = await queries.list_toolsets(session, org_id=actor.org_id)
    return Page(items=[schemas.Toolset.model_validate(row) for row in rows], total=len(rows))


async def change_toolset(
    session: AsyncSession, actor: Actor, toolset_id: UUID, change: schemas.ToolsetChange
) -> schemas.Toolset:
    """Rename a toolset or change what is in it.

    Raises:
        Forbidden: the actor lacks `toolsets:write`.
        ToolsetNotFound, InstallationNotFound, NamesCollide.
    """
    actor.require("toolsets:write")
    values = change.model_dump(mode="json", exclude_none=True)
    row = await queries.change_toolset(session, org_id=actor.org_id, toolset_id=toolset_id, values=values)
    if row is None:
        raise errors.ToolsetNotFound(f"There is no toolset {toolset_id}.")
    toolset = schemas.Toolset.model_validate(row)
    await _check_items(session, actor, toolset.items, prefix=toolset.prefix)
    await _told(session, actor, row.id, "changed")
    return toolset


async def delete_toolset(session: AsyncSession, actor: Actor, toolset_id: UUID) -> None:
    """Remove a toolset; its installations stay.

    Raises:
        Forbidden: the actor lacks `toolsets:write`.
        ToolsetNotFound: unknown here.
    """
    actor.require("toolsets:write")
    if not await queries.delete_toolset(session, org_id=actor.org_id, toolset_id=toolset_id):
        raise errors.ToolsetNotFound(f"There is no toolset {toolset_id}.")
    await _told(session, actor, toolset_id, "deleted")


async def _check_items(
    session: AsyncSession, actor: Actor, items: list[schemas.ToolsetItem], *, prefix: bool
) -> None:
    names: Counter[str] = Counter()
    for position, item in enumerate(items):
        row = await queries.get_installation(
            session, org_id=actor.org_id, installation_id=item.installation_id
        )
        if row is None:
            raise errors.InstallationNotFound(
                f"There is no installation {item.installation_id}.",
                pointer=f"/items/{position}/installation_id",
            )
        if not prefix:
            names.update(await _operation_names(session, actor, row, item))
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise errors.NamesCollide(f"Keep the prefix, or leave one of them out: {', '.join(sorted(twice))}.")


async def _operation_names(
    session: AsyncSession, actor: Actor, row: models.Installation, item: schemas.ToolsetItem
) -> list[str]:
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    names = [operation.name for operation in version.manifest.operations]
    return names if item.operations is None else [name for name in names if name in item.operations]


async def _told(session: AsyncSession, actor: Actor, toolset_id: UUID, what: str) -> None:
    await audit.record(session, actor, f"installs.toolset.{what}", target=toolset_id)
    await events.emit(
        session,
        org_id=actor.org_id,
        type=f"installs.toolset.{what}.v1",
        subject=str(toolset_id),
        data={},
    )
    await announce_change(session, actor.org_id)
