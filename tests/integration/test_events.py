"""Events on a real database: nothing lost, nothing twice, resumed, counted, dropped."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send
from tests.requirements import requirement
from tests.streams import KEY, PUBLISHED, RUN, Reader, happen, happen_and_fail, running_hub, somebody, tell

from toolmarket.events import errors, router, schemas
from toolmarket.events import service as events
from toolmarket.events.positions import Position
from toolmarket.identity import permissions
from toolmarket.kit.actor import Actor
from toolmarket.kit.clock import now
from toolmarket.kit.database import Database
from toolmarket.kit.ids import id_floor, new_id
from toolmarket.kit.problems import Forbidden


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[events.Hub]:
    async with running_hub(database) as hub:
        yield hub


@requirement("10.1.a/outbox")
async def test_an_event_is_told_exactly_when_its_change_was_committed(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    reader = await Reader(hub, actor).open()

    with pytest.raises(Forbidden):
        await happen_and_fail(database, actor.org_id, "never")
    await happen(database, actor.org_id, "one", "two")

    [one, two] = await reader.next(2)
    assert (one["subject"], two["subject"]) == ("one", "two")
    assert (one["specversion"], one["type"], one["source"]) == (
        "1.0",
        PUBLISHED,
        f"/organisations/{actor.org_id}",
    )
    assert one["data"] == {"tool": "a/b", "version": "1.0.0"}


@requirement("10.1.a/outbox")
async def test_nothing_is_lost_when_transactions_commit_out_of_order(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    reader = await Reader(hub, actor).open()

    async with database.transaction(actor.org_id) as late:
        await tell(late, actor.org_id, "began first")
        await happen(database, actor.org_id, "committed first")

    assert await reader.subjects(2) == ["began first", "committed first"]


@requirement("10.1.a/outbox")
async def test_many_writers_at_once_lose_nothing_and_double_nothing(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    names = [f"{writer}-{number}" for writer in range(8) for number in range(25)]
    readers = [await Reader(hub, actor).open() for _ in range(3)]

    async def write(mine: list[str]) -> None:
        while mine:
            async with database.transaction(actor.org_id) as session:
                for name in mine[:3]:
                    await tell(session, actor.org_id, name)
                    await asyncio.sleep(0)
            mine = mine[3:]

    received, *_ = await asyncio.gather(
        asyncio.gather(*(reader.subjects(200) for reader in readers)),
        *(write(names[writer * 25 : writer * 25 + 25]) for writer in range(8)),
    )

    assert [sorted(subjects) for subjects in received] == [sorted(names)] * 3
    assert received[0] == received[1] == received[2]


@requirement("10.1.a/resume")
async def test_a_stream_goes_on_after_the_last_event_that_was_received(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    reader = await Reader(hub, actor).open()
    await happen(database, actor.org_id, "one", "two")
    await reader.next(2)

    await happen(database, actor.org_id, "three", "four")
    again = await Reader(hub, actor, last_id=reader.last_id).open()
    await happen(database, actor.org_id, "five")

    assert await again.subjects(3) == ["three", "four", "five"]


@requirement("10.1.a/resume")
async def test_a_stream_that_received_nothing_can_be_resumed(database: Database, hub: events.Hub) -> None:
    actor = somebody()
    reader = await Reader(hub, actor).open()

    await happen(database, actor.org_id, "one")
    again = await Reader(hub, actor, last_id=reader.last_id).open()

    assert await again.subjects(1) == ["one"]


@requirement("10.1.a/resume")
async def test_a_long_absence_is_caught_up_beyond_the_queue(database: Database) -> None:
    actor = somebody()
    async with running_hub(database, queue_events=5) as hub:
        reader = await Reader(hub, actor).open()
        async with database.transaction(actor.org_id) as session:
            for number in range(1_203):
                await tell(session, actor.org_id, str(number))

        again = await Reader(hub, actor, last_id=reader.last_id).open()

        assert await again.subjects(1_203) == [str(number) for number in range(1_203)]


@requirement("10.1.a/resume")
@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("17", errors.CursorInvalid),
        ("1-" + "g" * 32, errors.CursorInvalid),
        ("1-" + "f" * 32, errors.CursorInvalid),
        ("9" * 19 + "-" + "0" * 32, errors.CursorExpired),
        pytest.param(
            Position(1, id_floor(now().replace(year=now().year - 1))).token,
            errors.CursorExpired,
            id="year-old",
        ),
        pytest.param(Position(10**12, new_id()).token, errors.CursorExpired, id="of-another-database"),
    ],
)
async def test_a_cursor_that_is_none_or_too_old_is_refused(
    hub: events.Hub, token: str, problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        await Reader(hub, somebody(), last_id=token).open()


@requirement("10.1.a/audience")
async def test_one_sees_the_topics_one_asked_for_and_may_see(database: Database, hub: events.Hub) -> None:
    actor = somebody()
    curious = somebody(actor.org_id, verbs=frozenset({"events:read", "tools:read"}))
    stranger = somebody()
    readers = [
        await Reader(hub, actor, "identity.*").open(),
        await Reader(hub, curious).open(),
        await Reader(hub, stranger).open(),
    ]

    await happen(database, actor.org_id, "version")
    async with database.transaction(actor.org_id) as session:
        await events.emit(
            session, org_id=actor.org_id, type=KEY, subject="key", data={"name": "n", "prefix": "p"}
        )
    await happen(database, actor.org_id, "version")
    await happen(database, stranger.org_id, "elsewhere")

    assert await readers[0].subjects(1) == ["key"]
    assert await readers[1].subjects(2) == ["version", "version"]
    assert await readers[2].subjects(1) == ["elsewhere"]
    with pytest.raises(errors.UnknownTopic):
        await Reader(hub, curious, "identity.*").open()
    with pytest.raises(Forbidden):
        await Reader(hub, somebody(verbs=frozenset())).open()


@requirement("10.1.a/slow-reader")
async def test_a_reader_that_is_too_slow_is_dropped_and_resumes_without_a_gap(database: Database) -> None:
    actor = somebody()
    async with running_hub(database, queue_events=5) as hub:
        slow = await Reader(hub, actor).open()
        quick = await Reader(hub, actor).open()
        await happen(database, actor.org_id, "first")
        await slow.next(1)
        await quick.next(1)

        names = [str(number) for number in range(20)]
        for name in names:
            await happen(database, actor.org_id, name)
            assert await quick.subjects(1) == [name]
        received = await slow.until_dropped()

        assert 3 <= len(received) <= 5
        rest = await Reader(hub, actor, last_id=slow.last_id).open()
        assert received + await rest.subjects(20 - len(received)) == names


@requirement("10.1.a/heartbeat")
async def test_a_quiet_stream_is_kept_open_and_stays_resumable(database: Database) -> None:
    actor = somebody()
    async with running_hub(database, heartbeat_seconds=0.05) as hub:
        stream = await events.follow(hub, actor, topics=["*"], last_event_id=None)
        await anext(stream)

        beat = await anext(stream)

        assert beat.startswith(b": quiet\nid: ")
        token = beat.decode().split("id: ")[1].strip()
        await happen(database, actor.org_id, "one")
        assert await (await Reader(hub, actor, last_id=token).open()).subjects(1) == ["one"]


@requirement("10.1.c/volatile")
async def test_thousands_of_runs_reach_streams_of_every_process_as_a_few_sums(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    async with running_hub(database) as other:
        readers = [await Reader(hub, actor, RUN).open(), await Reader(other, actor, RUN).open()]
        before = [reader.last_id for reader in readers]

        for number in range(5_000):
            hub.publish_volatile(actor.org_id, RUN, str(number), {"ok": 1})

        for reader in readers:
            [event] = await reader.next(1)
            assert (event["data"]["count"], event["data"]["ok"]) == (5_000, 5_000)
            assert event["data"]["subjects"] == [str(number) for number in range(4_980, 5_000)]
        assert [reader.last_id for reader in readers] == before
    with pytest.raises(ValueError, match="emit it"):
        hub.publish_volatile(actor.org_id, PUBLISHED, "x", {})


@requirement("10.1.a/catalogue")
@pytest.mark.parametrize(
    ("type_", "data"), [("catalog.version.forgotten.v1", {}), (RUN, {}), (PUBLISHED, {"tool": "a/b"})]
)
async def test_an_event_that_the_catalogue_does_not_describe_is_a_defect(
    database: Database, type_: str, data: dict[str, Any]
) -> None:
    async with database.transaction(org_id := new_id()) as session:
        with pytest.raises(ValueError, match=r"(?i)catalogue"):
            await events.emit(session, org_id=org_id, type=type_, subject="s", data=data)


@requirement("10.1.a/outbox")
async def test_the_application_cannot_forge_the_order(database: Database) -> None:
    forged = """insert into events_outbox (id, org_id, tx, type, subject, data)
        values (:id, :id, '1', '', '', '{}')"""
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction(org_id := new_id()) as session:
            await session.execute(text(forged), {"id": org_id})


@requirement("10.1.a/handlers")
async def test_handlers_see_every_event_once_and_again_after_a_failure(database: Database) -> None:
    org_id = new_id()
    seen: list[str] = []

    async def handle(_: AsyncSession, event: schemas.StoredEvent) -> None:
        seen.append(event.subject)
        if event.subject == "three" and seen.count("three") == 1:
            raise Forbidden

    await happen(database, org_id, "one", "two")
    counts = await asyncio.gather(
        *(events.handle_once(database, "test", {PUBLISHED: handle}) for _ in range(3))
    )
    await happen(database, org_id, "three")
    with pytest.raises(Forbidden):
        await events.handle_once(database, "test", {PUBLISHED: handle})
    await events.handle_once(database, "test", {PUBLISHED: handle})

    assert sum(counts) == 2
    assert seen == ["one", "two", "three", "three"]


@requirement("10.1.a/handlers")
async def test_handlers_go_on_in_a_database_that_was_restored_from_a_copy(database: Database) -> None:
    """A new server counts its transactions anew, far below the numbers in the copy."""
    org_id = new_id()
    seen: list[str] = []

    async def handle(_: AsyncSession, event: schemas.StoredEvent) -> None:
        seen.append(event.subject)

    await happen(database, org_id, "one")
    await events.handle_once(database, "test", {PUBLISHED: handle})
    owner = await asyncpg.connect(database.url)
    await owner.execute("alter table events_outbox no force row level security")
    for table in ("events_outbox", "events_consumers"):
        await owner.execute(f"update {table} set tx = (tx::text::bigint + 1000000000)::text::xid8")
    await owner.close()
    await happen(database, org_id, "two")

    assert await events.handle_once(database, "test", {PUBLISHED: handle}) == 0
    await events.handle_once(database, "test", {PUBLISHED: handle})

    assert seen == ["one", "one", "two"]


@requirement("10.1.a/retention")
async def test_old_events_are_dropped(database: Database) -> None:
    org_id = new_id()
    await happen(database, org_id, "old", "new")
    owner = await asyncpg.connect(database.url)
    await owner.execute("alter table events_outbox no force row level security")
    await owner.execute(
        "update events_outbox set created_at = now() - interval '8 days' where subject = 'old'"
    )
    await owner.close()

    assert await events.drop_old(database) == 1
    assert await events.drop_old(database) == 0


def web(hub: events.Hub, actor: Actor) -> Any:
    """The routes of the room, asked by this actor."""
    app = FastAPI()
    app.include_router(router.router)
    app.state.parts = SimpleNamespace(hub=hub)

    async def entered(scope: Scope, receive: Receive, send: Send) -> None:
        scope["actor"] = actor
        await app(scope, receive, send)

    return entered


@requirement("10.1.a/stream")
async def test_the_stream_is_served_as_server_sent_events_until_the_reader_leaves(
    database: Database, hub: events.Hub
) -> None:
    actor = somebody()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": b"topics=catalog.*"}
    serving = asyncio.create_task(
        web(hub, actor)(scope | {"headers": [], "asgi": {"spec_version": "2.3"}}, receive, sent.put)
    )
    start, opening = await sent.get(), await sent.get()
    await happen(database, actor.org_id, "one")
    event = await sent.get()
    left.set()
    await serving

    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
    assert headers[b"cache-control"] == b"no-cache"
    assert opening["body"].startswith(b"retry: ")
    assert b'"subject":"one"' in event["body"]
    assert not hub.followed(actor.org_id)


@requirement("10.1.a/audience")
def test_every_audience_of_the_catalogue_is_a_permission() -> None:
    assert {kind.audience for kind in schemas.CATALOGUE.values()} <= set(permissions.VERBS)
