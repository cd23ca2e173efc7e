"""The supervisor with real children that are killed, frozen and broken.

Children write to the pipe of the test; the end of that pipe proves that none of them is left.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.requirements import requirement

SOURCE = Path(__file__).parents[2] / "src"
CHILD = """
import asyncio, os, signal, sys
from toolmarket.kit import processes, supervision
def bye(*_):
    print("bye", os.getpid(), flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
grandchild = processes.start(processes.Command(["/bin/sleep", "600"]), output=None)
async def main():
    beating = asyncio.create_task(supervision.heartbeat())
    await asyncio.sleep(0)
    print("child", os.getpid(), *sorted(os.environ), flush=True)
    await beating
asyncio.run(main())
"""
BROKEN = 'print("broken", flush=True)'
PARENT = """
import logging, sys
from toolmarket.kit import supervision
supervisor = supervision.Supervisor(hung_seconds=2)
supervisor.add("one", [sys.executable, "-c", sys.argv[1]], {"PYTHONPATH": sys.argv[2]})
print("ready", flush=True)
try:
    supervisor.run()
except supervision.ServiceFailed as error:
    print("gave up:", error, flush=True)
    sys.exit(1)
print("stopped", flush=True)
"""
Supervise = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Starts a supervisor, in a process of its own, with one child."""
    started: list[subprocess.Popen[str]] = []

    def start(child: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT, child, str(SOURCE)],
            env={"PYTHONPATH": str(SOURCE), "SECRET": "not for children"},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert next_line(process, "ready")
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def next_line(process: subprocess.Popen[str], word: str) -> list[str]:
    """The words after `word` in the next line that starts with it."""
    assert process.stdout is not None
    for line in process.stdout:
        first, *rest = line.split()
        if first == word:
            return [first, *rest]
    raise AssertionError(f"the output ended before {word!r}")


def rest(process: subprocess.Popen[str]) -> str:
    """All that is still written, until nobody is left who could."""
    assert process.stdout is not None
    return process.stdout.read()


@requirement("12.3.a/restart-when-killed")
def test_a_killed_child_is_started_again(supervise: Supervise) -> None:
    supervisor = supervise(CHILD)
    first = int(next_line(supervisor, "child")[1])

    os.kill(first, signal.SIGKILL)
    second = int(next_line(supervisor, "child")[1])
    supervisor.terminate()

    assert second != first
    assert f"bye {second}" in rest(supervisor)
    assert supervisor.wait() == 0


@requirement("12.3.a/restart-when-hung")
def test_a_frozen_child_is_replaced(supervise: Supervise) -> None:
    supervisor = supervise(CHILD)
    first = int(next_line(supervisor, "child")[1])

    os.kill(first, signal.SIGSTOP)
    second = int(next_line(supervisor, "child")[1])
    supervisor.send_signal(signal.SIGINT)

    assert second != first
    assert "stopped" in rest(supervisor)


@requirement("1.f/no-process-is-left")
def test_nothing_outlives_a_killed_supervisor(supervise: Supervise) -> None:
    supervisor = supervise(CHILD)
    next_line(supervisor, "child")

    supervisor.kill()

    assert "bye" not in rest(supervisor)


def test_a_child_sees_only_the_environment_that_it_is_given(supervise: Supervise) -> None:
    supervisor = supervise(CHILD)

    names = set(next_line(supervisor, "child")[2:])

    assert names - {"LC_CTYPE"} == {"PYTHONPATH", "TOOLMARKET_HEARTBEAT_FILE"}


def test_a_child_that_never_stays_up_is_given_up(supervise: Supervise) -> None:
    supervisor = supervise(BROKEN)

    told = rest(supervisor)

    assert told.count("broken\n") == 5
    assert "gave up: The one process does not stay up." in told
    assert supervisor.wait() == 1
