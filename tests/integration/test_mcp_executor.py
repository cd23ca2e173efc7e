"""The mcp executor and importer on odd servers: lost sessions, unknown fields, the oldest transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from tests.conformance.serving import served, started

from toolmarket.catalog import schemas as catalog
from toolmarket.importers.errors import McpServerUnusable
from toolmarket.importers.mcp import import_mcp
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.mcp_wire import EgressWire
from toolmarket.kit.urls import EgressSettings
from toolmarket.runtime.executors.mcp import ERROR_TYPE, RESULT_TYPE, McpExecutor
from toolmarket.runtime.schemas import Answer, Call, Outcome
from toolmarket.vault.schemas import Injection

READ = catalog.Effects(kind="read", read_only=True, destructive=False, idempotent=True)


@dataclass
class OddServer:
    """A server of 2025-06-18 whose next answers are told by the test."""

    result: Any = field(default_factory=lambda: {"content": []})
    tools: list[dict[str, Any]] = field(default_factory=list)
    sessions: int = 0
    lost: bool = False
    status: int = 200
    failures: int = 0
    error: dict[str, Any] | None = None
    silent: bool = False
    broken: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append((scope["query_string"].decode(), headers))
        if scope["method"] != "POST":
            await self._answer(send, 405, b"")
            return
        asked = orjson.loads(message["body"])
        if "id" not in asked:
            await self._answer(send, 202, b"")
        elif asked["method"] == "initialize":
            await self._initialize(asked, send)
        else:
            await self._serve(asked, headers, send)

    async def _initialize(self, asked: Any, send: Any) -> None:
        self.sessions += 1
        told = {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "Odd", "version": "1"},
        }
        body = orjson.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": told})
        await self._answer(send, 200, body, [(b"mcp-session-id", b"s%d" % self.sessions)])

    async def _serve(self, asked: Any, headers: dict[str, str], send: Any) -> None:
        if asked["method"] == "server/discover":
            await self._answer(send, 400, b'{"error":"no session"}')
            return
        if self.lost or headers.get("mcp-session-id") != f"s{self.sessions}":
            self.lost = False
            await self._answer(send, 404, b"")
            return
        if asked["method"] == "tools/call":
            self.calls.append(asked["params"])
            if self.silent:
                await asyncio.Event().wait()
            if self.broken:
                head = [(b"content-type", b"text/event-stream")]
                await self._answer(send, 200, b": nothing more comes\n\n", head)
                return
            if self.failures > 0:
                self.failures -= 1
                await self._answer(send, self.status, b"")
                return
        result = {"tools": self.tools} if asked["method"] == "tools/list" else self.result
        reply = {"error": self.error} if self.error else {"result": result}
        await self._answer(send, 200, orjson.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}))

    async def _answer(self, send: Any, status: int, body: bytes, more: Any = ()) -> None:
        headers = list(more)
        if not any(name == b"content-type" for name, _ in headers):
            headers.append((b"content-type", b"application/json"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def upstreams_to(*origins: str) -> AsyncIterator[Upstreams]:
    async with Egress(EgressSettings(allow=origins)) as egress:
        upstreams = Upstreams(EgressWire(egress))
        yield upstreams
        await upstreams.close()


class Setting:
    """The odd server, and an executor that calls it."""

    def __init__(self, server: OddServer, origin: str, upstreams: Upstreams) -> None:
        self.server, self.origin, self.upstreams = server, origin, upstreams
        self.executor = McpExecutor(upstreams)

    async def call(
        self,
        *,
        effects: catalog.Effects = READ,
        injection: Injection | None = None,
        seconds: float = 5.0,
        limits: catalog.Limits | None = None,
        **implementation: Any,
    ) -> Answer:
        operation = catalog.Operation(
            name="odd",
            effects=effects,
            implementation=catalog.McpImplementation(
                server=f"{self.origin}/mcp", tool="Odd.Tool/1", **implementation
            ),
        )
        return await self.executor.execute(
            Call(
                operation=operation,
                server=f"{self.origin}/mcp",
                hosts=frozenset({self.origin.removeprefix("http://")}),
                limits=limits or catalog.Limits(),
                arguments={"a": 1},
                injection=injection or Injection(),
                deadline=asyncio.get_running_loop().time() + seconds,
            )
        )


@pytest.fixture
async def odd() -> AsyncIterator[Setting]:
    server = OddServer()
    async with served(server) as origin, upstreams_to(origin) as upstreams:
        yield Setting(server, origin, upstreams)


async def test_a_result_comes_back_with_every_member_it_had(odd: Setting) -> None:
    odd.server.result = {
        "content": [{"type": "novel", "x": [1]}],
        "structuredContent": 7,
        "future": {"a": None},
    }

    answer = await odd.call()

    assert answer.outcome is Outcome.ok
    assert answer.content_type == RESULT_TYPE
    assert orjson.loads(answer.body) == odd.server.result
    assert odd.server.calls == [{"name": "Odd.Tool/1", "arguments": {"a": 1}}]


async def test_calls_share_a_session_and_a_lost_one_is_opened_again(odd: Setting) -> None:
    await odd.call()
    await odd.call()
    shared = odd.server.sessions
    odd.server.lost = True
    again = await odd.call()

    assert shared == 1
    assert again.outcome is Outcome.ok
    assert odd.server.sessions == 2
    assert len(odd.server.calls) == 3


async def test_the_credential_travels_and_stays_out_of_the_trace(odd: Setting) -> None:
    injection = Injection(
        headers={"X-Key": "hush-header"}, query={"k": "hush-query"}, cookies={"c": "hush-cookie"}
    )

    answer = await odd.call(injection=injection)

    query, headers = odd.server.seen[-1]
    assert query == "k=hush-query"
    assert headers["x-key"] == "hush-header"
    assert headers["cookie"] == "c=hush-cookie"
    assert "hush" not in repr(answer)


async def test_other_credentials_have_other_sessions(odd: Setting) -> None:
    await odd.call(injection=Injection(headers={"X-Key": "one"}))
    await odd.call(injection=Injection(headers={"X-Key": "two"}))

    assert odd.server.sessions == 2


async def test_a_tool_error_is_told_apart_from_a_protocol_error(odd: Setting) -> None:
    odd.server.result = {"content": [], "isError": True}
    failed = await odd.call()
    odd.server.error = {"code": -32602, "message": "No such thing", "data": {"why": "x"}}
    refused = await odd.call()

    assert failed.outcome is Outcome.tool_error
    assert refused.outcome is Outcome.upstream_error
    assert refused.content_type == ERROR_TYPE
    assert orjson.loads(refused.body) == odd.server.error
    assert refused.upstream_code == "-32602"


async def test_a_busy_server_is_asked_again_only_where_that_is_safe(odd: Setting) -> None:
    retry = catalog.Retry(backoff_seconds=0)
    odd.server.status, odd.server.failures = 503, 1
    reading = await odd.call(retry=retry)
    odd.server.failures = 1
    writing = await odd.call(effects=catalog.Effects(), retry=retry)

    assert (reading.outcome, reading.retries) == (Outcome.ok, 1)
    assert (writing.outcome, writing.retries, writing.status) == (Outcome.upstream_error, 0, 503)


async def test_a_silent_server_times_out(odd: Setting) -> None:
    await odd.call()
    odd.server.silent = True

    answer = await odd.call(seconds=0.2)

    assert answer.outcome is Outcome.timeout
    assert answer.problem_code == "upstream-timeout"


async def test_an_unanswered_change_is_unknown_and_a_read_is_not(odd: Setting) -> None:
    odd.server.broken = True

    writing = await odd.call(effects=catalog.Effects())
    reading = await odd.call()

    assert writing.outcome is Outcome.unknown
    assert reading.outcome is Outcome.upstream_error


async def test_an_answer_over_the_limit_is_refused(odd: Setting) -> None:
    odd.server.result = {"content": [{"type": "text", "text": "x" * 5_000}]}

    answer = await odd.call(limits=catalog.Limits(response_bytes=2_000))

    assert answer.outcome is Outcome.upstream_error
    assert answer.body == b""


async def test_a_forbidden_address_is_never_called() -> None:
    server = OddServer()
    async with served(server) as origin, upstreams_to() as upstreams:
        answer = await Setting(server, origin, upstreams).call()

    assert answer.outcome is Outcome.denied
    assert answer.problem_code == "egress-refused"
    assert server.seen == []


async def test_an_import_keeps_names_schemas_and_whole_tools(odd: Setting) -> None:
    schema = {"type": "object", "$defs": {"x": {"$anchor": "x"}}, "if": {}, "x-own": 1}
    odd.server.tools = [
        {"name": "Files.Read", "inputSchema": schema, "annotations": {"readOnlyHint": True}, "icons": []},
        {"name": "files_read", "inputSchema": {"type": "object"}, "title": "Again"},
        {"name": "bad", "inputSchema": {"properties": {"a": {"type": "object", "x-mcp-header": "A"}}}},
        {"name": "broken", "inputSchema": {"type": "nonsense"}},
    ]

    imported = await import_mcp(odd.upstreams, f"{odd.origin}/mcp", name="acme/odd")

    first, second, third = imported.manifest.operations
    assert (first.name, second.name, third.name) == ("files_read", "files_read_2", "broken")
    assert first.implementation.tool == "Files.Read"
    assert first.implementation.upstream == odd.server.tools[0]
    assert first.input_schema == schema
    assert first.effects.read_only
    assert not second.effects.read_only
    assert second.effects.destructive
    assert imported.manifest.egress.hosts == [odd.origin.removeprefix("http://")]
    assert any("bad" in note.message for note in imported.notes)
    assert any("nobody has verified" in note.message for note in imported.notes)


async def test_what_is_no_mcp_server_is_refused_with_a_reason() -> None:
    async def web_page(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": b"<html>"})

    async with served(web_page) as origin, upstreams_to(origin) as upstreams:
        with pytest.raises(McpServerUnusable, match="does not answer as an MCP server"):
            await import_mcp(upstreams, origin)


async def test_the_oldest_transport_is_found_imported_and_called() -> None:
    async with started("tests.conformance.fixture", "sse") as origin, upstreams_to(origin) as upstreams:
        imported = await import_mcp(upstreams, f"{origin}/sse")
        operation = next(
            each for each in imported.manifest.operations if each.name == "test_tool_with_progress"
        )
        answer = await McpExecutor(upstreams).execute(
            Call(
                operation=operation,
                server=f"{origin}/sse",
                hosts=frozenset(),
                limits=catalog.Limits(),
                arguments={},
                injection=Injection(),
                deadline=asyncio.get_running_loop().time() + 10,
            )
        )

    assert operation.implementation.transport == "sse"
    assert answer.outcome is Outcome.ok
    assert "progress" in orjson.loads(answer.body)["content"][0]["text"]
