"""All SQL of the builder."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.builder.models import Draft, Import


async def add_import(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> Import:
    """Keep what was imported."""
    statement = insert(Import).values(org_id=org_id, **values).returning(Import)
    return (await session.scalars(statement)).one()


async def get_import(session: AsyncSession, *, org_id: UUID, import_id: UUID) -> Import | None:
    """The import of that id."""
    return await session.scalar(select(Import).where(Import.org_id == org_id, Import.id == import_id))


async def add_draft(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> Draft:
    """Insert a draft."""
    statement = insert(Draft).values(org_id=org_id, **values).returning(Draft)
    return (await session.scalars(statement)).one()


async def get_draft(
    session: AsyncSession, *, org_id: UUID, draft_id: UUID, deleted: bool = False
) -> Draft | None:
    """The draft of that id; with `deleted`, only one that was deleted."""
    gone = Draft.deleted_at.is_not(None) if deleted else Draft.deleted_at.is_(None)
    return await session.scalar(select(Draft).where(Draft.org_id == org_id, Draft.id == draft_id, gone))


async def list_drafts(
    session: AsyncSession, *, org_id: UUID, before: UUID | None, limit: int
) -> Sequence[Any]:
    """The drafts of the organisation, the newest first, without their manifests."""
    statement = (
        select(
            Draft.id,
            Draft.name,
            Draft.manifest["title"].astext.label("title"),
            func.jsonb_array_length(Draft.manifest["operations"]).label("operations"),
            Draft.problem_count.label("problems"),
            Draft.revision,
            Draft.updated_at,
            Draft.updated_by,
            Draft.published_version,
        )
        .where(Draft.org_id == org_id, Draft.deleted_at.is_(None))
        .order_by(Draft.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Draft.id < before)
    return (await session.execute(statement)).all()


async def count_drafts(session: AsyncSession, *, org_id: UUID, cap: int) -> int:
    """How many there are, at most `cap`."""
    rows = select(Draft.id).where(Draft.org_id == org_id, Draft.deleted_at.is_(None)).limit(cap).subquery()
    return await session.scalar(select(func.count()).select_from(rows)) or 0


async def save_draft(
    session: AsyncSession, *, org_id: UUID, draft_id: UUID, revision: int, values: dict[str, Any]
) -> Draft | None:
    """Change a draft that still has this revision, or return None."""
    statement = (
        update(Draft)
        .where(Draft.org_id == org_id, Draft.id == draft_id, Draft.revision == revision)
        .values(revision=revision + 1, updated_at=func.now(), **values)
        .returning(Draft)
    )
    return await session.scalar(statement)
