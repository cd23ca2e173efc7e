"""The one guarded way out: every request that leaves this process is opened here.

A URL is checked before anything opens (`kit.urls`), the addresses of a name when it is resolved, and
the final address again when the socket is made, so literals, names, redirects and names that change
their address between check and use are all covered.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import urljoin

import aiohappyeyeballs
import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from toolmarket.kit import compression
from toolmarket.kit.addresses import address_reason
from toolmarket.kit.connection import Order
from toolmarket.kit.problems import Problem
from toolmarket.kit.upstream import (
    USER_AGENT,
    ConnectionLost,
    Message,
    Request,
    Response,
    ResponseTooLarge,
    ResponseUnreadable,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from toolmarket.kit.urls import EgressRefused, EgressSettings, Origin, UrlPolicy
from toolmarket.kit.wire import IDLE_SECONDS, Wire

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAME_SECONDS = 30
_MOST_NAMES = 4096


class Stream:
    """An answer whose body is read as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse, limit_bytes: int) -> None:
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers
        self._answer = answer
        self._limit_bytes = limit_bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, piece by piece.

        Raises:
            ResponseTooLarge: more than the request's `response_bytes` came.
        """
        total = 0
        async for chunk in self._answer.content.iter_any():
            total += len(chunk)
            if total > self._limit_bytes:
                raise ResponseTooLarge
            yield chunk


class _GuardedResolver(AbstractResolver):
    def __init__(self, policy: UrlPolicy, inner: AbstractResolver, granted: set[tuple[str, int]]) -> None:
        self._policy = policy
        self._inner = inner
        self._granted = granted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if self._policy.is_opened(host, port):
            self._granted.update((result["host"], port) for result in found)
            return found
        for result in found:
            if _refusal(self._policy, result["host"], port):
                # Which inner address a name has is not for the caller to learn.
                raise EgressRefused(f"{host} leads to an address that calls may not reach.")
        return found

    async def close(self) -> None:
        await self._inner.close()


class Egress:
    """The guarded client of a process: one pool, one TLS context, one set of rules.

    Opens its session on first use, inside the running loop; close it with `close` or `async with`.

    Args:
        resolver: resolves names; by default the operating system's.
    """

    def __init__(
        self, settings: EgressSettings | None = None, *, resolver: AbstractResolver | None = None
    ) -> None:
        self._settings = settings or EgressSettings()
        self.policy = UrlPolicy(self._settings)
        self.tls = ssl.create_default_context()
        self._resolver = resolver
        self._granted: set[tuple[str, int]] = set()
        self._names: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._wire: Wire | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the pooled connections; a later request opens the pool anew."""
        self._loop = None
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def clock(self) -> float:
        """The time of the loop that this client runs in, in seconds.

        Asking for the running loop is a system call on Python 3.11; this asks once.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def request(self, request: Request) -> Response:
        """Perform a request and read its whole answer, following up to `request.follow` redirects.

        Across origins only harmless headers are carried on; a redirect from https to http is refused.

        Raises:
            EgressRefused: the URL, a hop, or an address it resolves to is not allowed.
            UpstreamTimeout: the deadline passed.
            UpstreamUnreachable: no connection; nothing was sent.
            ConnectionLost: the connection ended after the request was sent.
            ResponseTooLarge: the body exceeds `request.response_bytes`.
            ResponseUnreadable: not HTTP, or packed in an unknown way.
        """
        origin, rest = self.policy.check(request.url, request.hosts)
        message = Message(request.method, request.headers, request.body)
        for hop in range(request.follow + 1):
            response = await self._exchange(request, origin, rest, message)
            location = response.headers.get("Location")
            if hop == request.follow or response.status not in _REDIRECTS or not location:
                break
            before = origin
            origin, rest = self.policy.check(urljoin(response.url, location), request.hosts)
            if before.scheme == "https" and origin.scheme == "http":
                raise EgressRefused("The answer redirects from https to http.")
            message = message.redirected(response.status, same_origin=origin.base == before.base)
        return response

    async def fetch_document(
        self, url: str, *, seconds: float = 20, response_bytes: int = 16_777_216, accept: str = "*/*"
    ) -> Response:
        """Fetch a document from any public host, or one that the operator opened.

        Raises:
            as `request`.
        """
        deadline = self.clock() + seconds
        headers = {"Accept": accept, "User-Agent": USER_AGENT}
        return await self.request(
            Request("GET", url, deadline, headers=headers, response_bytes=response_bytes, follow=5)
        )

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        """Perform a request and read its answer as it comes; redirects are not followed.

        Raises:
            as `request`, also while the body is read.
        """
        origin, rest = self.policy.check(request.url, request.hosts)
        headers = {**request.headers, "Accept-Encoding": "identity"}
        try:
            async with asyncio.timeout_at(request.deadline):
                answer = await self._open(origin.base + rest, Message(request.method, headers, request.body))
                try:
                    yield Stream(answer, request.response_bytes)
                finally:
                    answer.close()
        except TimeoutError:
            raise UpstreamTimeout from None
        except aiohttp.ClientError as error:
            raise _problem(error) from None

    def guarded_socket(self, address_info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket of a connection, the last wall: its address is final.

        Raises:
            EgressRefused: the address is not allowed.
        """
        family, kind, protocol, _, address = address_info
        host, port = str(address[0]), int(address[1])
        refusal = _refusal(self.policy, host, port)
        if refusal and (host, port) not in self._granted:
            raise EgressRefused(f"{host} is not reachable from here: {refusal}.")
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name or literal, each of them allowed.

        Raises:
            EgressRefused: one of them is not.
            OSError: the name is not known.
        """
        resolver = _GuardedResolver(self.policy, self._resolver or aiohttp.ThreadedResolver(), self._granted)
        found = await resolver.resolve(host, port)
        return [result["host"] for result in found]

    async def _exchange(self, request: Request, origin: Origin, rest: str, message: Message) -> Response:
        wire = self._wire or self._open_wire()
        order = Order(message.method, request.response_bytes, request.deadline)
        response = await wire.exchange(origin, rest, message, order)
        if encoding := response.headers.get("Content-Encoding"):
            response.body = _unpack(response.body, encoding, request.response_bytes)
        return response

    def _open_wire(self) -> Wire:
        settings = self._settings
        self._wire = Wire(
            self._dial,
            self.tls,
            most=settings.connections,
            most_per_host=settings.connections_per_host,
        )
        return self._wire

    async def _dial(self, origin: Origin) -> socket.socket:
        hosts = [origin.host] if origin.address else await self._addresses(origin)
        infos: list[aiohttp.AddrInfoType] = []
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            infos.append((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, origin.port)))
        return await aiohappyeyeballs.start_connection(
            infos, happy_eyeballs_delay=0.25, interleave=1, socket_factory=self.guarded_socket
        )

    async def _addresses(self, origin: Origin) -> list[str]:
        key, now = (origin.host, origin.port), self.clock()
        known = self._names.get(key)
        if known is not None and known[0] > now:
            return known[1]
        try:
            addresses = await self.resolve(*key)
        except OSError:
            raise UpstreamUnreachable("The host name is not known.") from None
        if len(self._names) >= _MOST_NAMES:
            self._names.clear()
        self._names[key] = (now + _NAME_SECONDS, addresses)
        return addresses

    async def _open(self, url: str, message: Message) -> aiohttp.ClientResponse:
        session = self._session or self._start()
        return await session.request(
            message.method,
            URL(url, encoded=True),
            headers=message.headers,
            data=message.body or None,
            allow_redirects=False,
        )

    def _start(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self.tls,
            limit=self._settings.connections,
            limit_per_host=self._settings.connections_per_host,
            keepalive_timeout=IDLE_SECONDS,
            ttl_dns_cache=_NAME_SECONDS,
            resolver=_GuardedResolver(
                self.policy, self._resolver or aiohttp.ThreadedResolver(), self._granted
            ),
            socket_factory=self.guarded_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        # A PUT or DELETE on a connection that just closed may have been seen: whether to send it
        # again is decided by the caller, who knows the operation.
        self._session._retry_connection = False
        return self._session


def _refusal(policy: UrlPolicy, host: str, port: int) -> str | None:
    if address_reason(host) is None:
        return None
    return policy.address_refusal(ipaddress.ip_address(host.partition("%")[0]), port)


def _unpack(raw: bytes, encoding: str, limit_bytes: int) -> bytes:
    try:
        return compression.unpack(raw, encoding, limit_bytes)
    except compression.UnpackedTooLarge as error:
        raise ResponseTooLarge(str(error)) from None
    except compression.EncodingUnknown as error:
        raise ResponseUnreadable(str(error)) from None


def _problem(error: aiohttp.ClientError) -> Problem:
    """What a failure of the client library means for the caller; its texts are not shown."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamUnreachable("The host name is not known.")
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)):
        return UpstreamUnreachable("The encrypted connection failed; its certificate may not be valid.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamUnreachable()
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.InvalidURL)):
        return ResponseUnreadable("The answer is not valid HTTP.")
    return ConnectionLost()
