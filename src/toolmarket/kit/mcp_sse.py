"""The oldest transport of MCP servers, HTTP with server-sent events: one stream down, posts up."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from toolmarket.kit.mcp_messages import (
    LEGACY,
    Event,
    Message,
    RpcError,
    SessionLost,
    UpstreamFailed,
    read_events,
)
from toolmarket.kit.mcp_peers import Endpoint, Peer, Wire, read_all, refuse
from toolmarket.kit.mcp_upstream import CLIENT_INFO


class SseSession:
    """A session over one open stream; it ends with the stream.

    `peer` gets what the server sends outside of a call; during a call, the caller's peer does.
    """

    era = "legacy"

    def __init__(self, wire: Wire, endpoint: Endpoint) -> None:
        self.wire, self.endpoint = wire, endpoint
        self.server: Message = {}
        self.numbers = 0
        self.post_to: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.waiting: dict[int, tuple[asyncio.Future[Message], Peer, Any]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.peer: Peer | None = None

    async def initialize(self, peer: Peer) -> None:
        """Open the stream and shake hands.

        Raises:
            RpcError, UpstreamFailed: the server does not.
        """
        self.peer = peer
        self._start(self._read())
        params = {
            "protocolVersion": LEGACY[-1],
            "capabilities": peer.capabilities,
            "clientInfo": CLIENT_INFO,
        }
        self.server = await self.call("initialize", params, peer)
        await self.notify("notifications/initialized", {})

    async def listen(self, peer: Peer) -> None:
        """Everything arrives on the one stream already."""
        self.peer = peer

    async def call(
        self, method: str, params: Message, peer: Peer, mirrored: Mapping[str, str] | None = None
    ) -> Message:
        if mirrored:
            raise UpstreamFailed("This transport has no headers for arguments.")
        self.numbers += 1
        number = self.numbers
        meta = params.get("_meta") or {}
        token = meta.get("progressToken")
        if token is not None:
            params = {**params, "_meta": {**meta, "progressToken": number}}
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.waiting[number] = (answer, peer, token)
        try:
            await self._post({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            message = await answer
        finally:
            self.waiting.pop(number, None)
        if "error" in message:
            raise RpcError.of(message["error"])
        return message.get("result") or {}

    async def notify(self, method: str, params: Message) -> None:
        with contextlib.suppress(UpstreamFailed, RpcError):
            await self._post({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        for task in list(self.tasks):
            task.cancel()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _post(self, message: Message) -> None:
        target = replace(self.endpoint, url=await asyncio.shield(self.post_to))
        headers = {**self.endpoint.headers, "Content-Type": "application/json"}
        async with self.wire.send("POST", target, headers, orjson.dumps(message)) as reply:
            await refuse(reply, self.endpoint, in_session=True)
            await read_all(reply, self.endpoint.limit_bytes)

    async def _read(self) -> None:
        headers = {**self.endpoint.headers, "Accept": "text/event-stream"}
        failure: UpstreamFailed = SessionLost("The server closed the stream.")
        try:
            async with self.wire.send("GET", self.endpoint, headers, None) as reply:
                await refuse(reply, self.endpoint, in_session=False)
                async for event in read_events(reply.chunks(), limit_bytes=self.endpoint.limit_bytes):
                    await self._take(event)
        except UpstreamFailed as error:
            failure = error
        except RpcError as error:
            failure = UpstreamFailed(error.message)
        finally:
            self._fail(failure)

    def _fail(self, failure: UpstreamFailed) -> None:
        waiting: list[asyncio.Future[Any]] = [answer for answer, _, _ in self.waiting.values()]
        for future in (self.post_to, *waiting):
            if not future.done():
                future.set_exception(failure)
                future.exception()

    async def _take(self, event: Event) -> None:
        if event.name == "endpoint":
            url = urljoin(self.endpoint.url, event.data)
            if urlsplit(url)[:2] != urlsplit(self.endpoint.url)[:2]:
                raise UpstreamFailed("The server wants messages sent to another origin.")
            if not self.post_to.done():
                self.post_to.set_result(url)
        elif event.data:
            await self._sort(self.endpoint.parse(event.data))

    async def _sort(self, message: Message) -> None:
        if "method" not in message:
            answer = self.waiting.get(message.get("id") or 0)
            if answer is not None and not answer[0].done():
                answer[0].set_result(message)
        elif "id" in message:
            self._start(self._answer(message))
        else:
            await self._tell(message["method"], message.get("params") or {})

    def _present(self) -> Peer | None:
        """Who is asked: the only caller there is, else the session's own peer."""
        if len(self.waiting) == 1:
            return next(iter(self.waiting.values()))[1]
        return self.peer

    async def _tell(self, method: str, params: Message) -> None:
        peer = self._present()
        if method == "notifications/progress":
            waiting = self.waiting.get(params.get("progressToken") or 0)
            if waiting is None or waiting[2] is None:
                return
            peer, params = waiting[1], {**params, "progressToken": waiting[2]}
        if peer is not None:
            await peer.notify(method, params)

    async def _answer(self, message: Message) -> None:
        reply: Message = {"jsonrpc": "2.0", "id": message["id"]}
        peer = self._present()
        try:
            if message["method"] == "ping" or peer is None:
                reply["result"] = {}
            else:
                reply["result"] = await peer.request(message["method"], message.get("params") or {})
        except RpcError as error:
            reply["error"] = error.document()
        with contextlib.suppress(UpstreamFailed, RpcError):
            await self._post(reply)
