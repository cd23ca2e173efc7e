"""The audit trail on a real database: written with the change, chained, searched, erased."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.requirements import requirement

from toolmarket.audit import keys
from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.audit.errors import KeyMismatch
from toolmarket.kit.actor import Actor
from toolmarket.kit.clock import now
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden


@pytest.fixture(autouse=True)
def audit_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOOLMARKET_AUDIT_KEY_FILE", str(tmp_path / "keys" / "audit.key"))
    keys.process_keys.cache_clear()
    yield
    keys.process_keys.cache_clear()


def somebody(org_id: UUID | None = None, **members: Any) -> Actor:
    person = new_id()
    return Actor(
        **{
            "principal_id": person,
            "kind": "user",
            "org_id": org_id or new_id(),
            "user_id": person,
            "role": "admin",
            "label": "Ada Example",
            "verbs": frozenset({"audit:read"}),
            "address": "192.0.2.7",
        }
        | members
    )


async def write(database: Database, actor: Actor, *actions: str, target: str = "t") -> None:
    async with database.transaction(actor.org_id) as session:
        for action in actions:
            await audit.record(session, actor, action, target=target, before={"n": 1}, after={"n": 2})


async def write_and_fail(database: Database, actor: Actor, action: str) -> None:
    async with database.transaction(actor.org_id) as session:
        await audit.record(session, actor, action, target="t")
        raise Forbidden


async def chained(database: Database) -> int:
    total = 0
    while count := await audit.sequence_once(database):
        total += count
    return total


async def verify(database: Database, org_id: UUID, **more: Any) -> audit_schemas.Verification:
    async with database.transaction(org_id) as session:
        return await audit.verify(session, org_id, **more)


async def search(database: Database, actor: Actor, **wanted: Any) -> Any:
    async with database.transaction(actor.org_id) as session:
        return await audit.list_events(session, actor, audit_schemas.AuditFilter(**wanted))


async def as_owner(database: Database, statement: str, *arguments: Any) -> Any:
    """What a thief with the owner's password could do."""
    connection = await asyncpg.connect(database.url)
    try:
        for table in ("audit_events", "audit_blocks"):
            await connection.execute(f"alter table {table} no force row level security")
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


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


@requirement("5.3.a/written-with-the-change")
async def test_the_key_of_a_transaction_that_failed_is_not_used_again(database: Database) -> None:
    actor = somebody()

    with pytest.raises(Forbidden):
        await write_and_fail(database, actor, "one")
    await write(database, actor, "two")

    assert [event.readable for event in (await search(database, actor)).items] == [True]


@requirement("5.3.a/append-only")
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set action = 'x'",
        "delete from audit_events",
        "insert into audit_blocks (org_id, seq, previous_hash, hash, event_ids, digests)"
        " select org_id, 9, '', '', '{}', '' from audit_events",
        "update audit_sequencer set tx = '0'",
        "insert into audit_events (id, tx) select id, '1' from audit_events",
        "delete from audit_person_keys",
    ],
)
async def test_the_application_can_neither_change_nor_remove_an_event(
    database: Database, statement: str
) -> None:
    actor = somebody()
    await write(database, actor, "one")

    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction(actor.org_id) as session:
            await session.execute(text(statement))


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


async def three_events(database: Database) -> tuple[UUID, list[UUID]]:
    actor = somebody()
    await write(database, actor, "one", "two", "three")
    await chained(database)
    assert (await verify(database, actor.org_id)).valid
    rows = await as_owner(
        database, "select unnest(event_ids) id from audit_blocks where org_id = $1", actor.org_id
    )
    return actor.org_id, [row["id"] for row in rows]


@requirement("5.3.a/tamper-evident")
@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("changed", "update audit_events set outcome = 'denied' where id = $1"),
        ("changed", "update audit_events set body = body || '\\x00' where id = $1"),
        ("changed", "update audit_events set on_behalf_of_id = id where id = $1"),
        ("removed", "delete from audit_events where id = $1"),
    ],
)
async def test_a_changed_or_removed_event_is_named(database: Database, kind: str, statement: str) -> None:
    org_id, events = await three_events(database)

    await as_owner(database, statement, events[1])

    found = await verify(database, org_id)
    assert [(finding.kind, finding.event_id) for finding in found.findings] == [(kind, events[1])]


@requirement("5.3.a/tamper-evident")
async def test_an_event_that_was_slipped_in_behind_the_chain_is_named(database: Database) -> None:
    org_id, events = await three_events(database)
    added = new_id()

    await as_owner(
        database,
        """insert into audit_events (id, org_id, tx, principal_id, person_id, key_id, principal_kind, action,
            target, outcome, body)
        select $2, org_id, '3', principal_id, person_id, key_id, principal_kind, 'forged', target,
            outcome, body from audit_events where id = $1""",
        events[0],
        added,
    )

    found = await verify(database, org_id)
    assert [(finding.kind, finding.event_id) for finding in found.findings] == [("added", added)]


@requirement("5.3.a/tamper-evident")
async def test_reordered_events_are_named(database: Database) -> None:
    org_id, events = await three_events(database)

    swapped = [events[1], events[0], events[2]]
    await as_owner(database, "update audit_blocks set event_ids = $2 where org_id = $1", org_id, swapped)

    found = await verify(database, org_id)
    assert [(finding.kind, finding.event_id) for finding in found.findings] == [
        ("reordered", events[1]),
        ("reordered", events[0]),
    ]


@requirement("5.3.a/tamper-evident")
async def test_a_block_that_was_changed_replaced_or_removed_is_named(database: Database) -> None:
    actor = somebody()
    for action in ("one", "two", "three"):
        await write(database, actor, action)
        await chained(database)
    blocks = "update audit_blocks set digests = $2 where org_id = $1 and seq = 2"
    [row] = await as_owner(
        database, "select digests from audit_blocks where org_id = $1 and seq = 2", actor.org_id
    )

    await as_owner(database, blocks, actor.org_id, bytes(32))
    changed = await verify(database, actor.org_id)
    await as_owner(database, blocks, actor.org_id, row["digests"])
    healthy = await verify(database, actor.org_id)
    await as_owner(database, "delete from audit_blocks where org_id = $1 and seq = 2", actor.org_id)
    removed = await verify(database, actor.org_id)

    assert {(finding.kind, finding.block) for finding in changed.findings} == {
        ("block_changed", 2),
        ("changed", 2),
    }
    assert healthy.valid
    assert {(finding.kind, finding.block) for finding in removed.findings} == {
        ("block_missing", 2),
        ("added", None),
    }


@requirement("5.3.a/tamper-evident")
async def test_a_chain_cut_at_its_end_is_shown_by_a_checkpoint_kept_elsewhere(database: Database) -> None:
    actor = somebody()
    await write(database, actor, "one")
    await chained(database)
    await write(database, actor, "two")
    await chained(database)
    before = await verify(database, actor.org_id)
    checkpoint = audit_schemas.Checkpoint(block=before.head_block, hash=before.head_hash)
    assert (await verify(database, actor.org_id, checkpoint=checkpoint)).valid

    rows = await as_owner(
        database,
        "delete from audit_blocks where org_id = $1 and seq = 2 returning event_ids[1] id",
        actor.org_id,
    )
    await as_owner(database, "delete from audit_events where id = $1", rows[0]["id"])

    assert (await verify(database, actor.org_id)).valid
    cut = await verify(database, actor.org_id, checkpoint=checkpoint)
    assert [finding.kind for finding in cut.findings] == ["head_differs"]


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


@requirement("5.3.a/chained")
async def test_a_key_that_does_not_fit_the_database_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = somebody()
    await write(database, actor, "one")

    monkeypatch.setenv("TOOLMARKET_AUDIT_KEY_FILE", str(tmp_path / "other.key"))
    keys.process_keys.cache_clear()

    with pytest.raises(KeyMismatch):
        await search(database, actor)


async def copy_runs(database: Database, actor: Actor, count: int) -> None:
    key = await audit.person_key(database, actor)
    rows = [
        audit.encode_run(
            key, actor, audit_schemas.RunEvent(new_id(), "installation", "get_order", "ok", "mcp", new_id())
        )
        for _ in range(count)
    ]
    recorder = await database.recorder()
    await recorder.copy_records_to_table(audit.TABLE, records=rows, columns=audit.COLUMNS)


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
