"""Processes of the bench: started, awaited, measured, ended."""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.perf.targets import Target

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Machine:
    """A running server and how long it took until it answered."""

    process: psutil.Process
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """CPU that the process used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_mib(self) -> float:
        """Resident memory."""
        return float(self.process.memory_info().rss) / 2**20


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def machine(
    arguments: list[str], port: int, *, ready: str = "", environment: Mapping[str, str] | None = None
) -> AsyncIterator[Machine]:
    """Run `python -m ...` until the block ends; it is there once it answers `ready`, or listens."""
    began = time.perf_counter()
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=ROOT, env={**os.environ, **(environment or {})}
    )
    try:
        await _answers(port, ready)
        yield Machine(psutil.Process(running.pid), time.perf_counter() - began)
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


async def _answers(port: int, path: str) -> None:
    """Wait for a 200, or for a listener where no path is given."""
    for _ in range(round(START_SECONDS / PAUSE_SECONDS)):
        if await _tried(port, path):
            return
        await asyncio.sleep(PAUSE_SECONDS)
    raise TimeoutError(f"nothing answers on port {port}")


async def _tried(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        if not path:
            return True
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


async def drive(target: Target, speed: str, callers: int, **bounds: float) -> dict[str, Any]:
    """Let the driver call, for `seconds` or a number of `calls`."""
    head, body = target.requests[speed]
    order = {"port": target.port, "head": head, "body": body, "callers": callers, **bounds}
    if target.session:
        order["session"] = target.session
    driver = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.perf.driver",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await driver.communicate(json.dumps(order).encode())
    result: dict[str, Any] = json.loads(told)
    return result


class Watch:
    """How much of the machine others used meanwhile, between 0 and 1."""

    def __init__(self, ours: psutil.Process) -> None:
        self._ours = ours
        self._began = self._read()

    def _read(self) -> tuple[float, float, float]:
        all_times = psutil.cpu_times()
        own = 0.0
        for process in [self._ours, *self._ours.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            own += times.user + times.system + times.children_user + times.children_system
        busy = sum(all_times) - all_times.idle - getattr(all_times, "iowait", 0.0)
        return busy, own, time.perf_counter()

    def others(self) -> float:
        """The share since this was made."""
        busy, own, now = self._read()
        elapsed = (now - self._began[2]) * (psutil.cpu_count() or 1)
        return max(0.0, (busy - self._began[0] - (own - self._began[1])) / elapsed)
