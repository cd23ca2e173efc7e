"""All SQL of billing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.billing.models import Counter, LimitRow


async def list_limits(session: AsyncSession, *, org_id: UUID) -> Sequence[LimitRow]:
    """All limits of an organisation."""
    statement = (
        select(LimitRow).where(LimitRow.org_id == org_id).order_by(LimitRow.scope.desc(), LimitRow.subject_id)
    )
    return (await session.scalars(statement)).all()


async def lock_limits(session: AsyncSession, *, org_id: UUID) -> None:
    """One change of an organisation's limits at a time."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"limits {org_id}", 0))))


async def list_used(
    session: AsyncSession, *, org_id: UUID, windows: Sequence[tuple[str, datetime]]
) -> Sequence[Counter]:
    """What is used in those windows."""
    statement = select(Counter).where(
        Counter.org_id == org_id, tuple_(Counter.meter, Counter.window_at).in_(windows)
    )
    return (await session.scalars(statement)).all()


async def put_limits(session: AsyncSession, *, org_id: UUID, rows: list[dict[str, Any]]) -> None:
    """Set limits; one that exists keeps its counters."""
    statement = insert(LimitRow).values([{"org_id": org_id, **row} for row in rows])
    statement = statement.on_conflict_do_update(
        index_elements=["org_id", "scope", "subject_id"],
        set_={
            "rate_per_minute": statement.excluded.rate_per_minute,
            "quota_per_month": statement.excluded.quota_per_month,
            "updated_at": func.now(),
        },
    )
    await session.execute(statement)


async def drop_other_limits(session: AsyncSession, *, org_id: UUID, kept: Sequence[tuple[str, UUID]]) -> None:
    """Delete the limits that are not named, with their counters."""
    statement = delete(LimitRow).where(LimitRow.org_id == org_id)
    if kept:
        statement = statement.where(tuple_(LimitRow.scope, LimitRow.subject_id).not_in(kept))
    await session.execute(statement)


_LEASE = text("""
    with asked as (select cast(:units as bigint) as units, cast(:ceiling as bigint) as ceiling)
    insert into billing_counters as counter (org_id, limit_id, meter, window_at, used)
    select :org_id, limits.id, :meter, :window_at, units
    from asked, billing_limits limits
    where limits.org_id = :org_id and limits.id = :limit_id and units <= ceiling
    on conflict (limit_id, meter, window_at) do update set used = counter.used + excluded.used
        where counter.used + excluded.used <= (select ceiling from asked)
    returning used""")


async def lease(
    session: AsyncSession,
    *,
    org_id: UUID,
    limit_id: UUID,
    meter: str,
    window_at: datetime,
    units: int,
    ceiling: int,
) -> bool:
    """Take units out of a window, all or none, in one atomic statement."""
    values = {
        "org_id": org_id,
        "limit_id": limit_id,
        "meter": meter,
        "window_at": window_at,
        "units": units,
        "ceiling": ceiling,
    }
    return (await session.execute(_LEASE, values)).first() is not None


async def give_back(
    session: AsyncSession, *, org_id: UUID, limit_id: UUID, meter: str, window_at: datetime, units: int
) -> None:
    """Return units that were leased and not used."""
    statement = (
        update(Counter)
        .where(
            Counter.org_id == org_id,
            Counter.limit_id == limit_id,
            Counter.meter == meter,
            Counter.window_at == window_at,
        )
        .values(used=func.greatest(Counter.used - units, 0))
    )
    await session.execute(statement)


async def system_drop_counters(
    session: AsyncSession, *, rates_before: datetime, quotas_before: datetime
) -> int:
    """Delete the counters of windows that are over, of all organisations."""
    over = or_(
        (Counter.meter == "rate") & (Counter.window_at < rates_before),
        (Counter.meter == "quota") & (Counter.window_at < quotas_before),
    )
    return len((await session.execute(delete(Counter).where(over).returning(Counter.limit_id))).all())


async def system_partition(session: AsyncSession, *, months: int) -> None:
    """Make the partitions of the coming months, shared by all organisations."""
    statement = text("""
        select kit_partition('billing_facts', (date_trunc('month', now() at time zone 'UTC')
            + make_interval(months => m))::date) from generate_series(0, :months) m""")
    await session.execute(statement, {"months": months})
