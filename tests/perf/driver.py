"""The load: a process of its own that sends the same request over and over on raw connections.

`python -m tests.perf.driver` reads one JSON order from stdin and answers with one JSON line. Each
caller has a connection (and in the older MCP era a session) and sends when its answer came.
"""

import asyncio
import http.client
import json
import sys
import time
from array import array
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvloop

WORD = b"marigold"
PATIENCE_SECONDS = 30.0


@dataclass
class Load:
    """What all callers of one order share."""

    head: str
    body: str
    until: float
    most_calls: int
    started: int = 0
    errors: int = 0
    first_error: str = ""
    latencies: "array[float]" = field(default_factory=lambda: array("d"))


class Caller(asyncio.Protocol):
    """One connection that calls in turns."""

    def __init__(self, load: Load, session: str | None) -> None:
        self._load = load
        extra = f"mcp-session-id: {session}\r\n" if session else ""
        length = f"content-length: {len(load.body)}\r\n\r\n"
        self._request = (load.head + extra + length + load.body).encode()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._call()

    def _call(self) -> None:
        load = self._load
        if load.started >= load.most_calls or time.perf_counter() >= load.until:
            self._end()
            return
        load.started += 1
        self._buffer = b""
        self._end_of_head, self._size = -1, -1
        self._began = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._end_of_head < 0 and not self._read_head():
            return
        if self._size >= 0:
            whole = len(self._buffer) >= self._end_of_head + self._size
        else:
            whole = self._buffer.endswith(b"0\r\n\r\n")
        if whole:
            self._load.latencies.append(time.perf_counter() - self._began)
            if not self._buffer.startswith(b"HTTP/1.1 200") or WORD not in self._buffer:
                self._fail(self._buffer[:600].decode("latin-1"))
            self._call()

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._end_of_head = end + 4
        head = self._buffer[:end].lower()
        if (place := head.find(b"content-length:")) >= 0:
            self._size = int(head[place + 15 :].split(b"\r\n", 1)[0])
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self._fail(f"connection lost: {error}")
            self._end()

    def _fail(self, what: str) -> None:
        self._load.errors += 1
        self._load.first_error = self._load.first_error or what

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()


def open_session(order: dict[str, Any]) -> str:
    """Open a session of the older MCP era."""
    connection = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=PATIENCE_SECONDS)
    headers = dict(order["session"]["headers"])
    for body in order["session"]["messages"]:
        connection.request("POST", order["session"]["path"], json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.getheader("mcp-session-id"):
            headers["mcp-session-id"] = answer.getheader("mcp-session-id", "")
    connection.close()
    return str(headers["mcp-session-id"])


def end_session(order: dict[str, Any], session: str) -> None:
    """End a session, for a key may hold only so many."""
    connection = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=PATIENCE_SECONDS)
    headers = {**order["session"]["headers"], "mcp-session-id": session}
    connection.request("DELETE", order["session"]["path"], headers=headers)
    connection.getresponse().read()
    connection.close()


async def perform(order: dict[str, Any]) -> dict[str, Any]:
    """Call as ordered, and tell how it went; times are milliseconds."""
    callers = order["callers"]
    sessions = [open_session(order) if order.get("session") else None for _ in range(callers)]
    until = time.perf_counter() + order.get("seconds", 3600.0)
    load = Load(order["head"], order["body"], until, order.get("calls", 10**9))
    loop = asyncio.get_running_loop()
    began, spent = time.perf_counter(), time.process_time()
    clients = await asyncio.gather(
        *(
            loop.create_connection(partial(Caller, load, session), "127.0.0.1", order["port"])
            for session in sessions
        )
    )
    waiting = [caller.done for _, caller in clients]
    _, late = await asyncio.wait(waiting, timeout=order.get("seconds", 3600.0) + PATIENCE_SECONDS)
    seconds = time.perf_counter() - began
    for session in filter(None, sessions):
        end_session(order, session)
    return {
        "seconds": seconds,
        "errors": load.errors + len(late),
        "first_error": load.first_error,
        "driver_cpu_seconds": time.process_time() - spent,
        **statistics(load.latencies, seconds),
    }


def statistics(latencies: "array[float]", seconds: float) -> dict[str, Any]:
    """Calls, their rate, and percentiles in milliseconds."""
    ordered = sorted(latencies) or [0.0]
    return {
        "calls": len(latencies),
        "rate": len(latencies) / seconds,
        **{
            f"p{each}": ordered[min(len(ordered) - 1, len(ordered) * each // 100)] * 1e3
            for each in (50, 95, 99)
        },
    }


if __name__ == "__main__":
    json.dump(uvloop.run(perform(json.load(sys.stdin))), sys.stdout)
