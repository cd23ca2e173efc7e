"""What the guard and the executor cost, as a ratio to a bare aiohttp call: `python -m tests.perf.executor`.

CPU time of this process a call, against a bare-protocol server in a process of its own. Rounds of the
targets alternate and the fastest of each counts, so that a busy machine disturbs them alike.
"""

import asyncio
import multiprocessing
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import uvloop

from toolmarket.catalog.schemas import Body, Effects, HttpImplementation, Limits, Operation, Parameter
from toolmarket.kit.egress import Egress
from toolmarket.kit.upstream import Request
from toolmarket.kit.urls import EgressSettings
from toolmarket.runtime.executors.http import HttpExecutor
from toolmarket.runtime.schemas import Call, Outcome
from toolmarket.vault.schemas import Injection

CALLERS = 16
CALLS = 4_000
ROUNDS = 5
BODY = b'{"id":17,"note":"' + b"x" * 230 + b'"}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Date: Tue, 24 Nov 2026 22:17:15 GMT\r\nServer: upstream\r\n\r\n" % len(BODY)
) + BODY
Target = Callable[[], Awaitable[object]]


class Canned(asyncio.Protocol):
    """Answers every request with the same bytes."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            place = head.find(b"content-length:")
            size = int(head[place + 15 :].split(b"\r\n")[0]) if place >= 0 else 0
            if len(self._buffer) < end + 4 + size:
                return
            self._buffer = self._buffer[end + 4 + size :]
            self._transport.write(ANSWER)


def serve(listener: socket.socket) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Canned, sock=listener)
        await server.serve_forever()

    uvloop.run(main())


async def cpu_microseconds(target: Target) -> float:
    async def caller() -> None:
        for _ in range(CALLS // CALLERS):
            await target()

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return (time.process_time() - began) / CALLS * 1e6


def example_call(origin: str) -> Call:
    implementation = HttpImplementation(
        method="POST",
        server=origin,
        path="/v1/orders/{id}",
        parameters=[
            Parameter(argument="id", name="id", location="path"),
            Parameter(argument="expand", name="expand", location="query", style="form", explode=True),
        ],
        body=Body(),
    )
    return Call(
        operation=Operation(name="order", implementation=implementation, effects=Effects(kind="update")),
        server=origin,
        hosts=frozenset({origin.removeprefix("http://")}),
        limits=Limits(),
        arguments={"id": 17, "expand": ["lines", "customer"], "body": {"note": "hello"}},
        injection=Injection(headers={"Authorization": "Bearer abcdef"}, secrets=("abcdef",)),
        deadline=asyncio.get_running_loop().time() + 600,
        trace_parent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


async def measure(origin: str) -> dict[str, float]:
    call = example_call(origin)
    url = origin + "/v1/orders/17?expand=lines&expand=customer"
    headers = {
        "Accept": "application/json",
        "Authorization": "Bearer abcdef",
        "Content-Type": "application/json",
    }
    async with Egress(EgressSettings(allow=(origin,))) as egress, aiohttp.ClientSession() as session:
        executor = HttpExecutor(egress)

        async def bare() -> None:
            async with session.post(url, headers=headers, data=b'{"note":"hello"}') as answer:
                await answer.read()

        async def guarded() -> None:
            await egress.request(
                Request("POST", url, call.deadline, headers, b'{"note":"hello"}', call.hosts)
            )

        async def executed() -> None:
            answer = await executor.execute(call)
            assert answer.outcome is Outcome.ok

        targets: dict[str, Target] = {"bare aiohttp": bare, "egress": guarded, "executor": executed}
        fastest: dict[str, float] = {}
        for _ in range(ROUNDS):
            for name, target in targets.items():
                spent = await cpu_microseconds(target)
                fastest[name] = min(spent, fastest.get(name, spent))
        return fastest


def main() -> int:
    listener = socket.create_server(("127.0.0.1", 0))
    child = multiprocessing.Process(target=serve, args=(listener,), daemon=True)
    child.start()
    try:
        fastest = uvloop.run(measure(f"http://127.0.0.1:{listener.getsockname()[1]}"))
    finally:
        child.terminate()
    for name, spent in fastest.items():
        print(f"{name:14} {spent:7.1f} us CPU a call   {spent / fastest['bare aiohttp']:5.2f} x bare aiohttp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
