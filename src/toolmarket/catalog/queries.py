"""All SQL of the catalogue."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from toolmarket.catalog.models import Namespace, OperationRow, Tool, Version

WITHOUT_MANIFEST = defer(Version.manifest, raiseload=True)


async def claim_namespace(session: AsyncSession, *, org_id: UUID, name: str) -> bool:
    """Take the namespace for the organisation; False when another holds it."""
    await session.execute(insert(Namespace).values(name=name, org_id=org_id).on_conflict_do_nothing())
    statement = select(Namespace.name).where(Namespace.name == name, Namespace.org_id == org_id)
    return await session.scalar(statement) is not None


async def put_tool(
    session: AsyncSession, *, org_id: UUID, tool_id: UUID, namespace: str, slug: str
) -> Tool | None:
    """Find or make the tool of that name, locked until the end of the transaction."""
    values = {"id": tool_id, "org_id": org_id, "namespace": namespace, "slug": slug}
    await session.execute(insert(Tool).values(values).on_conflict_do_nothing())
    statement = (
        select(Tool)
        .where(Tool.org_id == org_id, Tool.namespace == namespace, Tool.slug == slug)
        .with_for_update()
    )
    return await session.scalar(statement)


async def find_tool(session: AsyncSession, *, org_id: UUID, namespace: str, slug: str) -> Tool | None:
    """The tool of that name."""
    statement = select(Tool).where(Tool.org_id == org_id, Tool.namespace == namespace, Tool.slug == slug)
    return await session.scalar(statement)


async def get_tool(session: AsyncSession, *, org_id: UUID, tool_id: UUID) -> Tool | None:
    """The tool of that id."""
    return await session.scalar(select(Tool).where(Tool.org_id == org_id, Tool.id == tool_id))


async def add_version(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> Version | None:
    """Insert a version, or return None where the tool has that number already."""
    statement = (
        insert(Version)
        .values(org_id=org_id, **values)
        .on_conflict_do_nothing(index_elements=[Version.tool_id, Version.version])
        .returning(Version)
    )
    return await session.scalar(statement)


async def add_operations(session: AsyncSession, *, org_id: UUID, rows: list[dict[str, Any]]) -> None:
    """Insert the operations of a version."""
    if rows:
        await session.execute(insert(OperationRow).values([{"org_id": org_id, **row} for row in rows]))


async def set_latest(session: AsyncSession, *, org_id: UUID, tool_id: UUID, version_id: UUID) -> None:
    """Make a version the newest of its tool."""
    statement = (
        update(Tool)
        .where(Tool.org_id == org_id, Tool.id == tool_id)
        .values(latest_version_id=version_id, updated_at=func.now())
    )
    await session.execute(statement)


async def get_version(session: AsyncSession, *, org_id: UUID, version_id: UUID) -> Version | None:
    """The version of that id."""
    return await session.scalar(
        select(Version).options(WITHOUT_MANIFEST).where(Version.org_id == org_id, Version.id == version_id)
    )


async def manifest_of(session: AsyncSession, *, org_id: UUID, version_id: UUID) -> dict[str, Any]:
    """The manifest of a version that is there."""
    statement = select(Version.manifest).where(Version.org_id == org_id, Version.id == version_id)
    manifest: dict[str, Any] = (await session.scalars(statement)).one()
    return manifest


async def find_version(session: AsyncSession, *, org_id: UUID, tool_id: UUID, version: str) -> Version | None:
    """The version of that number."""
    statement = (
        select(Version)
        .options(WITHOUT_MANIFEST)
        .where(Version.org_id == org_id, Version.tool_id == tool_id, Version.version == version)
    )
    return await session.scalar(statement)


async def versions_of(session: AsyncSession, *, org_id: UUID, tool_id: UUID) -> Sequence[Version]:
    """All versions of a tool, the newest first."""
    statement = (
        select(Version)
        .options(WITHOUT_MANIFEST)
        .where(Version.org_id == org_id, Version.tool_id == tool_id)
        .order_by(Version.published_at.desc(), Version.id.desc())
    )
    return (await session.scalars(statement)).all()


async def set_state(
    session: AsyncSession,
    *,
    org_id: UUID,
    version_id: UUID,
    state: str,
    message: str,
    replacement: str | None,
) -> None:
    """Change the state of a version."""
    statement = (
        update(Version)
        .where(Version.org_id == org_id, Version.id == version_id)
        .values(state=state, state_message=message, replacement=replacement)
    )
    await session.execute(statement)


async def newest_versions(session: AsyncSession, *, org_id: UUID, tool_ids: Sequence[UUID]) -> list[UUID]:
    """The ids of the newest versions of tools."""
    statement = select(Tool.latest_version_id).where(
        Tool.org_id == org_id, Tool.id.in_(tool_ids), Tool.latest_version_id.is_not(None)
    )
    return [version_id for version_id in await session.scalars(statement) if version_id is not None]


async def summaries(session: AsyncSession, *, org_id: UUID, version_ids: Sequence[UUID]) -> list[Any]:
    """The short columns of versions, with the name and the newest number of their tools."""
    newest = aliased(Version)
    statement = (
        select(
            Version.id,
            Version.tool_id,
            (Tool.namespace + "/" + Tool.slug).label("name"),
            Version.version,
            Version.state,
            Version.title,
            Version.summary,
            Version.operation_count,
            Version.effects,
            newest.version.label("latest_version"),
        )
        .join(Tool, Tool.id == Version.tool_id)
        .join(newest, newest.id == Tool.latest_version_id)
        .where(Version.org_id == org_id, Version.id.in_(version_ids))
    )
    return [*(await session.execute(statement)).all()]
