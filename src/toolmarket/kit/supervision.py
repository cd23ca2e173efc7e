"""Keep the processes of one machine running, and leave none behind.

`toolmarket serve` adds PostgreSQL, web and worker, then runs this in its main thread: children end
with the thread that started them, so even kill -9 of the supervisor leaves no process.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

import structlog

from toolmarket.kit import processes
from toolmarket.kit.processes import Command

HEARTBEAT = "TOOLMARKET_HEARTBEAT_FILE"
"""Variable that tells a child which file to touch while its loop turns."""
BEAT_SECONDS = 1.0
CHECK_SECONDS = 0.1
STEADY_SECONDS = 10
"""Who lives this long counts as well started."""
FAILURES = 5
"""So many starts in a row that did not become steady are given up."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAUSES_SECONDS = (0, 0.2, 1, 3)

log = structlog.get_logger()


class ServiceFailed(Exception):
    """A process cannot be kept running; its own output says why."""


class Service(Protocol):
    """Something that runs beside us and can be started again."""

    @property
    def alive(self) -> bool:
        """Whether it runs; False also where it hangs."""
        ...

    def start(self) -> object:
        """Run it, again where it ended."""
        ...

    def stop(self) -> None:
        """End it and all it started."""
        ...


class Child:
    """A child process that writes to our own output, with the heartbeat that it may send.

    Args:
        beat: the file that the child touches. A child that never does is not judged.
        hung_seconds: so long without a beat is as good as dead.
    """

    def __init__(self, command: Command, beat: Path, hung_seconds: float) -> None:
        self._command = command
        self._beat = beat
        self._hung_seconds = hung_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._last: tuple[int, float] = (0, 0.0)

    @property
    def alive(self) -> bool:
        """Whether the process is there and its loop turns."""
        return self._process is not None and self._process.poll() is None and not self._hangs()

    def _hangs(self) -> bool:
        """Compare by our own clock: after the machine slept, no child is to blame."""
        try:
            beat = self._beat.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if beat != self._last[0]:
            self._last = (beat, time.monotonic())
        return time.monotonic() - self._last[1] > self._hung_seconds

    def start(self) -> None:
        """Start the process, after what is left of an earlier one is ended."""
        if self._process is not None:
            processes.stop(self._process, patience_seconds=0)
        self._beat.unlink(missing_ok=True)
        self._process = processes.start(self._command, output=None)

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return."""
        if self._process is not None and self._process.poll() is None:
            processes.ask(self._process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """End the process, and everything below it."""
        if self._process is not None:
            processes.stop(self._process)
            self._process = None


@dataclass(slots=True)
class _Kept:
    name: str
    service: Service
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0


class Supervisor:
    """Starts services in the order of their adding, starts them again when they die or hang, and
    stops them in reverse order on SIGINT, SIGTERM or SIGHUP.
    """

    def __init__(self, *, hung_seconds: float = 30) -> None:
        self._hung_seconds = hung_seconds
        self._folder = tempfile.TemporaryDirectory(prefix="toolmarket-beats-")
        self._kept: list[_Kept] = []
        # A plain flag: an event may not be set by a signal that interrupts waiting for it.
        self._stopping = False

    def add(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Keep a child process; `environment` is all that it gets, besides its heartbeat file."""
        beat = Path(self._folder.name) / name
        full = {**environment, HEARTBEAT: str(beat)}
        self.keep(name, Child(Command(command, environment=full), beat, self._hung_seconds))

    def keep(self, name: str, service: Service) -> None:
        """Keep something that starts and stops by itself, such as PostgreSQL; it may run already."""
        self._kept.append(_Kept(name, service))

    def request_stop(self) -> None:
        """Let `run` return soon; for other threads."""
        self._stopping = True

    def run(self) -> None:
        """Start all, keep them running until a signal asks to stop, then stop all.

        Raises:
            ServiceFailed: one of them did not live long, several times in a row.
        """
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            while not self._stopping:
                for kept in self._kept:
                    self._look_after(kept)
                time.sleep(CHECK_SECONDS)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, kept: _Kept) -> None:
        now = time.monotonic()
        if kept.service.alive:
            if kept.started and now - kept.started > STEADY_SECONDS:
                kept.failures = 0
            return
        if kept.started:
            self._count_failure(kept, now)
        if now >= kept.retry_at:
            kept.service.start()
            kept.started = time.monotonic()

    def _count_failure(self, kept: _Kept, now: float) -> None:
        kept.started = 0.0
        kept.failures += 1
        log.warning("supervisor.ended", service=kept.name, failures=kept.failures)
        if kept.failures >= FAILURES:
            raise ServiceFailed(f"The {kept.name} process does not stay up. Look at its output above.")
        kept.retry_at = now + PAUSES_SECONDS[kept.failures - 1]

    def _stop_all(self) -> None:
        """Children are asked together, because each may need seconds to say goodbye."""
        for kept in self._kept:
            if isinstance(kept.service, Child):
                kept.service.ask_to_stop()
        for kept in reversed(self._kept):
            kept.service.stop()
        self._folder.cleanup()


async def heartbeat() -> None:
    """Tell the supervisor that the loop of this process turns, until cancelled.

    Returns at once where no supervisor asked for it.
    """
    name = os.environ.get(HEARTBEAT)
    while name:
        _touch(Path(name))
        await asyncio.sleep(BEAT_SECONDS)


def _touch(beat: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        beat.touch()
