"""One HTTP/1.1 connection as a client sees it, parsed by llhttp.

Source:
    RFC 9112.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import httptools
from multidict import CIMultiDict

from toolmarket.kit.problems import Problem
from toolmarket.kit.upstream import (
    ConnectionLost,
    Response,
    ResponseTooLarge,
    ResponseUnreadable,
    UpstreamTimeout,
)

_HEAD_BYTES = 65_536
# A chunk of one byte takes six bytes to say so: more overhead than this is not a body.
_OVERHEAD = 8
_MOST_FIELDS = 256


@dataclass(slots=True)
class Order:
    """The bounds of one exchange; `deadline` is a `loop.time()` moment."""

    method: str
    limit_bytes: int
    deadline: float


class Connection(asyncio.Protocol):
    """One connection to an origin, serving one request at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport
        self._parser: Any = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._bodiless = False
        self._limit_bytes = 0
        self._deadline = 0.0
        self.open = True
        self.idle_since = 0.0
        self._clear()

    def _clear(self) -> None:
        self.status = 0
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.seen_bytes = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._to_end = False

    def answer(self, url: str) -> Response:
        """The answer that came, its body packed as it was."""
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        return Response(self.status, self.headers, body, url, self._size)

    def send(self, request: bytes, order: "Order") -> asyncio.Future[None]:
        """Write a request; the future ends with its whole answer, or a problem, at the deadline at last."""
        self._clear()
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = order.method == "HEAD"
        self._limit_bytes = order.limit_bytes
        self._waiter = waiter = self._loop.create_future()
        self._deadline = order.deadline
        if self._timer is None or self._timer.when() > order.deadline:
            self._set_alarm()
        self._transport.write(request)
        return waiter

    def close(self) -> None:
        """Close the connection at once."""
        self.open = False
        self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def drop(self) -> None:
        """Close the connection and forget the request that waits on it."""
        self._settled()
        self.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.close()
        if self._to_end and error is None:
            self._finish()
        else:
            self._fail(ConnectionLost())

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            # Nobody asked: whatever this is, the next answer must not be mistaken for it.
            self.close()
            return
        self.seen_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(ResponseUnreadable("The answer is not valid HTTP."))
        if self.seen_bytes > _HEAD_BYTES + len(data) + _OVERHEAD * self._size:
            self._fail(ResponseTooLarge("The answer has more headers than allowed."))

    def on_message_begin(self) -> None:
        # A second answer to one question: this connection cannot be trusted with another.
        self.open = self.open and self._waiter is not None

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._waiter is None or self.status:
            # Past the head: fields after a body say nothing that a call needs.
            return
        self.headers.add(name.decode("latin-1"), _text(value))
        if len(self.headers) > _MOST_FIELDS:
            self._fail(ResponseTooLarge("The answer has more headers than allowed."))

    def on_headers_complete(self) -> None:
        if self._waiter is None:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            return
        announced = self.headers.get("Content-Length")
        if self._bodiless:
            self.open = False
            self._finish()
        elif announced is not None:
            if int(announced) > self._limit_bytes:
                self._fail(ResponseTooLarge(f"The answer announces {announced} bytes."))
        else:
            self._to_end = "Transfer-Encoding" not in self.headers

    def on_body(self, part: bytes) -> None:
        if self._waiter is None:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._limit_bytes:
            self._fail(ResponseTooLarge(f"The answer exceeds {self._limit_bytes} bytes."))

    def on_message_complete(self) -> None:
        if self._waiter is None:
            return
        if self.status < 200:
            self.status, self.headers = 0, CIMultiDict()
            return
        self.open = self.open and self._parser.should_keep_alive()
        self._finish()

    def _set_alarm(self) -> None:
        """Ring at the deadline. An earlier alarm stays, and is set anew when it rings: most never do."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() >= self._deadline:
            self._fail(UpstreamTimeout())
        else:
            self._set_alarm()

    def _finish(self) -> None:
        waiter = self._settled()
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _fail(self, problem: Problem) -> None:
        self.close()
        waiter = self._settled()
        if waiter is not None and not waiter.done():
            waiter.set_exception(problem)

    def _settled(self) -> asyncio.Future[None] | None:
        waiter, self._waiter = self._waiter, None
        return waiter


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
