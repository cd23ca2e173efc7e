"""The events of one process: one listener, one reader, many bounded queues.

A notice of the database wakes the reader, which reads the outbox under the organisation's own
transaction and puts each event, encoded once, into the queue of every stream that wants it. A
stream that is too far behind is ended; it resumes from the id of the last event it received.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
import structlog

from toolmarket.events import frames, queries
from toolmarket.events.positions import Position
from toolmarket.events.settings import EventsSettings
from toolmarket.events.volatile import Counted
from toolmarket.kit.clock import now
from toolmarket.kit.database import LOST, Database
from toolmarket.kit.ids import new_id

log = structlog.get_logger("events")

PAGE = 500
POLL_SECONDS = 5.0
HELD_SECONDS = 0.02
RETRY_SECONDS = 0.5


class News(Protocol):
    """The notices of the database, as `kit.changes.Changes` gives them."""

    def listen(self, channel: str, callback: Callable[[str], None]) -> None: ...

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None: ...


class Frame(NamedTuple):
    """The bytes of an event, and its place in the stream where it has one."""

    position: Position | None
    content: bytes


class Subscription:
    """The queue of one stream."""

    def __init__(self, types: frozenset[str], position: Position, *, limit: int) -> None:
        self.types = types
        self.position = position
        self.overflown = self.closed = False
        self._limit = limit
        self._queue: deque[Frame] = deque()
        self._wake = asyncio.Event()

    def push(self, type: str, frame: Frame) -> None:
        """Queue an event that is wanted, unless the reader is too far behind already."""
        if type not in self.types or self.overflown:
            return
        if len(self._queue) >= self._limit:
            self.overflown = True
        else:
            self._queue.append(frame)
        self._wake.set()

    def close(self) -> None:
        """End the stream once its queue is empty."""
        self.closed = True
        self._wake.set()

    async def take(self, seconds: float) -> list[Frame]:
        """Everything that is queued; empty after that long, or when the stream is to end."""
        if not self._queue and not (self.overflown or self.closed):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
        self._wake.clear()
        taken = list(self._queue)
        self._queue.clear()
        return taken


class _Feed:
    """An organisation that somebody follows."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self.subscriptions: set[Subscription] = set()


class Hub:
    """What a process has one of. Make it before `changes.start()`, then `start` it.

    Args:
        changes: gives the notices of the database.
    """

    def __init__(self, database: Database, changes: News, settings: EventsSettings | None = None) -> None:
        self.database = database
        self.settings = settings or EventsSettings()
        self._feeds: dict[UUID, _Feed] = {}
        self._dirty: set[UUID] = set()
        self._wake = asyncio.Event()
        self._counted = Counted()
        self._tasks: list[asyncio.Task[None]] = []
        changes.listen(queries.CHANNEL, lambda payload: self._note(UUID(payload)))
        changes.listen(queries.VOLATILE_CHANNEL, self._spread)
        changes.subscribe(lambda org_id: self._note_all() if org_id is None else None)

    def start(self) -> None:
        """Begin to read and to send."""
        self._tasks = [
            asyncio.create_task(self._read_forever(), name="events reader"),
            asyncio.create_task(self._counted.send_forever(self.database), name="events sender"),
        ]

    async def stop(self) -> None:
        """End every stream and send what was counted."""
        for feed in self._feeds.values():
            for subscription in feed.subscriptions:
                subscription.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._counted.send(self.database)

    def publish_volatile(self, org_id: UUID, type: str, subject: str, data: dict[str, int]) -> None:
        """Count news that happens too often to be stored, for example each end of a run.

        Streams of every process get at most five events a second for an organisation, with how many there
        were, the last twenty subjects, and the sums of `data`. Costs about a microsecond.
        """
        self._counted.add(org_id, type, subject, data)

    @contextlib.contextmanager
    def follow(self, org_id: UUID, types: frozenset[str], position: Position) -> Iterator[Subscription]:
        """A queue of the events after `position` or later: what lies between is the caller's to read."""
        feed = self._feeds.setdefault(org_id, _Feed(position))
        subscription = Subscription(types, feed.position, limit=self.settings.queue_events)
        feed.subscriptions.add(subscription)
        self._note(org_id)
        try:
            yield subscription
        finally:
            feed.subscriptions.discard(subscription)
            if not feed.subscriptions:
                self._feeds.pop(org_id, None)

    def followed(self, org_id: UUID) -> bool:
        """Whether any stream of this process follows the organisation."""
        return org_id in self._feeds

    def _note(self, org_id: UUID) -> None:
        if org_id in self._feeds:
            self._dirty.add(org_id)
            self._wake.set()

    def _note_all(self) -> None:
        self._dirty.update(self._feeds)
        self._wake.set()

    def _spread(self, payload: str) -> None:
        """Give counted news to the streams of its organisation."""
        news: dict[str, Any] = orjson.loads(payload)
        org_id = UUID(news["org"])
        feed = self._feeds.get(org_id)
        if feed is None:
            return
        for type_, data in news["types"].items():
            content = frames.volatile(new_id(), org_id, type_, now(), data)
            for subscription in feed.subscriptions:
                subscription.push(type_, Frame(None, content))

    async def _read_forever(self) -> None:
        while True:
            held: set[UUID] = set()
            try:
                held = await self._read_dirty()
            except LOST as error:
                log.warning("events wait for the database", error=type(error).__name__)
                self._note_all()
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("events could not be read")
                self._note_all()
                await asyncio.sleep(RETRY_SECONDS)
            if held:
                await asyncio.sleep(HELD_SECONDS)
                self._dirty |= held
            else:
                await self._wait()

    async def _wait(self) -> None:
        if not self._dirty:
            self._wake.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                self._note_all()

    async def _read_dirty(self) -> set[UUID]:
        """Give out what is settled; returns who has more that is not."""
        dirty, self._dirty = self._dirty, set()
        held = set()
        for org_id in dirty:
            feed = self._feeds.get(org_id)
            if feed is not None and await self._advance(org_id, feed):
                held.add(org_id)
        return held

    async def _advance(self, org_id: UUID, feed: _Feed) -> bool:
        while True:
            async with self.database.transaction(org_id) as session:
                reading = await queries.read_after(session, org_id=org_id, position=feed.position, limit=PAGE)
            for row in reading.rows:
                frame = Frame(row.position, frames.stored(row))
                for subscription in feed.subscriptions:
                    subscription.push(row.type, frame)
            full = len(reading.rows) == PAGE
            # A place that is of now and not of the last event stays valid on a quiet stream.
            reached = reading.rows[-1].position if full else Position.before(reading.settled_tx, now())
            feed.position = max(feed.position, reached)
            for subscription in feed.subscriptions:
                if not subscription.overflown:
                    subscription.position = feed.position
            if not full:
                return reading.held
