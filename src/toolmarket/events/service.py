"""What every room calls to tell others what happened, and what a listener reads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any
from uuid import UUID

import jsonschema_rs
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.events import errors, frames, queries, schemas
from toolmarket.events.hub import Hub as Hub
from toolmarket.events.hub import Subscription
from toolmarket.events.positions import Position
from toolmarket.kit.actor import Actor
from toolmarket.kit.clock import now
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id

Handler = Callable[[AsyncSession, schemas.StoredEvent], Awaitable[None]]
PAGE = 500
IDLE_SECONDS = 0.5
log = structlog.get_logger("events")
_CHECKS = {name: jsonschema_rs.validator_for(kind.data) for name, kind in schemas.CATALOGUE.items()}


async def emit(session: AsyncSession, *, org_id: UUID, type: str, subject: str, data: dict[str, Any]) -> None:
    """Tell, at the commit of the caller's transaction, that something happened.

    Args:
        type: one of the catalogue, such as `builder.draft.saved.v1`.
        subject: the id of the thing it happened to.
        data: JSON values as the catalogue describes them; ids and facts, no secrets.

    Raises:
        ValueError: the catalogue does not know the type, or says that it is volatile or holds other data.
    """
    kind = schemas.CATALOGUE.get(type)
    if kind is None or kind.volatile:
        raise ValueError(f"events.schemas.CATALOGUE has no stored type {type!r}: add a row")
    if not _CHECKS[type].is_valid(data):
        raise ValueError(f"the data of {type} is not as the catalogue says: {sorted(data)}")
    await queries.add_event(session, org_id=org_id, event_id=new_id(), type=type, subject=subject, data=data)


def list_types(actor: Actor) -> list[schemas.EventType]:
    """The types of events that the actor may see."""
    actor.require("events:read")
    return [kind for kind in schemas.CATALOGUE.values() if actor.can(kind.audience)]


async def follow(
    hub: Hub, actor: Actor, *, topics: list[str], last_event_id: str | None
) -> AsyncIterator[bytes]:
    """The stream of an organisation's events, from the one after `last_event_id` or from now on.

    Whoever serves the stream ends it when the actor's right ends; identity's middleware does.

    Args:
        topics: types or patterns with `*`.
        last_event_id: the `id` of the last frame that was received.

    Raises:
        Forbidden: the actor lacks `events:read`.
        UnknownTopic: nothing that the actor may see matches.
        CursorInvalid: `last_event_id` is no such id.
        CursorExpired: events after it may be gone.
    """
    types = frozenset(
        kind.type for kind in list_types(actor) if any(fnmatchcase(kind.type, topic) for topic in topics)
    )
    if not types:
        raise errors.UnknownTopic("See GET /v1/events/types for those that you may follow.")
    wanted = Position.parse(last_event_id) if last_event_id else None
    async with hub.database.transaction(actor.org_id) as session:
        present = await _present(session, actor.org_id)
    if wanted is not None:
        _refuse_expired(wanted, present, types)
    return _frames(hub, actor.org_id, types, (present, wanted or present))


async def _present(session: AsyncSession, org_id: UUID) -> Position:
    ahead = Position(2**63 - 1, UUID(int=0))
    reading = await queries.read_after(session, org_id=org_id, position=ahead, limit=1)
    return Position.before(reading.settled_tx, now())


def _refuse_expired(wanted: Position, present: Position, types: frozenset[str]) -> None:
    days = min(schemas.CATALOGUE[type_].retention_days for type_ in types)
    # A number ahead of the database's own comes from before it was restored from a copy.
    if wanted.at < now() - timedelta(days=days) or wanted.tx > present.tx:
        raise errors.CursorExpired(f"Streams can be resumed for {days} days.")


async def _frames(
    hub: Hub, org_id: UUID, types: frozenset[str], places: tuple[Position, Position]
) -> AsyncIterator[bytes]:
    present, position = places
    with hub.follow(org_id, types, present) as subscription:
        yield frames.opening(position)
        async for row in _backlog(hub.database, org_id, position):
            position = row.position
            if row.type in types:
                yield frames.stored(row)
        async for content in _live(subscription, position, hub.settings.heartbeat_seconds):
            yield content


async def _backlog(database: Database, org_id: UUID, position: Position) -> AsyncIterator[queries.Row]:
    while True:
        async with database.transaction(org_id) as session:
            reading = await queries.read_after(session, org_id=org_id, position=position, limit=PAGE)
        for row in reading.rows:
            yield row
        if len(reading.rows) < PAGE:
            return
        position = reading.rows[-1].position


async def _live(subscription: Subscription, seen: Position, heartbeat: float) -> AsyncIterator[bytes]:
    """What is queued, without what the backlog gave already."""
    while True:
        taken = await subscription.take(heartbeat)
        fresh = [frame.content for frame in taken if frame.position is None or frame.position > seen]
        if fresh:
            yield b"".join(fresh)
        elif subscription.overflown:
            yield frames.dropped()
            return
        elif subscription.closed:
            return
        elif not taken:
            yield frames.heartbeat(max(seen, subscription.position))


async def handle_once(
    database: Database, consumer: str, handlers: Mapping[str, Handler], *, limit: int = 100
) -> int:
    """Give the next events of all organisations to handlers, in order; returns how many were passed.

    Handlers run in the transaction that moves the cursor, under the system role: what they write happens
    exactly once, and an event whose handler fails is given again. One process at a time does the work.

    Args:
        consumer: the name of the cursor.
        handlers: type of event → handler.
    """
    async with database.system_transaction() as session:
        position = await queries.system_lock_consumer(session, name=consumer)
        if position is None:
            return 0
        reading = await queries.system_read_after(session, position=position, limit=limit)
        if position.tx >= reading.newest_tx:
            log.warning("the database was restored from a copy: the last minute is given to handlers again")
            await queries.system_renumber(session)
            return 0
        for row in reading.rows:
            handler = handlers.get(row.type)
            if handler is not None:
                await handler(session, _stored(row))
        if reading.rows:
            await queries.system_move_consumer(session, name=consumer, position=reading.rows[-1].position)
        return len(reading.rows)


async def handle_forever(database: Database, consumer: str, handlers: Mapping[str, Handler]) -> None:
    """Give events to handlers as they come, looking twice a second."""
    while True:
        try:
            handled = await handle_once(database, consumer, handlers)
        except Exception:
            log.exception("an event could not be handled", consumer=consumer)
            handled = 0
        if not handled:
            await asyncio.sleep(IDLE_SECONDS)


def _stored(row: queries.Row) -> schemas.StoredEvent:
    return schemas.StoredEvent(
        id=row.position.id,
        org_id=row.org_id,
        type=row.type,
        subject=row.subject,
        data=row.data,
        created_at=row.created_at,
    )


async def drop_old(database: Database) -> int:
    """Delete events that are older than their type is kept; a daily job. Returns how many."""
    dropped = 0
    by_days = sorted(schemas.CATALOGUE.values(), key=lambda kind: kind.retention_days)
    async with database.system_transaction() as session:
        for days, kinds in groupby(by_days, key=lambda kind: kind.retention_days):
            before = now() - timedelta(days=days)
            types = [kind.type for kind in kinds]
            dropped += await queries.system_drop_events(session, types=types, before=before)
    return dropped
