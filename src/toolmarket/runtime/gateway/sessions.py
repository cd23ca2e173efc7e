"""Who is connected: sessions of the older revisions, open streams, and who is to be told of changes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from toolmarket.kit.actor import Actor
from toolmarket.kit.mcp_messages import Message
from toolmarket.kit.problems import Problem
from toolmarket.runtime.gateway.ports import Core
from toolmarket.runtime.schemas import ClientInfo

log = structlog.get_logger("runtime.gateway")
Tell = Callable[[str, Message], Awaitable[None]]
Seen = tuple[bytes, tuple[UUID, ...]]
SETTLE_SECONDS = 0.05
TOOLS, REST = frozenset({"tools"}), frozenset({"prompts", "resources"})


@dataclass(slots=True)
class Session:
    """A session of the older protocol revisions, bound to the credential that opened it.

    `tell` sends a notification on the session's own stream, `ask` a request.
    """

    id: str
    actor: Actor
    toolset: str | None
    version: str
    client: ClientInfo
    capabilities: Message
    tell: Tell
    ask: Callable[[str, Message], Awaitable[Message]]
    modern: bool = False
    used_at: float = field(default_factory=time.monotonic)
    streams: int = 0
    level: str | None = None

    @property
    def talks_back(self) -> bool:
        """Whether the client can be asked something."""
        return any(name in self.capabilities for name in ("sampling", "elicitation", "roots"))


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody who wants to know when what an actor finds changes; `changed` gets the kinds of list."""

    actor: Actor
    toolset: str | None
    changed: Callable[[frozenset[str]], Awaitable[None]]
    seen: Seen = (b"", ())


@dataclass(slots=True, eq=False)
class OpenStream:
    """A request that stays open; it ends when its credential does."""

    scope: dict[str, Any]
    org_id: UUID
    end: Callable[[], None]


class Hub:
    """The connected clients of one process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.sessions: dict[str, Session] = {}
        self.listeners: set[Listener] = set()
        self.streams: set[OpenStream] = set()
        self._waiting: set[UUID | None] = set()
        self._task: asyncio.Task[None] | None = None
        core.subscribe(self._note)

    def session(self, session_id: str, actor: Actor, toolset: str | None) -> Session | None:
        """The session, if this credential opened it at this address."""
        found = self.sessions.get(session_id)
        if (
            found is None
            or found.actor.principal_id != actor.principal_id
            or found.actor.org_id != actor.org_id
            or found.toolset != toolset
        ):
            return None
        return found

    def sessions_of(self, actor: Actor) -> int:
        """How many sessions this credential has open."""
        return sum(each.actor.principal_id == actor.principal_id for each in self.sessions.values())

    async def listen(self, listener: Listener) -> None:
        """Tell this listener of changes from now on."""
        listener.seen = await self._found(listener)
        self.listeners.add(listener)

    def _note(self, org_id: UUID | None) -> None:
        if not self.listeners and not self.streams:
            return
        self._waiting.add(org_id)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._settle())

    async def _settle(self) -> None:
        """Handle the news together: streams first, because a revocation is urgent."""
        while self._waiting:
            news, self._waiting = self._waiting, set()
            everybody = None in news
            for stream in [each for each in self.streams if everybody or each.org_id in news]:
                await self.recheck(stream)
            await asyncio.sleep(SETTLE_SECONDS)
            for listener in [each for each in self.listeners if everybody or each.actor.org_id in news]:
                await self._compare(listener)

    async def recheck(self, stream: OpenStream) -> None:
        """End a stream whose credential is no longer good."""
        try:
            await self._core.authenticate(stream.scope)
        except Problem:
            self.streams.discard(stream)
            stream.end()

    async def recheck_all(self) -> None:
        """End every stream whose credential is no longer good, by expiry for example."""
        for stream in list(self.streams):
            await self.recheck(stream)

    async def _found(self, listener: Listener) -> Seen:
        try:
            catalogue = await self._core.catalogue(listener.actor, listener.toolset)
        except Problem:
            return (b"", ())
        return (catalogue.listing, tuple(entry.installation_id for entry in catalogue.upstreams))

    async def _compare(self, listener: Listener) -> None:
        before, listener.seen = listener.seen, await self._found(listener)
        kinds = TOOLS if listener.seen[0] != before[0] else frozenset[str]()
        kinds |= REST if listener.seen[1] != before[1] else frozenset[str]()
        if kinds:
            await listener.changed(kinds)

    async def close(self) -> None:
        """Stop telling."""
        if self._task is not None:
            self._task.cancel()
