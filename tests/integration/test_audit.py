"""The audit trail on a real database: written with the change, chained, erased."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from tests.requirements import requirement
from tests.trail import as_owner, chained, copy_runs, search, somebody, verify, write, write_and_fail

from toolmarket.audit import keys
from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.audit.errors import KeyMismatch
from toolmarket.kit import traces
from toolmarket.kit.clock import now
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden


@requirement("5.3.a/written-with-the-change")
async def test_an_event_exists_exactly_when_its_change_was_committed(database: Database) -> None:
    actor = somebody()

    await write(database, actor, "tool.published")
    with pytest.raises(Forbidden):
        await write_and_fail(database, actor, "tool.removed")

    page = await search(database, actor)
    assert [event.action for event in page.items] == ["tool.published"]
    event = page.items[0]
    assert (event.label, event.address, event.readable) == ("Ada Example", "192.0.2.7", True)
    assert event.details == {"before": {"n": 1}, "after": {"n": 2}}
    assert event.before_sha256 != event.after_sha256


@requirement("5.3.a/traced")
async def test_an_event_names_the_trace_of_its_request(database: Database) -> None:
    actor = somebody()
    parent = (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")

    with structlog.contextvars.bound_contextvars():
        named = traces.begin([parent])
        await write(database, actor, "one")
        made = traces.begin([(b"traceparent", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01")])
        await write(database, actor, "two")
        structlog.contextvars.unbind_contextvars("trace_id")

    assert [event.trace_id for event in (await search(database, actor)).items] == [made, named]
    assert named.hex == "4bf92f3577b34da6a3ce929d0e0e4736"


@requirement("5.3.a/written-with-the-change")
async def test_the_key_of_a_transaction_that_failed_is_not_used_again(database: Database) -> None:
    actor = somebody()

    with pytest.raises(Forbidden):
        await write_and_fail(database, actor, "one")
    await write(database, actor, "two")

    assert [event.readable for event in (await search(database, actor)).items] == [True]


@requirement("5.3.a/chained")
async def test_events_of_parallel_writers_form_one_valid_chain_for_each_organisation(
    database: Database,
) -> None:
    actors = [somebody(), somebody()]

    writers = [write(database, actor, "one", "two", "three") for actor in actors for _ in range(10)]
    results = await asyncio.gather(*writers, *(audit.sequence_once(database, limit=7) for _ in range(5)))
    await chained(database)

    assert len(results) == 25
    for actor in actors:
        found = await verify(database, actor.org_id)
        assert (found.valid, found.events, found.pending) == (True, 30, 0)


@requirement("5.3.a/chained")
async def test_an_event_that_is_committed_late_is_chained_after_those_that_overtook_it(
    database: Database,
) -> None:
    slow, quick = somebody(), somebody()
    await write(database, slow, "before")
    await chained(database)

    async with database.transaction(slow.org_id) as session:
        await audit.record(session, slow, "late", target="t")
        await write(database, quick, "early")
        assert await audit.sequence_once(database) == 0
    await chained(database)

    assert (await verify(database, slow.org_id)).events == 2
    assert (await verify(database, quick.org_id)).events == 1


@requirement("5.3.c/erasure")
async def test_erasing_a_person_makes_their_events_unreadable_and_keeps_the_chain_valid(
    database: Database,
) -> None:
    ada = somebody()
    bob = somebody(ada.org_id, label="Bob Example")
    await write(database, ada, "one")
    await write(database, bob, "two")
    await chained(database)

    assert await audit.erase_person(database, ada.user_id) == 1

    page = await search(database, ada)
    assert [(event.action, event.label) for event in page.items] == [("two", "Bob Example"), ("one", None)]
    assert (page.items[1].readable, page.items[1].address, page.items[1].details) == (False, None, {})
    assert (await verify(database, ada.org_id)).valid
    await write(database, ada, "three")
    assert (await search(database, ada)).items[0].label == "Ada Example"


@pytest.fixture
def change_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Start again, as it were, with another key file."""

    def change() -> None:
        monkeypatch.setenv("TOOLMARKET_AUDIT_KEY_FILE", str(tmp_path / "other.key"))
        keys.process_keys.cache_clear()

    yield change
    keys.process_keys.cache_clear()


@requirement("5.3.a/chained")
async def test_a_key_that_does_not_fit_the_database_is_told(
    database: Database, change_key: Callable[[], None]
) -> None:
    actor = somebody()
    await write(database, actor, "one")

    change_key()

    with pytest.raises(KeyMismatch):
        await search(database, actor)
    with pytest.raises(KeyMismatch):
        await write(database, actor, "two")


@requirement("5.3.a/every-call")
async def test_runs_are_written_by_the_recorder_and_shown_where_they_are_asked_for(
    database: Database,
) -> None:
    actor = somebody(kind="key", label="Agent key")
    await write(database, actor, "key.created")
    await copy_runs(database, actor, 3)

    quiet, everything = await search(database, actor), await search(database, actor, runs=True)

    assert [event.action for event in quiet.items] == ["key.created"]
    assert (everything.total, everything.items[0].details) == (
        4,
        {"operation": "get_order", "channel": "mcp"},
    )


@requirement("5.3.a/chained")
async def test_the_sequencer_catches_up_with_twenty_thousand_events(database: Database) -> None:
    actors = [somebody(), somebody()]
    for actor in actors:
        await copy_runs(database, actor, 10_000)

    started = time.perf_counter()
    assert await chained(database) == 20_000
    seconds = time.perf_counter() - started

    for actor in actors:
        found = await verify(database, actor.org_id)
        assert (found.findings, found.events, found.pending) == ([], 10_000, 0)
    assert await audit.lag_seconds(database) == 0.0
    assert seconds < 10, "two seconds of lag at 2,000 events/s leave the sequencer one core"


@requirement("5.3.a/chained")
async def test_the_chain_goes_on_in_a_database_that_was_restored_from_a_copy(database: Database) -> None:
    """A new server counts its transactions anew, far below the numbers in the copy."""
    actor = somebody()
    await write(database, actor, "one", "two")
    await chained(database)
    await write(database, actor, "three")
    ahead = "set tx = (tx::text::bigint + 1000000000)::text::xid8"
    await as_owner(database, f"update audit_events {ahead}")
    await as_owner(database, f"update audit_sequencer {ahead}")
    await write(database, actor, "four")

    assert await audit.sequence_once(database) == 0
    await chained(database)
    await write(database, actor, "five")
    await chained(database)

    found = await verify(database, actor.org_id)
    assert (found.findings, found.events, found.pending) == ([], 5, 0)


@requirement("5.3.c/retention")
async def test_a_month_that_retention_dropped_leaves_the_chain_valid(database: Database) -> None:
    actor = somebody()
    key = await audit.person_key(database, actor)
    long_ago = new_id(int((time.time() - 45 * 86_400) * 1000))
    row = audit.encode_run(key, actor, audit_schemas.RunEvent(long_ago, "i", "o", "ok", "mcp"))
    await (await database.recorder()).copy_records_to_table(audit.TABLE, records=[row], columns=audit.COLUMNS)
    await write(database, actor, "one")
    await chained(database)

    assert await audit.retain_from(database, now()) == 2

    found = await verify(database, actor.org_id)
    assert (found.valid, found.events, found.expired) == (True, 2, 1)
    await audit.keep_partitions(database)
