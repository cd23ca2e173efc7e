"""The only place that starts child processes.

Every child leads a session of its own (Ctrl-C in the terminal reaches us alone, and the whole tree
of a child can be ended), gets no more environment than it is given, and ends with us even when we
are killed.
"""

import asyncio
import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

_LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the system that a child may become when we are root."""

    name: str
    uid: int
    gid: int


def account(name: str) -> Account | None:
    """The account of that name, or None."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def minimal_environment(*names: str) -> dict[str, str]:
    """A search path, a locale, and the variables of ours that are named."""
    passed = {name: os.environ[name] for name in names if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **passed}


@dataclass(frozen=True, slots=True)
class Command:
    """A program to start.

    Args:
        arguments: absolute path of the program, then its arguments.
        environment: all that the child sees.
        account: who it runs as; only root may choose.
        directory: its working directory.
        limits: `RLIMIT_...` names of the `resource` module and their values.
        last_signal: sent by the kernel when the *thread* that started it ends, so start
            long-lived children from the main thread; 0 lets the child outlive us.
    """

    arguments: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=minimal_environment)
    account: Account | None = None
    directory: Path = Path("/")
    limits: Mapping[str, int] = field(default_factory=dict)
    last_signal: int = signal.SIGKILL

    def line(self) -> list[str]:
        """The command line that follows these wishes."""
        orders: dict[str, Any] = {
            "signal": int(self.last_signal),
            "parent": os.getpid(),
            "limits": dict(self.limits),
        }
        if self.account is not None:
            orders |= {"uid": self.account.uid, "gid": self.account.gid}
        arguments = [str(argument) for argument in self.arguments]
        return [sys.executable, "-I", "-S", str(_LAUNCH), json.dumps(orders), *arguments]


def find(name: str) -> Path | None:
    """The program of that name on the search path of children, or None."""
    found = shutil.which(name, path=minimal_environment()["PATH"])
    return Path(found) if found else None


def start(
    command: Command, *, output: IO[bytes] | int | None = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a child that reads nothing; both its streams go to `output`, None being our own."""
    return subprocess.Popen(
        command.line(),
        env=dict(command.environment),
        cwd=command.directory,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if output is None else subprocess.STDOUT,
        start_new_session=True,
    )


async def start_piped(command: Command) -> asyncio.subprocess.Process:
    """Start a child that we talk to through its standard input and output."""
    return await asyncio.create_subprocess_exec(
        *command.line(),
        env=dict(command.environment),
        cwd=command.directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def run(
    command: Command, *, stdin: bytes = b"", timeout_seconds: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run a child to its end, with everything it wrote, its whole tree ended on timeout.

    Raises:
        subprocess.TimeoutExpired: it took too long.
    """
    process = subprocess.Popen(
        command.line(),
        env=dict(command.environment),
        cwd=command.directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        written, _ = process.communicate(stdin, timeout_seconds)
    except BaseException:
        kill(process.pid)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command.arguments, process.returncode, written)


def kill(pid: int) -> None:
    """End a child and everything below it, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def ask(pid: int, number: int) -> bool:
    """Send a signal to one process; False where it is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def stop(
    process: subprocess.Popen[bytes], *, number: int = signal.SIGTERM, patience_seconds: float = 10
) -> int:
    """Ask a child to end, wait, then end its whole tree; returns its exit code."""
    if process.poll() is None:
        ask(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_seconds)
    kill(process.pid)
    return process.wait()


def command_lines() -> Iterator[tuple[int, list[bytes]]]:
    """Process id and words of every process that we can see, those of other accounts included.

    Zombies have no command line and do not count. Empty where there is no /proc.
    """
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if line := (entry / "cmdline").read_bytes():
                yield int(entry.name), line.rstrip(b"\0").split(b"\0")
