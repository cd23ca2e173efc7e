"""One event loop, one server, whatever is served."""

import asyncio
import contextlib
import ctypes
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
import uvloop

from toolmarket.app.call_http import CallHttp
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.supervision import heartbeat

Result = TypeVar("Result")
GRACE_SECONDS = 2
GENERATION_0 = 20_000
M_MMAP_THRESHOLD = -3
MMAP_THRESHOLD_BYTES = 131_072


def run_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end on the fast event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def serve(app: Any, settings: KitSettings) -> None:
    """Serve an ASGI application on the configured address until a signal asks to stop."""
    config = uvicorn.Config(
        app,
        http=CallHttp,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        backlog=2048,
        server_header=False,
    )
    _calm_collector()
    _give_memory_back()
    beating = asyncio.create_task(heartbeat())
    try:
        await _Telling(config, settings.base_url).serve()
    finally:
        beating.cancel()


class _Telling(uvicorn.Server):
    """Says where it serves, once it does."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        sys.stdout.write(f"Serving at {self._address}\n")
        sys.stdout.flush()


def _give_memory_back() -> None:
    """Let large buffers go back to the system when they are freed, as batches come and go all the time.

    Source:
        mallopt(3), M_MMAP_THRESHOLD: without it glibc raises the threshold up to 32 MiB by itself.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)


def _calm_collector() -> None:
    """What was loaded stays; the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GENERATION_0, 50, 100)
