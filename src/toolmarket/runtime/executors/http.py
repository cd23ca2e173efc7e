"""The executor of `http` operations: one request, with its retries and further pages."""

from typing import Any

from toolmarket.catalog.schemas import Operation
from toolmarket.kit.egress import Egress
from toolmarket.kit.problems import Problem
from toolmarket.kit.redaction import Redactor, redactor
from toolmarket.kit.upstream import ConnectionLost, UpstreamTimeout
from toolmarket.kit.urls import EgressRefused
from toolmarket.runtime.executors import errors
from toolmarket.runtime.executors.answers import upstream_code
from toolmarket.runtime.executors.paging import Pager
from toolmarket.runtime.executors.prepared import Outgoing, Prepared
from toolmarket.runtime.executors.sending import Received, Sender
from toolmarket.runtime.executors.serialise import Unserialisable
from toolmarket.runtime.schemas import Answer, Attempt, Call, Outcome

_KEPT_OPERATIONS = 4096


class HttpExecutor:
    """Performs `http` operations through the guarded client of the process."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._kept: dict[int, Prepared] = {}

    async def execute(self, call: Call) -> Answer:
        """Do the call; whatever the arguments, the network or the service do is an outcome."""
        prepared = self.prepare(call.operation)
        try:
            outgoing = prepared.build(call, call.arguments)
        except (Unserialisable, UnicodeError) as error:
            return _unserialisable(error)
        clean = redactor(call.injection.secrets)
        sender = Sender(self._egress, call, prepared, clean)
        received = await _perform(prepared, call, sender, outgoing)
        return _answer(received, sender, clean)

    def prepare(self, operation: Operation) -> Prepared:
        """The compiled form of an operation, kept as long as the same object is called."""
        prepared = self._kept.get(id(operation))
        if prepared is None or prepared.operation is not operation:
            prepared = Prepared(operation)
            while len(self._kept) >= _KEPT_OPERATIONS:
                self._kept.pop(next(iter(self._kept)))
            self._kept[id(operation)] = prepared
        return prepared

    def preview(self, call: Call) -> Attempt:
        """The request of a call as its trace would show it, without sending it.

        Raises:
            ArgumentsUnserialisable: an argument has no form in the request.
        """
        try:
            outgoing = self.prepare(call.operation).build(call, call.arguments)
        except (Unserialisable, UnicodeError) as error:
            raise errors.ArgumentsUnserialisable(_reason(error)) from None
        headers = outgoing.shown_headers()
        return Attempt(outgoing.method, outgoing.full_url(), headers, outgoing.body, None, {}, 0.0, 0.0)


async def _perform(prepared: Prepared, call: Call, sender: Sender, outgoing: Outgoing) -> Received:
    pagination = prepared.implementation.pagination
    try:
        if pagination is None or pagination.max_pages == 1:
            return await sender.send(outgoing)
        return await Pager(prepared, pagination, call, sender).collect(outgoing)
    except Unserialisable as error:
        return Received(problem=errors.ArgumentsUnserialisable(_reason(error)))
    except Problem as problem:
        return Received(problem=problem)


def _answer(received: Received, sender: Sender, clean: Redactor) -> Answer:
    account: dict[str, Any] = {
        "upstream_milliseconds": sender.upstream_milliseconds,
        "retries": sender.retries,
        "bytes_out": sender.bytes_out,
        "bytes_in": sender.bytes_in,
        "attempts": tuple(sender.attempts),
    }
    if received.problem is not None:
        outcome = _outcome(received.problem, repeatable=sender.repeatable)
        detail = clean.clean_text(received.problem.detail)
        return Answer(outcome, problem_code=received.problem.code, detail=detail, **account)
    body = clean.clean(received.body)
    content_type = clean.clean_text(received.headers.get("Content-Type", "application/octet-stream"))
    status = received.status or 0
    problem = errors.of_status(status)
    if problem is None:
        return Answer(Outcome.ok, body, content_type, status, **account)
    return Answer(
        Outcome.upstream_error,
        body,
        content_type,
        status,
        problem_code=problem.code,
        detail=f"{problem.title} It answered {status}.",
        upstream_code=upstream_code(body, content_type),
        **account,
    )


def _outcome(problem: Problem, *, repeatable: bool) -> Outcome:
    if isinstance(problem, UpstreamTimeout):
        return Outcome.timeout
    if isinstance(problem, EgressRefused):
        return Outcome.denied
    if isinstance(problem, errors.ArgumentsUnserialisable):
        return Outcome.tool_error
    if isinstance(problem, ConnectionLost) and not repeatable:
        return Outcome.unknown
    return Outcome.upstream_error


def _unserialisable(error: ValueError) -> Answer:
    code = errors.ArgumentsUnserialisable.code
    return Answer(Outcome.tool_error, problem_code=code, detail=_reason(error))


def _reason(error: ValueError) -> str:
    if isinstance(error, UnicodeError):
        return "A text holds half of a character pair, which cannot be sent."
    return str(error)
