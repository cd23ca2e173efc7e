"""Somebody to whom things happen, and a reader of the live stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.events import schemas
from toolmarket.events import service as events
from toolmarket.events.settings import EventsSettings
from toolmarket.kit.actor import Actor
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden

PUBLISHED = "catalog.version.published.v1"
KEY = "identity.key.revoked.v1"
RUN = "runtime.run.finished.v1"
EVERYTHING = frozenset({"events:read"} | {kind.audience for kind in schemas.CATALOGUE.values()})


def somebody(org_id: UUID | None = None, *, verbs: frozenset[str] = EVERYTHING) -> Actor:
    person = new_id()
    return Actor(person, "user", org_id or new_id(), person, "admin", "Ada Example", verbs)


async def tell(session: AsyncSession, org_id: UUID, name: str) -> None:
    await events.emit(
        session, org_id=org_id, type=PUBLISHED, subject=name, data={"tool": "a/b", "version": "1.0.0"}
    )


async def happen(database: Database, org_id: UUID, *names: str) -> None:
    for name in names:
        async with database.transaction(org_id) as session:
            await tell(session, org_id, name)


async def happen_and_fail(database: Database, org_id: UUID, name: str) -> None:
    async with database.transaction(org_id) as session:
        await tell(session, org_id, name)
        raise Forbidden


@asynccontextmanager
async def running_hub(database: Database, **settings: Any) -> AsyncIterator[events.Hub]:
    changes = Changes(database.url)
    hub = events.Hub(database, changes, EventsSettings(**settings))
    await changes.start()
    hub.start()
    try:
        yield hub
    finally:
        await hub.stop()
        await changes.stop()


class Reader:
    """A browser's event source."""

    def __init__(self, hub: events.Hub, actor: Actor, *topics: str, last_id: str | None = None) -> None:
        self._hub, self._actor = hub, actor
        self._topics = list(topics) or ["*"]
        self._lines: list[str] = []
        self._stream: AsyncIterator[bytes] | None = None
        self.last_id = last_id

    async def open(self) -> "Reader":
        """Connect, and return when the stream has begun."""
        self._stream = await events.follow(
            self._hub, self._actor, topics=self._topics, last_event_id=self.last_id
        )
        self._take(await anext(self._stream))
        return self

    def _take(self, chunk: bytes) -> list[dict[str, Any]]:
        found = []
        for block in chunk.decode().removesuffix("\n\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                found.append(json.loads(fields["data"]) | {"event": fields.get("event", "message")})
        return found

    async def next(self, count: int) -> list[dict[str, Any]]:
        """The next events, as they come."""
        assert self._stream is not None
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(10):
            while len(found) < count:
                found += self._take(await anext(self._stream))
        return found

    async def until_dropped(self) -> list[str]:
        """The subjects of what comes before the stream is ended for being slow."""
        found: list[str] = []
        while True:
            [event, *more] = await self.next(1)
            if event["event"] == "dropped":
                return found
            found += [each["subject"] for each in (event, *more)]

    async def subjects(self, count: int) -> list[str]:
        return [event["subject"] for event in await self.next(count)]
