"""The seams of the MCP client: the wire below it, the peer behind it, and the session between."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import orjson
import structlog

from toolmarket.kit.json_text import MOST_LEVELS, too_deep
from toolmarket.kit.mcp_messages import METHOD_NOT_FOUND, Message, RpcError, SessionLost, UpstreamFailed

log = structlog.get_logger("kit.mcp")


class Reply(Protocol):
    """The answer to one HTTP request, its body not yet read."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> AsyncIterator[bytes]: ...


class Wire(Protocol):
    """Sends one HTTP request through the guarded egress."""

    def send(
        self, method: str, endpoint: "Endpoint", headers: Mapping[str, str], body: bytes | None
    ) -> AbstractAsyncContextManager[Reply]: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and what every request to it carries.

    `headers` hold the credential; `hosts` is the egress allow-list; `limit_bytes` the largest
    message taken from it; `clean` takes the credential out of what the server says; `tenant` is whose
    calls these are: what a server remembers of a session is for no other organisation.
    """

    url: str
    hosts: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    transport: str = "streamable-http"
    limit_bytes: int = 4_194_304
    clean: Callable[[bytes], bytes] = field(default=bytes, repr=False, compare=False)
    tenant: UUID | None = None

    def parse(self, data: bytes | str) -> Message:
        """One message of the server, without the credential.

        Raises:
            UpstreamFailed: it is no JSON object, or nested too deeply.
        """
        return parse(self.clean(data.encode() if isinstance(data, str) else data))

    def cleaned(self, text: str) -> str:
        """What the server wrote into a header, without the credential."""
        return self.clean(text.encode("utf-8", "replace")).decode("utf-8", "replace")


class Peer(Protocol):
    """Who stands behind our call: asked what the server asks, told what it tells.

    `modern` peers take an `input_required` result themselves. `standing` takes over what the server
    says outside of any call, where the peer itself lives only as long as its call.
    """

    @property
    def modern(self) -> bool: ...
    @property
    def capabilities(self) -> Message: ...
    @property
    def standing(self) -> "Peer | None": ...

    async def request(self, method: str, params: Message) -> Message:
        """Ask the peer.

        Raises:
            RpcError: it refuses, or cannot be asked.
        """
        ...

    async def notify(self, method: str, params: Message) -> None:
        """Tell the peer; never fails."""
        ...

    async def polled(self) -> None:
        """The server closed the stream and wants to be polled; the peer's own may be closed too."""
        ...


class Nobody:
    """The peer of a call that no MCP client stands behind."""

    modern = False
    standing = None

    def __init__(self) -> None:
        self.capabilities: Message = {}

    async def request(self, method: str, params: Message) -> Message:
        raise RpcError(
            METHOD_NOT_FOUND, f"No client is there to answer {method}.", {"params": sorted(params)}
        )

    async def notify(self, method: str, params: Message) -> None:
        log.debug("nobody listens", method=method, params=sorted(params))

    async def polled(self) -> None:
        return


class Session(Protocol):
    """A way to one server that was agreed with it."""

    era: str
    server: Message

    async def call(
        self, method: str, params: Message, peer: Peer, mirrored: Mapping[str, str] | None = None
    ) -> Message:
        """Send one request and bring its result.

        Args:
            mirrored: headers that mirror arguments, of a modern `tools/call`.

        Raises:
            RpcError: the server's own error.
            SessionLost: nothing was done; open a new session and repeat.
            UpstreamFailed: no protocol answer came.
        """
        ...

    async def notify(self, method: str, params: Message) -> None: ...

    async def close(self) -> None: ...


async def read_all(reply: Reply, limit_bytes: int) -> bytes:
    """The whole body.

    Raises:
        UpstreamFailed: it is larger than the limit.
    """
    parts, size = [], 0
    async for chunk in reply.chunks():
        size += len(chunk)
        if size > limit_bytes:
            raise UpstreamFailed("The server's answer is larger than the limit of this call.")
        parts.append(chunk)
    return b"".join(parts)


def parse(data: bytes) -> Message:
    """One message.

    Raises:
        UpstreamFailed: it is no JSON object, or nested too deeply.
    """
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UpstreamFailed("The server's message is no JSON.") from error
    if not isinstance(message, dict):
        raise UpstreamFailed("The server's message is no JSON object.")
    if data.count(b"{") + data.count(b"[") > MOST_LEVELS and too_deep(message):
        raise UpstreamFailed("The server's message is nested too deeply.")
    return message


def is_stream(reply: Reply) -> bool:
    return reply.headers.get("content-type", "").startswith("text/event-stream")


async def refuse(reply: Reply, endpoint: Endpoint, *, in_session: bool) -> None:
    """Turn an HTTP error into the exception that says it best."""
    if reply.status < 300:
        return
    if reply.status < 400:
        place = endpoint.cleaned(reply.headers.get("location", "another address"))
        raise UpstreamFailed(f"The server moved to {place}: use that address.", status=reply.status)
    body = await read_all(reply, endpoint.limit_bytes)
    with contextlib.suppress(UpstreamFailed):
        message = endpoint.parse(body)
        if isinstance(message.get("error"), dict) and not (in_session and reply.status == 404):
            raise RpcError.of(message["error"])
    if in_session and reply.status == 404:
        raise SessionLost("The server does not know the session any more.", status=404)
    raise UpstreamFailed(
        f"The server answered with HTTP status {reply.status}.",
        status=reply.status,
        challenge=endpoint.cleaned(reply.headers.get("www-authenticate", "")),
    )
