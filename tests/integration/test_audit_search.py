"""Finding what was done in the audit trail."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.requirements import requirement
from tests.trail import as_owner, chained, search, somebody, write

from toolmarket.audit import queries, router
from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.kit.actor import Actor
from toolmarket.kit.clock import now
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden, Problem


@requirement("5.3.d/search")
async def test_events_are_found_by_action_target_person_outcome_and_time(database: Database) -> None:
    ada = somebody()
    bob = somebody(ada.org_id)
    await write(database, ada, "tool.published", "tool.removed", target="A")
    await write(database, bob, "key.created", target="B")

    assert (await search(database, ada, action="tool.*")).total == 2
    assert (await search(database, ada, action="key.created")).total == 1
    assert (await search(database, ada, target="B")).total == 1
    assert (await search(database, ada, principal_id=bob.principal_id)).total == 1
    assert (await search(database, ada, outcome="denied")).total == 0
    assert (await search(database, ada, until="2020-01-01T00:00:00Z")).total == 0
    assert (await search(database, ada, since="2020-01-01T00:00:00Z")).total == 3
    first = await search(database, ada, limit=2)
    second = await search(database, ada, limit=2, cursor=first.next_cursor)
    actions = [event.action for event in (*first.items, *second.items)]
    assert actions == ["key.created", "tool.removed", "tool.published"]
    assert second.next_cursor is None


@requirement("5.3.d/search")
async def test_nobody_reads_the_trail_of_another_organisation_or_without_the_right(
    database: Database,
) -> None:
    ada, stranger = somebody(), somebody()
    await write(database, ada, "one")

    assert (await search(database, stranger)).total == 0
    with pytest.raises(Forbidden):
        await search(database, somebody(ada.org_id, verbs=frozenset()))


def web(database: Database, actor: Actor) -> httpx.AsyncClient:
    """The routes of the room, asked by this actor."""
    app = FastAPI()
    app.include_router(router.router)
    app.state.parts = SimpleNamespace(database=database)

    @app.exception_handler(Problem)
    async def refuse(_: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(problem.document(), problem.status)

    async def entered(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"actor": actor}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=entered), base_url="http://test")


@requirement("5.3.d/search")
async def test_an_auditor_searches_and_verifies_over_http(database: Database) -> None:
    ada = somebody()
    await write(database, ada, "tool.published", "key.created", target="A")
    await chained(database)

    async with web(database, ada) as client:
        page = (await client.get("/v1/audit", params={"action": "tool.*", "limit": 1})).json()
        verified = (await client.get("/v1/audit/verification")).json()
        checkpoint = {"head_block": verified["head_block"], "head_hash": verified["head_hash"]}
        same = (await client.get("/v1/audit/verification", params=checkpoint)).json()
        other = (
            await client.get("/v1/audit/verification", params=checkpoint | {"head_hash": "0" * 64})
        ).json()
        half = await client.get("/v1/audit/verification", params={"head_block": 1})
        odd = {
            "colour": "red",
            "action": "\x00",
            "target": "\x1b",
            "since": "2026-01-01T00:00:00",
            "limit": 0,
        }
        refusals = [await client.get("/v1/audit", params={name: value}) for name, value in odd.items()]
        ages = {"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-12:00"}
        everything = await client.get("/v1/audit", params=ages)
    async with web(database, somebody(ada.org_id, verbs=frozenset())) as client:
        refused = [await client.get(path) for path in ("/v1/audit", "/v1/audit/verification")]

    assert (page["total"], page["items"][0]["action"], page["items"][0]["label"]) == (
        1,
        "tool.published",
        "Ada Example",
    )
    assert (verified["valid"], verified["events"], verified["pending"]) == (True, 2, 0)
    assert same["valid"]
    assert [finding["kind"] for finding in other["findings"]] == ["head_differs"]
    assert {answer.status_code for answer in (half, *refusals)} == {422}
    assert everything.json()["total"] == 2
    assert [answer.status_code for answer in refused] == [403, 403]


@requirement("5.3.d/search")
async def test_no_search_of_a_large_trail_reads_it_all(database: Database) -> None:
    """Among 100,000 events of several organisations, every list and the sequencer go by an index."""
    ada = somebody()
    await write(database, ada, "one")
    await as_owner(
        database,
        """insert into audit_events (id, org_id, principal_id, person_id, key_id, principal_kind, action,
            target, outcome, body)
        select (lpad(to_hex(floor(extract(epoch from now()) * 1000)::bigint - n), 12, '0')
                || repeat('0', 20))::uuid,
            lpad(to_hex(n % 20), 32, '0')::uuid, lpad(to_hex(n % 300), 32, '0')::uuid, org_id, key_id,
            principal_kind, case when n % 10 = 0 then 'tool.' || n % 7 else 'run.finished' end,
            'T' || n % 900, outcome, body
        from audit_events, generate_series(1, 100000) n""",
    )
    await as_owner(database, "analyze audit_events")
    await as_owner(database, "update audit_sequencer set tx = pg_current_xact_id()")
    actor = somebody(UUID(int=3))
    searches = [
        {},
        {"runs": True},
        {"action": "tool.3"},
        {"target": "T83"},
        {"principal_id": UUID(int=3)},
        {"since": now() - timedelta(seconds=30)},
        {"action": "tool.*", "cursor": new_id()},
    ]

    async with database.transaction(actor.org_id) as session:
        for wanted in searches:
            await audit.list_events(session, actor, audit_schemas.AuditFilter(**wanted))
            assert await sequential_scans(session) == [], wanted
    async with database.system_transaction() as session:
        cursor = await queries.public_cursor(session)
        await queries.system_next_links(session, cursor=cursor, limit=100)
        assert await sequential_scans(session) == []


async def sequential_scans(session: AsyncSession) -> list[str]:
    """Large tables that this transaction has read from end to end."""
    statement = text("""
        select pg_class.relname from pg_stat_xact_user_tables stat join pg_class on pg_class.oid = stat.relid
        where seq_scan > 0 and reltuples > 1000""")
    return list(await session.scalars(statement))
