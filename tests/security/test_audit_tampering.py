"""Who can write to the database and changes the audit trail is found out."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.requirements import requirement
from tests.trail import as_owner, chained, somebody, verify, write

from toolmarket.audit import schemas as audit_schemas
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id


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
