"""Streams of the modern era on which a client hears of changes (`subscriptions/listen`)."""

import asyncio
import contextlib
import uuid
from typing import Any

import structlog

from toolmarket.kit.mcp_messages import INVALID_PARAMS, SUBSCRIPTION_KEY, Message, RpcError, UpstreamFailed
from toolmarket.kit.mcp_peers import Endpoint
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.runtime.executors.mcp import endpoint_of
from toolmarket.runtime.gateway.exchange import Exchange
from toolmarket.runtime.gateway.passing import ANSWER_BYTES
from toolmarket.runtime.gateway.ports import Core, UpstreamEntry
from toolmarket.runtime.gateway.sessions import Hub, Listener

log = structlog.get_logger("runtime.gateway")
FLAGS = {
    "toolsListChanged": "notifications/tools/list_changed",
    "promptsListChanged": "notifications/prompts/list_changed",
    "resourcesListChanged": "notifications/resources/list_changed",
}
UPDATED = "notifications/resources/updated"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
FILTER = "resourceSubscriptions"
STANDING_SECONDS = 3.0


class Listening:
    """Serves the streams, fed by our own changes and by those of the upstreams."""

    def __init__(self, core: Core, upstreams: Upstreams, hub: Hub) -> None:
        self._core, self._upstreams, self._hub = core, upstreams, hub

    async def listen(self, exchange: Exchange) -> Message:
        """Tell what the client asked for, until it goes away."""
        wanted = exchange.params.get("notifications")
        if not isinstance(wanted, dict):
            raise RpcError(INVALID_PARAMS, "params.notifications must be an object")
        honoured: Message = {flag: True for flag in FLAGS if wanted.get(flag) is True}
        if isinstance(wanted.get(FILTER), list) and wanted[FILTER]:
            honoured[FILTER] = wanted[FILTER]
        stream = _Stream(exchange, honoured)
        catalogue = await self._core.catalogue(exchange.actor, exchange.toolset)
        followed = [_Followed(stream) for _ in catalogue.upstreams]
        owner = f"listen:{uuid.uuid4()}"
        tasks = [
            asyncio.create_task(self._follow(entry, each, owner))
            for entry, each in zip(catalogue.upstreams, followed, strict=True)
        ]
        listener = Listener(exchange.actor, exchange.toolset, stream.changed)
        try:
            await self._hub.listen(listener)
            await _all_standing(followed)
            await stream.send(ACKNOWLEDGED, {"notifications": honoured})
            stream.acknowledged.set()
            await asyncio.Event().wait()
        finally:
            self._hub.listeners.discard(listener)
            for task in tasks:
                task.cancel()
            await self._upstreams.release(owner)
        return {}

    async def _follow(self, entry: UpstreamEntry, peer: "_Followed", owner: str) -> None:
        """Pass on what one upstream tells."""
        endpoint = endpoint_of(
            entry.server,
            entry.pass_through.transport,
            entry.hosts,
            entry.injection,
            ANSWER_BYTES,
            peer.stream.tenant,
        )
        try:
            session = await self._upstreams.session(endpoint, peer, owner=owner)
            if session.era != "legacy":
                await session.call("subscriptions/listen", {"notifications": peer.stream.honoured}, peer)
                return
            await self._subscribe(endpoint, peer, owner)
        except (UpstreamFailed, RpcError) as error:
            log.info("upstream not followed", server=entry.server, error=str(error))
        finally:
            peer.standing_now.set()

    async def _subscribe(self, endpoint: Endpoint, peer: "_Followed", owner: str) -> None:
        """An upstream of the older era tells on the session's own stream what was subscribed to."""
        for uri in peer.stream.honoured.get(FILTER, ()):
            try:
                await self._upstreams.call(endpoint, "resources/subscribe", {"uri": uri}, peer, owner=owner)
            except (RpcError, UpstreamFailed) as error:
                log.info("resource not followed", uri=uri, error=str(error))


async def _all_standing(followed: list["_Followed"]) -> None:
    """Wait until every upstream tells us its changes, or cannot; but not for long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STANDING_SECONDS):
            for each in followed:
                await each.standing_now.wait()


class _Stream:
    """One listening client."""

    def __init__(self, exchange: Exchange, honoured: Message) -> None:
        self._exchange, self.honoured = exchange, honoured
        self.tenant = exchange.actor.org_id
        self.acknowledged = asyncio.Event()
        self._wanted = {FLAGS[flag] for flag in honoured if flag in FLAGS}
        self._uris: frozenset[Any] = frozenset(honoured.get(FILTER, ()))

    async def send(self, method: str, params: Message) -> None:
        meta = {**(params.get("_meta") or {}), SUBSCRIPTION_KEY: self._exchange.request_id}
        await self._exchange.tell(method, {**params, "_meta": meta})

    async def changed(self, kinds: frozenset[str]) -> None:
        """What we offer ourselves changed."""
        for kind in sorted(kinds):
            await self.tell(f"notifications/{kind}/list_changed", {})

    async def tell(self, method: str, params: Message) -> None:
        """Pass a notice on if the client asked for it, after the acknowledgement."""
        if method in self._wanted or (method == UPDATED and params.get("uri") in self._uris):
            await self.acknowledged.wait()
            await self.send(method, params)


class _Followed:
    """To one upstream, the listening client: a peer that only hears."""

    modern = True
    standing = None

    def __init__(self, stream: _Stream) -> None:
        self.stream = stream
        self.capabilities: Message = {}
        self.standing_now = asyncio.Event()

    async def request(self, method: str, params: Message) -> Message:
        raise RpcError(INVALID_PARAMS, f"A listening client is not asked for {method}.", sorted(params))

    async def notify(self, method: str, params: Message) -> None:
        if method == ACKNOWLEDGED:
            self.standing_now.set()
        await self.stream.tell(method, params)

    async def polled(self) -> None:
        return
