"""Runs as people and programs read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field
from sqlalchemy import Uuid
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.identity import schemas as identity_schemas
from toolmarket.identity import service as identity
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.kit.json_text import too_deep
from toolmarket.kit.schemas import Page, Schema
from toolmarket.runtime import errors, queries, spool
from toolmarket.runtime.models import Run
from toolmarket.runtime.record import CHANNELS, DURABILITY, OUTCOMES, PRINCIPAL_KINDS
from toolmarket.runtime.rendering import as_json
from toolmarket.runtime.schemas import Channel, Outcome

TOTAL_CAP = 10_000


class Principal(Schema):
    """Who called."""

    id: UUID
    kind: str
    user_id: UUID
    label: str


class RunItem(Schema):
    """A run in a list. Times are milliseconds, sizes bytes of the upstream's traffic."""

    id: UUID
    started_at: datetime
    installation_id: UUID | None
    alias: str
    operation: str
    mcp_name: str
    operation_id: UUID
    version_id: UUID | None
    outcome: Outcome
    problem_code: str | None
    upstream_code: str | None
    http_status: int | None
    channel: Channel
    client_name: str | None
    client_version: str | None
    session_key: str | None
    principal: Principal
    total_milliseconds: float
    own_milliseconds: float
    queue_milliseconds: float
    upstream_milliseconds: float
    retries: int
    bytes_in: int
    bytes_out: int
    answer_tokens: int | None
    durability: str
    demo: bool
    ended: Annotated[bool, Field(description="False while a call goes on; its outcome is `unknown`.")]


class RunDetail(RunItem):
    """A run whole: what was asked, what was sent, what came back."""

    trace_id: UUID
    on_behalf_of_id: UUID | None
    version: str
    idempotency_key: str | None
    detail: str
    arguments: Annotated[Any, Field(description="As the caller gave them; text where they were cut.")]
    answer: Annotated[Any, Field(description="JSON, text, or `{media_type, base64}`.")]
    answer_bytes: int
    content_type: str
    attempts: list[dict[str, Any]]


class RunFilter(Schema):
    """Which runs."""

    outcome: list[Outcome] = []
    channel: list[Channel] = []
    installation_id: UUID | None = None
    operation: str | None = None
    principal_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


async def list_runs(session: AsyncSession, actor: Actor, wanted: RunFilter) -> Page[RunItem]:
    """The organisation's runs, or the actor's own where that is all it may see, the newest first.

    Raises:
        Forbidden: the actor lacks `runs:read`.
    """
    actor.require("runs:read")
    conditions = queries.matching(
        outcomes=[OUTCOMES.index(outcome) for outcome in wanted.outcome],
        channels=[CHANNELS.index(channel) for channel in wanted.channel],
        installation_id=wanted.installation_id,
        operation_name=wanted.operation,
        principal_id=wanted.principal_id,
        user_id=None if actor.can("runs:read-all") else actor.user_id,
        since=wanted.since,
        until=wanted.until,
    )
    rows = await queries.list_runs(
        session, org_id=actor.org_id, conditions=conditions, before=wanted.cursor, limit=wanted.limit + 1
    )
    total = await queries.count_runs(session, org_id=actor.org_id, conditions=conditions, cap=TOTAL_CAP + 1)
    return Page(
        items=await _items(session, actor, rows[: wanted.limit]),
        next_cursor=str(rows[wanted.limit - 1].id) if len(rows) > wanted.limit else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )


async def get_run(session: AsyncSession, actor: Actor, run_id: UUID) -> RunDetail:
    """One run with everything that was kept of it.

    Raises:
        Forbidden: the actor lacks `runs:read`.
        RunNotFound: unknown here, or another person's where the actor sees only their own.
    """
    actor.require("runs:read")
    running = await queries.get_intent(session, org_id=actor.org_id, run_id=run_id)
    row = await queries.get_run(session, org_id=actor.org_id, run_id=run_id)
    if row is None and running is not None:
        row = _running(running)
    if row is None or (row.user_id != actor.user_id and not actor.can("runs:read-all")):
        raise errors.RunNotFound(f"There is no run {run_id}.")
    detail = await queries.get_detail(session, org_id=actor.org_id, run_id=run_id)
    trace: dict[str, Any] = orjson.loads(detail.trace) if detail else {}
    item = (await _items(session, actor, [row]))[0]
    return RunDetail(
        **item.model_dump(exclude={"ended"}),
        ended=row in session,
        trace_id=row.trace_id,
        on_behalf_of_id=row.on_behalf_of_id,
        version=trace.get("version", ""),
        idempotency_key=trace.get("idempotency_key"),
        detail=trace.get("detail", ""),
        arguments=_loose(detail.arguments) if detail else None,
        answer=_shown(detail.answer, detail.content_type) if detail else None,
        answer_bytes=trace.get("answer_bytes", 0),
        content_type=detail.content_type if detail else "",
        attempts=trace.get("attempts", []),
    )


class LastCall(Schema):
    """The newest call of an agent."""

    run_id: UUID
    client_name: str | None
    at: datetime


class Connect(Schema):
    """What an agent needs to connect, and whether one has called."""

    mcp_url: str
    last_call: LastCall | None


async def connect(session: AsyncSession, actor: Actor, base_url: str) -> Connect:
    """The address for agents and their newest call, demo runs left out.

    Raises:
        Forbidden: the actor lacks `runs:read`.
    """
    actor.require("runs:read")
    last = await latest_run(session, actor, channels=[Channel.mcp, Channel.rest], demo=False)
    call = LastCall(run_id=last.id, client_name=last.client_name, at=last.started_at) if last else None
    return Connect(mcp_url=f"{base_url}/mcp", last_call=call)


async def summary_since(session: AsyncSession, actor: Actor, since: datetime) -> tuple[int, int]:
    """How many runs the organisation made since a moment, and how many ended well."""
    return await queries.summary_since(session, org_id=actor.org_id, since=since)


async def latest_run(
    session: AsyncSession, actor: Actor, *, channels: Sequence[Channel] = (), demo: bool | None = None
) -> RunItem | None:
    """The newest run through these channels that the actor may see, of the demo or of real callers."""
    conditions = queries.matching(
        channels=[CHANNELS.index(channel) for channel in channels],
        user_id=None if actor.can("runs:read-all") else actor.user_id,
        demo=demo,
    )
    row = await queries.latest_run(session, org_id=actor.org_id, conditions=conditions)
    return (await _items(session, actor, [row]))[0] if row else None


async def ever_ran(session: AsyncSession, actor: Actor, operation_ids: Sequence[UUID]) -> bool:
    """Whether the organisation ever called one of these operations."""
    conditions = queries.matching(operation_ids=operation_ids)
    return await queries.latest_run(session, org_id=actor.org_id, conditions=conditions) is not None


def _running(packed: bytes) -> Run:
    """A run that goes on, as its intent describes it."""
    facts = spool.unpack(packed).run._asdict()
    columns = Run.__table__.columns
    return Run(
        **{
            column.name: UUID(str(facts[column.name]))
            if facts[column.name] is not None and isinstance(column.type, Uuid)
            else facts[column.name]
            for column in columns
        }
    )


def _shown(content: bytes, content_type: str) -> Any:
    """The answer as JSON; as text where it is nested too deeply to be written again."""
    value = orjson.loads(as_json(content, content_type))
    return content.decode(errors="replace") if too_deep(value) else value


def _loose(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")


async def _items(session: AsyncSession, actor: Actor, rows: Sequence[Run]) -> list[RunItem]:
    """The rows with the names of who called what."""
    principals = await identity.name_principals(
        session, org_id=actor.org_id, ids=list({row.principal_id for row in rows})
    )
    aliases = await installs.aliases(
        session, actor.org_id, {row.installation_id for row in rows if row.installation_id}
    )
    return [_item(row, principals.get(row.principal_id), aliases) for row in rows]


def _item(row: Run, principal: identity_schemas.Principal | None, aliases: dict[UUID, str]) -> RunItem:
    alias = aliases.get(row.installation_id, "") if row.installation_id else ""
    facts = {
        "id": row.id,
        "started_at": row.started_at,
        "installation_id": row.installation_id,
        "alias": alias,
        "mcp_name": installs.mcp_name(alias, row.operation_name),
        "operation": row.operation_name,
        "operation_id": row.operation_id,
        "version_id": row.version_id,
        "outcome": OUTCOMES[row.outcome],
        "problem_code": row.problem_code,
        "upstream_code": row.upstream_code,
        "http_status": row.http_status,
        "channel": CHANNELS[row.channel],
        "client_name": row.client_name,
        "client_version": row.client_version,
        "session_key": row.session_key,
        "principal": Principal(
            id=row.principal_id,
            kind=PRINCIPAL_KINDS[row.principal_kind],
            user_id=row.user_id,
            label=principal.label if principal else "",
        ),
        "total_milliseconds": row.total_micros / 1000,
        "own_milliseconds": row.own_micros / 1000,
        "queue_milliseconds": row.queue_micros / 1000,
        "upstream_milliseconds": row.upstream_micros / 1000,
        "retries": row.retries,
        "bytes_in": row.bytes_in,
        "bytes_out": row.bytes_out,
        "answer_tokens": row.answer_tokens,
        "durability": DURABILITY[row.durability],
        "demo": row.demo,
        "ended": True,
    }
    return RunItem.model_validate(facts)
