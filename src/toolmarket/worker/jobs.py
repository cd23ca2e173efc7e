"""What runs in the background, each kept running: a job that fails is logged and tried again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from toolmarket.analytics import service as analytics
from toolmarket.audit import service as audit
from toolmarket.billing import service as billing
from toolmarket.composition.parts import Parts
from toolmarket.events import service as events
from toolmarket.identity import service as identity
from toolmarket.kit.database import LOST
from toolmarket.runtime import service as runtime

log = structlog.get_logger("worker")
RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job and how many seconds lie between two of its turns."""

    name: str
    every_seconds: float
    work: Callable[[], Awaitable[object]]


def jobs(parts: Parts) -> list[Job]:
    """Everything that the job process does in turns."""
    database = parts.database
    return [
        Job("runs without an end", 5, lambda: runtime.end_interrupted(database)),
        Job("orphaned spools", 10, parts.recorder.replay),
        Job("hourly histograms", 10, lambda: analytics.roll_up(database)),
        Job("months ahead", 3600, lambda: runtime.make_partitions(database)),
        Job("months of the audit trail ahead", 3600, lambda: audit.keep_partitions(database)),
        Job("months of facts ahead", 3600, lambda: billing.keep_partitions(database)),
        Job("old counters", 3600, lambda: billing.drop_old_counters(database)),
        Job("old events", 600, lambda: events.drop_old(database)),
        Job("old idempotency keys", 600, lambda: runtime.forget_keys(database)),
        Job("ended sessions", 3600, lambda: _sweep_identity(parts)),
        Job("idle upstream sessions", 60, parts.upstreams.close_idle),
    ]


async def _sweep_identity(parts: Parts) -> None:
    async with parts.database.system_transaction() as session:
        await identity.sweep(session)


async def keep_running(parts: Parts) -> None:
    """Run every job until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_persist("audit sequencer", lambda: audit.run_sequencer(parts.database)))
        for job in jobs(parts):
            group.create_task(_in_turns(job))


async def _in_turns(job: Job) -> None:
    while True:
        started_at = datetime.now(UTC)
        try:
            await job.work()
        except LOST as error:
            log.warning("job waits for the database", job=job.name, error=type(error).__name__)
        except Exception:
            log.exception("job failed", job=job.name, started_at=started_at.isoformat())
        await asyncio.sleep(job.every_seconds)


async def _persist(name: str, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("job failed", job=name)
        await asyncio.sleep(RETRY_SECONDS)
