"""News between processes: which organisation changed, so that caches drop what they hold of it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

import asyncpg
import structlog

from toolmarket.kit.database import CHANGES

log = structlog.get_logger("kit.changes")
RETRY_SECONDS = 0.5
PULSE_SECONDS = 5.0


class Changes:
    """The one listener of a process.

    `version(org_id)` grows with each change of an organisation; a cache entry made under another
    version is stale. When the connection was lost, every version grows, for news may be missing.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._epoch = 0
        self._versions: defaultdict[UUID, int] = defaultdict(int)
        self._subscribers: list[Callable[[UUID | None], None]] = []
        self._channels: dict[str, list[Callable[[str], None]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def version(self, org_id: UUID) -> tuple[int, int]:
        """What a cache entry of this organisation is compared with."""
        return (self._epoch, self._versions[org_id])

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None:
        """Call back with the organisation that changed, or None when anything may have."""
        self._subscribers.append(callback)

    def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call back with the payloads of another channel; before `start`."""
        self._channels.setdefault(channel, []).append(callback)

    async def start(self) -> None:
        """Listen, and return once the connection stands."""
        self._task = asyncio.create_task(self._keep_listening(), name="changes")
        await self._ready.wait()

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("listener lost", error=str(error))
            self._note(None)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            self._url, server_settings={"application_name": "toolmarket_changes"}
        )
        try:
            await connection.add_listener(CHANGES, lambda *news: self._note(UUID(str(news[3]))))
            for channel, callbacks in self._channels.items():
                for callback in callbacks:
                    await connection.add_listener(channel, _payload_only(callback))
            self._note(None)
            self._ready.set()
            while True:
                await asyncio.sleep(PULSE_SECONDS)
                await connection.execute("select 1", timeout=PULSE_SECONDS)
        finally:
            connection.terminate()

    def _note(self, org_id: UUID | None) -> None:
        if org_id is None:
            self._epoch += 1
        else:
            self._versions[org_id] += 1
        for callback in self._subscribers:
            callback(org_id)


def _payload_only(callback: Callable[[str], None]) -> Callable[..., None]:
    def deliver(_connection: object, _pid: int, _channel: str, payload: str) -> None:
        callback(payload)

    return deliver
