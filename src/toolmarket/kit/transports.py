"""The guarded way out for libraries that bring their own HTTP client (httpx2).

Imported only where such a library is used: the slim gateway process does without it.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpcore2
import httpx2

from toolmarket.kit.egress import Egress
from toolmarket.kit.upstream import ResponseTooLarge

_KEEPALIVE_SECONDS = 4.0


def guarded_transport(
    egress: Egress, *, hosts: frozenset[str] | None = None, response_bytes: int = 33_554_432
) -> httpx2.AsyncBaseTransport:
    """A transport for `httpx2.AsyncClient(transport=..., trust_env=False)` under the rules of `egress`.

    Every request is checked by its URL, redirects of the client included, and every connection goes
    to an address that was judged.

    Args:
        hosts: patterns that every URL must match; None lets every public host pass.
        response_bytes: the largest body of one answer.
    """
    return _GuardedTransport(egress, hosts, response_bytes)


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """Raises the problems of `kit.urls` and `kit.upstream` from within the client's own calls."""

    def __init__(self, egress: Egress, hosts: frozenset[str] | None, response_bytes: int) -> None:
        super().__init__(verify=egress.tls, trust_env=False)
        self._egress = egress
        self._hosts = hosts
        self._response_bytes = response_bytes
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=egress.tls,
            max_connections=100,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=_GuardedBackend(egress),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._egress.policy.check(str(request.url), self._hosts)
        response = await super().handle_async_request(request)
        response.stream = _BoundedStream(response.stream, self._response_bytes)
        return response


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *options: Any, **named: Any
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await self._egress.resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        last: Exception = httpcore2.ConnectError("The name has no address.")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, *options, **named)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: object, limit_bytes: int) -> None:
        if not isinstance(inner, httpx2.AsyncByteStream):
            raise TypeError(inner)
        self._inner = inner
        self._limit_bytes = limit_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > self._limit_bytes:
                raise ResponseTooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
