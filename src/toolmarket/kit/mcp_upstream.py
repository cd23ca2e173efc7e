"""A client of remote MCP servers at the message level, for both eras of the protocol.

It knows no model of the protocol's objects: parameters and results are JSON objects as they came.
Requests that the server sends back (sampling, elicitation, roots) go to a `Peer`.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import orjson

from toolmarket.kit.mcp_messages import (
    CAPABILITIES_KEY,
    CLIENT_KEY,
    LEGACY,
    METHOD_NOT_FOUND,
    MODERN,
    NAMED,
    VERSION_KEY,
    Event,
    Message,
    RpcError,
    UpstreamFailed,
    encode_header,
    read_events,
)
from toolmarket.kit.mcp_peers import Endpoint, Peer, Reply, Wire, is_stream, read_all, refuse

CLIENT_INFO = {"name": "toolmarket", "version": "0.1.0"}
ACCEPT = "application/json, text/event-stream"
RESUMPTIONS = 20
LISTEN_SECONDS = 5.0


class Exchange:
    """One request under way: finds its result among what the server sends and serves the peer."""

    def __init__(self, number: int, token: Any, peer: Peer) -> None:
        self.number, self.token, self.peer = number, token, peer
        self.result: Message | None = None
        self.done = False
        self.last_event: str | None = None
        self.retry_milliseconds = 1_000
        self.questions: set[asyncio.Task[None]] = set()

    async def take(self, message: Message, session: "HttpSession") -> None:
        """Sort one message from the server."""
        if "method" not in message:
            if message.get("id") == self.number:
                self.done = True
                if "error" in message:
                    raise RpcError.of(message["error"])
                self.result = message.get("result") or {}
        elif "id" in message:
            task = asyncio.create_task(session.answer(message, self.peer))
            self.questions.add(task)
            task.add_done_callback(self.questions.discard)
        else:
            await self.tell(message)

    async def tell(self, message: Message) -> None:
        params = message.get("params") or {}
        if message["method"] == "notifications/progress":
            if self.token is None or params.get("progressToken") != self.number:
                return
            params = {**params, "progressToken": self.token}
        await self.peer.notify(message["method"], params)

    def remember(self, event: Event) -> None:
        if event.id:
            self.last_event = event.id
        if event.retry_milliseconds is not None:
            self.retry_milliseconds = event.retry_milliseconds


def _stamped(params: Message, peer: Peer) -> Message:
    """The parameters with what the modern era tells in every request."""
    meta = {**(params.get("_meta") or {})}
    meta |= {VERSION_KEY: MODERN, CLIENT_KEY: CLIENT_INFO, CAPABILITIES_KEY: peer.capabilities}
    return {**params, "_meta": meta}


def _routing(method: str, params: Message) -> dict[str, str]:
    """The headers by which a way station may route; the modern era asks for them, the older ignores them."""
    if not method:
        return {}
    headers = {"Mcp-Method": method}
    if (name := params.get(NAMED.get(method, ""))) is not None:
        headers["Mcp-Name"] = encode_header(str(name))
    return headers


class HttpSession:
    """What both eras share over streamable HTTP."""

    era = ""

    def __init__(self, wire: Wire, endpoint: Endpoint) -> None:
        self.wire, self.endpoint = wire, endpoint
        self.server: Message = {}
        self.numbers = 0

    def headers(self, method: str, params: Message) -> dict[str, str]:
        """What every request of this session carries; `method` and `params` may be empty."""
        raise NotImplementedError(f"{type(self).__name__} sends {method} {params}")

    @property
    def in_session(self) -> bool:
        """Whether the server keeps a session of ours."""
        return False

    async def call(
        self, method: str, params: Message, peer: Peer, mirrored: Mapping[str, str] | None = None
    ) -> Message:
        self.numbers += 1
        meta = params.get("_meta") or {}
        exchange = Exchange(self.numbers, meta.get("progressToken"), peer)
        if exchange.token is not None:
            params = {**params, "_meta": {**meta, "progressToken": exchange.number}}
        if self.era == MODERN:
            params = _stamped(params, peer)
        message = {"jsonrpc": "2.0", "id": exchange.number, "method": method, "params": params}
        headers = {**self.headers(method, params), **(mirrored or {})}
        try:
            await self._exchange(exchange, message, headers)
        except asyncio.CancelledError:
            self.cancelled(exchange)
            raise
        finally:
            for task in exchange.questions:
                task.cancel()
        return exchange.result or {}

    async def _exchange(self, exchange: Exchange, message: Message, headers: dict[str, str]) -> None:
        async with self.wire.send("POST", self.endpoint, headers, orjson.dumps(message)) as reply:
            await refuse(reply, self.endpoint, in_session=self.in_session)
            await self.learn(reply)
            if not is_stream(reply):
                body = await read_all(reply, self.endpoint.limit_bytes)
                await exchange.take(self.endpoint.parse(body), self)
            else:
                await self._follow(reply, exchange)
        for _ in range(RESUMPTIONS):
            if exchange.done:
                return
            await self._resume(exchange)
        if not exchange.done:
            raise UpstreamFailed(
                "The server closed the stream before it answered.", problem="upstream-stream-closed"
            )

    async def _follow(self, reply: Reply, exchange: Exchange) -> None:
        async for event in read_events(reply.chunks(), limit_bytes=self.endpoint.limit_bytes):
            exchange.remember(event)
            if event.data:
                await exchange.take(self.endpoint.parse(event.data), self)
            if exchange.done:
                return

    async def _resume(self, exchange: Exchange) -> None:
        if exchange.last_event is None:
            raise UpstreamFailed(
                "The server closed the stream before it answered.", problem="upstream-stream-closed"
            )
        await exchange.peer.polled()
        await asyncio.sleep(exchange.retry_milliseconds / 1_000)
        headers = {
            **self.headers("", {}),
            "Accept": "text/event-stream",
            "Last-Event-ID": exchange.last_event,
        }
        headers.pop("Content-Type", None)
        async with self.wire.send("GET", self.endpoint, headers, None) as reply:
            await refuse(reply, self.endpoint, in_session=self.in_session)
            await self._follow(reply, exchange)

    async def learn(self, reply: Reply) -> None:
        """Keep what an answer's headers tell about the session."""

    def cancelled(self, exchange: Exchange) -> None:
        """Tell the server that nobody waits any more."""

    async def answer(self, message: Message, peer: Peer) -> None:
        """Let the peer answer a request of the server, and send its answer."""
        reply: Message = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            if message["method"] == "ping":
                reply["result"] = {}
            else:
                reply["result"] = await peer.request(message["method"], message.get("params") or {})
        except RpcError as error:
            reply["error"] = error.document()
        await self.post(reply)

    async def post(self, message: Message) -> None:
        """Send a message that has no answer; a failure is the server's loss."""
        headers = self.headers(message.get("method", ""), message.get("params") or {})
        with contextlib.suppress(UpstreamFailed, RpcError):
            async with self.wire.send("POST", self.endpoint, headers, orjson.dumps(message)) as reply:
                await read_all(reply, self.endpoint.limit_bytes)

    async def notify(self, method: str, params: Message) -> None:
        await self.post({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        return


class ModernSession(HttpSession):
    """The 2026-07-28 wire: no handshake, every request tells all."""

    era = MODERN

    def headers(self, method: str, params: Message) -> dict[str, str]:
        headers = {
            **self.endpoint.headers,
            "Accept": ACCEPT,
            "Content-Type": "application/json",
            "MCP-Protocol-Version": MODERN,
        }
        return headers | _routing(method, params)

    async def discover(self, peer: Peer) -> None:
        """Ask what the server is.

        Raises:
            RpcError, UpstreamFailed: it does not speak this revision.
        """
        found = await self.call("server/discover", {}, peer)
        if MODERN not in (found.get("supportedVersions") or ()):
            raise RpcError(METHOD_NOT_FOUND, f"The server does not speak {MODERN}.")
        self.server = found


class LegacySession(HttpSession):
    """The wire of 2025-11-25 and before: a handshake, then a session that the server may keep."""

    era = "legacy"

    def __init__(self, wire: Wire, endpoint: Endpoint) -> None:
        super().__init__(wire, endpoint)
        self.id: str | None = None
        self.version = LEGACY[0]
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def in_session(self) -> bool:
        return self.id is not None

    def headers(self, method: str, params: Message) -> dict[str, str]:
        headers = {**self.endpoint.headers, "Accept": ACCEPT, "Content-Type": "application/json"}
        headers |= _routing(method, params)
        if method != "initialize":
            headers["MCP-Protocol-Version"] = self.version
        if self.id is not None:
            headers["Mcp-Session-Id"] = self.id
        return headers

    async def learn(self, reply: Reply) -> None:
        if self.id is None:
            self.id = reply.headers.get("mcp-session-id")

    async def initialize(self, peer: Peer) -> None:
        """Shake hands.

        Raises:
            RpcError, UpstreamFailed: the server does not.
        """
        params = {
            "protocolVersion": LEGACY[0],
            "capabilities": peer.capabilities,
            "clientInfo": CLIENT_INFO,
        }
        self.server = await self.call("initialize", params, peer)
        version = self.server.get("protocolVersion")
        if version not in LEGACY:
            raise UpstreamFailed(f"The server speaks the unknown revision {version}.")
        self.version = version
        await self.notify("notifications/initialized", {})

    async def listen(self, peer: Peer) -> None:
        """Serve the server's own stream to the peer for as long as the session lives.

        Returns once the stream stands or was refused: what a server sends before is lost.
        """
        standing = asyncio.Event()
        self._start(self._listen(peer, standing))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_SECONDS):
                await standing.wait()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _listen(self, peer: Peer, standing: asyncio.Event) -> None:
        exchange = Exchange(0, None, peer)
        try:
            while True:
                headers = {**self.headers("", {}), "Accept": "text/event-stream"}
                headers.pop("Content-Type")
                if exchange.last_event:
                    headers["Last-Event-ID"] = exchange.last_event
                async with self.wire.send("GET", self.endpoint, headers, None) as reply:
                    await refuse(reply, self.endpoint, in_session=True)
                    standing.set()
                    await self._follow(reply, exchange)
                await asyncio.sleep(exchange.retry_milliseconds / 1_000)
        except (UpstreamFailed, RpcError):
            return
        finally:
            standing.set()

    def cancelled(self, exchange: Exchange) -> None:
        params = {"requestId": exchange.number, "reason": "The caller does not wait any more."}
        self._start(self.notify("notifications/cancelled", params))

    async def close(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        if self.id is None:
            return
        headers = self.headers("", {})
        with contextlib.suppress(UpstreamFailed, RpcError):
            async with self.wire.send("DELETE", self.endpoint, headers, None) as reply:
                await read_all(reply, self.endpoint.limit_bytes)
