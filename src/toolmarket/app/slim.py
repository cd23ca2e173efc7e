"""The slim gateway: calls and health, nothing else."""

from typing import Any

import orjson

from toolmarket.app.doors import CallDoors
from toolmarket.app.health import readiness
from toolmarket.kit.database import Database
from toolmarket.kit.problems import NotFound
from toolmarket.runtime.gateway.doors import answer, refuse


class SlimApp:
    """The ASGI application of `toolmarket gateway`."""

    def __init__(self, doors: CallDoors, database: Database) -> None:
        self._doors = doors
        self._database = database

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer calls and questions about health."""
        if await self._doors.take(scope, receive, send) or scope["type"] != "http":
            return
        if scope["path"] == "/health/live":
            await answer(send, 200, b'{"status":"ok"}')
        elif scope["path"] == "/health/ready":
            good, dependencies = await readiness(self._database)
            body = {"status": "ok" if good else "down", "dependencies": dependencies}
            await answer(send, 200 if good else 503, orjson.dumps(body))
        else:
            await refuse(send, NotFound("This process takes calls only."))

    async def close(self) -> None:
        """End sessions."""
        await self._doors.close()
