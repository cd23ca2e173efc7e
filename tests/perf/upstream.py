"""The service behind every target: 256 bytes of JSON, at once or after 20 ms below `/slow`.

`python -m tests.perf.upstream PORT`
"""

import asyncio
import socket
import sys
from typing import Any

import uvloop

WORD = "marigold"
DELAY_SECONDS = 0.02
_EMPTY = b'{"word":"%s","note":""}' % WORD.encode()
BODY = _EMPTY[:-2] + b"x" * (256 - len(_EMPTY)) + b'"}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)
) + BODY


class Upstream(asyncio.Protocol):
    """Answers every request of a connection with the same bytes."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._buffer = b""
        self._loop = asyncio.get_running_loop()
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            size = 0
            if (place := head.find(b"content-length:")) >= 0:
                size = int(head[place + 15 :].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + size:
                return
            self._buffer = self._buffer[end + 4 + size :]
            if b" /slow" in head[:64]:
                self._loop.call_later(DELAY_SECONDS, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
