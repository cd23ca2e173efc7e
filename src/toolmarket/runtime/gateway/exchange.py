"""One request of a client as the handlers see it, whatever carried it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from toolmarket.kit.actor import Actor
from toolmarket.kit.mcp_messages import (
    CAPABILITIES_KEY,
    CLIENT_KEY,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    Message,
    RpcError,
)
from toolmarket.runtime.gateway.sessions import Session
from toolmarket.runtime.schemas import ClientInfo

FORWARDED = ("inputResponses", "requestState")


async def _deaf(method: str, params: Message) -> None:
    del method, params


async def _mute(method: str, params: Message) -> Message:
    del params
    raise RpcError(METHOD_NOT_FOUND, f"This client cannot be asked for {method} now.")


async def _nothing() -> None:
    return


@dataclass(slots=True)
class Exchange:
    """A request: who sent it, from where, and the ways back to the client.

    `session` is set in the older era. `modern` says which era the client speaks. `shared` says that
    nobody will be asked or told anything, so that an upstream session serves many callers.
    """

    actor: Actor
    toolset: str | None
    modern: bool
    method: str
    params: Message
    request_id: Any = None
    session: Session | None = None
    idempotency_key: str | None = None
    session_key: str | None = None
    search_only: bool = False
    shared: bool = False
    tell: Callable[[str, Message], Awaitable[None]] = _deaf
    ask: Callable[[str, Message], Awaitable[Message]] = _mute
    close_stream: Callable[[], Awaitable[None]] = field(default=_nothing)

    @property
    def meta(self) -> Message:
        """The request's `_meta`."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}

    @property
    def capabilities(self) -> Message:
        """What the client says it can do."""
        if self.session is not None:
            return self.session.capabilities
        declared = self.meta.get(CAPABILITIES_KEY)
        return declared if isinstance(declared, dict) else {}

    @property
    def client(self) -> ClientInfo:
        """Which program calls."""
        if self.session is not None:
            return self.session.client
        return client_info(self.meta.get(CLIENT_KEY))

    def text(self, name: str) -> str:
        """A parameter that must be a text.

        Raises:
            RpcError: it is none.
        """
        value = self.params.get(name)
        if not isinstance(value, str):
            raise RpcError(INVALID_PARAMS, f"params.{name} must be a string")
        return value


def client_info(value: Any) -> ClientInfo:
    """Name and version of a client, as far as it tells them."""
    if not isinstance(value, dict):
        return ClientInfo()
    return ClientInfo(str(value.get("name", ""))[:100], str(value.get("version", ""))[:60])


class BackChannel:
    """The client behind a call, for the executor (`executors.mcp.Caller`)."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.modern = exchange.modern
        self.capabilities = exchange.capabilities
        session = None if exchange.shared else exchange.session
        self.owner = None if session is None else session.id
        self.standing = None if session is None else SessionPeer(session)
        self.extras: Message = {name: exchange.params[name] for name in FORWARDED if name in exchange.params}
        if exchange.meta:
            self.extras["_meta"] = exchange.meta

    async def request(self, method: str, params: Message) -> Message:
        return await self._exchange.ask(method, params)

    async def notify(self, method: str, params: Message) -> None:
        await self._exchange.tell(method, params)

    async def polled(self) -> None:
        await self._exchange.close_stream()


class SessionPeer:
    """The client behind a session, for what an upstream sends outside of any call."""

    modern = False
    standing = None

    def __init__(self, session: Session) -> None:
        self._session = session
        self.capabilities = session.capabilities

    async def request(self, method: str, params: Message) -> Message:
        return await self._session.ask(method, params)

    async def notify(self, method: str, params: Message) -> None:
        await self._session.tell(method, params)

    async def polled(self) -> None:
        return
