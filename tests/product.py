"""The whole product as a user starts it, in processes of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

READY_SECONDS = 60
PROGRAM = [sys.executable, "-m", "toolmarket.cli"]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """One `toolmarket serve` on a data directory and a port of its own."""

    def __init__(self, folder: Path, *, demo: bool = False, **environment: str) -> None:
        self.folder, self.demo, self.port = folder, demo, free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TOOLMARKET_DATA_DIR": str(folder / "data"),
            "TOOLMARKET_PORT": str(self.port),
            **environment,
        }
        self.log = folder / "product.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*PROGRAM, "serve", *(["--demo"] if self.demo else [])],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_ready()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until requests are answered."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-4000:]
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            time.sleep(0.05)

    def ready(self) -> bool:
        """Whether requests are answered now."""
        try:
            return httpx.get(f"{self.base_url}/health/ready", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False

    def described(self) -> dict[str, Any]:
        """What `toolmarket demo --json` tells."""
        return dict(json.loads(self.command("demo", "--json")))

    def command(self, *words: str) -> str:
        """Run a command of the product and give its output."""
        return subprocess.run(
            [*PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=True
        ).stdout

    def processes(self, role: str) -> list[psutil.Process]:
        """The processes of a role: web, worker, demo-host or postgres."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [child for child in children if _is(child, role)]

    def everything(self) -> list[psutil.Process]:
        """All processes below the one that was started, and itself."""
        assert self._process is not None
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def interrupt(self) -> None:
        """Ctrl-C, and wait for the end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def kill(self) -> None:
        """kill -9 of the process that was started."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> None:
        """End it, however it stands."""
        if self._process is not None and self._process.poll() is None:
            self.interrupt()


def _is(process: psutil.Process, role: str) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    if role == "postgres":
        return bool(words) and words[0].endswith("/postgres") and "-D" in words
    return words[-1:] == [role]


@contextmanager
def running(folder: Path, *, demo: bool = False, **environment: str) -> Iterator[Product]:
    """The product while a test looks at it."""
    product = Product(folder, demo=demo, **environment)
    try:
        product.start()
        yield product
    finally:
        product.stop()
