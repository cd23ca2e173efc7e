"""What keeps the tables of runs in order, for the job process."""

from datetime import timedelta

import structlog
from sqlalchemy import text

from toolmarket.kit import clock
from toolmarket.kit.database import Database
from toolmarket.runtime import journal

log = structlog.get_logger("runtime.housekeeping")
KEYS_KEPT = timedelta(hours=48)
BATCH = 500
_PARTITIONS = text("""
    select kit_partition(parent::regclass, (date_trunc('month', now() at time zone 'UTC')
        + make_interval(months => m))::date)
    from unnest(array['runtime_runs', 'runtime_details']) parent, generate_series(0, 2) m""")


async def end_interrupted(database: Database) -> int:
    """Record, as `unknown`, the strict calls whose process died before it knew their end.

    Returns:
        How many there were.
    """
    ended = await journal.end_expired(await database.recorder(), BATCH)
    if ended:
        log.info("interrupted runs ended as unknown", runs=ended)
    return ended


async def make_partitions(database: Database) -> None:
    """Make the months ahead of every table that is partitioned by time."""
    async with database.system_transaction() as session:
        await session.execute(_PARTITIONS)


async def forget_keys(database: Database) -> None:
    """Forget idempotency keys that are older than two days."""
    async with database.system_transaction() as session:
        await session.execute(
            text("delete from runtime_idempotency where created_at < :before"),
            {"before": clock.now() - KEYS_KEPT},
        )
