"""All SQL of events.

A row is settled when every transaction that began before its own has ended: from then on nothing can
appear ahead of it. Only settled rows are given out, in the order of (tx, id).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.events.models import OutboxEvent
from toolmarket.events.positions import Position

CHANNEL = "toolmarket_events"
VOLATILE_CHANNEL = "toolmarket_events_volatile"


class Row(NamedTuple):
    """An event and its place."""

    position: Position
    org_id: UUID
    type: str
    subject: str
    data: dict[str, Any]
    created_at: datetime


class Reading(NamedTuple):
    """What a look into the outbox found.

    `rows` are settled; `held` tells that others, committed but not settled, wait behind them; every row
    of a transaction below `settled_tx` is settled.
    """

    rows: list[Row]
    held: bool
    settled_tx: int
    newest_tx: int


async def add_event(
    session: AsyncSession, *, org_id: UUID, event_id: UUID, type: str, subject: str, data: dict[str, Any]
) -> None:
    """Put an event into the outbox, and wake the readers at commit."""
    statement = text("""
        with added as (
            insert into events_outbox (id, org_id, type, subject, data)
            values (:id, :org_id, :type, :subject, cast(:data as jsonb))
        )
        select pg_notify(:channel, :payload)""")
    values = {"id": event_id, "org_id": org_id, "type": type, "subject": subject}
    await session.execute(
        statement,
        values | {"data": orjson.dumps(data).decode(), "channel": CHANNEL, "payload": str(org_id)},
    )


_READ = """
    with snapshot as materialized (
        select pg_snapshot_xmin(pg_current_snapshot()) as low, pg_snapshot_xmax(pg_current_snapshot()) as high
    )
    select low::text, high::text, tx::text, id, org_id, type, subject, data, created_at, tx < low as settled
    from snapshot left join lateral (
        select * from events_outbox
        where {organisation} (tx, id) > (cast(cast(:tx as text) as xid8), :id)
        order by events_outbox.tx, id limit :limit
    ) found on true"""
_READ_ONE = text(_READ.format(organisation="org_id = :org_id and"))
_READ_ALL = text(_READ.format(organisation=""))


async def read_after(session: AsyncSession, *, org_id: UUID, position: Position, limit: int) -> Reading:
    """The next events of an organisation."""
    values = {"org_id": org_id, "tx": str(position.tx), "id": position.id, "limit": limit}
    return _reading((await session.execute(_READ_ONE, values)).all())


async def system_read_after(session: AsyncSession, *, position: Position, limit: int) -> Reading:
    """The next events of all organisations, for handlers."""
    values = {"tx": str(position.tx), "id": position.id, "limit": limit}
    return _reading((await session.execute(_READ_ALL, values)).all())


def _reading(found: Sequence[Any]) -> Reading:
    present = [row for row in found if row.id is not None]
    rows = [
        Row(
            Position(int(row.tx), row.id),
            row.org_id,
            row.type,
            row.subject,
            row.data,
            row.created_at,
        )
        for row in present
        if row.settled
    ]
    return Reading(rows, len(rows) < len(present), int(found[0].low), int(found[0].high))


async def system_drop_events(session: AsyncSession, *, types: Sequence[str], before: datetime) -> int:
    """Delete old events of those types, of all organisations."""
    statement = (
        delete(OutboxEvent)
        .where(OutboxEvent.type.in_(types), OutboxEvent.created_at < before)
        .returning(OutboxEvent.id)
    )
    return len((await session.execute(statement)).all())


async def system_notify(session: AsyncSession, *, payloads: Sequence[str]) -> None:
    """Send news of several organisations that is not kept."""
    statement = text("select pg_notify(:channel, payload) from unnest(cast(:payloads as text[])) payload")
    await session.execute(statement, {"channel": VOLATILE_CHANNEL, "payloads": list(payloads)})


async def system_lock_consumer(session: AsyncSession, *, name: str) -> Position | None:
    """Take a consumer's cursor until the end of the transaction; None while another process has it."""
    await session.execute(
        text("""
            insert into events_consumers (name, tx, id)
            values (:name, '0', '00000000-0000-0000-0000-000000000000') on conflict do nothing"""),
        {"name": name},
    )
    statement = text("select tx::text, id from events_consumers where name = :name for update skip locked")
    row = (await session.execute(statement, {"name": name})).first()
    return Position(int(row[0]), row[1]) if row else None


async def system_renumber(session: AsyncSession) -> None:
    """Give the events of all organisations numbers that the server has passed, after a restore."""
    await session.execute(text("select events_renumber()"))


async def system_move_consumer(session: AsyncSession, *, name: str, position: Position) -> None:
    """Note how far a consumer of all organisations' events is."""
    statement = text(
        "update events_consumers set tx = cast(cast(:tx as text) as xid8), id = :id where name = :name"
    )
    await session.execute(statement, {"name": name, "tx": str(position.tx), "id": position.id})
