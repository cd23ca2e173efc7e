"""All SQL of the vault: one function, one statement. Personal connections are their owner's only."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.vault.models import Binding, Connection

TOUCH_EVERY = timedelta(seconds=60)
COUNTED_AT_MOST = 10_001


def _usable(org_id: UUID, user_id: UUID) -> list[ColumnElement[bool]]:
    return [Connection.org_id == org_id, or_(Connection.user_id.is_(None), Connection.user_id == user_id)]


async def add_connection(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> Connection | None:
    """Insert a connection, or return None where the name is taken."""
    statement = (
        insert(Connection).values(org_id=org_id, **values).on_conflict_do_nothing().returning(Connection)
    )
    return await session.scalar(statement)


async def connections(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, after: UUID | None, limit: int
) -> Sequence[Connection]:
    """Shared connections and those of one person, newest first."""
    statement = (
        select(Connection).where(*_usable(org_id, user_id)).order_by(Connection.id.desc()).limit(limit)
    )
    if after is not None:
        statement = statement.where(Connection.id < after)
    return (await session.scalars(statement)).all()


async def count_connections(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> int:
    """How many there are, counted to a bound."""
    counted = select(Connection.id).where(*_usable(org_id, user_id)).limit(COUNTED_AT_MOST).subquery()
    return await session.scalar(select(func.count()).select_from(counted)) or 0


async def connection(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, connection_id: UUID
) -> Connection | None:
    """One connection that this person may use."""
    return await session.scalar(
        select(Connection).where(*_usable(org_id, user_id), Connection.id == connection_id)
    )


async def set_secret(
    session: AsyncSession, *, org_id: UUID, connection_id: UUID, values: dict[str, Any]
) -> None:
    """Replace the sealed secret; what was known of the old one is not known of the new."""
    statement = (
        update(Connection)
        .where(Connection.org_id == org_id, Connection.id == connection_id)
        .values(state="unused", rotated_at=func.now(), **values)
    )
    await session.execute(statement)


async def set_state(session: AsyncSession, *, org_id: UUID, connection_id: UUID, state: str) -> None:
    """Note whether the service takes the credential."""
    statement = (
        update(Connection)
        .where(Connection.org_id == org_id, Connection.id == connection_id, Connection.state != state)
        .values(state=state)
    )
    await session.execute(statement)


async def touch(session: AsyncSession, *, org_id: UUID, connection_id: UUID) -> None:
    """Note the use of a connection, at most once a minute."""
    used = Connection.last_used_at
    statement = (
        update(Connection)
        .where(Connection.org_id == org_id, Connection.id == connection_id)
        .where(or_(used.is_(None), used < func.now() - TOUCH_EVERY))
        .values(last_used_at=func.now())
    )
    await session.execute(statement)


async def delete_connection(session: AsyncSession, *, org_id: UUID, connection_id: UUID) -> bool:
    """Remove a connection, its data key with it."""
    statement = delete(Connection).where(Connection.org_id == org_id, Connection.id == connection_id)
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


async def users_of(
    session: AsyncSession, *, org_id: UUID, connection_ids: Sequence[UUID]
) -> Sequence[tuple[UUID, str]]:
    """What uses these connections: pairs of connection and label."""
    statement = (
        select(Binding.connection_id, Binding.label)
        .where(Binding.org_id == org_id, Binding.connection_id.in_(connection_ids))
        .order_by(Binding.label)
    )
    return [(row.connection_id, row.label) for row in await session.execute(statement)]


async def clear_bindings(session: AsyncSession, *, org_id: UUID, user_key: str) -> None:
    """Forget what something uses."""
    await session.execute(delete(Binding).where(Binding.org_id == org_id, Binding.user_key == user_key))


async def add_bindings(
    session: AsyncSession, *, org_id: UUID, connection_ids: Sequence[UUID], user_key: str, label: str
) -> None:
    """Note what something uses, as far as it is there; who is named may be deleted already."""
    there = (
        select(Connection.org_id, Connection.id, literal(user_key), literal(label))
        .where(Connection.org_id == org_id, Connection.id.in_(connection_ids))
        .with_for_update(read=True, key_share=True)
    )
    statement = insert(Binding).from_select(["org_id", "connection_id", "user_key", "label"], there)
    await session.execute(statement.on_conflict_do_nothing())
