"""Limits on a real database: never exceeded, by parallel calls or by several processes."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from tests.requirements import requirement

from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.billing import errors, router, schemas
from toolmarket.billing import service as billing
from toolmarket.identity import service as identity
from toolmarket.kit.actor import Actor
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden, PreconditionFailed, Problem, TooManyRequests

NOON = datetime(2031, 5, 31, 12, 0, 40, tzinfo=UTC)
VERBS = frozenset({"billing:read", "limits:manage", "audit:read"})


@pytest.fixture
async def changes(database: Database) -> AsyncIterator[Changes]:
    changes = Changes(database.url)
    await changes.start()
    yield changes
    await changes.stop()


@pytest.fixture
async def actor(database: Database) -> Actor:
    async with database.system_transaction() as session:
        organisation = await identity.create_organisation(session, slug="acme", name="Acme")
    person = new_id()
    return Actor(person, "user", organisation.id, person, "admin", "Ada Example", VERBS)


async def limit(database: Database, actor: Actor, *limits: dict[str, Any], tag: str | None = None) -> str:
    wish = schemas.LimitsWish.model_validate({"limits": limits})
    async with database.transaction(actor.org_id) as session:
        return (await billing.put_limits(session, actor, wish, tag=tag))[1]


async def used(database: Database, actor: Actor) -> list[tuple[int, int]]:
    async with database.transaction(actor.org_id) as session:
        limits, _ = await billing.list_limits(session, actor)
    return [(item.used_this_minute, item.used_this_month) for item in limits.items]


async def call(limits: billing.Limits, org_id: UUID, key_id: UUID, installation_id: UUID) -> Any:
    """The hold of a call, or the class of its refusal."""
    try:
        return await limits.reserve(org_id, key_id=key_id, installation_id=installation_id)
    except TooManyRequests as problem:
        return type(problem)


async def calls(limits: billing.Limits, actor: Actor, count: int) -> list[Any]:
    ids = (actor.org_id, actor.principal_id, new_id())
    return await asyncio.gather(*(call(limits, *ids) for _ in range(count)))


def made(outcomes: list[Any]) -> int:
    return sum(isinstance(outcome, billing.Hold) for outcome in outcomes)


@requirement("10.3.a/never-exceeded")
@pytest.mark.parametrize("meter", ["rate_per_minute", "quota_per_month"])
async def test_two_hundred_parallel_calls_at_a_limit_of_fifty_make_exactly_fifty(
    database: Database, changes: Changes, actor: Actor, meter: str
) -> None:
    await limit(database, actor, {"scope": "organisation", meter: 50})
    limits = billing.Limits(database, changes, clock=lambda: NOON)

    outcomes = await calls(limits, actor, 200)

    refusals = {outcome for outcome in outcomes if not isinstance(outcome, billing.Hold)}
    assert made(outcomes) == 50
    assert refusals == {errors.RateReached if meter == "rate_per_minute" else errors.QuotaReached}


PROCESS = """
import asyncio, sys
from uuid import UUID
from toolmarket.billing import service as billing
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.problems import TooManyRequests

async def main(url, org_id):
    database = Database(url, pool_size=3)
    changes = Changes(url)
    await changes.start()
    limits = billing.Limits(database, changes)
    async def call():
        try:
            await limits.reserve(org_id, key_id=org_id, installation_id=org_id)
        except TooManyRequests:
            return 0
        return 1
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(await asyncio.gather(*(call() for _ in range(200)))), flush=True)
    await changes.stop()
    await database.close()

asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
"""


@requirement("10.3.a/never-exceeded")
async def test_two_processes_together_stay_within_the_limit(database: Database, actor: Actor) -> None:
    await limit(database, actor, {"scope": "organisation", "quota_per_month": 100})
    command = [sys.executable, "-c", PROCESS, database.url, str(actor.org_id)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [await asyncio.create_subprocess_exec(*command, **pipes) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"

    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    counts = [int(output) for output, _ in answers]
    assert 100 - 5 <= sum(counts) <= 100
    assert await used(database, actor) == [(0, 100)]


@requirement("10.3.a/scopes")
async def test_limits_of_organisation_key_and_installation_apply_together(
    database: Database, changes: Changes, actor: Actor
) -> None:
    quick, slow, tool, other = (uuid4() for _ in range(4))
    await limit(
        database,
        actor,
        {"scope": "organisation", "rate_per_minute": 8},
        {"scope": "key", "subject_id": str(slow), "rate_per_minute": 2},
        {"scope": "installation", "subject_id": str(tool), "quota_per_month": 3},
    )
    limits = billing.Limits(database, changes, clock=lambda: NOON)

    async def some(key_id: UUID, installation_id: UUID, count: int) -> int:
        asked = (call(limits, actor.org_id, key_id, installation_id) for _ in range(count))
        return made(await asyncio.gather(*asked))

    assert await some(slow, other, 5) == 2
    assert await some(quick, tool, 5) == 3
    assert await some(quick, other, 10) == 8 - 2 - 3
    assert await some(slow, tool, 5) == 0


@requirement("10.3.a/release")
async def test_a_released_call_counts_for_nothing_and_a_settled_one_leaves_its_fact(
    database: Database, changes: Changes, actor: Actor
) -> None:
    await limit(database, actor, {"scope": "organisation", "quota_per_month": 1})
    limits = billing.Limits(database, changes)
    installation_id, run_id = new_id(), new_id()

    for _ in range(3):
        limits.release(await call(limits, actor.org_id, actor.principal_id, installation_id))
    facts = limits.settle(
        await call(limits, actor.org_id, actor.principal_id, installation_id), run_id=run_id
    )

    assert await call(limits, actor.org_id, actor.principal_id, installation_id) is errors.QuotaReached
    recorder = await database.recorder()
    await recorder.copy_records_to_table(billing.TABLE, records=facts, columns=billing.COLUMNS)
    assert facts[0][:4] == (
        run_id,
        billing.fact_id(run_id, "call", "operation"),
        actor.org_id,
        installation_id,
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await recorder.copy_records_to_table(billing.TABLE, records=facts, columns=billing.COLUMNS)


@requirement("10.3.a/release")
async def test_what_a_process_leased_and_did_not_use_is_given_back_when_it_stops(
    database: Database, changes: Changes, actor: Actor
) -> None:
    await limit(database, actor, {"scope": "organisation", "quota_per_month": 1_000})
    limits = billing.Limits(database, changes)
    await calls(limits, actor, 7)
    assert await used(database, actor) == [(0, 50)]

    await limits.stop()

    assert await used(database, actor) == [(0, 7)]


@requirement("10.3.a/effective-at-once")
async def test_a_changed_limit_is_effective_in_a_running_process_and_keeps_what_is_used(
    database: Database, changes: Changes, actor: Actor
) -> None:
    limits = billing.Limits(database, changes)
    assert made(await calls(limits, actor, 20)) == 20

    await change(database, changes, actor, {"scope": "organisation", "quota_per_month": 5})
    assert made(await calls(limits, actor, 20)) == 5
    await change(database, changes, actor, {"scope": "organisation", "quota_per_month": 8})
    assert made(await calls(limits, actor, 20)) == 3
    await change(database, changes, actor)
    assert made(await calls(limits, actor, 20)) == 20


async def change(database: Database, changes: Changes, actor: Actor, *wanted: dict[str, Any]) -> None:
    """Set limits and wait until this process was told."""
    told = asyncio.Event()
    changes.subscribe(lambda org_id: told.set() if org_id == actor.org_id else None)
    await limit(database, actor, *wanted)
    async with asyncio.timeout(1):
        await told.wait()


@requirement("10.3.a/refusal")
async def test_a_refusal_says_when_to_come_back(database: Database, changes: Changes, actor: Actor) -> None:
    await limit(database, actor, {"scope": "organisation", "rate_per_minute": 0})
    limits = billing.Limits(database, changes, clock=lambda: NOON)

    with pytest.raises(errors.RateReached) as refusal:
        await limits.reserve(actor.org_id, key_id=actor.principal_id, installation_id=None)

    assert refusal.value.status == 429
    assert refusal.value.headers["Retry-After"] == "20"


@requirement("10.3.a/windows")
@pytest.mark.parametrize(
    ("meter", "later"),
    [
        ("rate_per_minute", NOON + timedelta(seconds=20)),
        ("quota_per_month", datetime(2031, 6, 1, tzinfo=UTC)),
    ],
)
async def test_a_new_minute_or_month_begins_with_the_whole_limit(
    database: Database, changes: Changes, actor: Actor, meter: str, later: datetime
) -> None:
    await limit(database, actor, {"scope": "organisation", meter: 3})
    moments = [NOON]
    limits = billing.Limits(database, changes, clock=lambda: moments[0])
    held = await calls(limits, actor, 5)

    moments[0] = later - timedelta(seconds=1)
    assert made(await calls(limits, actor, 5)) == 0
    moments[0] = later
    assert made(await calls(limits, actor, 5)) == 3
    limits.release(held[0])
    assert made(await calls(limits, actor, 5)) == 0


@requirement("10.3.a/free")
async def test_a_call_without_a_limit_costs_next_to_nothing(
    database: Database, changes: Changes, actor: Actor
) -> None:
    limits = billing.Limits(database, changes)
    ids = {"key_id": actor.principal_id, "installation_id": new_id()}
    await limits.reserve(actor.org_id, **ids)

    fastest = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(1_000):
            hold = await limits.reserve(actor.org_id, **ids)
            limits.settle(hold, run_id=actor.org_id)
        fastest = min(fastest, (time.perf_counter() - began) / 1_000)

    assert fastest < 10e-6, "measured 1 microsecond"


@requirement("10.3.a/manage")
async def test_limits_are_replaced_by_who_may_and_from_what_they_were(
    database: Database, actor: Actor
) -> None:
    key_id = str(uuid4())
    tag = await limit(database, actor, {"scope": "organisation", "rate_per_minute": 10})
    with pytest.raises(Forbidden):
        await limit(database, replace(actor, verbs=frozenset({"billing:read"})))
    with pytest.raises(errors.LimitsInvalid):
        await limit(database, actor, {"scope": "organisation"}, {"scope": "organisation"})
    with pytest.raises(errors.LimitsInvalid):
        await limit(database, actor, {"scope": "key", "rate_per_minute": 1})
    with pytest.raises(errors.LimitsInvalid):
        await limit(database, actor, {"scope": "organisation", "subject_id": key_id})

    newer = await limit(
        database, actor, {"scope": "key", "subject_id": key_id, "quota_per_month": 3}, tag=tag
    )
    with pytest.raises(PreconditionFailed):
        await limit(database, actor, tag=tag)

    assert newer != tag
    async with database.transaction(actor.org_id) as session:
        page = await audit.list_events(session, actor, audit_schemas.AuditFilter(action="limits.changed"))
    assert page.total == 2
    assert page.items[0].details["before"][0]["rate_per_minute"] == 10
    assert page.items[0].details["after"][0]["quota_per_month"] == 3


@requirement("10.3.a/manage")
async def test_nobody_sees_the_limits_of_another_organisation(database: Database, actor: Actor) -> None:
    await limit(database, actor, {"scope": "organisation", "rate_per_minute": 10})

    assert await used(database, replace(actor, org_id=new_id())) == []


def web(database: Database, actor: Actor) -> httpx.AsyncClient:
    """The routes of the room, asked by this actor."""
    app = FastAPI()
    app.include_router(router.router)
    app.state.parts = SimpleNamespace(database=database)

    @app.exception_handler(Problem)
    async def refuse(_: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(problem.document(), problem.status, headers=problem.headers)

    async def entered(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"actor": actor}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=entered), base_url="http://test")


@requirement("10.3.a/manage")
async def test_limits_are_set_over_http_with_a_tag(database: Database, actor: Actor) -> None:
    async with web(database, actor) as client:
        empty = await client.get("/v1/limits")
        wish = {"limits": [{"scope": "organisation", "rate_per_minute": 600}]}
        put = await client.put("/v1/limits", json=wish, headers={"If-Match": empty.headers["etag"]})
        late = await client.put("/v1/limits", json=wish, headers={"If-Match": empty.headers["etag"]})
        shown = await client.get("/v1/limits")
        wrong = await client.put("/v1/limits", json={"limits": [{"scope": "planet"}]})

    assert (empty.status_code, empty.json()) == (200, {"items": []})
    assert (put.status_code, put.headers["etag"]) == (200, shown.headers["etag"])
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")
    assert wrong.status_code == 422
    assert shown.json()["items"] == [
        {
            "scope": "organisation",
            "subject_id": str(actor.org_id),
            "rate_per_minute": 600,
            "quota_per_month": None,
            "used_this_minute": 0,
            "used_this_month": 0,
        }
    ]
