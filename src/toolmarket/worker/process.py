"""Running the job process."""

import asyncio
import contextlib
import signal

from toolmarket.composition.parts import open_parts
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.supervision import heartbeat
from toolmarket.worker.jobs import keep_running


async def serve_jobs(settings: KitSettings, database_url: str) -> None:
    """Run the jobs until a signal asks to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_parts(settings, database_url) as parts:
        tasks = [asyncio.create_task(keep_running(parts)), asyncio.create_task(heartbeat())]
        await stop.wait()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
