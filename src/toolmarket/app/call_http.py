"""uvicorn's HTTP/1.1, cheaper for what calls do: short answers on connections that stay.

uvicorn writes the head and the body of an answer apart, looks at each header with two patterns, and
sets and cancels a timer for each request. Together that costs as much as half of a call.
"""

import re
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

_LENGTH = b"content-length"
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class WholeAnswers(RequestResponseCycle):
    """Holds the head of an answer of known length until its body is there, and writes both at once."""

    _head: Any = None

    async def send(self, message: Any) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start" and not self.response_started:
            if any(name == _LENGTH for name, _ in message.get("headers", ())):
                self._head = message
                return
        elif self._head is not None:
            head, self._head = self._head, None
            if self._is_whole(head, message) and self._write(head, message.get("body", b"")):
                return
            await super().send(head)
        await super().send(message)

    def _is_whole(self, head: Any, message: Any) -> bool:
        usual = self.keep_alive and self.scope["method"] != "HEAD" and head["status"] not in {204, 304}
        ready = not self.flow.write_paused and not self.disconnected
        return usual and ready and not message.get("more_body", False)

    def _write(self, head: Any, body: bytes) -> bool:
        """Write the answer; False where anything about it wants a closer look."""
        text = _head(head["status"], (*self.default_headers, *head["headers"]), len(body))
        if text is None:
            return False
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(text + body)
        self.message_event.set()
        self.on_response()
        return True


def _head(status: int, headers: Iterable[tuple[bytes, bytes]], size: int) -> bytes | None:
    """The bytes of a head; None where a header is odd, or does not tell this size."""
    lines = [STATUS_LINE[status]]
    for name, value in headers:
        odd = name == b"connection" or name == b"transfer-encoding"
        if odd or (name == _LENGTH and value != b"%d" % size):
            return None
        lines.append(b"%b: %b\r\n" % (name, value))
    text = b"".join(lines)
    if text.count(b"\n") != len(lines) or text.count(b"\r") != len(lines) or _CONTROL.search(text):
        return None
    return text + b"\r\n"


class CallHttp(HttpToolsProtocol):
    """uvicorn's protocol with whole answers and one standing timer a connection.

    uvicorn itself bounds neither how large the head of a request is nor how long it takes to come.
    """

    head_bytes = 65_536
    head_seconds = 30.0
    _idle_since: float | None = None
    _seen_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._look_again(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is still coming counts as rest, and may not grow without end."""
        since = self._idle_since
        super().data_received(data)
        scope: Any = self.scope
        if scope is not None and "method" in scope:
            self._seen_bytes = 0
            return
        self._idle_since = since
        self._seen_bytes += len(data)
        if self._seen_bytes > self.head_bytes and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # uvicorn has no place to name the class; ours adds no state of its own.
        cycle.__class__ = WholeAnswers
        super()._start_asgi_task(cycle, app)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer with the connection."""
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def on_response_complete(self) -> None:
        """Begin the next request, or to wait for it."""
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._idle_since = now = self.loop.time()
        timer = self.timeout_keep_alive_task
        if timer is None or timer.when() > now + self.timeout_keep_alive:
            self._look_again(self.timeout_keep_alive)

    def _look_again(self, seconds: float) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle for long; look again later at one that was not."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing():
            return
        idle = 0.0 if self._idle_since is None else self.loop.time() - self._idle_since
        served: Any = self.cycle
        most = self.head_seconds if served is None else self.timeout_keep_alive
        if idle >= most:
            self.transport.close()
        else:
            self._look_again(most - idle)
