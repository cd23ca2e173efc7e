"""The checks in front of the endpoint: Host, Origin, the challenge, and plain HTTP answers."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson

from toolmarket.kit.problems import CONTENT_TYPE, Problem, TooLarge, TooSlow

Scope = dict[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
# An answer may hold what a stranger's service wrote: no browser shall take it for a page.
GUARDS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
BODY_SECONDS = 60.0
METADATA = "/.well-known/oauth-protected-resource"
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_LOOPBACK_ORIGIN = re.compile(rf"https?://{_LOOPBACK.pattern}")


class ClientGone(Exception):
    """The client left before its request was whole."""


class Doors:
    """Which names and origins reach the endpoint.

    Source:
        MCP 2025-11-25 and 2026-07-28, transports, security warning: servers must check Origin
        against DNS rebinding.
    """

    def __init__(self, base_url: str, hosts: Iterable[str], origins: Iterable[str]) -> None:
        public = urlsplit(base_url)
        self._hosts = {public.netloc.lower(), *(host.lower() for host in hosts)}
        self._origins = {f"{public.scheme}://{public.netloc}".lower(), *(each.lower() for each in origins)}
        self._open_hosts: set[bytes] = set()
        self._open_origins: set[bytes] = {b""}

    def host_allowed(self, host: bytes) -> bool:
        """Whether the Host header names us."""
        if host in self._open_hosts:
            return True
        text = host.decode("latin-1").lower()
        if text not in self._hosts and not _LOOPBACK.fullmatch(text):
            return False
        self._remember(self._open_hosts, host)
        return True

    def origin_allowed(self, origin: bytes) -> bool:
        """Whether a page of this origin may call; programs send none."""
        if origin in self._open_origins:
            return True
        text = origin.decode("latin-1").lower()
        if text not in self._origins and not _LOOPBACK_ORIGIN.fullmatch(text):
            return False
        self._remember(self._open_origins, origin)
        return True

    @staticmethod
    def _remember(known: set[bytes], value: bytes) -> None:
        if len(known) < 256:
            known.add(value)


def resource_path(toolset: str | None) -> str:
    """The path of the endpoint of a toolset, or of everything."""
    return "/mcp" if toolset is None else f"/mcp/{toolset}"


def challenge(base_url: str, toolset: str | None) -> Header:
    """The `WWW-Authenticate` header of a 401.

    Source:
        RFC 9728, section 5.1.
    """
    url = f"{base_url}{METADATA}{resource_path(toolset)}"
    return (b"www-authenticate", f'Bearer resource_metadata="{url}", scope="mcp"'.encode())


def metadata(base_url: str, toolset: str | None, servers: tuple[str, ...]) -> dict[str, Any]:
    """The protected resource metadata of an endpoint.

    Source:
        RFC 9728, section 2.
    """
    document: dict[str, Any] = {
        "resource": f"{base_url}{resource_path(toolset)}",
        "resource_name": "SynapseAI Tool Marketplace",
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["mcp"],
    }
    if servers:
        document["authorization_servers"] = list(servers)
    return document


async def answer(send: Send, status: int, body: bytes, headers: Iterable[Header] = (JSON,)) -> None:
    """Send a whole answer."""
    all_headers = [*headers, *GUARDS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, problem: Problem, headers: Iterable[Header] = ()) -> None:
    """Send a problem document."""
    more = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    kind: Header = (b"content-type", CONTENT_TYPE.encode())
    await answer(send, int(problem.status), orjson.dumps(problem.document()), [kind, *more, *headers])


async def read_body(receive: Receive, limit_bytes: int, *, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it exceeds the limit.
        TooSlow: it does not come in time.
        ClientGone: nobody waits for an answer.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body") and len(body) <= limit_bytes and message["type"] == "http.request":
        return body
    parts, size = [body], len(body)
    async with within(seconds):
        while message["type"] == "http.request" and message.get("more_body") and size <= limit_bytes:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
    if size > limit_bytes:
        raise TooLarge(f"A message is at most {limit_bytes} bytes.")
    if message["type"] != "http.request":
        raise ClientGone
    return b"".join(parts)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Wait for a body, but not for ever.

    Raises:
        TooSlow: the time is over.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise TooSlow(f"A body has {seconds:.0f} s to arrive.") from None


class Answering:
    """A `send` that knows how far the answer is, so that it can be ended in the middle."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = self.ended = False

    async def __call__(self, event: Event) -> None:
        self.started = True
        self.ended = event["type"] == "http.response.body" and not event.get("more_body")
        await self._send(event)

    async def end(self) -> None:
        """End an answer that has begun."""
        if self.started and not self.ended:
            await self({"type": "http.response.body", "body": b""})


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then goes on with the real one."""
    given = False

    async def again() -> Event:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def header_map(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """The headers by name; of several with one name the last."""
    return dict(scope["headers"])
