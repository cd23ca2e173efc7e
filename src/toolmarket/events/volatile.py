"""News that happens thousands of times a second: counted, sent as notices of the database, not stored."""

import asyncio
from collections import deque
from uuid import UUID

import orjson
import structlog

from toolmarket.events import queries
from toolmarket.events.schemas import CATALOGUE
from toolmarket.kit.database import LOST, Database

log = structlog.get_logger("events")

PERIOD_SECONDS = 0.2
SUBJECTS = 20
PAYLOAD_BYTES = 7_900
"""A notice of PostgreSQL holds fewer than 8,000 bytes."""


class _Sum:
    __slots__ = ("count", "data", "subjects")

    def __init__(self) -> None:
        self.count = 0
        self.subjects: deque[str] = deque(maxlen=SUBJECTS)
        self.data: dict[str, int] = {}


class Counted:
    """What happened since the last notice."""

    def __init__(self) -> None:
        self._sums: dict[tuple[UUID, str], _Sum] = {}
        self._wake = asyncio.Event()

    def add(self, org_id: UUID, type: str, subject: str, data: dict[str, int]) -> None:
        """Count one.

        Raises:
            KeyError: the catalogue has no such type.
        """
        found = self._sums.get((org_id, type))
        if found is None:
            if not CATALOGUE[type].volatile:
                raise ValueError(f"{type} is stored: emit it")
            found = self._sums[org_id, type] = _Sum()
            self._wake.set()
        found.count += 1
        found.subjects.append(subject)
        for name, value in data.items():
            found.data[name] = found.data.get(name, 0) + value

    async def send_forever(self, database: Database) -> None:
        """Send at most five notices a second for each organisation."""
        while True:
            await self._wake.wait()
            try:
                await self.send(database)
            except LOST as error:
                log.warning("counted news wait for the database", error=type(error).__name__)
            except Exception:
                # What is lost here is a hint to read again; the next one comes with the next run.
                log.exception("counted news could not be sent")
            await asyncio.sleep(PERIOD_SECONDS)

    async def send(self, database: Database) -> None:
        """Send what was counted."""
        self._wake.clear()
        sums, self._sums = self._sums, {}
        if sums:
            async with database.system_transaction() as session:
                await queries.system_notify(session, payloads=payloads(sums))


def payloads(sums: dict[tuple[UUID, str], _Sum]) -> list[str]:
    """One notice for each organisation and, where they would not fit together, for each type."""
    by_org: dict[UUID, list[tuple[str, _Sum]]] = {}
    for (org_id, type_), found in sums.items():
        by_org.setdefault(org_id, []).append((type_, found))
    notices = []
    for org_id, kinds in by_org.items():
        together = _payload(org_id, kinds)
        fits = len(together) <= PAYLOAD_BYTES
        notices += [together] if fits else [_payload(org_id, [kind]) for kind in kinds]
    return [notice.decode() for notice in notices]


def _payload(org_id: UUID, kinds: list[tuple[str, _Sum]]) -> bytes:
    types = {
        type_: {"count": found.count, "subjects": list(found.subjects), **found.data}
        for type_, found in kinds
    }
    return orjson.dumps({"org": org_id, "types": types})
