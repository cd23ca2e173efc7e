"""All SQL of analytics.

A run is settled when every transaction that began before its own has ended: from then on none can appear
ahead of it. Only settled runs are counted, in the order of (tx, id), so that one cursor neither loses
a run that commits late nor counts one twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.analytics.models import Hour

LOCK = 7_461_202
EVERY_OLD_RUN = UUID(int=2**128 - 1)
KEY = ("org_id", "hour", "installation_id", "operation_id", "version_id")


class Position(NamedTuple):
    """After the run of that transaction with that id."""

    tx: int
    run_id: UUID


class Batch(NamedTuple):
    """Settled runs, put together by hour, installation, operation and version.

    `runs` counts all that were read, those of drafts too, which are in no group; `last` is None where
    there were none.
    """

    runs: int
    last: Position | None
    groups: Sequence[Any]


_NEXT = text("""
    with batch as materialized (
        select tx, id, org_id, installation_id, operation_id, version_id, started_at,
            own_micros, upstream_micros, total_micros, outcome, bytes_in, bytes_out, cost_micros
        from runtime_runs
        where tx >= cast(cast(:tx as text) as xid8)
            and (tx, id) > (cast(cast(:tx as text) as xid8), :run_id)
            and tx < pg_snapshot_xmin(pg_current_snapshot())
        order by tx, id limit :limit
    ), last as (
        select tx::text as last_tx, id as last_id, (select count(*) from batch) as runs
        from batch order by tx desc, id desc limit 1
    ), groups as (
        select org_id, date_trunc('hour', started_at, 'UTC') as hour, installation_id, operation_id,
            coalesce(version_id, '00000000-0000-0000-0000-000000000000') as version_id,
            array_agg(own_micros) as own_micros,
            array_agg(upstream_micros) as upstream_micros,
            array_agg(total_micros) as total_micros,
            array_agg(outcome) as outcomes,
            sum(bytes_in)::bigint as bytes_in,
            sum(bytes_out)::bigint as bytes_out,
            sum(cost_micros)::bigint as cost_micros
        from batch where installation_id is not null
        group by 1, 2, 3, 4, 5
    )
    select last.*, groups.* from last left join groups on true""")

_HOURS = text("""
    select known.* from analytics_hours known
    join unnest(
        cast(:org_id as uuid[]), cast(:hour as timestamptz[]), cast(:installation_id as uuid[]),
        cast(:operation_id as uuid[]), cast(:version_id as uuid[])
    ) as wanted (org_id, hour, installation_id, operation_id, version_id)
        using (org_id, hour, installation_id, operation_id, version_id)""")


async def system_try_lock(session: AsyncSession) -> bool:
    """Become the one that counts, until the end of the transaction: it works for all organisations."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


async def system_position(session: AsyncSession) -> Position:
    """Up to where the runs of all organisations are counted."""
    row = (await session.execute(text("select tx::text, run_id from analytics_progress"))).one()
    return Position(int(row[0]), row[1])


async def system_was_restored(session: AsyncSession, *, position: Position) -> bool:
    """Whether the position is ahead of the database's own numbers, as in one that is loaded from a copy."""
    statement = text("select cast(cast(:tx as text) as xid8) >= pg_snapshot_xmax(pg_current_snapshot())")
    return bool(await session.scalar(statement, {"tx": str(position.tx)}))


async def system_renumber(session: AsyncSession, *, position: Position) -> None:
    """Give the runs of all organisations numbers of this database: 1 where they are counted, a fresh one
    where they are not.

    Those with a number that this database has given out are newer than the copy if their id is.
    """
    statement = text("""
        update runtime_runs set tx = case
            when (tx, id) > (cast(cast(:tx as text) as xid8), :run_id)
                or (id > :run_id and tx < pg_snapshot_xmax(pg_current_snapshot()))
            then pg_current_xact_id() else '1' end""")
    await session.execute(statement, {"tx": str(position.tx), "run_id": position.run_id})


async def system_move(session: AsyncSession, *, position: Position) -> None:
    """Note up to where the runs of all organisations are counted."""
    statement = text("update analytics_progress set tx = cast(cast(:tx as text) as xid8), run_id = :run_id")
    await session.execute(statement, {"tx": str(position.tx), "run_id": position.run_id})


async def system_next_runs(session: AsyncSession, *, after: Position, limit: int) -> Batch:
    """The next settled runs of all organisations."""
    values = {"tx": str(after.tx), "run_id": after.run_id, "limit": limit}
    rows = (await session.execute(_NEXT, values)).all()
    if not rows:
        return Batch(0, None, [])
    groups = [row for row in rows if row.org_id is not None]
    return Batch(rows[0].runs, Position(int(rows[0].last_tx), rows[0].last_id), groups)


async def system_hours(session: AsyncSession, *, keys: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
    """What is known of those hours, of all organisations; a key holds the members of `KEY`."""
    columns = zip(KEY, zip(*keys, strict=True), strict=True)
    return (await session.execute(_HOURS, {name: list(values) for name, values in columns})).all()


async def system_put_hours(session: AsyncSession, *, rows: list[dict[str, Any]]) -> None:
    """Write hours of all organisations, over what is known of them."""
    statement = insert(Hour)
    counted = {column.name: statement.excluded[column.name] for column in Hour.__table__.columns}
    statement = statement.on_conflict_do_update(
        index_elements=KEY, set_={name: value for name, value in counted.items() if name not in KEY}
    )
    await session.execute(statement, rows)


async def list_hours(
    session: AsyncSession,
    *,
    org_id: UUID,
    since: datetime,
    until: datetime,
    installation_id: UUID | None = None,
    operation_id: UUID | None = None,
    version_id: UUID | None = None,
) -> Sequence[Any]:
    """The hours of an organisation in the order of time, one row for each operation and version."""
    equal = {
        Hour.installation_id: installation_id,
        Hour.operation_id: operation_id,
        Hour.version_id: version_id,
    }
    statement = (
        select(
            Hour.hour,
            Hour.calls,
            Hour.outcomes,
            Hour.bytes_in,
            Hour.bytes_out,
            Hour.cost_micros,
            Hour.own_histogram,
            Hour.upstream_histogram,
            Hour.total_histogram,
        )
        .where(Hour.org_id == org_id, Hour.hour >= since, Hour.hour < until)
        .where(*(column == value for column, value in equal.items() if value is not None))
        .order_by(Hour.hour)
    )
    return (await session.execute(statement)).all()
