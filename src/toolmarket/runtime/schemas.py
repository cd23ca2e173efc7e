"""Shapes of one run, and what an executor gets and gives.

Those made for every call are not frozen: freezing costs more than making them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from toolmarket.catalog.schemas import Limits, Operation
from toolmarket.kit.problems import Problem
from toolmarket.vault.schemas import Injection


class Outcome(StrEnum):
    """How a run ended."""

    ok = "ok"
    tool_error = "tool_error"
    upstream_error = "upstream_error"
    denied = "denied"
    pending_approval = "pending_approval"
    timeout = "timeout"
    unknown = "unknown"


@dataclass(slots=True)
class Call:
    """Everything an executor needs for one call; arguments are already validated and hold the fixed inputs.

    `server` is the operation's server URL with the installation's configuration filled in, `hosts`
    the egress allow-list as `host` or `host:port` patterns, `deadline` a `loop.time()` moment.
    `idempotency_key` is set where the upstream may use it. `trace_parent` is the W3C header value,
    `tenant` the organisation that calls.
    """

    operation: Operation
    server: str
    hosts: frozenset[str]
    limits: Limits
    arguments: dict[str, Any]
    injection: Injection
    deadline: float
    trace_parent: str = ""
    idempotency_key: str | None = None
    client: Any = None
    tenant: UUID | None = None


@dataclass(slots=True)
class Attempt:
    """One request as it left and what came back; shown in the trace, without credentials.

    `started_milliseconds` counts from the begin of the execution.
    """

    method: str
    url: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int | None
    response_headers: dict[str, str]
    started_milliseconds: float
    duration_milliseconds: float
    error: str = ""


@dataclass(slots=True)
class Answer:
    """What an executor brings back.

    `body` is the answer's bytes as they came (after joining pages); `content_type` tells what they
    are. For JSON they pass through undecoded. An MCP upstream gives its `CallToolResult` as JSON with
    `content_type` "application/vnd.mcp.result+json".
    """

    outcome: Outcome
    body: bytes = b""
    content_type: str = "application/json"
    status: int | None = None
    problem_code: str | None = None
    detail: str = ""
    upstream_code: str | None = None
    upstream_milliseconds: float = 0.0
    retries: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    attempts: tuple[Attempt, ...] = ()


class Executor(Protocol):
    """Performs calls of one kind of implementation."""

    async def execute(self, call: Call) -> Answer:
        """Do it. Never raises for what the upstream or the network does: that is an outcome."""
        ...


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Which program calls."""

    name: str = ""
    version: str = ""


class Channel(StrEnum):
    """Through which door a call came."""

    rest = "rest"
    mcp = "mcp"
    try_it = "try"
    chain = "chain"
    demo = "demo"


@dataclass(slots=True)
class Request:
    """What is asked: an operation's arguments, and how the question came.

    `trace_id` continues a W3C trace. `at` is set by the demo alone, which spreads its runs over
    past days. `accepted` is called once the intent is committed; it makes the call strict.
    `back_channel` lets an MCP upstream ask the caller something while the call runs.
    """

    arguments: dict[str, Any]
    channel: Channel
    client: ClientInfo = ClientInfo()
    session_key: str | None = None
    idempotency_key: str | None = None
    trace_id: UUID | None = None
    back_channel: Any = None
    at: datetime | None = None
    run_id: UUID | None = None
    accepted: Callable[[], None] | None = None


@dataclass(slots=True)
class RunResult:
    """How a run ended. `body` is the answer as it came, of type `content_type`; times are microseconds."""

    id: UUID
    outcome: Outcome
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/json"
    status: int | None = None
    problem_code: str | None = None
    detail: str = ""
    total_micros: int = 0
    refused: Problem | None = None
    repeated: bool = False


MOST_MICROS = 2**31 - 1


@dataclass(slots=True)
class Timing:
    """The moments of one run, as `perf_counter_ns`; `upstream` is a duration in microseconds."""

    at: datetime
    began: int
    queued: int = 0
    upstream: int = 0

    def queue_micros(self) -> int:
        """Time until the upstream was asked; 0 where it never was."""
        return (self.queued - self.began) // 1000 if self.queued else 0

    def elapsed_micros(self) -> int:
        """Time since the call arrived, as far as its column goes: 35 minutes."""
        return min((time.perf_counter_ns() - self.began) // 1000, MOST_MICROS)
