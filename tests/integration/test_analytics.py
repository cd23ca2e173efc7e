"""Hourly figures on a real database: every run counted once, estimates within one percent, small."""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.many_runs import Tenant, record_runs, run_row, runs
from tests.requirements import requirement

from toolmarket.analytics import errors, histograms, queries, schemas
from toolmarket.analytics import service as analytics
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden
from toolmarket.runtime.record import OUTCOMES, RUN_COLUMNS, RunRow
from toolmarket.runtime.schemas import Outcome

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TIMES = some.lists(some.integers(0, 2**31 - 1), min_size=1, max_size=300)


def analyst(tenant: Tenant, *verbs: str) -> Actor:
    person = tenant.people[0]
    return Actor(person, "user", tenant.org_id, person, "auditor", "Ada", frozenset(verbs))


async def figures(database: Database, tenant: Tenant, **filters: Any) -> schemas.Summary:
    """Everything that is counted of a tenant around now and around `NOON`."""
    async with database.transaction(tenant.org_id) as session:
        return await analytics.summary(
            session,
            analyst(tenant, "analytics:read"),
            NOON - timedelta(days=30),
            datetime.now(UTC) + timedelta(hours=1),
            schemas.Filters(**filters),
        )


async def record(database: Database, *rows: RunRow) -> None:
    await record_runs(database, iter(rows), together=1_000)


async def counted(database: Database, tenants: Sequence[Tenant]) -> int:
    return sum([(await figures(database, tenant)).calls for tenant in tenants])


def exact(times: Sequence[int], share: float) -> int:
    return sorted(times)[math.floor(share * (len(times) - 1))]


@requirement("4.1.a/quantiles")
@settings(max_examples=200, deadline=None)
@given(times=TIMES, others=TIMES, share=some.floats(0, 1))
def test_quantiles_are_right_within_one_percent_after_packing_and_merging(
    times: list[int], others: list[int], share: float
) -> None:
    one: histograms.Histogram = {}
    two: histograms.Histogram = {}
    histograms.add(one, times)
    histograms.add(two, others)

    merged = histograms.unpack(histograms.pack(one))
    histograms.merge(merged, histograms.unpack(histograms.pack(two)))

    right = exact(times + others, share)
    assert histograms.quantile_micros(merged, share) == pytest.approx(right, rel=0.010_000_001, abs=0)
    assert sum(merged.values()) == len(times) + len(others)


@pytest.mark.parametrize("packed", [b"", b"\x00", b"\x02\x01\x01", b"\x01\x81", b"\x01\x01"])
def test_damaged_histograms_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError):
        histograms.unpack(packed)


@requirement("4.1.a/hours")
async def test_runs_are_put_together_by_hour_operation_and_version(database: Database) -> None:
    tenant, other = Tenant(), Tenant()
    upgraded = new_id()
    late = NOON + timedelta(hours=1)
    await record(
        database,
        run_row(tenant, at=NOON, upstream_micros=10_000, total_micros=10_310, cost_micros=7),
        run_row(tenant, at=NOON, upstream_micros=90_000, total_micros=90_310, outcome=2),
        run_row(tenant, at=NOON + timedelta(minutes=59, seconds=59), version_id=upgraded),
        run_row(tenant, at=late, operation_id=new_id(), upstream_micros=0, own_micros=50, outcome=3),
        run_row(tenant, at=late, installation_id=None, version_id=None),
        run_row(other, at=NOON),
    )

    assert await analytics.roll_up(database) == 6

    found = await figures(database, tenant)
    assert (found.calls, found.bytes_in, found.bytes_out, found.cost_micros) == (4, 3_600, 1_200, 7)
    assert found.outcomes == dict.fromkeys(Outcome, 0) | {"ok": 2, "upstream_error": 1, "denied": 1}
    assert [(hour.hour, hour.calls) for hour in found.hours] == [(NOON, 3), (late, 1)]
    assert found.hours[0].upstream.p50_milliseconds == pytest.approx(20, rel=0.01)
    assert found.hours[0].own.p99_milliseconds == pytest.approx(0.3, rel=0.01)
    assert found.hours[1].upstream.p99_milliseconds == 0
    assert found.total.p95_milliseconds == pytest.approx(20.31, rel=0.01)
    assert (await figures(database, tenant, version_id=upgraded)).calls == 1
    assert (await figures(database, tenant, installation_id=new_id())).calls == 0
    assert (await figures(database, other)).calls == 1


@requirement("4.1.a/quantiles")
async def test_estimates_of_many_hours_stay_within_one_percent(database: Database) -> None:
    tenant = Tenant()
    rows = list(runs([tenant], 5_000, over=timedelta(hours=30)))
    await record(database, *rows)

    await analytics.roll_up(database)

    found = await figures(database, tenant)
    for name in ("own", "upstream", "total"):
        times = [getattr(row, f"{name}_micros") for row in rows]
        for percent in (50, 95, 99):
            estimate = getattr(getattr(found, name), f"p{percent}_milliseconds")
            assert estimate == pytest.approx(exact(times, percent / 100) / 1000, rel=0.010_001)
    assert found.outcomes == {
        kind: Counter(row.outcome for row in rows)[place] for place, kind in enumerate(OUTCOMES)
    }


@requirement("4.1.a/exactly-once")
async def test_a_run_that_commits_after_later_ones_is_not_lost(database: Database) -> None:
    tenant = Tenant()
    async with (await database.recorder()).acquire() as connection:
        late = connection.transaction()
        await late.start()
        await connection.copy_records_to_table(
            "runtime_runs", columns=RUN_COLUMNS, records=[run_row(tenant, at=NOON)]
        )
        await record(database, run_row(tenant, at=NOON), run_row(tenant, at=NOON))

        before = await analytics.roll_up(database)
        await late.commit()

    assert (before, await analytics.roll_up(database)) == (0, 3)
    assert (await figures(database, tenant)).calls == 3
    assert await analytics.roll_up(database) == 0


@requirement("4.1.a/exactly-once")
async def test_runs_are_counted_once_by_workers_that_race_while_others_record(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics, "BATCH", 70)
    tenants = [Tenant(weight=3), Tenant()]
    rows = list(runs(tenants, 1_800, over=timedelta(hours=3)))
    writing = [
        asyncio.create_task(record_runs(database, iter(rows[start::3]), together=7)) for start in range(3)
    ]

    async def work() -> int:
        looked_at = 0
        while not all(task.done() for task in writing):
            looked_at += await analytics.roll_up(database)
        return looked_at

    looked_at = sum(await asyncio.gather(work(), work(), work()))
    await asyncio.gather(*writing)
    looked_at += await analytics.roll_up(database)

    assert looked_at == 1_800
    for tenant in tenants:
        mine = [row for row in rows if row.org_id == tenant.org_id]
        found = await figures(database, tenant)
        assert found.calls == len(mine)
        assert found.bytes_in == sum(row.bytes_in for row in mine)
        kinds = Counter(OUTCOMES[row.outcome] for row in mine)
        assert {kind: count for kind, count in found.outcomes.items() if count} == kinds


@requirement("4.1.a/exactly-once")
async def test_a_worker_that_is_killed_while_it_counts_leaves_nothing_half_done(database: Database) -> None:
    tenant = Tenant()
    await record(database, *runs([tenant], 300, over=timedelta(hours=2)))
    owner = await asyncpg.connect(database.url)
    held = owner.transaction()
    await held.start()
    await owner.execute("lock table analytics_progress in share mode")
    working = asyncio.create_task(analytics.roll_up(database))

    # The worker has written its hours and waits to move the cursor.
    waiting = "select pid from pg_locks where relation = 'analytics_progress'::regclass and not granted"
    while not (pids := await owner.fetch(waiting)):
        pass
    assert await owner.fetchval("select pg_terminate_backend($1)", pids[0]["pid"])
    with pytest.raises(DBAPIError):
        await working
    await held.rollback()
    await owner.close()

    assert await counted(database, [tenant]) == 0
    assert await analytics.roll_up(database) == 300
    assert await counted(database, [tenant]) == 300


@requirement("4.1.a/exactly-once")
async def test_one_worker_counts_and_the_others_return(database: Database) -> None:
    tenant = Tenant()
    await record(database, run_row(tenant))

    async with database.system_transaction() as session:
        await queries.system_try_lock(session)
        assert await analytics.roll_up(database) == 0

    assert await analytics.roll_up(database) == 1


@requirement("4.1.a/exactly-once")
async def test_a_database_that_was_restored_from_a_copy_counts_on(database: Database) -> None:
    tenant = Tenant()
    await record(database, run_row(tenant, at=NOON), run_row(tenant, at=NOON))
    await analytics.roll_up(database)
    ahead = NOON + timedelta(minutes=1)
    await record(database, run_row(tenant, at=ahead), run_row(tenant, at=ahead), run_row(tenant, at=ahead))
    async with database.system_transaction() as session:
        # As if loaded into a younger server: all numbers are ahead of those that it gives out.
        for table in ("runtime_runs", "analytics_progress"):
            await session.execute(
                text(f"update {table} set tx = (tx::text::bigint + 1000000000)::text::xid8")
            )
    await record(database, run_row(tenant, at=ahead + timedelta(minutes=1)))

    await analytics.roll_up(database)
    await analytics.roll_up(database)

    assert await counted(database, [tenant]) == 6


@requirement("4.1.a/size")
async def test_an_hour_of_many_runs_is_kept_in_a_few_kilobytes(database: Database) -> None:
    tenant = Tenant(installations=((new_id(), new_id()),))
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = [
        row._replace(started_at=at, operation_id=tenant.org_id)
        for row in runs([tenant], 20_000, over=timedelta(minutes=1))
    ]
    await record(database, *rows)

    await analytics.roll_up(database)

    size = (
        "pg_column_size(own_histogram) + pg_column_size(upstream_histogram) + pg_column_size(total_histogram)"
    )
    async with database.system_transaction() as session:
        found = (await session.execute(text(f"select calls, {size} as bytes from analytics_hours"))).one()
    assert found.calls == 20_000
    assert found.bytes < 2_500


@requirement("10.2.b/analytics")
async def test_figures_need_the_permission_and_a_range(database: Database) -> None:
    tenant = Tenant()
    async with database.transaction(tenant.org_id) as session:
        with pytest.raises(Forbidden):
            await analytics.summary(session, analyst(tenant), NOON, NOON + timedelta(hours=1))
        for until in (NOON - timedelta(hours=2), NOON + timedelta(days=401)):
            with pytest.raises(errors.RangeInvalid):
                await analytics.summary(session, analyst(tenant, "analytics:read"), NOON, until)
        empty = await analytics.summary(
            session, analyst(tenant, "analytics:read"), NOON, NOON + timedelta(minutes=1)
        )

    assert (empty.calls, empty.hours, empty.own.p99_milliseconds) == (0, [], 0)
    assert (empty.since, empty.until) == (NOON, NOON + timedelta(hours=1))
