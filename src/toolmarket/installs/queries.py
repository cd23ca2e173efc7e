"""All SQL of installations."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.installs.models import Installation, PersonalBinding, Toolset


async def add_installation(
    session: AsyncSession, *, org_id: UUID, values: dict[str, Any]
) -> Installation | None:
    """Insert an installation, or return None where the alias is taken."""
    statement = (
        insert(Installation)
        .values(org_id=org_id, **values)
        .on_conflict_do_nothing(
            index_elements=[Installation.org_id, Installation.alias],
            index_where=Installation.removed_at.is_(None),
        )
        .returning(Installation)
    )
    return await session.scalar(statement)


async def alias_in_use(session: AsyncSession, *, org_id: UUID, alias: str, besides: UUID) -> bool:
    """Whether another installation has the alias."""
    statement = select(Installation.id).where(
        Installation.org_id == org_id,
        Installation.alias == alias,
        Installation.removed_at.is_(None),
        Installation.id != besides,
    )
    return await session.scalar(statement) is not None


async def get_installation(
    session: AsyncSession, *, org_id: UUID, installation_id: UUID, lock: bool = False
) -> Installation | None:
    """The installation of that id, unless it was removed."""
    statement = select(Installation).where(
        Installation.org_id == org_id,
        Installation.id == installation_id,
        Installation.removed_at.is_(None),
    )
    return await session.scalar(statement.with_for_update() if lock else statement)


async def get_removed(session: AsyncSession, *, org_id: UUID, installation_id: UUID) -> Installation | None:
    """The removed installation of that id, locked."""
    statement = select(Installation).where(
        Installation.org_id == org_id,
        Installation.id == installation_id,
        Installation.removed_at.is_not(None),
    )
    return await session.scalar(statement.with_for_update())


async def list_installations(
    session: AsyncSession, *, org_id: UUID, before: UUID | None, limit: int
) -> Sequence[Installation]:
    """The installations of the organisation, the newest first."""
    statement = (
        select(Installation)
        .where(Installation.org_id == org_id, Installation.removed_at.is_(None))
        .order_by(Installation.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Installation.id < before)
    return (await session.scalars(statement)).all()


async def count_installations(session: AsyncSession, *, org_id: UUID, cap: int) -> int:
    """How many there are, at most `cap`."""
    rows = (
        select(Installation.id)
        .where(Installation.org_id == org_id, Installation.removed_at.is_(None))
        .limit(cap)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(rows)) or 0


async def aliases(
    session: AsyncSession, *, org_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, str]:
    """The aliases of installations, removed ones included."""
    statement = select(Installation.id, Installation.alias).where(
        Installation.org_id == org_id, Installation.id.in_(installation_ids)
    )
    return {row.id: row.alias for row in await session.execute(statement)}


async def installed_tools(session: AsyncSession, *, org_id: UUID) -> Sequence[UUID]:
    """The tools that the organisation has installed."""
    statement = (
        select(Installation.tool_id)
        .where(Installation.org_id == org_id, Installation.removed_at.is_(None))
        .distinct()
    )
    return (await session.scalars(statement)).all()


async def change_installation(
    session: AsyncSession, *, org_id: UUID, installation_id: UUID, values: dict[str, Any]
) -> Installation | None:
    """Change an installation that is there."""
    statement = (
        update(Installation)
        .where(Installation.org_id == org_id, Installation.id == installation_id)
        .values(updated_at=func.now(), revision=Installation.revision + 1, **values)
        .returning(Installation)
    )
    return await session.scalar(statement)


async def personal_bindings(
    session: AsyncSession, *, org_id: UUID, installation_id: UUID, user_id: UUID
) -> dict[str, UUID]:
    """The person's own connections for an installation, by auth scheme."""
    statement = select(PersonalBinding.scheme, PersonalBinding.connection_id).where(
        PersonalBinding.org_id == org_id,
        PersonalBinding.installation_id == installation_id,
        PersonalBinding.user_id == user_id,
    )
    return {row.scheme: row.connection_id for row in await session.execute(statement)}


async def put_personal_binding(
    session: AsyncSession,
    *,
    org_id: UUID,
    installation_id: UUID,
    user_id: UUID,
    scheme: str,
    connection_id: UUID,
) -> None:
    """Bind the person's own connection."""
    statement = insert(PersonalBinding).values(
        org_id=org_id,
        installation_id=installation_id,
        user_id=user_id,
        scheme=scheme,
        connection_id=connection_id,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[
                PersonalBinding.installation_id,
                PersonalBinding.user_id,
                PersonalBinding.scheme,
            ],
            set_={"connection_id": connection_id},
        )
    )


async def add_toolset(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> Toolset | None:
    """Insert a toolset, or return None where its address is taken."""
    statement = (
        insert(Toolset)
        .values(org_id=org_id, **values)
        .on_conflict_do_nothing(index_elements=[Toolset.org_id, Toolset.slug])
        .returning(Toolset)
    )
    return await session.scalar(statement)


async def list_toolsets(session: AsyncSession, *, org_id: UUID) -> Sequence[Toolset]:
    """The toolsets of the organisation, by name."""
    statement = select(Toolset).where(Toolset.org_id == org_id).order_by(Toolset.name, Toolset.id)
    return (await session.scalars(statement)).all()


async def find_toolset(session: AsyncSession, *, org_id: UUID, slug: str) -> Toolset | None:
    """The toolset at that address."""
    return await session.scalar(select(Toolset).where(Toolset.org_id == org_id, Toolset.slug == slug))


async def change_toolset(
    session: AsyncSession, *, org_id: UUID, toolset_id: UUID, values: dict[str, Any]
) -> Toolset | None:
    """Change a toolset, or return None where there is none."""
    statement = (
        update(Toolset)
        .where(Toolset.org_id == org_id, Toolset.id == toolset_id)
        .values(updated_at=func.now(), **values)
        .returning(Toolset)
    )
    return await session.scalar(statement)


async def delete_toolset(session: AsyncSession, *, org_id: UUID, toolset_id: UUID) -> bool:
    """Remove a toolset; False where there is none."""
    statement = (
        delete(Toolset).where(Toolset.org_id == org_id, Toolset.id == toolset_id).returning(Toolset.id)
    )
    return await session.scalar(statement) is not None
