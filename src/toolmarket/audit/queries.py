"""All SQL of the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import chain
from toolmarket.audit.models import Block, Event, PersonKeyRow
from toolmarket.kit.clock import now
from toolmarket.kit.ids import id_floor, id_time

RUN = "run.finished"
COUNTED = 10_000
SEQUENCER_LOCK = 7_461_201
_LINK = [getattr(Event, name) for name in chain.Link._fields]


class Cursor(NamedTuple):
    """How far the sequencer is; `tx` is a transaction number of the database."""

    tx: int
    id: UUID
    retained_from: UUID


class Head(NamedTuple):
    """The last block of an organisation."""

    org_id: UUID
    seq: int
    hash: bytes


async def add_event(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> None:
    """Write an event."""
    await session.execute(insert(Event).values(org_id=org_id, **values).inline())


async def find_key(
    session: AsyncSession, *, org_id: UUID, person_id: UUID, period: int
) -> PersonKeyRow | None:
    """The key of a person for that week."""
    statement = select(PersonKeyRow).where(
        PersonKeyRow.org_id == org_id, PersonKeyRow.person_id == person_id, PersonKeyRow.period == period
    )
    return await session.scalar(statement)


async def add_key(
    session: AsyncSession, *, org_id: UUID, key_id: UUID, person_id: UUID, period: int, wrapped: bytes
) -> bool:
    """Store a key; False where the person has one for that week already."""
    statement = (
        insert(PersonKeyRow)
        .values(id=key_id, org_id=org_id, person_id=person_id, period=period, wrapped=wrapped)
        .on_conflict_do_nothing(index_elements=["org_id", "person_id", "period"])
        .returning(PersonKeyRow.id)
    )
    return await session.scalar(statement) is not None


async def find_keys(
    session: AsyncSession, *, org_id: UUID, key_ids: Sequence[UUID]
) -> Sequence[PersonKeyRow]:
    """The keys of those ids that still exist."""
    statement = select(PersonKeyRow).where(PersonKeyRow.org_id == org_id, PersonKeyRow.id.in_(key_ids))
    return (await session.scalars(statement)).all()


async def system_drop_keys(session: AsyncSession, *, person_id: UUID) -> int:
    """Delete the keys of a person in every organisation: erasure goes by person."""
    dropped = await session.execute(
        delete(PersonKeyRow).where(PersonKeyRow.person_id == person_id).returning(PersonKeyRow.id)
    )
    return len(dropped.all())


def matching(
    *,
    action: str | None,
    target: str | None,
    principal_id: UUID | None,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
    runs: bool,
) -> list[ColumnElement[bool]]:
    """The conditions of a search, without organisation and cursor."""
    conditions: list[ColumnElement[bool]] = [] if runs else [Event.action != RUN]
    if action is not None and action.endswith("*"):
        conditions.append(Event.action.startswith(action[:-1], autoescape=True))
    elif action is not None:
        conditions.append(Event.action == action)
    exact = ((Event.target, target), (Event.principal_id, principal_id), (Event.outcome, outcome))
    conditions += [column == wanted for column, wanted in exact if wanted is not None]
    if since is not None:
        conditions.append(Event.id >= id_floor(since))
    if until is not None:
        conditions.append(Event.id < id_floor(until))
    return conditions


async def list_events(
    session: AsyncSession,
    *,
    org_id: UUID,
    conditions: Sequence[ColumnElement[bool]],
    before: UUID | None,
    limit: int,
) -> Sequence[Event]:
    """A page of events, newest first."""
    statement = select(Event).where(Event.org_id == org_id, *conditions)
    if before is not None:
        statement = statement.where(Event.id < before)
    return (await session.scalars(statement.order_by(Event.id.desc()).limit(limit))).all()


async def count_events(
    session: AsyncSession, *, org_id: UUID, conditions: Sequence[ColumnElement[bool]]
) -> int:
    """How many events match, counted up to one more than 10,000."""
    some = select(Event.id).where(Event.org_id == org_id, *conditions).limit(COUNTED + 1).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def head(session: AsyncSession, *, org_id: UUID) -> Head | None:
    """The last block."""
    statement = (
        select(Block.seq, Block.hash).where(Block.org_id == org_id).order_by(Block.seq.desc()).limit(1)
    )
    row = (await session.execute(statement)).first()
    return Head(org_id, row.seq, row.hash) if row else None


async def list_blocks(
    session: AsyncSession, *, org_id: UUID, after: int, upto: int, limit: int
) -> list[chain.Block]:
    """The next blocks."""
    statement = (
        select(Block.seq, Block.previous_hash, Block.hash, Block.event_ids, Block.digests)
        .where(Block.org_id == org_id, Block.seq > after, Block.seq <= upto)
        .order_by(Block.seq)
        .limit(limit)
    )
    return [chain.Block(*row) for row in await session.execute(statement)]


async def links(session: AsyncSession, *, org_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, chain.Link]:
    """The events of a block that are still there."""
    statement = select(*_LINK).where(Event.org_id == org_id, Event.id.in_(event_ids))
    return {row[0]: chain.Link(*row) for row in await session.execute(statement)}


async def unchained(
    session: AsyncSession, *, org_id: UUID, cursor: Cursor, upto: int, limit: int
) -> list[UUID]:
    """Events behind the cursor that are in no block."""
    statement = text("""
        select id from audit_events
        where org_id = :org_id and (tx, id) <= (cast(cast(:tx as text) as xid8), :id)
        except
        select unnest(event_ids) from audit_blocks where org_id = :org_id and seq <= :upto
        limit :limit""")
    found = await session.scalars(
        statement,
        {"org_id": org_id, "tx": str(cursor.tx), "id": cursor.id, "upto": upto, "limit": limit},
    )
    return list(found)


async def pending(session: AsyncSession, *, org_id: UUID, cursor: Cursor) -> int:
    """How many events are ahead of the cursor."""
    statement = text("""
        select count(*) from audit_events
        where org_id = :org_id and (tx, id) > (cast(cast(:tx as text) as xid8), :id)""")
    return int(
        await session.scalar(statement, {"org_id": org_id, "tx": str(cursor.tx), "id": cursor.id}) or 0
    )


async def public_cursor(session: AsyncSession) -> Cursor:
    """How far the sequencer is; one number for all organisations, telling nothing of any."""
    row = (await session.execute(text("select tx::text, id, retained_from from audit_sequencer"))).one()
    return Cursor(int(row[0]), row[1], row[2])


async def system_try_lock(session: AsyncSession) -> bool:
    """Become the one sequencer until the end of the transaction: it works for all organisations."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(SEQUENCER_LOCK))))


async def system_next_links(
    session: AsyncSession, *, cursor: Cursor, limit: int
) -> list[tuple[int, chain.Link]]:
    """The next events of all organisations whose place is final, with their transaction number.

    Every transaction below the oldest one that still runs has ended, so nothing can appear behind.
    """
    statement = (
        select(literal_column("tx::text"), *_LINK)
        .where(
            text("(tx, id) > (cast(cast(:tx as text) as xid8), :id)"),
            text("tx < pg_snapshot_xmin(pg_current_snapshot())"),
        )
        .order_by(text("tx"), Event.id)
        .limit(limit)
    )
    rows = await session.execute(statement, {"tx": str(cursor.tx), "id": cursor.id})
    return [(int(row[0]), chain.Link(*row[1:])) for row in rows]


async def system_was_restored(session: AsyncSession, *, cursor: Cursor) -> bool:
    """Whether the database came from a copy: all its transaction numbers lie ahead of the server's."""
    newest = await session.scalar(text("select pg_snapshot_xmax(pg_current_snapshot())::text"))
    return cursor.tx >= int(newest)


async def system_renumber(session: AsyncSession) -> None:
    """Give the events of all organisations numbers that the server has passed."""
    await session.execute(text("select audit_renumber()"))


async def system_heads(session: AsyncSession, *, org_ids: Sequence[UUID]) -> dict[UUID, Head]:
    """The last blocks of those organisations."""
    statement = text("""
        select last.* from unnest(cast(:org_ids as uuid[])) as wanted
        cross join lateral (
            select org_id, seq, hash from audit_blocks
            where org_id = wanted order by seq desc limit 1
        ) last""")
    rows = await session.execute(statement, {"org_ids": list(org_ids)})
    return {row.org_id: Head(*row) for row in rows}


async def system_add_blocks(session: AsyncSession, *, blocks: list[dict[str, Any]]) -> None:
    """Append blocks of several organisations."""
    await session.execute(insert(Block), blocks)


async def system_move_cursor(session: AsyncSession, *, tx: int, event_id: UUID) -> None:
    """Note how far the chains of all organisations are."""
    statement = text("update audit_sequencer set tx = cast(cast(:tx as text) as xid8), id = :id")
    await session.execute(statement, {"tx": str(tx), "id": event_id})


async def system_lag_seconds(session: AsyncSession) -> float:
    """The age of the oldest event of any organisation that is in no block yet."""
    statement = text("""
        select id from audit_events
        where (tx, id) > (select tx, id from audit_sequencer) order by audit_events.tx, id limit 1""")
    oldest = await session.scalar(statement)
    return max(0.0, (now() - id_time(oldest)).total_seconds()) if oldest is not None else 0.0


async def system_partition(session: AsyncSession, *, months: int) -> None:
    """Make the partitions of the coming months, shared by all organisations."""
    statement = text("""
        select kit_partition('audit_events', (date_trunc('month', now() at time zone 'UTC')
            + make_interval(months => m))::date) from generate_series(0, :months) m""")
    await session.execute(statement, {"months": months})


async def system_retain_from(session: AsyncSession, *, since: datetime) -> int:
    """Drop the months before that of `since`, of all organisations; their digests stay in the chain."""
    return int(await session.scalar(text("select audit_retain_from(:since)"), {"since": since.date()}) or 0)


async def system_chained_organisations(session: AsyncSession) -> Sequence[UUID]:
    """Every organisation that has a chain, for a check of the whole installation."""
    return (await session.scalars(select(Block.org_id).distinct().order_by(Block.org_id))).all()
