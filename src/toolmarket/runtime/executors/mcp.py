"""Calls tools of remote MCP servers, at the level of messages, so that nothing of an answer is lost."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import orjson

from toolmarket.catalog.schemas import McpImplementation, Operation
from toolmarket.kit.mcp_messages import Message, RpcError, UpstreamFailed, argument_headers
from toolmarket.kit.mcp_peers import Endpoint, Nobody, Peer
from toolmarket.kit.mcp_pool import ROUNDS, Upstreams, settle_questions
from toolmarket.kit.redaction import redactor
from toolmarket.runtime.schemas import Answer, Attempt, Call, Outcome
from toolmarket.vault.schemas import Injection

RESULT_TYPE = "application/vnd.mcp.result+json"
ERROR_TYPE = "application/vnd.mcp.error+json"
QUESTION_SECONDS = 600.0
_MIRRORED_AT_MOST = 4_096
# The request may have been seen although no answer came.
_UNCERTAIN = frozenset({"upstream-connection-lost", "upstream-stream-closed"})


class Caller(Peer, Protocol):
    """The MCP client behind a call.

    `owner` names its session where upstream sessions must be its own; `extras` are members to add to
    the parameters: `_meta`, `inputResponses`, `requestState`.
    """

    owner: str | None
    extras: Message


def endpoint_of(
    server: str,
    transport: str,
    hosts: frozenset[str],
    injection: Injection,
    limit_bytes: int,
    tenant: UUID | None,
) -> Endpoint:
    """Where an upstream is, with its credential put in."""
    url = server
    if injection.query:
        url += ("&" if "?" in url else "?") + urlencode(injection.query)
    headers = dict(injection.headers)
    if injection.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in injection.cookies.items())
    clean = redactor(injection.secrets).clean
    return Endpoint(url, hosts, headers, transport, limit_bytes, clean, tenant)


class _Pausing:
    """A peer whose thinking time does not count against the deadline of the call."""

    def __init__(self, peer: Peer, timeout: asyncio.Timeout) -> None:
        self.modern, self.capabilities, self.standing = peer.modern, peer.capabilities, peer.standing
        self._peer, self._timeout, self._asked = peer, timeout, 0
        self._rest = 0.0

    async def request(self, method: str, params: Message) -> Message:
        loop = asyncio.get_running_loop()
        if self._asked == 0:
            self._rest = max(0.0, (self._timeout.when() or 0.0) - loop.time())
            self._timeout.reschedule(loop.time() + QUESTION_SECONDS)
        self._asked += 1
        try:
            return await self._peer.request(method, params)
        finally:
            self._asked -= 1
            if self._asked == 0 and not self._timeout.expired():
                self._timeout.reschedule(loop.time() + self._rest)

    async def notify(self, method: str, params: Message) -> None:
        await self._peer.notify(method, params)

    async def polled(self) -> None:
        await self._peer.polled()


class McpExecutor:
    """The executor of `mcp` implementations."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._mirroring: dict[int, tuple[Operation, bool]] = {}

    async def execute(self, call: Call) -> Answer:
        """Call the tool; repeat only where the operation is safe to repeat."""
        implementation = call.operation.implementation
        if not isinstance(implementation, McpImplementation):
            raise TypeError(f"{call.operation.name} is no tool of an MCP server")
        effects, retry = call.operation.effects, implementation.retry
        repeatable = effects.read_only or effects.idempotent
        attempts: list[Attempt] = []
        while True:
            answer = await self._once(call, implementation, attempts)
            again = repeatable and len(attempts) < retry.attempts and answer.status in retry.statuses
            if not again or asyncio.get_running_loop().time() + retry.backoff_seconds > call.deadline:
                return answer
            await asyncio.sleep(retry.backoff_seconds)

    async def _once(self, call: Call, implementation: McpImplementation, attempts: list[Attempt]) -> Answer:
        started = time.perf_counter()
        params = self._params(call, implementation)
        try:
            async with asyncio.timeout_at(call.deadline) as timeout:
                peer = _Pausing(call.client, timeout) if call.client is not None else Nobody()
                result = await self._ask(call, implementation, params, peer)
            facts = _of_result(result, peer, call.limits.response_bytes)
        except TimeoutError:
            facts = {
                "outcome": Outcome.timeout,
                "problem_code": "upstream-timeout",
                "detail": "The MCP server did not answer in time.",
            }
        except RpcError as error:
            facts = _of_error(error)
        except UpstreamFailed as failure:
            facts = _of_failure(failure, call.operation)
        spent = (time.perf_counter() - started) * 1_000
        sent = orjson.dumps({"method": "tools/call", "params": params})
        attempts.append(_attempt(call, implementation, sent, facts, spent))
        return Answer(
            **facts,
            upstream_milliseconds=sum(attempt.duration_milliseconds for attempt in attempts),
            retries=len(attempts) - 1,
            bytes_out=len(sent),
            bytes_in=len(facts.get("body", b"")),
            attempts=tuple(attempts),
        )

    def _params(self, call: Call, implementation: McpImplementation) -> Message:
        params: Message = {"name": implementation.tool, "arguments": call.arguments}
        if call.client is not None:
            params |= call.client.extras
        if call.trace_parent:
            params["_meta"] = {**(params.get("_meta") or {}), "traceparent": call.trace_parent}
        return params

    async def _ask(
        self, call: Call, implementation: McpImplementation, params: Message, peer: Peer
    ) -> Message:
        endpoint = endpoint_of(
            call.server,
            implementation.transport,
            call.hosts,
            call.injection,
            call.limits.response_bytes,
            call.tenant,
        )
        owner = None if call.client is None else call.client.owner
        mirrored = self._mirrored(call)
        for _ in range(ROUNDS):
            result = await self._upstreams.call(
                endpoint, "tools/call", params, peer, owner=owner, mirrored=mirrored
            )
            more = await settle_questions(result, peer) if call.client is not None else None
            if more is None:
                return result
            params = {**params, **more}
        raise UpstreamFailed("The MCP server keeps asking.")

    def _mirrored(self, call: Call) -> Mapping[str, str]:
        known = self._mirroring.get(id(call.operation))
        if known is None or known[0] is not call.operation:
            if len(self._mirroring) >= _MIRRORED_AT_MOST:
                self._mirroring.clear()
            mirrors = b'"x-mcp-header"' in orjson.dumps(call.operation.input_schema)
            known = self._mirroring[id(call.operation)] = (call.operation, mirrors)
        return argument_headers(call.operation.input_schema, call.arguments) if known[1] else {}


def _of_result(result: Message, peer: Peer, limit_bytes: int) -> dict[str, Any]:
    body = orjson.dumps(result)
    if len(body) > limit_bytes:
        detail = f"The answer of the MCP server is larger than the {limit_bytes} bytes allowed."
        return {
            "outcome": Outcome.upstream_error,
            "problem_code": "response-too-large",
            "detail": detail,
            "status": 200,
        }
    facts: dict[str, Any] = {
        "outcome": Outcome.ok,
        "body": body,
        "content_type": RESULT_TYPE,
        "status": 200,
    }
    if result.get("isError") is True:
        facts["outcome"] = Outcome.tool_error
    elif result.get("resultType") == "input_required":
        facts["problem_code"] = "input-required"
        if not peer.modern:
            facts["outcome"] = Outcome.tool_error
            facts["detail"] = "The tool asks for input, which only an MCP client that is asked back can give."
    return facts


def _of_error(error: RpcError) -> dict[str, Any]:
    return {
        "outcome": Outcome.upstream_error,
        "body": orjson.dumps(error.document()),
        "content_type": ERROR_TYPE,
        "status": 200,
        "problem_code": "upstream-failed",
        "detail": error.message,
        "upstream_code": str(error.code),
    }


def _of_failure(failure: UpstreamFailed, operation: Operation) -> dict[str, Any]:
    repeatable = operation.effects.read_only or operation.effects.idempotent
    outcome = Outcome.upstream_error
    if failure.problem == "egress-refused":
        outcome = Outcome.denied
    elif failure.problem == "upstream-timeout":
        outcome = Outcome.timeout
    elif failure.problem in _UNCERTAIN and not repeatable:
        outcome = Outcome.unknown
    return {
        "outcome": outcome,
        "status": failure.status,
        "problem_code": failure.problem or "upstream-failed",
        "detail": failure.detail,
        "upstream_code": None if failure.status is None else str(failure.status),
    }


def _attempt(
    call: Call, implementation: McpImplementation, sent: bytes, facts: dict[str, Any], spent: float
) -> Attempt:
    return Attempt(
        method="POST",
        url=call.server,
        request_headers={"Mcp-Method": "tools/call", "Mcp-Name": implementation.tool},
        request_body=sent,
        status=facts.get("status"),
        response_headers={},
        started_milliseconds=0.0,
        duration_milliseconds=spent,
        error=facts.get("detail", ""),
    )
