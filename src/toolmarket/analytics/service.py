"""What recorded runs sum up to, hour by hour."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.analytics import errors, queries, schemas
from toolmarket.analytics.tallies import Tally, sum_of
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database

log = structlog.get_logger("analytics")
BATCH = 20_000
LONGEST = timedelta(days=400)
EVERYTHING = schemas.Filters()
_HOUR = timedelta(hours=1)


async def roll_up(database: Database) -> int:
    """Count the runs that were recorded since the last time into their hours.

    Each run is counted once, however often this is interrupted and in however many processes it runs at
    once: one of them works, the others return. Runs of drafts are left out.

    Returns:
        How many runs were looked at.
    """
    looked_at = 0
    while True:
        batch = await _roll_up_batch(database)
        looked_at += batch
        if batch < BATCH:
            break
    if looked_at:
        log.debug("runs counted", runs=looked_at)
    return looked_at


async def _roll_up_batch(database: Database) -> int:
    async with database.system_transaction() as session:
        if not await queries.system_try_lock(session):
            return 0
        position = await _position(session)
        batch = await queries.system_next_runs(session, after=position, limit=BATCH)
        if batch.last is None:
            return 0
        if batch.groups:
            await _count(session, batch.groups)
        await queries.system_move(session, position=batch.last)
        return batch.runs


async def _position(session: AsyncSession) -> queries.Position:
    position = await queries.system_position(session)
    if not await queries.system_was_restored(session, position=position):
        return position
    log.warning("the database was restored from a copy: recorded runs get new numbers")
    await queries.system_renumber(session, position=position)
    position = queries.Position(1, queries.EVERY_OLD_RUN)
    await queries.system_move(session, position=position)
    return position


async def _count(session: AsyncSession, groups: Iterable[Any]) -> None:
    tallies: defaultdict[tuple[Any, ...], Tally] = defaultdict(Tally)
    for group in groups:
        tallies[_key(group)].add_runs(group)
    for hour in await queries.system_hours(session, keys=list(tallies)):
        tallies[_key(hour)].add_hour(hour)
    rows = [dict(zip(queries.KEY, key, strict=True)) | tally.columns() for key, tally in tallies.items()]
    await queries.system_put_hours(session, rows=rows)


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in queries.KEY)


async def summary(
    session: AsyncSession,
    actor: Actor,
    since: datetime,
    until: datetime,
    filters: schemas.Filters = EVERYTHING,
) -> schemas.Summary:
    """What the organisation's runs of some hours sum up to; the newest seconds may be missing.

    Args:
        since: moved back to the full hour.
        until: moved on to the full hour; not included.

    Raises:
        Forbidden: the actor lacks `analytics:read`.
        RangeInvalid: the range is empty, or longer than 400 days.
    """
    actor.require("analytics:read")
    since, until = _full_hour(since), _full_hour(until + _HOUR - timedelta.resolution)
    if not timedelta(0) < until - since <= LONGEST:
        raise errors.RangeInvalid(f"Ask for at least an hour and at most {LONGEST.days} days.")
    rows = await queries.list_hours(
        session, org_id=actor.org_id, since=since, until=until, **filters.model_dump()
    )
    hours: defaultdict[datetime, Tally] = defaultdict(Tally)
    for row in rows:
        hours[row.hour].add_hour(row)
    return schemas.Summary(
        **sum_of(hours.values()).figures(),
        since=since,
        until=until,
        hours=[schemas.HourFigures(hour=hour, **tally.figures()) for hour, tally in hours.items()],
    )


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
