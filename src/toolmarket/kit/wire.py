"""HTTP/1.1 of calls, bare: pooled connections and what is written on them.

It costs a fifth of a general client's CPU and knows exactly whether a request has left. It opens no
connection itself: `kit.egress` dials, and with it the guard. Streams go through the general client.

Source:
    RFC 9110 and RFC 9112; 9112 section 9.3.1 for when a request is sent again.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from toolmarket.kit.connection import Connection, Order
from toolmarket.kit.upstream import (
    USER_AGENT,
    ConnectionLost,
    Message,
    Response,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from toolmarket.kit.urls import EgressRefused, Origin

# Servers commonly close idle connections after five seconds: leave before they do, since a request
# written to a connection that just closed may or may not have been seen.
IDLE_SECONDS = 4.0
_SENT_AGAIN = frozenset({"GET", "HEAD", "OPTIONS"})
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_OWNED = frozenset({"host", "content-length", "transfer-encoding", "connection"})

Dial = Callable[[Origin], Awaitable[Any]]


class _Host:
    __slots__ = ("idle", "room", "users")

    def __init__(self, most: int) -> None:
        self.users = 0
        self.room = asyncio.Semaphore(most)
        self.idle: list[Connection] = []


class Wire:
    """The pooled connections of a process.

    Args:
        dial: connects a socket to an origin, under the guard.
        most: connections in use at once, in all.
        most_per_host: connections in use at once, to one origin.
    """

    def __init__(self, dial: Dial, tls: ssl.SSLContext, *, most: int, most_per_host: int) -> None:
        self._dial = dial
        self._tls = tls
        self._most_per_host = most_per_host
        self._room = asyncio.Semaphore(most)
        self._hosts: dict[str, _Host] = {}
        self._loop = asyncio.get_running_loop()
        self._sweeping: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Close the idle connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for host in self._hosts.values():
            for connection in host.idle:
                connection.close()
        self._hosts.clear()

    async def exchange(self, origin: Origin, target: str, message: Message, order: Order) -> Response:
        """Send a request and wait for its whole answer, its body packed as it came.

        Raises:
            EgressRefused: a header holds a line break, or the guard refuses the address.
            UpstreamTimeout, UpstreamUnreachable, ConnectionLost, ResponseTooLarge,
            ResponseUnreadable: as they say.
        """
        request = _written(origin, target, message)
        if self._loop.time() >= order.deadline:
            raise UpstreamTimeout
        host = self._hosts.get(origin.base)
        if host is None:
            host = self._hosts[origin.base] = _Host(self._most_per_host)
        host.users += 1
        try:
            await self._enter(host, order.deadline)
            try:
                connection = await self._answered(host, origin, request, order)
                answer = connection.answer(origin.base + target)
                self._release(host, connection)
                return answer
            finally:
                self._room.release()
                host.room.release()
        finally:
            host.users -= 1

    async def _enter(self, host: _Host, deadline: float) -> None:
        """Wait for room: the host's first, so that queues for a slow host hold none of the common room."""
        if not host.room.locked() and not self._room.locked():
            await host.room.acquire()
            await self._room.acquire()
            return
        async with _until(deadline):
            await host.room.acquire()
            try:
                await self._room.acquire()
            except BaseException:
                host.room.release()
                raise

    async def _answered(self, host: _Host, origin: Origin, request: bytes, order: Order) -> Connection:
        connection = self._idle(host)
        if connection is not None:
            try:
                await self._sent(connection, request, order)
            except ConnectionLost:
                if connection.seen_bytes or order.method not in _SENT_AGAIN:
                    raise
            else:
                return connection
        async with _until(order.deadline):
            connection = await self._connect(origin)
        await self._sent(connection, request, order)
        return connection

    @staticmethod
    async def _sent(connection: Connection, request: bytes, order: Order) -> None:
        try:
            await connection.send(request, order)
        except BaseException:
            connection.drop()
            raise

    def _idle(self, host: _Host) -> Connection | None:
        oldest = self._loop.time() - IDLE_SECONDS
        while host.idle:
            connection = host.idle.pop()
            if connection.open and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None

    def _release(self, host: _Host, connection: Connection) -> None:
        if not connection.open:
            connection.close()
            return
        connection.idle_since = self._loop.time()
        host.idle.append(connection)
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for long, so that quiet origins hold nothing."""
        oldest = self._loop.time() - IDLE_SECONDS
        for base, host in list(self._hosts.items()):
            for connection in [one for one in host.idle if one.idle_since < oldest or not one.open]:
                connection.close()
                host.idle.remove(connection)
            if not host.idle and not host.users:
                del self._hosts[base]
        quiet = not any(host.idle for host in self._hosts.values())
        self._sweeping = None if quiet else self._loop.call_later(IDLE_SECONDS, self._sweep)

    async def _connect(self, origin: Origin) -> Connection:
        tls = self._tls if origin.scheme == "https" else None
        try:
            dialled = await self._dial(origin)
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._loop),
                sock=dialled,
                ssl=tls,
                server_hostname=origin.host if tls else None,
            )
        except ssl.SSLError:
            raise UpstreamUnreachable(
                "The encrypted connection failed; its certificate may not be valid."
            ) from None
        except OSError:
            raise UpstreamUnreachable from None
        return connection


@asynccontextmanager
async def _until(deadline: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError:
        raise UpstreamTimeout from None


def _written(origin: Origin, target: str, message: Message) -> bytes:
    """The bytes of a request.

    Raises:
        EgressRefused: a header would begin another one.
    """
    lines = [f"{message.method} {target} HTTP/1.1", f"Host: {origin.base.partition('://')[2]}"]
    lines += _fields(message.headers)
    if message.body or message.method in _WITH_LENGTH:
        lines.append(f"Content-Length: {len(message.body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        raise EgressRefused("A header holds a line break.")
    return head.encode("utf-8", "replace") + b"\r\n\r\n" + message.body


def _fields(headers: Mapping[str, str]) -> list[str]:
    lines, named = [], False
    for name, value in headers.items():
        lowered = name.lower()
        if lowered not in _OWNED:
            lines.append(f"{name}: {value}")
            named = named or lowered == "user-agent"
    # Some services refuse who does not tell his name.
    return lines if named else [*lines, f"User-Agent: {USER_AGENT}"]
