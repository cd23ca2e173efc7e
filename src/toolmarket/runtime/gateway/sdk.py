"""The SDK's server as carrier of everything that is rare: handshakes, sessions, streams, questions.

Its middleware hands every request over to our handlers as it came and sends their result as it is,
so that the SDK's models never take a field away. Imported on the first such request only.
"""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import mcp_types as types
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.lowlevel.server import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError, NoBackChannelError

from toolmarket.kit.actor import Actor
from toolmarket.kit.mcp_messages import METHOD_NOT_FOUND, MODERN, Message, RpcError
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.runtime.gateway.doors import Event, Receive, Scope, Send
from toolmarket.runtime.gateway.exchange import Exchange, client_info
from toolmarket.runtime.gateway.handlers import Handlers
from toolmarket.runtime.gateway.ports import Catalogue
from toolmarket.runtime.gateway.results import SERVER_INFO
from toolmarket.runtime.gateway.sessions import Hub, Listener, Session
from toolmarket.runtime.gateway.settings import GatewaySettings

QUESTION_SECONDS = 600.0
RETRY_MILLISECONDS = 1_000
EVENTS_KEPT = 2_000
_CATALOGUE: ContextVar[Catalogue | None] = ContextVar("catalogue", default=None)


class Events(EventStore):
    """The latest events of all streams, so that a client that lost its connection can go on."""

    def __init__(self) -> None:
        self._next = 1
        self._kept: dict[int, tuple[str, Any]] = {}

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        number, self._next = self._next, self._next + 1
        self._kept[number] = (stream_id, message)
        self._kept.pop(number - EVENTS_KEPT, None)
        return str(number)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        if not last_event_id.isdigit() or int(last_event_id) not in self._kept:
            return None
        last = int(last_event_id)
        stream = self._kept[last][0]
        for number, (stream_id, message) in list(self._kept.items()):
            if number > last and stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


class Carrier:
    """The SDK's app, its lifespan held by a task of ours."""

    def __init__(self, handlers: Handlers, hub: Hub, upstreams: Upstreams, settings: GatewaySettings) -> None:
        self._handlers, self._hub, self._upstreams = handlers, hub, upstreams
        server: Server[Any] = Server(
            SERVER_INFO["name"], version=SERVER_INFO["version"], get_tool_input_schema=_mirroring_schema
        )
        server.middleware.append(RequestStateBoundary(_security(settings), default_audience="toolmarket"))
        server.middleware.append(self._middleware)
        self._manager = StreamableHTTPSessionManager(
            server,
            event_store=Events(),
            retry_interval=RETRY_MILLISECONDS,
            session_idle_timeout=None,
            max_request_body_size=settings.request_bytes,
            max_sessions=settings.sessions,
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Enter the SDK's lifespan."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._live(ready), name="mcp-sdk")
        await ready.wait()

    async def _live(self, ready: asyncio.Event) -> None:
        async with self._manager.run():
            ready.set()
            await self._stop.wait()

    async def stop(self) -> None:
        """Leave the SDK's lifespan; every session ends."""
        self._stop.set()
        if self._task is not None:
            await self._task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request whose `toolmarket` member tells actor and toolset."""
        told = scope["toolmarket"]
        actor: Actor = told["actor"]
        _CATALOGUE.set(told.get("catalogue"))
        await self._manager.handle_request({**scope, "user": user_of(actor)}, receive, send)

    async def end(self, session: Session) -> None:
        """End a session as its client would."""
        headers = [(b"mcp-session-id", session.id.encode()), (b"accept", b"application/json")]
        scope = {
            "type": "http",
            "method": "DELETE",
            "path": "/mcp",
            "query_string": b"",
            "headers": headers,
            "toolmarket": {"actor": session.actor, "toolset": session.toolset},
        }
        await self(scope, _empty, _discard)

    async def _middleware(self, ctx: Any, call_next: Any) -> Any:
        if ctx.request_id is None:
            await self._notified(ctx)
            return await call_next(ctx)
        exchange = self._exchange(ctx)
        try:
            result = await self._handlers.handle(exchange)
        except RpcError as error:
            raise MCPError(error.code, error.message, error.data) from error
        if ctx.method == "initialize" and not exchange.modern:
            self._remember(ctx, exchange, result)
        return result

    def _exchange(self, ctx: Any) -> Exchange:
        told = ctx.request.scope["toolmarket"]
        outbound = ctx.session._request_outbound
        modern = ctx.protocol_version == MODERN
        session = None if modern else self._hub.sessions.get(ctx.session._connection.session_id or "")

        async def tell(method: str, params: Message) -> None:
            await outbound.notify(method, params)

        async def ask(method: str, params: Message) -> Message:
            return await _ask(outbound, method, params)

        async def close_stream() -> None:
            if ctx.close_sse_stream is not None:
                await ctx.close_sse_stream()

        return Exchange(
            actor=told["actor"],
            toolset=told["toolset"],
            modern=modern,
            method=ctx.method,
            params=dict(ctx.params or {}),
            request_id=ctx.request_id,
            session=session,
            idempotency_key=told.get("idempotency_key"),
            session_key=told.get("session_key") or (session.id if session else None),
            search_only=told.get("search_only", False),
            tell=tell,
            ask=ask,
            close_stream=close_stream,
        )

    def _remember(self, ctx: Any, exchange: Exchange, result: Message) -> None:
        """Keep the session, so that the fast path can serve it and changes reach it."""
        connection = ctx.session._connection
        declared = exchange.params.get("capabilities")

        async def ask(method: str, params: Message) -> Message:
            return await _ask(connection.outbound, method, params)

        session = Session(
            id=connection.session_id,
            actor=exchange.actor,
            toolset=exchange.toolset,
            version=str(result["protocolVersion"]),
            client=client_info(exchange.params.get("clientInfo")),
            capabilities=declared if isinstance(declared, dict) else {},
            tell=connection.notify,
            ask=ask,
        )

        async def changed(kinds: frozenset[str]) -> None:
            for kind in sorted(kinds):
                await connection.notify(f"notifications/{kind}/list_changed", {})

        listener = Listener(exchange.actor, exchange.toolset, changed)

        async def forget() -> None:
            self._hub.sessions.pop(session.id, None)
            self._hub.listeners.discard(listener)
            await self._upstreams.release(session.id)

        self._hub.sessions[session.id] = session
        connection.exit_stack.push_async_callback(forget)
        task = asyncio.create_task(self._hub.listen(listener))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notified(self, ctx: Any) -> None:
        """Pass on what the client tells about its roots."""
        if ctx.method != "notifications/roots/list_changed" or ctx.protocol_version == MODERN:
            return
        session = self._hub.sessions.get(ctx.session._connection.session_id or "")
        if session is not None:
            await self._upstreams.tell(session.id, ctx.method, dict(ctx.params or {}))


async def _ask(outbound: Any, method: str, params: Message) -> Message:
    try:
        answer: Message = await outbound.send_raw_request(method, params, {"timeout": QUESTION_SECONDS})
    except NoBackChannelError as error:
        raise RpcError(METHOD_NOT_FOUND, f"This client cannot be asked for {method} now.") from error
    except MCPError as error:
        raise RpcError(error.code, error.message, error.data) from error
    return answer


def _mirroring_schema(name: str) -> Mapping[str, Any] | None:
    """The input schema of a tool some of whose arguments travel as headers, which the SDK then checks."""
    catalogue = _CATALOGUE.get()
    entry = None if catalogue is None else catalogue.by_name.get(name)
    return entry.operation.input_schema if entry is not None and entry.mirrors else None


def _security(settings: GatewaySettings) -> RequestStateSecurity:
    if not settings.request_state_keys:
        security = RequestStateSecurity.ephemeral()
    else:
        security = RequestStateSecurity(keys=list(settings.request_state_keys))
    security.bind_principal = _principal
    return security


def _principal(ctx: Any) -> str:
    actor: Actor = ctx.request.scope["toolmarket"]["actor"]
    return f"{actor.org_id}:{actor.principal_id}"


def user_of(actor: Actor) -> AuthenticatedUser:
    """The actor as the SDK knows principals: its sessions belong to exactly this credential."""
    token = AccessToken(
        token="", client_id=str(actor.principal_id), scopes=[], subject=f"{actor.org_id}:{actor.user_id}"
    )
    return AuthenticatedUser(token)


async def _empty() -> Event:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _discard(message: Event) -> None:
    del message
