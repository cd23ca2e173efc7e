"""The MCP endpoint: one raw ASGI callable for `/mcp`, `/mcp/{toolset}` and their resource metadata.

The frequent messages, `tools/list` and `tools/call`, are answered here in both eras with plain JSON;
everything else goes to the SDK's server with the body read once and given again. Whatever is not
exactly as the fast path expects goes there too, so that there is one place that words the errors.
"""

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

import anyio
import orjson
import structlog

from toolmarket.kit.actor import Actor
from toolmarket.kit.database import LOST, database_down
from toolmarket.kit.mcp_messages import (
    CAPABILITIES_KEY,
    LOG_LEVEL_KEY,
    MODERN,
    VERSION_KEY,
    Message,
    RpcError,
)
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.problems import Problem, TooManyRequests, Unauthorized
from toolmarket.runtime.gateway import doors, results
from toolmarket.runtime.gateway.doors import Answering, Doors, Receive, Scope, Send
from toolmarket.runtime.gateway.exchange import Exchange
from toolmarket.runtime.gateway.handlers import Handlers
from toolmarket.runtime.gateway.ports import Catalogue, Core, ToolEntry
from toolmarket.runtime.gateway.rest import InternalError
from toolmarket.runtime.gateway.sessions import Hub, OpenStream, Session
from toolmarket.runtime.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from toolmarket.runtime.gateway.sdk import Carrier

log = structlog.get_logger("runtime.gateway")
PATH = re.compile(r"^/mcp(?:/([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?))?/?$")
METADATA_PATH = re.compile(rf"^{re.escape(doors.METADATA)}(?:/mcp(?:/([a-z0-9-]{{1,40}}))?)?$")
SWEEP_SECONDS = 20.0
_MODERN = MODERN.encode()
_FAST = frozenset({"tools/call", "tools/list"})
_ROUTING = frozenset({b"mcp-protocol-version", b"mcp-method", b"mcp-name", b"mcp-session-id"})
_STATUS = {-32700: 400, -32600: 400, -32602: 400, -32020: 400, -32021: 400, -32022: 400, -32601: 404}
_TALK = frozenset({"sampling", "elicitation", "roots"})
_CACHED = b'"ttlMs":5000,"cacheScope":"private","resultType":"complete",'


class McpGateway:
    """The endpoint of one process. Close it with the process.

    Args:
        base_url: the public address without a slash at its end.
        search_threshold: above so many tools, `search_tools` and `call_tool` are offered besides.
    """

    def __init__(
        self,
        core: Core,
        upstreams: Upstreams,
        *,
        base_url: str,
        settings: GatewaySettings | None = None,
        search_threshold: int = 60,
    ) -> None:
        self.settings = settings or GatewaySettings()
        self._core, self._upstreams, self._base_url = core, upstreams, base_url
        self._doors = Doors(base_url, self.settings.hosts, self.settings.origins)
        self.hub = Hub(core)
        self.handlers = Handlers(core, upstreams, self.hub, search_threshold=search_threshold)
        self._carrier: Carrier | None = None
        self._starting = asyncio.Lock()
        self._sweeper: asyncio.Task[None] | None = None

    def matches(self, path: str) -> bool:
        """Whether a path is ours."""
        return (path.startswith("/mcp") and PATH.match(path) is not None) or path.startswith(doors.METADATA)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path `matches`."""
        send = Answering(send)
        try:
            match = PATH.match(scope["path"])
            if match is None:
                await self._metadata(scope, send)
            else:
                await self._serve(scope, receive, send, match.group(1))
        except Problem as problem:
            await doors.refuse(send, problem)
        except doors.ClientGone:
            return
        except LOST as error:
            if not send.started:
                await doors.refuse(send, database_down(error))
        except Exception:
            log.exception("message failed", path=scope["path"])
            if not send.started:
                await doors.refuse(send, InternalError())

    async def close(self) -> None:
        """End every session and stream."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for stream in list(self.hub.streams):
            stream.end()
        await self.hub.close()
        if self._carrier is not None:
            await self._carrier.stop()

    async def _metadata(self, scope: Scope, send: Send) -> None:
        match = METADATA_PATH.match(scope["path"])
        if match is None or scope["method"] not in {"GET", "HEAD"}:
            await doors.answer(send, 404, b'{"error":"not found"}')
            return
        document = doors.metadata(self._base_url, match.group(1), self.settings.authorization_servers)
        headers = [doors.JSON, (b"access-control-allow-origin", b"*"), (b"cache-control", b"max-age=300")]
        await doors.answer(send, 200, orjson.dumps(document), headers)

    async def _serve(self, scope: Scope, receive: Receive, send: Answering, toolset: str | None) -> None:
        headers: dict[bytes, bytes] = {}
        doubled = False
        for name, value in scope["headers"]:
            doubled = doubled or (name in headers and name in _ROUTING)
            headers[name] = value
        if not self._doors.host_allowed(headers.get(b"host", b"")):
            await doors.answer(send, 421, b'{"error":"this host name is not served here"}')
            return
        if not self._doors.origin_allowed(headers.get(b"origin", b"")):
            await doors.answer(send, 403, b'{"error":"pages of this origin may not call"}')
            return
        try:
            actor = await self._core.authenticate(scope)
        except Unauthorized as problem:
            await doors.refuse(send, problem, [doors.challenge(self._base_url, toolset)])
            return
        if scope["method"] == "POST":
            body = await doors.read_body(receive, self.settings.request_bytes)
            answer = None if doubled else await self._fast(scope, headers, body, actor, toolset)
            if answer is not None:
                await doors.answer(send, answer[0], answer[1])
                return
            receive = doors.replay(body, receive)
        await self._slow(scope, headers, actor, toolset, (receive, send))

    async def _fast(
        self, scope: Scope, headers: dict[bytes, bytes], body: bytes, actor: Actor, toolset: str | None
    ) -> tuple[int, bytes] | None:
        """Status and answer of a frequent message, or None where it is another one."""
        modern = headers.get(b"mcp-protocol-version") == _MODERN
        session = None
        if not modern:
            session = self.hub.session(headers.get(b"mcp-session-id", b"").decode("latin-1"), actor, toolset)
            if session is None:
                return None
            session.used_at = time.monotonic()
        message = _message(body)
        if message is None or not _accepted(headers):
            return None
        params = message.get("params")
        params = params if isinstance(params, dict) else {}
        exchange = Exchange(
            actor=actor,
            toolset=toolset,
            modern=modern,
            method=message["method"],
            params=params,
            session=session,
            idempotency_key=_text(headers.get(b"idempotency-key")),
            session_key=_text(headers.get(b"x-session")) or (session.id if session else None),
        )
        if modern and not _agrees(headers, exchange):
            return None
        catalogue = await self._core.catalogue(actor, toolset)
        if exchange.method == "tools/list":
            return 200, self._list(message["id"], exchange, catalogue, scope)
        return await self._call(message["id"], exchange, catalogue)

    def _list(self, request_id: Any, exchange: Exchange, catalogue: Catalogue, scope: Scope) -> bytes:
        listing = self.handlers.listing(catalogue, search_only=_search_only(scope))
        if not exchange.modern:
            return results.result_body(request_id, b'{"tools":' + listing + b"}")
        result = b"{" + _CACHED + b'"tools":' + listing + b',"_meta":{' + results.SERVER_MEMBER + b"}}"
        return results.result_body(request_id, result)

    async def _call(
        self, request_id: Any, exchange: Exchange, catalogue: Catalogue
    ) -> tuple[int, bytes] | None:
        name, arguments = exchange.params.get("name"), exchange.params.get("arguments")
        entry = catalogue.by_name.get(name) if isinstance(name, str) else None
        if entry is None or not (arguments is None or isinstance(arguments, dict)):
            return None
        if not _simple(entry, exchange):
            return None
        exchange.shared = True
        try:
            result = await self.handlers.run(exchange, entry, arguments or {})
        except RpcError as error:
            status = _STATUS.get(error.code, 200) if exchange.modern else 200
            return status, results.error_body(request_id, error)
        return 200, results.result_body(request_id, result)

    async def _slow(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        actor: Actor,
        toolset: str | None,
        ends: tuple[Receive, Answering],
    ) -> None:
        """Hand a request to the SDK, and end it when its credential ends."""
        session_id = headers.get(b"mcp-session-id")
        session = None
        modern = headers.get(b"mcp-protocol-version") == _MODERN
        if session_id is not None and not modern:
            session = self.hub.session(session_id.decode("latin-1"), actor, toolset)
            if session is None:
                await doors.answer(send=ends[1], status=404, body=_LOST)
                return
        elif not modern and self.hub.sessions_of(actor) >= self.settings.sessions_per_key:
            raise TooManyRequests("End sessions before you begin more.", headers={"Retry-After": "60"})
        told = {
            "actor": actor,
            "toolset": toolset,
            "catalogue": await self._core.catalogue(actor, toolset),
            "idempotency_key": _text(headers.get(b"idempotency-key")),
            "session_key": _text(headers.get(b"x-session")),
            "search_only": _search_only(scope),
        }
        carrier = await self._started()
        with anyio.CancelScope() as cancelling:
            stream = OpenStream(scope, actor.org_id, cancelling.cancel)
            self.hub.streams.add(stream)
            _count(session, 1)
            try:
                await carrier({**scope, "toolmarket": told}, *ends)
            finally:
                _count(session, -1)
                self.hub.streams.discard(stream)
        if cancelling.cancelled_caught and not ends[1].started:
            raise Unauthorized
        await ends[1].end()

    async def _started(self) -> "Carrier":
        """The SDK's server, imported and started on the first need of it."""
        async with self._starting:
            if self._carrier is None:
                from toolmarket.runtime.gateway.sdk import Carrier

                carrier = Carrier(self.handlers, self.hub, self._upstreams, self.settings)
                await carrier.start()
                self._carrier = carrier
                self._sweeper = asyncio.create_task(self._sweep(carrier), name="mcp-sweeper")
            return self._carrier

    async def _sweep(self, carrier: "Carrier") -> None:
        """End what is idle or expired."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.hub.recheck_all()
            await self._upstreams.close_idle()
            floor = time.monotonic() - self.settings.session_idle_minutes * 60
            for session in list(self.hub.sessions.values()):
                if session.streams == 0 and session.used_at < floor:
                    await carrier.end(session)


_LOST = orjson.dumps(
    {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "Session not found"}}
)


def _count(session: Session | None, by: int) -> None:
    if session is not None:
        session.streams += by
        session.used_at = time.monotonic()


def _message(body: bytes) -> Message | None:
    """The request, if it is one of the frequent ones and well-formed."""
    if b'"tools/' not in body:
        return None
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(message, dict) or message.get("method") not in _FAST:
        return None
    request_id = message.get("id")
    if message.get("jsonrpc") != "2.0" or isinstance(request_id, bool):
        return None
    return message if isinstance(request_id, int | str) else None


def _accepted(headers: dict[bytes, bytes]) -> bool:
    accept = headers.get(b"accept", b"")
    content = headers.get(b"content-type", b"")
    return (b"application/json" in accept or b"*/*" in accept) and content.startswith(b"application/json")


def _agrees(headers: dict[bytes, bytes], exchange: Exchange) -> bool:
    """Whether headers and body say the same, as the modern wire asks."""
    meta = exchange.meta
    if meta.get(VERSION_KEY) != MODERN or not isinstance(meta.get(CAPABILITIES_KEY), dict):
        return False
    if headers.get(b"mcp-method") != exchange.method.encode():
        return False
    if exchange.method != "tools/call":
        return True
    name = exchange.params.get("name")
    return isinstance(name, str) and headers.get(b"mcp-name") == name.encode()


def _simple(entry: ToolEntry, exchange: Exchange) -> bool:
    """Whether a call needs nothing but its answer."""
    params, meta = exchange.params, exchange.meta
    if entry.mirrors or "requestState" in params or "inputResponses" in params:
        return False
    if not entry.upstream:
        return True
    if "progressToken" in meta or LOG_LEVEL_KEY in meta:
        return False
    level = exchange.session is not None and exchange.session.level is not None
    return not level and not (_TALK & exchange.capabilities.keys())


def _search_only(scope: Scope) -> bool:
    return b"tools=search" in scope.get("query_string", b"").split(b"&")


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
