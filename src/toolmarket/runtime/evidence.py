"""What a call leaves behind: its row, its detail, its audit event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.kit.actor import Actor
from toolmarket.runtime import journal
from toolmarket.runtime.plans import Plan
from toolmarket.runtime.record import CHANNELS, OUTCOMES, PRINCIPAL_KINDS, DetailRow, Record, RunRow, clean
from toolmarket.runtime.schemas import Answer, Attempt, Channel, Outcome, Request, RunResult, Timing
from toolmarket.runtime.spool import pack

GRACE_SECONDS = 30
KEPT_BYTES = 65_536
OUTCOME = {outcome: position for position, outcome in enumerate(OUTCOMES)}
_CHANNEL = {channel: position for position, channel in enumerate(CHANNELS)}
_KIND = {kind: position for position, kind in enumerate(PRINCIPAL_KINDS)}
NOTHING = Answer(outcome=Outcome.unknown, problem_code="interrupted", detail="The process ended meanwhile.")


@dataclass(slots=True)
class Taken:
    """A call that was accepted: who asks what, and since when."""

    actor: Actor
    plan: Plan
    request: Request
    timing: Timing
    strict: bool
    person: Any
    run_id: UUID
    trace_id: UUID
    session_key: str

    @property
    def trace_parent(self) -> str:
        """The W3C `traceparent` header that the upstream gets."""
        return f"00-{self.trace_id.hex}-{self.run_id.hex[16:]}-01"


def result(taken: Taken, answer: Answer) -> RunResult:
    """What the caller is told."""
    return RunResult(
        id=taken.run_id,
        outcome=answer.outcome,
        body=answer.body,
        content_type=answer.content_type,
        status=answer.status,
        problem_code=answer.problem_code,
        detail=answer.detail,
        total_micros=taken.timing.elapsed_micros(),
    )


def intent(taken: Taken, digest: bytes) -> journal.Intent:
    """The strict call as it is before it is made, with the record that stands if it never ends."""
    seconds = taken.plan.limits.timeout_seconds + GRACE_SECONDS
    return journal.Intent(
        run_id=taken.run_id,
        org_id=taken.plan.org_id,
        principal_id=taken.actor.principal_id,
        expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
        row=pack(record(taken, NOTHING, result(taken, NOTHING), ())),
        key=taken.request.idempotency_key,
        digest=digest,
    )


def record(taken: Taken, answer: Answer, ended: RunResult, facts: tuple[tuple[Any, ...], ...]) -> Record:
    """Everything that is written about the call."""
    return Record(
        run=run_row(taken, answer, ended),
        detail=_detail_row(taken, answer),
        audit=audit.encode_run(
            taken.person,
            taken.actor,
            audit_schemas.RunEvent(
                run_id=taken.run_id,
                target=str(taken.plan.installation_id or taken.plan.operation_id),
                operation=taken.plan.operation.name,
                outcome=answer.outcome,
                channel=taken.request.channel,
                trace_id=taken.trace_id,
            ),
        ),
        facts=facts,
        strict=taken.strict,
    )


def run_row(taken: Taken, answer: Answer, ended: RunResult) -> RunRow:
    """The row of the list of runs."""
    actor, plan, request = taken.actor, taken.plan, taken.request
    queue = taken.timing.queue_micros()
    return RunRow(
        id=taken.run_id,
        org_id=plan.org_id,
        installation_id=plan.installation_id,
        operation_id=plan.operation_id,
        version_id=plan.version_id,
        principal_id=actor.principal_id,
        user_id=actor.user_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        trace_id=taken.trace_id,
        started_at=taken.timing.at,
        queue_micros=queue,
        own_micros=max(ended.total_micros - taken.timing.upstream - queue, 0),
        upstream_micros=taken.timing.upstream,
        total_micros=ended.total_micros,
        bytes_in=answer.bytes_in,
        bytes_out=answer.bytes_out,
        answer_tokens=len(answer.body) // 4,
        retries=answer.retries,
        http_status=answer.status,
        outcome=OUTCOME[answer.outcome],
        channel=_CHANNEL[request.channel],
        environment=1 if request.channel is Channel.try_it else 0,
        durability=int(taken.strict),
        token_counter=1,
        principal_kind=_KIND[actor.kind],
        demo=request.at is not None,
        operation_name=plan.operation.name,
        client_name=clean(request.client.name) or None,
        client_version=clean(request.client.version, 40) or None,
        session_key=clean(taken.session_key),
        problem_code=clean(answer.problem_code),
        upstream_code=clean(answer.upstream_code),
    )


def _detail_row(taken: Taken, answer: Answer) -> DetailRow:
    arguments, body, trace = told(taken, answer)
    return DetailRow(
        id=taken.run_id,
        org_id=taken.plan.org_id,
        arguments=arguments,
        answer=body,
        content_type=answer.content_type,
        trace=trace,
    )


def told(taken: Taken, answer: Answer) -> tuple[bytes, bytes, bytes]:
    """Arguments, answer and trace, as far as they are kept."""
    trace = {
        "attempts": [_attempt(attempt) for attempt in answer.attempts],
        "detail": answer.detail,
        "answer_bytes": len(answer.body),
        "idempotency_key": taken.request.idempotency_key,
        "version": taken.plan.version,
        "alias": taken.plan.alias,
        "principal": taken.actor.label,
        "queue_micros": taken.timing.queue_micros(),
    }
    arguments = orjson.dumps(taken.request.arguments)[:KEPT_BYTES]
    return arguments, answer.body[:KEPT_BYTES], orjson.dumps(trace)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "method": attempt.method,
        "url": attempt.url,
        "request_headers": _plain(attempt.request_headers),
        "request_body": attempt.request_body[:KEPT_BYTES].decode(errors="replace"),
        "status": attempt.status,
        "response_headers": _plain(attempt.response_headers),
        "started_milliseconds": attempt.started_milliseconds,
        "duration_milliseconds": attempt.duration_milliseconds,
        "error": attempt.error,
    }


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names as plain text: the client's are of a type of its own, which JSON does not take."""
    return {str(name): value for name, value in headers.items()}
