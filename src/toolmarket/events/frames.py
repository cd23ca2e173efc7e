"""Events as the bytes of a server-sent event stream.

Source:
    WHATWG HTML, 9.2 Server-sent events; CloudEvents 1.0.2, JSON format.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from toolmarket.events.positions import Position
from toolmarket.events.queries import Row


def opening(position: Position) -> bytes:
    """How a stream begins: how soon to come back, and from where before any event arrived."""
    return b"retry: 1000\nid: %s\n\n" % position.token.encode()


def heartbeat(position: Position) -> bytes:
    """A comment that keeps proxies from closing, and the place that was reached meanwhile."""
    return b": quiet\nid: %s\n\n" % position.token.encode()


def dropped() -> bytes:
    """The end of a stream whose reader was too slow; it resumes from the last id it has."""
    return b'event: dropped\ndata: {"reason":"too-slow"}\n\n'


def stored(row: Row) -> bytes:
    """An event of the outbox."""
    document = _document(row.position.id, row.org_id, row.type, row.subject, row.created_at, row.data)
    return b"id: %s\ndata: %s\n\n" % (row.position.token.encode(), document)


def volatile(event_id: UUID, org_id: UUID, type: str, at: datetime, data: dict[str, Any]) -> bytes:
    """Counted news; without an `id`, so that it never becomes the place to resume from."""
    subjects = data.get("subjects") or [""]
    return b"data: %s\n\n" % _document(event_id, org_id, type, subjects[-1], at, data)


def _document(*members: Any) -> bytes:
    event_id, org_id, type_, subject, at, data = members
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(event_id),
            "source": f"/organisations/{org_id}",
            "type": type_,
            "subject": subject,
            "time": at,
            "data": data,
        }
    )
