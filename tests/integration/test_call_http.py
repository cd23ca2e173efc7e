"""Our cheaper HTTP/1.1 of answers says on the wire what uvicorn's own would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from toolmarket.app.call_http import CallHttp

LENGTH_2 = (b"content-length", b"2")
ANSWERS: dict[str, list[Any]] = {
    "/whole": [(200, [LENGTH_2]), (b"ok", False)],
    "/parts": [(200, [LENGTH_2]), (b"o", True), (b"k", False)],
    "/stream": [(200, []), (b"o", True), (b"k", False)],
    "/empty": [(204, []), (b"", False)],
    "/line-break": [(200, [LENGTH_2, (b"x-told", b"a\r\nset-cookie: b")]), (b"ok", False)],
    "/control": [(200, [LENGTH_2, (b"x-told", b"a\x01")]), (b"ok", False)],
    "/short": [(200, [(b"content-length", b"9")]), (b"ok", False)],
    "/last": [(200, [LENGTH_2, (b"connection", b"close")]), (b"ok", False)],
}
DEFECT = [(200, [LENGTH_2])]


async def app(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    head, *parts = ANSWERS.get(scope["path"], DEFECT)
    await send({"type": "http.response.start", "status": head[0], "headers": head[1]})
    for body, more in parts:
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def served(protocol: str | type[asyncio.Protocol], **more: Any) -> tuple[uvicorn.Server, int]:
    config = uvicorn.Config(
        app, port=0, http=protocol, lifespan="off", log_config=None, server_header=False, **more
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    return server, server.servers[0].sockets[0].getsockname()[1]


@pytest.fixture
async def ports() -> AsyncIterator[tuple[int, int]]:
    """The ports of our protocol and of uvicorn's."""
    ours, our_port = await served(CallHttp, date_header=False)
    theirs, their_port = await served("httptools", date_header=False)
    yield our_port, their_port
    for server in (ours, theirs):
        await server.shutdown()


async def talk(port: int, *requests: str) -> bytes:
    """All that comes back on one connection, until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    for request in requests:
        writer.write(f"{request} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await asyncio.sleep(0)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_an_answer_is_what_uvicorn_would_say(ports: tuple[int, int], path: str, method: str) -> None:
    last = f"{method} {path} HTTP/1.1\r\nconnection: close\r\nx-rest:"

    ours, theirs = [await talk(port, f"{method} {path}", last) for port in ports]

    assert ours == theirs
    assert ours.startswith(b"HTTP/1.1 ") == (path not in {"/line-break", "/control"})


async def test_a_head_without_its_body_becomes_an_error(ports: tuple[int, int]) -> None:
    answer = await talk(ports[0], "GET /defect")

    assert answer.startswith(b"HTTP/1.1 500")


async def test_a_pipeline_is_answered_in_order(ports: tuple[int, int]) -> None:
    ours = await talk(ports[0], "GET /whole", "GET /stream", "GET /empty", "GET /last")

    statuses = [line for line in ours.split(b"\r\n") if b"HTTP/1.1" in line]
    assert [b"200" in status for status in statuses] == [True, True, False, True]


async def test_a_connection_that_rests_is_closed() -> None:
    server, port = await served(CallHttp, timeout_keep_alive=0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"GET /whole HTTP/1.1\r\nhost: x\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)

    writer.close()
    await server.shutdown()
    assert answer.endswith(b"\r\n\r\nok")


class Hasty(CallHttp):
    """Waits for the first request no longer than a test does."""

    head_seconds = 0.05


@pytest.mark.parametrize("begun", [b"", b"GET /whole HTTP/1.1\r\nhost:"], ids=["silent", "half a head"])
async def test_a_connection_that_asks_nothing_is_closed(begun: bytes) -> None:
    server, port = await served(Hasty)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(begun)
    answer = await asyncio.wait_for(reader.read(), 5)

    writer.close()
    await server.shutdown()
    assert answer == b""


async def test_a_head_without_end_is_refused(ports: tuple[int, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])

    writer.write(b"GET /whole HTTP/1.1\r\nhost: x\r\nx-long: " + b"a" * 1_000_000)
    # The rest of it is still on its way when the connection is closed, which resets it.
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        answer = await asyncio.wait_for(reader.read(300), 5)

    writer.close()
    assert not answer or answer.startswith(b"HTTP/1.1 400")


async def test_a_large_body_is_no_large_head(ports: tuple[int, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
    head = b"POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"

    writer.write(head + b"a" * 1_000_000 + b"GET /last HTTP/1.1\r\nhost: x\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)

    writer.close()
    assert answer.count(b"HTTP/1.1 200") == 2
