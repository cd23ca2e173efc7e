"""What every room calls to leave a trace, and what an auditor reads."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import chain, models, queries, run_events, schemas
from toolmarket.audit.keys import PersonKey, present_period, process_keys
from toolmarket.audit.run_events import RunEvents as RunEvents
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import LOST, Database
from toolmarket.kit.ids import id_time, new_id
from toolmarket.kit.schemas import Page

log = structlog.get_logger("audit")

TABLE = "audit_events"
COLUMNS = chain.Link._fields
"""Names of the members of a row of `encode_run`, for COPY into `TABLE`."""

DETAILS_BYTES = 32_768
BATCH = 2_000
IDLE_SECONDS = 0.5
FINDINGS = 100
_FRESH = "audit_fresh_keys"


class Facts(TypedDict, total=False):
    """What else is known about an action.

    `before` and `after` are the states around it, as JSON values and without secrets; None (the
    default) for something new or gone. `outcome` is `ok`, or why it did not happen, such as `denied`.
    """

    before: Any
    after: Any
    outcome: str


async def record(
    session: AsyncSession, actor: Actor, action: str, *, target: UUID | str, **facts: Unpack[Facts]
) -> None:
    """Record, in the caller's transaction, that the actor did something.

    Args:
        action: what was done, `<thing>.<past participle>`, such as `review.written`.
        target: what it was done to.
    """
    key = await _key(session, actor.org_id, actor.user_id)
    event_id = new_id()
    before, after = _state(facts.get("before")), _state(facts.get("after"))
    context = structlog.contextvars.get_contextvars()
    trace = context.get("trace_id")
    values = {
        "id": event_id,
        "principal_id": actor.principal_id,
        "person_id": actor.user_id,
        "on_behalf_of_id": actor.on_behalf_of_id,
        "trace_id": UUID(str(trace)) if trace else None,
        "key_id": key.id,
        "rule_version": context.get("rule_version"),
        "principal_kind": actor.kind,
        "action": action,
        "target": str(target),
        "outcome": facts.get("outcome", "ok"),
        "before_sha256": _sha256(before),
        "after_sha256": _sha256(after),
        "body": key.seal(event_id, _body(actor, before, after)),
    }
    await queries.add_event(session, org_id=actor.org_id, values=values)


async def person_key(database: Database, actor: Actor) -> PersonKey:
    """The key for `encode_run`: cached for a minute, made and committed where there is none.

    Ask again for each run, or each time the actor is resolved: that is one dictionary look-up.
    """
    cached = process_keys().cached(actor.org_id, actor.user_id)
    if cached is not None:
        return cached
    async with database.transaction(actor.org_id) as session:
        key = await _key(session, actor.org_id, actor.user_id)
    process_keys().keep(key)
    return key


def encode_run(key: PersonKey, actor: Actor, run: schemas.RunEvent) -> tuple[Any, ...]:
    """The audit event of a run as a row for COPY, members as in `COLUMNS`.

    Its id is the run's, so that a record that is replayed cannot be written twice.
    """
    body = run_events.body(actor, run.operation, run.channel)
    return (
        run.run_id,
        actor.org_id,
        actor.principal_id,
        actor.user_id,
        actor.on_behalf_of_id,
        run.trace_id,
        key.id,
        run.rule_version,
        actor.kind,
        queries.RUN,
        run.target,
        run.outcome,
        None,
        None,
        key.seal(run.run_id, body),
    )


async def erase_person(database: Database, person_id: UUID) -> int:
    """Make every body about a person unreadable, in all organisations; the chains stay valid.

    Returns:
        How many keys were destroyed. Other processes forget theirs within a minute.
    """
    process_keys().forget(person_id)
    async with database.system_transaction() as session:
        return await queries.system_drop_keys(session, person_id=person_id)


async def list_events(
    session: AsyncSession, actor: Actor, wanted: schemas.AuditFilter
) -> Page[schemas.AuditEvent]:
    """Search the organisation's audit trail, newest first.

    Raises:
        Forbidden: the actor lacks `audit:read`.
    """
    actor.require("audit:read")

    conditions = queries.matching(**wanted.model_dump(exclude={"cursor", "limit"}))
    rows = await queries.list_events(
        session, org_id=actor.org_id, conditions=conditions, before=wanted.cursor, limit=wanted.limit + 1
    )
    total = await queries.count_events(session, org_id=actor.org_id, conditions=conditions)
    page = rows[: wanted.limit]
    keys = await _open_keys(session, actor.org_id, {row.key_id for row in page})
    return Page(
        items=[_readable(row, keys.get(row.key_id)) for row in page],
        next_cursor=str(page[-1].id) if len(rows) > wanted.limit else None,
        total=min(total, queries.COUNTED),
        total_capped=total > queries.COUNTED,
    )


async def check(
    session: AsyncSession, actor: Actor, checkpoint: schemas.Checkpoint | None
) -> schemas.Verification:
    """Verify the chain of the actor's organisation.

    Raises:
        Forbidden: the actor lacks `audit:read`.
    """
    actor.require("audit:read")
    return await verify(session, actor.org_id, checkpoint=checkpoint)


async def chained_organisations(database: Database) -> Sequence[UUID]:
    """Every organisation that has a chain."""
    async with database.system_transaction() as session:
        return await queries.system_chained_organisations(session)


async def verify(
    session: AsyncSession, org_id: UUID, *, checkpoint: schemas.Checkpoint | None = None
) -> schemas.Verification:
    """Recompute the whole chain of an organisation and name every event that does not fit.

    Who can rewrite the database can rewrite the chain: only a checkpoint (`head_block` and `head_hash`
    of an earlier answer) that was kept elsewhere shows a chain that was replaced or cut at its end.
    """
    cursor = await queries.public_cursor(session)
    head = await queries.head(session, org_id=org_id)
    seq = head.seq if head else 0
    walk = _Walk(org_id, cursor.retained_from, checkpoint)
    while blocks := await queries.list_blocks(session, org_id=org_id, after=walk.seq, upto=seq, limit=10):
        for block in blocks:
            walk.step(block, await queries.links(session, org_id=org_id, event_ids=block.event_ids))
    walk.finish()
    added = await queries.unchained(session, org_id=org_id, cursor=cursor, upto=seq, limit=FINDINGS)
    findings = walk.findings + [schemas.Finding(kind="added", event_id=event_id) for event_id in added]
    return schemas.Verification(
        valid=not findings,
        events=walk.events,
        blocks=walk.blocks,
        expired=walk.expired,
        pending=await queries.pending(session, org_id=org_id, cursor=cursor),
        head_block=seq,
        head_hash=head.hash.hex() if head else "",
        findings=findings[:FINDINGS],
    )


async def sequence_once(database: Database, *, limit: int = BATCH) -> int:
    """Chain the next events of all organisations; returns how many.

    Safe to run anywhere at any time: one process at a time does the work, the others return 0.
    """
    async with database.system_transaction() as session:
        if not await queries.system_try_lock(session):
            return 0
        cursor = await queries.public_cursor(session)
        if await queries.system_was_restored(session, cursor=cursor):
            log.warning("the database was restored from a copy: audit events get new numbers")
            await queries.system_renumber(session)
            return 0
        found = await queries.system_next_links(session, cursor=cursor, limit=limit)
        if found:
            await _append(session, [link for _, link in found])
            last_tx, last = found[-1]
            await queries.system_move_cursor(session, tx=last_tx, event_id=last.id)
        return len(found)


async def run_sequencer(database: Database) -> None:
    """Chain for ever: at once while there is a backlog, else twice a second."""
    while True:
        try:
            chained = await sequence_once(database)
        except LOST as error:
            log.warning("sequencer waits for the database", error=type(error).__name__)
            chained = 0
        except Exception:
            log.exception("sequencer failed")
            chained = 0
        await asyncio.sleep(0 if chained == BATCH else IDLE_SECONDS)


async def lag_seconds(database: Database) -> float:
    """How long the oldest event has waited for its place in the chain; 0.0 when none waits."""
    async with database.system_transaction() as session:
        return await queries.system_lag_seconds(session)


async def keep_partitions(database: Database, *, months: int = 3) -> None:
    """Make the partitions of the coming months; a daily job."""
    async with database.system_transaction() as session:
        await queries.system_partition(session, months=months)


async def retain_from(database: Database, since: datetime) -> int:
    """Drop the events of all whole months before a moment; returns how many months.

    Their digests stay in the chain, so what is kept still verifies.
    """
    async with database.system_transaction() as session:
        return await queries.system_retain_from(session, since=since)


class _Walk:
    """What a verification has seen so far."""

    def __init__(self, org_id: UUID, retained_from: UUID, checkpoint: schemas.Checkpoint | None) -> None:
        self.findings: list[schemas.Finding] = []
        self.blocks = self.events = self.expired = 0
        self._org_id, self._retained_from = org_id, retained_from
        self._checkpoint = checkpoint
        self._previous: chain.Block | None = None

    @property
    def seq(self) -> int:
        return self._previous.seq if self._previous else 0

    def step(self, block: chain.Block, links: dict[UUID, chain.Link]) -> None:
        flaws = chain.check_block(
            block, self._previous, links, org_id=self._org_id, retained_from=self._retained_from
        )
        for flaw in flaws:
            self._note(flaw.kind, flaw.seq, flaw.event_id)
        if self._checkpoint and block.seq == self._checkpoint.block:
            self._compare(block.hash.hex())
        self.blocks += 1
        self.events += len(block.event_ids)
        self.expired += sum(1 for i in block.event_ids if i not in links and i < self._retained_from)
        self._previous = block

    def finish(self) -> None:
        if self._checkpoint and self._checkpoint.block > self.seq:
            self._compare("")

    def _compare(self, found: str) -> None:
        if self._checkpoint and found != self._checkpoint.hash:
            self._note("head_differs", self._checkpoint.block, None)

    def _note(self, kind: str, block: int, event_id: UUID | None) -> None:
        if len(self.findings) < FINDINGS:
            self.findings.append(
                schemas.Finding.model_validate({"kind": kind, "block": block, "event_id": event_id})
            )


async def _append(session: AsyncSession, links: Iterable[chain.Link]) -> None:
    by_org: defaultdict[UUID, list[chain.Link]] = defaultdict(list)
    for link in links:
        by_org[link.org_id].append(link)
    heads = await queries.system_heads(session, org_ids=list(by_org))
    await queries.system_add_blocks(
        session, blocks=[_block(org_id, heads.get(org_id), found) for org_id, found in by_org.items()]
    )


def _block(org_id: UUID, head: queries.Head | None, links: Sequence[chain.Link]) -> dict[str, Any]:
    previous = head.hash if head else chain.first_hash(org_id)
    digests = b"".join(map(chain.event_digest, links))
    return {
        "org_id": org_id,
        "seq": head.seq + 1 if head else 1,
        "previous_hash": previous,
        "hash": chain.block_hash(previous, digests),
        "event_ids": [link.id for link in links],
        "digests": digests,
    }


async def _key(session: AsyncSession, org_id: UUID, person_id: UUID) -> PersonKey:
    """The person's key. One made in this very transaction is not cached: it may be rolled back."""
    keys = process_keys()
    cached = keys.cached(org_id, person_id)
    if cached is not None:
        return cached
    period = present_period()
    row = await queries.find_key(session, org_id=org_id, person_id=person_id, period=period)
    if row is None:
        key, wrapped = keys.make(org_id, person_id)
        if await queries.add_key(
            session, org_id=org_id, key_id=key.id, person_id=person_id, period=period, wrapped=wrapped
        ):
            session.info.setdefault(_FRESH, set()).add(key.id)
            return key
        row = await queries.find_key(session, org_id=org_id, person_id=person_id, period=period)
    if row is None:
        raise RuntimeError("the key of a person was erased while it was read")
    key = keys.unwrap(row.id, org_id, person_id, row.wrapped)
    if key.id not in session.info.get(_FRESH, ()):
        keys.keep(key)
    return key


async def _open_keys(session: AsyncSession, org_id: UUID, key_ids: set[UUID]) -> dict[UUID, PersonKey]:
    rows = await queries.find_keys(session, org_id=org_id, key_ids=list(key_ids))
    return {row.id: process_keys().unwrap(row.id, org_id, row.person_id, row.wrapped) for row in rows}


def _readable(row: models.Event, key: PersonKey | None) -> schemas.AuditEvent:
    opened = key.open(row.id, row.body) if key else None
    body: dict[str, Any] = orjson.loads(opened) if opened is not None else {}
    facts = {name: getattr(row, name) for name in schemas.AuditEvent.model_fields if hasattr(row, name)}
    return schemas.AuditEvent.model_validate(
        facts
        | {
            "at": id_time(row.id),
            "before_sha256": row.before_sha256.hex() if row.before_sha256 else None,
            "after_sha256": row.after_sha256.hex() if row.after_sha256 else None,
            "readable": opened is not None,
            "label": body.get("label"),
            "address": body.get("address"),
            "details": body.get("details", {}),
        }
    )


def _state(value: Any) -> bytes | None:
    """A state in its one canonical form."""
    return None if value is None else orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def _sha256(state: bytes | None) -> bytes | None:
    return None if state is None else hashlib.sha256(state).digest()


def _body(actor: Actor, before: bytes | None, after: bytes | None) -> bytes:
    states = {"before": before, "after": after}
    details = {name: orjson.Fragment(state) for name, state in states.items() if state is not None}
    if sum(len(state) for state in states.values() if state) > DETAILS_BYTES:
        details = {"omitted": orjson.Fragment(b'"The states are too large to keep; see their hashes."')}
    return orjson.dumps({"label": actor.label, "address": actor.address, "details": details})
