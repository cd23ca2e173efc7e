"""The processes of one data directory's PostgreSQL, orphans of a killed product included.

They are told apart by a name in their command lines, made from the directory: process ids are
reused, and a server that answers may be the orphan.
"""

import hashlib
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from toolmarket.kit import processes

POLL_SECONDS = 0.01
STOP_SECONDS = 30
WORKER_SECONDS = 5


class CannotStop(Exception):
    """Processes of an earlier start do not end."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What the server's pid file says."""

    pid: int
    port: int
    status: str


def read(data: Path) -> Postmaster | None:
    """The pid file of a data folder, None while it is incomplete.

    Raises:
        OSError: there is none, or we may not look.
    """
    lines = (data / "postmaster.pid").read_text().splitlines()
    if len(lines) < 8:
        return None
    return Postmaster(pid=int(lines[0]), port=int(lines[3]), status=lines[7].strip())


def ready_port(data: Path, pid: int) -> int | None:
    """The port on which exactly this process is ready; an orphan's answer must not count."""
    try:
        server = read(data)
    except (OSError, ValueError):
        return None
    return server.port if server and server.pid == pid and server.status == "ready" else None


def mark_of(data_dir: Path) -> str:
    """The name in the command lines of all processes of this directory's server."""
    return "toolmarket-" + hashlib.sha256(bytes(data_dir.resolve())).hexdigest()[:16]


def living(mark: str) -> list[int]:
    """The server of a mark and its workers."""
    return [*_servers(mark), *_workers(mark)]


def finish_orphans(mark: str) -> None:
    """Stop what a killed product left: politely, then firmly.

    A new server must not meet workers of the old one, which still write. Workers whose server is
    gone end by themselves, except in the middle of a long computation.

    Raises:
        CannotStop: some process outlives even SIGKILL.
    """
    servers = _servers(mark)
    for pid in servers:
        processes.ask(pid, signal.SIGINT)
    if _all_gone(mark, STOP_SECONDS if servers else WORKER_SECONDS):
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in living(mark):
            processes.ask(pid, number)
        if _all_gone(mark, WORKER_SECONDS):
            return
    raise CannotStop("A PostgreSQL of an earlier start cannot be stopped.")


def _servers(mark: str) -> list[int]:
    named = f"cluster_name={mark}".encode()
    return [
        pid for pid, words in processes.command_lines() if words[0].endswith(b"/postgres") and named in words
    ]


def _workers(mark: str) -> list[int]:
    title = f"postgres: {mark}: ".encode()
    return [pid for pid, words in processes.command_lines() if words[0].startswith(title)]


def _all_gone(mark: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while living(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
