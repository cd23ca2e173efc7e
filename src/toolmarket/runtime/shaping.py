"""Reshape an answer with a jq program, outside of this process.

jq inside the server would show it `$ENV`, hold the interpreter's lock and could not be
interrupted. So one or two workers evaluate it: with an empty environment, a limit on memory, no
network and no files where bubblewrap works, and killed when they take too long. Costs about 0.6 ms
and 90 ms a megabyte. Numbers beyond 2**53 lose their last digits, as always in jq.
"""

import asyncio
import contextlib
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from toolmarket.kit import access, processes
from toolmarket.kit.processes import Command
from toolmarket.runtime.errors import (
    ShapeBusy,
    ShapeFailed,
    ShapeInvalid,
    ShapeTooLarge,
    ShapeTooSlow,
)
from toolmarket.runtime.errors import ShapeRefused as ShapeRefused
from toolmarket.runtime.shaping_worker import BAD_PROGRAM, FAILED, LENGTH

WORKERS = 2
WALL_SECONDS = 1.0
SECONDS_PER_BYTE = 0.75 / 2**20
"""Reading and writing alone take up to half of this."""
WAIT_SECONDS = 10.0
"""How long a call waits for a worker that is busy with others."""
START_SECONDS = 10.0
MEMORY_BYTES = 512 * 2**20
DOCUMENT_BYTES = 4 * 2**20
OUTPUT_BYTES = 4 * 2**20
PROGRAM_BYTES = 16 * 2**10
LIMITS = {"RLIMIT_AS": MEMORY_BYTES, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NOFILE": 32}
NOBODY = 65534

log = structlog.get_logger("runtime.shaping")


class Shaper:
    """The workers of one process, started when they are first needed."""

    def __init__(self, *, workers: int = WORKERS) -> None:
        self._workers = [_Worker(f"jq-{number}") for number in range(workers)]
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in self._workers:
            self._free.put_nowait(worker)

    async def shape(self, program: str, document: bytes) -> bytes:
        """The one result of `program` for a JSON document, as JSON.

        Raises:
            ShapeInvalid: jq cannot compile the program; the detail is jq's.
            ShapeFailed: jq stopped with an error, or gave no or several results.
            ShapeTooSlow: more than one second, and 0.75 s for each MiB of the document.
            ShapeTooLarge: the document, the result, or the memory in between.
            ShapeBusy: no worker became free.
        """
        if len(document) > DOCUMENT_BYTES:
            raise ShapeTooLarge(
                f"The answer has {len(document):,} bytes; jq takes {DOCUMENT_BYTES:,} at most. "
                "Ask the upstream for less, or remove the jq program."
            )
        results = (await self._ask(program, document or b"null")).splitlines()
        if len(results) != 1:
            raise ShapeFailed(_wrong_count(len(results)))
        return results[0]

    async def check(self, program: str) -> None:
        """Compile a program without running it.

        Raises:
            ShapeInvalid: jq cannot compile it; the detail is jq's.
        """
        await self._ask(program, b"")

    async def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            await worker.end()

    async def _ask(self, program: str, document: bytes) -> bytes:
        source = program.encode()
        if len(source) > PROGRAM_BYTES or "\0" in program:
            raise ShapeInvalid(f"A program has {PROGRAM_BYTES:,} bytes at most, and no zero byte.")
        async with self._borrowed() as worker:
            status, text = await worker.ask(source, document)
        if status == BAD_PROGRAM:
            raise ShapeInvalid(text.decode())
        if status == FAILED:
            raise ShapeFailed(text.decode(errors="replace")[:1_000])
        return text

    @contextlib.asynccontextmanager
    async def _borrowed(self) -> "AsyncIterator[_Worker]":
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                worker = await self._free.get()
        except TimeoutError:
            raise ShapeBusy from None
        try:
            yield worker
        finally:
            self._free.put_nowait(worker)


class _Worker:
    """One worker process, replaced after every kill."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, program: bytes, document: bytes) -> tuple[bytes, bytes]:
        """Status and text of the worker's answer."""
        if self._process is None or self._process.returncode is not None:
            self._process = await _start()
        seconds = WALL_SECONDS + SECONDS_PER_BYTE * len(document)
        try:
            async with asyncio.timeout(seconds):
                return await _exchange(self._process, program, document)
        except TimeoutError:
            await self.end()
            raise ShapeTooSlow(f"The jq program took more than {seconds:.1f} s and was stopped.") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self.end()
            raise ShapeTooLarge(
                f"The jq program needed more than {MEMORY_BYTES // 2**20} MiB of memory and was stopped."
            ) from None
        except BaseException:
            await self.end()
            raise

    async def end(self) -> None:
        """Kill the process; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)


async def _exchange(
    process: asyncio.subprocess.Process, program: bytes, document: bytes
) -> tuple[bytes, bytes]:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError
    for part in (program, document):
        process.stdin.write(LENGTH.pack(len(part)) + part)
    await process.stdin.drain()
    head = await process.stdout.readexactly(1 + LENGTH.size)
    length = LENGTH.unpack(head[1:])[0]
    if length > OUTPUT_BYTES:
        raise ShapeTooLarge(f"The jq program gave {length:,} bytes; {OUTPUT_BYTES:,} are allowed.")
    return head[:1], await process.stdout.readexactly(length)


def _wrong_count(results: int) -> str:
    if results == 0:
        return "The jq program gave no result. Give a default: `... // null`."
    return f"The jq program gave {results} results. Put it in [ ] to get one list."


def _plain() -> Command | None:
    """A worker held by limits alone; as root it becomes nobody where nobody may run Python."""
    files = (Path(sys.executable).resolve(), Path(__file__), _jq())
    account = processes.account("nobody") if os.geteuid() == 0 else None
    if account is not None and any(access.closed_part(file, account) for file in files):
        account = None
    return Command(
        [files[0], *_FLAGS, _PROGRAM, _jq().parent], environment={}, account=account, limits=LIMITS
    )


def _sandboxed() -> Command | None:
    """A worker that sees no network, no other process, and no files but what it runs on."""
    bubblewrap = processes.find("bwrap")
    if bubblewrap is None:
        return None
    python = Path(sys.executable).resolve()
    read_only: list[str | Path] = []
    for folder in dict.fromkeys((Path("/usr"), Path("/lib"), Path("/lib64"), Path(sys.base_prefix))):
        read_only += ["--ro-bind-try", folder, folder]
    return Command(
        [
            *(bubblewrap, "--unshare-all", "--die-with-parent", "--clearenv", "--cap-drop", "ALL"),
            *("--uid", str(NOBODY), "--gid", str(NOBODY), *read_only),
            *("--ro-bind", _PROGRAM, "/worker/worker.py", "--ro-bind", _jq(), f"/worker/jq/{_jq().name}"),
            *("--chdir", "/", python, *_FLAGS, "/worker/worker.py", "/worker/jq"),
        ],
        environment={},
        limits=LIMITS,
    )


_FLAGS = ("-I", "-S", "-B")
_PROGRAM = Path(__file__).with_name("shaping_worker.py")
_ways: list[Callable[[], Command | None]] = [_sandboxed, _plain]
"""What is tried in this order; a way that does not work here is forgotten."""


def _jq() -> Path:
    spec = importlib.util.find_spec("jq")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package jq is not installed")
    return Path(spec.origin)


async def _start() -> asyncio.subprocess.Process:
    """Start a worker that has shown that it works."""
    while True:
        command = _ways[0]()
        process = await _proven(command) if command else None
        if process is not None:
            return process
        if len(_ways) == 1:
            raise ShapeBusy("The worker for jq programs does not start.")
        log.warning("shaping.unsandboxed", way=_ways.pop(0).__name__)


async def _proven(command: Command) -> asyncio.subprocess.Process | None:
    process = await processes.start_piped(command)
    try:
        async with asyncio.timeout(START_SECONDS):
            if await _exchange(process, b".", b"1") == (b"o", b"1"):
                return process
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        log.info("shaping.start_failed", program=str(command.arguments[0]))
    await _end(process)
    return None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a worker, and read what it still wrote: unread output would keep us waiting for ever."""
    processes.kill(process.pid)
    await process.communicate()
