"""The recorder's statements: COPY under the insert-only role, one transaction a batch."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from toolmarket.audit import service as audit
from toolmarket.billing import service as billing
from toolmarket.kit.copying import whole
from toolmarket.runtime import copying
from toolmarket.runtime.record import DETAIL_COLUMNS, RUN_COLUMNS, Encoded, Record
from toolmarket.runtime.schemas import Outcome, RunResult
from toolmarket.runtime.spool import pack_result, unpack


@dataclass(frozen=True, slots=True)
class Intent:
    """A strict call that is about to be made.

    `row` is the packed record that stands when the process dies before it knows better. With an
    idempotency `key`, `digest` is the SHA-256 of what was asked.
    """

    run_id: UUID
    org_id: UUID
    principal_id: UUID
    expires_at: datetime
    row: bytes
    key: str | None = None
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of an intent: fresh, or the key was used before by `run_id`."""

    fresh: bool
    run_id: UUID | None = None
    same_body: bool = True
    answer: bytes | None = None


Item = Intent | Record

_INTENTS = """
insert into runtime_intents (run_id, org_id, expires_at, row)
select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bytea[])"""
_CLAIM = """
insert into runtime_idempotency (org_id, principal_id, key, body_digest, run_id)
values ($1, $2, $3, $4, $5) on conflict do nothing returning run_id"""
_CLAIMED = """
select run_id, body_digest, answer from runtime_idempotency
where org_id = $1 and principal_id = $2 and key = $3"""
_REMEMBER = """
update runtime_idempotency set answer = new.answer
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[]) as new (org_id, principal_id, key, answer)
where runtime_idempotency.org_id = new.org_id and runtime_idempotency.principal_id = new.principal_id
    and runtime_idempotency.key = new.key"""
_EXPIRED = """
select intent.run_id, intent.row, claim.principal_id, claim.key
from runtime_intents intent
left join runtime_idempotency claim on claim.run_id = intent.run_id and claim.answer is null
where intent.expires_at < now() order by intent.expires_at limit $1 for update of intent skip locked"""
_TABLES = (
    ("runtime_runs", RUN_COLUMNS),
    ("runtime_details", DETAIL_COLUMNS),
    (audit.TABLE, audit.COLUMNS),
)


def _finish() -> str:
    """The statement that writes one record, of run, detail and audit event, and ends its intent."""
    parts, place = [], 0
    for table, columns in _TABLES:
        values = ", ".join(f"${place + number}" for number in range(1, len(columns) + 1))
        parts.append(" ".join(("insert into", table, "(", ", ".join(columns), ") values (", values, ")")))
        place += len(columns)
    run, detail, event = parts
    gone = "delete from runtime_intents where run_id = $1"
    return f"with gone as ({gone}), detail as ({detail}), event as ({event}) {run}"


# Up to so many records, writing each beats the round trips of copying all.
FEW = 16
_FINISH = _finish()
_WITHDRAW = (
    "delete from runtime_intents where run_id = any($1::uuid[])",
    "delete from runtime_idempotency where run_id = any($1::uuid[]) and answer is null",
)
_POSITION = "select max(position) from runtime_spools where spool_id = $1"


async def write(pool: asyncpg.Pool, items: Sequence[Item]) -> list[Begun | None]:
    """Write intents and records of strict calls in one transaction; one answer for each item."""
    async with pool.acquire() as connection:
        if _is_one_statement(items):
            return await _write(connection, items)
        async with connection.transaction():
            return await _write(connection, items)


async def withdraw(pool: asyncpg.Pool, run_ids: Sequence[UUID]) -> None:
    """Take back intents whose calls were never made, and what they claimed."""
    async with pool.acquire() as connection, connection.transaction():
        for statement in _WITHDRAW:
            await connection.execute(statement, list(run_ids))


async def _write(connection: Any, items: Sequence[Item]) -> list[Begun | None]:
    answers: list[Begun | None] = []
    fresh: list[Intent] = []
    for item in items:
        begun = await _claim(connection, item) if isinstance(item, Intent) else None
        answers.append(begun)
        if isinstance(item, Intent) and begun is not None and begun.fresh:
            fresh.append(item)
    if fresh:
        await _add_intents(connection, fresh)
    records = [item for item in items if isinstance(item, Record)]
    if _are_few(records):
        await connection.executemany(_FINISH, [(*each.run, *each.detail, *each.audit) for each in records])
    elif records:
        await _add_records(connection, [copying.encode(record) for record in records])
        await _end_intents(connection, records)
    return answers


def _is_one_statement(items: Sequence[Item]) -> bool:
    """Whether one statement writes it all: it commits itself, and saves two round trips."""
    records = [item for item in items if isinstance(item, Record)]
    if records:
        return len(records) == len(items) and _are_few(records)
    return all(item.key is None for item in items if isinstance(item, Intent))


def _are_few(records: Sequence[Record]) -> bool:
    """Whether rows one by one cost less than the round trips of a COPY to each table."""
    plain = all(not each.facts and each.remembered is None for each in records)
    return 0 < len(records) <= FEW and plain


async def copy(pool: asyncpg.Pool, records: Sequence[Encoded], spool_id: UUID, position: int) -> None:
    """Write records of spooled calls together with how far their spool is copied."""
    async with pool.acquire() as connection, connection.transaction():
        await _add_records(connection, records)
        await connection.execute(
            "insert into runtime_spools (spool_id, position) values ($1, $2)", spool_id, position
        )
        await connection.execute(
            "delete from runtime_spools where spool_id = $1 and position < $2", spool_id, position
        )


class _Undone(Exception):
    """Ends a rehearsal."""


async def rehearse(pool: asyncpg.Pool, record: Encoded) -> None:
    """Write one record and take it back.

    Raises:
        asyncpg.PostgresError, asyncpg.InterfaceError: as writing it would.
    """
    with contextlib.suppress(_Undone):
        async with pool.acquire() as connection, connection.transaction():
            await _add_records(connection, [record])
            raise _Undone


async def copied_position(pool: asyncpg.Pool, spool_id: UUID) -> int:
    """How far a spool was copied, in bytes."""
    return int(await pool.fetchval(_POSITION, spool_id) or 0)


async def end_expired(pool: asyncpg.Pool, limit: int) -> int:
    """Write the records of intents whose process never came back, with what their keys remember."""
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(_EXPIRED, limit)
        if rows:
            records = [_interrupted(row) for row in rows]
            await _add_records(connection, [copying.encode(record) for record in records])
            await _end_intents(connection, records)
    return len(rows)


def _interrupted(row: Any) -> Record:
    record = replace(unpack(row["row"]), strict=True)
    record = replace(record, run=record.run._replace(id=row["run_id"]))
    if row["key"] is None:
        return record
    result = RunResult(
        id=row["run_id"],
        outcome=Outcome.unknown,
        problem_code=record.run.problem_code,
        detail="The process ended before the outcome was known.",
    )
    org_id = UUID(str(record.run.org_id))
    return replace(record, remembered=(org_id, row["principal_id"], row["key"], pack_result(result)))


async def _claim(connection: Any, intent: Intent) -> Begun:
    if intent.key is None:
        return Begun(fresh=True)
    owner = (intent.org_id, intent.principal_id, intent.key)
    if await connection.fetchval(_CLAIM, *owner, intent.digest, intent.run_id) is not None:
        return Begun(fresh=True)
    row = await connection.fetchrow(_CLAIMED, *owner)
    return Begun(
        fresh=row["run_id"] == intent.run_id,
        run_id=row["run_id"],
        same_body=row["body_digest"] == intent.digest,
        answer=row["answer"],
    )


async def _add_intents(connection: Any, intents: Sequence[Intent]) -> None:
    await connection.execute(
        _INTENTS,
        [intent.run_id for intent in intents],
        [intent.org_id for intent in intents],
        [intent.expires_at for intent in intents],
        [intent.row for intent in intents],
    )


async def _add_records(connection: Any, records: Sequence[Encoded]) -> None:
    for place, (table, columns) in enumerate(_TABLES):
        rows = whole(record.rows[place] for record in records)
        await connection.copy_to_table(table, source=rows, columns=columns, format="binary")
    facts = [fact for record in records for fact in record.facts]
    if facts:
        await connection.copy_records_to_table(billing.TABLE, columns=billing.COLUMNS, records=facts)


async def _end_intents(connection: Any, records: Sequence[Record]) -> None:
    await connection.execute(
        "delete from runtime_intents where run_id = any($1::uuid[])",
        [record.run.id for record in records if record.strict],
    )
    remembered = [record.remembered for record in records if record.remembered is not None]
    if remembered:
        await connection.execute(_REMEMBER, *(list(column) for column in zip(*remembered, strict=True)))
