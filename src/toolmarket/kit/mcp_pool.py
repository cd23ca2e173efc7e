"""Sessions with MCP servers, kept open between calls and opened again when the server lost them."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from toolmarket.kit.mcp_messages import (
    Message,
    RpcError,
    SessionLost,
    UpstreamFailed,
)
from toolmarket.kit.mcp_peers import Endpoint, Nobody, Peer, Session, Wire
from toolmarket.kit.mcp_sse import SseSession
from toolmarket.kit.mcp_upstream import LegacySession, ModernSession

IDLE_SECONDS = 600.0
SWEEP_SECONDS = 60.0
ROUNDS = 10
_REFUSED = (401, 403)
Key = tuple[object, ...]


@dataclass(slots=True)
class _Kept:
    session: Session
    used_at: float


async def open_session(wire: Wire, endpoint: Endpoint, peer: Peer, *, modern_first: bool) -> Session:
    """Agree with a server on an era: the wanted one where it speaks it, else the other.

    Raises:
        UpstreamFailed, RpcError: it speaks neither.
    """
    if endpoint.transport == "sse":
        old = SseSession(wire, endpoint)
        await old.initialize(peer)
        return old
    order = ("modern", "legacy") if modern_first else ("legacy", "modern")
    try:
        return await _open(wire, endpoint, peer, order[0])
    except (UpstreamFailed, RpcError) as first:
        if not _other_era_may_work(first):
            raise
        try:
            return await _open(wire, endpoint, peer, order[1])
        except (UpstreamFailed, RpcError) as second:
            raise (first if isinstance(second, RpcError) else second) from first


def _other_era_may_work(error: UpstreamFailed | RpcError) -> bool:
    if isinstance(error, UpstreamFailed):
        return error.status is not None and error.status < 500 and error.status not in _REFUSED
    return True


async def _open(wire: Wire, endpoint: Endpoint, peer: Peer, era: str) -> Session:
    if era == "modern":
        modern = ModernSession(wire, endpoint)
        await modern.discover(peer)
        return modern
    legacy = LegacySession(wire, endpoint)
    await legacy.initialize(peer)
    return legacy


class Upstreams:
    """The open sessions of one process, by server, organisation, credential, era and owner.

    A session without an owner is shared by all calls of an organisation with the same credential. A
    client that can be asked back gets sessions of its own, so that one client never answers another's
    question.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._kept: dict[Key, _Kept] = {}
        self._opening: dict[Key, asyncio.Lock] = {}
        self._swept_at = time.monotonic()

    async def call(
        self,
        endpoint: Endpoint,
        method: str,
        params: Message,
        peer: Peer,
        *,
        owner: str | None = None,
        mirrored: Mapping[str, str] | None = None,
    ) -> Message:
        """Send one request, over a fresh session where the server forgot the old one.

        Raises:
            RpcError: the server's own error.
            UpstreamFailed: no protocol answer came.
        """
        session = await self.session(endpoint, peer, owner=owner)
        try:
            return await session.call(method, params, peer, mirrored)
        except SessionLost:
            self._forget(session)
            session = await self.session(endpoint, peer, owner=owner)
            return await session.call(method, params, peer, mirrored)

    async def session(self, endpoint: Endpoint, peer: Peer, *, owner: str | None = None) -> Session:
        """The session to use now."""
        key: Key = (
            endpoint.url,
            endpoint.transport,
            tuple(sorted(endpoint.headers.items())),
            endpoint.hosts,
            endpoint.tenant,
            peer.modern,
            owner,
        )
        if (kept := self._kept.get(key)) is not None:
            kept.used_at = time.monotonic()
            return kept.session
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            await self.close_idle()
        try:
            async with self._opening.setdefault(key, asyncio.Lock()):
                if (kept := self._kept.get(key)) is None:
                    kept = self._kept[key] = _Kept(await self._open(endpoint, peer, owner), time.monotonic())
        finally:
            self._opening.pop(key, None)
        return kept.session

    async def _open(self, endpoint: Endpoint, peer: Peer, owner: str | None) -> Session:
        # What one caller's client can do is no promise for the next one on a shared session.
        session = await open_session(
            self.wire,
            endpoint,
            peer if owner is not None else Nobody(),
            modern_first=peer.modern or owner is None,
        )
        if owner is not None and isinstance(session, LegacySession | SseSession):
            await session.listen(peer.standing or peer)
        return session

    def _forget(self, session: Session) -> None:
        for key in [key for key, kept in self._kept.items() if kept.session is session]:
            del self._kept[key]

    async def tell(self, owner: str, method: str, params: Message) -> None:
        """Send a client's notification to all servers it has sessions with."""
        for key, kept in list(self._kept.items()):
            if key[-1] == owner:
                await kept.session.notify(method, params)

    async def release(self, owner: str) -> None:
        """Close the sessions of a client that went away."""
        for key in [key for key in self._kept if key[-1] == owner]:
            if (kept := self._kept.pop(key, None)) is not None:
                await kept.session.close()

    async def close_idle(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """Close what nobody used for a while; clients' own sessions end with the client."""
        self._swept_at = time.monotonic()
        floor = self._swept_at - idle_seconds
        for key, kept in list(self._kept.items()):
            if key[-1] is None and kept.used_at < floor and self._kept.pop(key, None) is not None:
                await kept.session.close()

    async def close(self) -> None:
        """Close everything."""
        kept, self._kept = list(self._kept.values()), {}
        for entry in kept:
            await entry.session.close()


async def settle_questions(result: Message, peer: Peer) -> Message | None:
    """Answer an `input_required` result through a peer of the older era.

    Returns:
        The parameters to add to the repeated request, or None where the result is final.

    Raises:
        RpcError: the peer refuses, or cannot be asked.
    """
    if result.get("resultType") != "input_required" or peer.modern:
        return None
    more: Message = {}
    answers = {}
    for name, question in (result.get("inputRequests") or {}).items():
        answers[name] = await peer.request(question["method"], question.get("params") or {})
    if answers:
        more["inputResponses"] = answers
    if "requestState" in result:
        more["requestState"] = result["requestState"]
    return more
