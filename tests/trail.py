"""Somebody who leaves a trail, and what reads, checks and forges it."""

from typing import Any
from uuid import UUID

import asyncpg

from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden


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
