"""Limits that hold under any number of parallel calls and processes.

A process leases units of a window from the database, a block at a time and by one atomic statement,
and counts them down in memory. So a limit is never exceeded; while another process holds the rest of
a block, a call may be refused up to one block early. Where no limit is set, nothing is asked.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from toolmarket.billing import errors, meters, queries
from toolmarket.billing.models import LimitRow
from toolmarket.billing.schemas import Meter
from toolmarket.billing.windows import seconds_until, utc_now, window_of
from toolmarket.kit.database import Database
from toolmarket.kit.problems import Problem

BLOCK_SHARE = 20
BLOCK_UNITS = 100
# An exhausted window is asked for again this soon: another process may have given units back.
ASK_AGAIN_SECONDS = 1.0
NIL = UUID(int=0)
Clock = Callable[[], datetime]


class News(Protocol):
    """Which organisation changed, as `kit.changes.Changes` tells it."""

    def version(self, org_id: UUID) -> object: ...


class _Lease:
    """The units of one limit that this process holds."""

    def __init__(self, database: Database, clock: Clock, row: LimitRow, meter: Meter, ceiling: int) -> None:
        self.ceiling = ceiling
        self._database = database
        self._clock = clock
        self._org_id, self._limit_id, self._scope, self._meter = row.org_id, row.id, row.scope, meter
        self._block = max(1, min(BLOCK_UNITS, ceiling // BLOCK_SHARE))
        self._began = self._ends = datetime.min.replace(tzinfo=UTC)
        self._left = 0
        self._ask_again_at = 0.0
        self._refill = asyncio.Lock()

    async def take(self) -> datetime:
        """Take one unit; returns the window it belongs to.

        Raises:
            RateReached, QuotaReached: there is none left.
        """
        if self._roll() or self._left == 0:
            async with self._refill:
                self._roll()
                if self._left == 0:
                    await self._ask()
        self._left -= 1
        return self._began

    def put(self, window: datetime) -> None:
        """Return a unit that was not used."""
        if window == self._began:
            self._left += 1

    async def give_back(self) -> None:
        """Return to the database what this process does not use any more."""
        left, self._left = self._left, 0
        if left:
            async with self._database.transaction(self._org_id) as session:
                await queries.give_back(
                    session,
                    org_id=self._org_id,
                    limit_id=self._limit_id,
                    meter=self._meter,
                    window_at=self._began,
                    units=left,
                )

    def _roll(self) -> bool:
        """Begin a new window where the old one is over."""
        moment = self._clock()
        if moment < self._ends:
            return False
        self._began, self._ends = window_of(self._meter, moment)
        self._left, self._ask_again_at = 0, 0.0
        return True

    async def _ask(self) -> None:
        if time.monotonic() < self._ask_again_at:
            raise self._refusal()
        window = self._began
        for units in dict.fromkeys((self._block, 1)):
            if await self._lease(window, units):
                if window == self._began:
                    self._left += units
                    return
                # The window ended while the database answered: its units are gone, the new one is asked.
                await self._ask()
                return
        self._ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
        raise self._refusal()

    async def _lease(self, window: datetime, units: int) -> bool:
        async with self._database.transaction(self._org_id) as session:
            return await queries.lease(
                session,
                org_id=self._org_id,
                limit_id=self._limit_id,
                meter=self._meter,
                window_at=window,
                units=units,
                ceiling=self.ceiling,
            )

    def _refusal(self) -> Problem:
        seconds = seconds_until(self._ends, self._clock())
        kind, what = (
            (errors.RateReached, "calls in a minute")
            if self._meter == "rate"
            else (errors.QuotaReached, "calls in a month")
        )
        return kind(
            f"{self.ceiling} {what} are allowed for this {self._scope}. Try again in {seconds} s.",
            extra={"limit": self.ceiling, "scope": self._scope},
            headers={"Retry-After": str(seconds)},
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """The limits of an organisation, as of a version of it."""

    version: object
    organisation: Sequence[_Lease] = ()
    keys: dict[UUID, list[_Lease]] = field(default_factory=dict)
    installations: dict[UUID, list[_Lease]] = field(default_factory=dict)
    free: bool = True

    def leases(self, key_id: UUID, installation_id: UUID | None) -> list[_Lease]:
        found = [*self.organisation, *self.keys.get(key_id, ())]
        return found + self.installations.get(installation_id or NIL, [])


@dataclass(frozen=True, slots=True)
class Hold:
    """What a call has reserved: settle it when the call was made, release it when not."""

    org_id: UUID
    installation_id: UUID | None = None
    taken: tuple[tuple[_Lease, datetime], ...] = ()


FREE = Hold(NIL)


class Limits:
    """The limits of a process.

    Args:
        changes: tells which organisation's limits to read again.
        clock: the present moment in UTC.
    """

    def __init__(self, database: Database, changes: News, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes
        self._plans: dict[UUID, _Plan] = {}
        self._leases: dict[tuple[UUID, Meter], _Lease] = {}
        self._loading: dict[UUID, asyncio.Lock] = {}

    async def reserve(self, org_id: UUID, *, key_id: UUID, installation_id: UUID | None) -> Hold:
        """Reserve one call under every limit that applies; before the call.

        Raises:
            RateReached: with `Retry-After`.
            QuotaReached: until the month ends.
        """
        plan = self._plans.get(org_id)
        if plan is None or plan.version != self._changes.version(org_id):
            plan = await self._load(org_id)
        if plan.free:
            return FREE
        taken: list[tuple[_Lease, datetime]] = []
        try:
            for lease in plan.leases(key_id, installation_id):
                taken.append((lease, await lease.take()))
        except BaseException:
            _put_back(taken)
            raise
        return Hold(org_id, installation_id, tuple(taken))

    def release(self, hold: Hold) -> None:
        """The call was not made: it counts for nothing."""
        _put_back(hold.taken)

    def settle(self, hold: Hold, *, run_id: UUID) -> tuple[tuple[Any, ...], ...]:
        """The call was made; returns the facts to write with its run, rows for COPY of `COLUMNS`.

        Calls that nothing limits or prices have none: their runs tell as much.
        """
        if hold is FREE or hold.installation_id is None:
            return ()
        return meters.encode_facts(run_id, hold.org_id, hold.installation_id, {meters.CALL: 1})

    async def stop(self) -> None:
        """Give back what is leased and not used."""
        for lease in self._leases.values():
            await lease.give_back()

    async def _load(self, org_id: UUID) -> _Plan:
        async with self._loading.setdefault(org_id, asyncio.Lock()):
            version = self._changes.version(org_id)
            known = self._plans.get(org_id)
            if known is not None and known.version == version:
                return known
            async with self._database.transaction(org_id) as session:
                rows = await queries.list_limits(session, org_id=org_id)
            plan = self._plans[org_id] = self._plan(version, rows)
            return plan

    def _plan(self, version: object, rows: Sequence[LimitRow]) -> _Plan:
        organisation: list[_Lease] = []
        keys: dict[UUID, list[_Lease]] = {}
        installations: dict[UUID, list[_Lease]] = {}
        for row in rows:
            found = self._row_leases(row)
            if row.scope == "organisation":
                organisation += found
            else:
                (keys if row.scope == "key" else installations)[row.subject_id] = found
        return _Plan(version, organisation, keys, installations, free=not rows)

    def _row_leases(self, row: LimitRow) -> list[_Lease]:
        ceilings: tuple[tuple[Meter, int | None], ...] = (
            ("rate", row.rate_per_minute),
            ("quota", row.quota_per_month),
        )
        return [self._lease(row, meter, ceiling) for meter, ceiling in ceilings if ceiling is not None]

    def _lease(self, row: LimitRow, meter: Meter, ceiling: int) -> _Lease:
        """The lease that is held, or a new one where the limit changed: what was held is forfeited."""
        known = self._leases.get((row.id, meter))
        if known is None or known.ceiling != ceiling:
            known = self._leases[row.id, meter] = _Lease(self._database, self._clock, row, meter, ceiling)
        return known


def _put_back(taken: Sequence[tuple[_Lease, datetime]]) -> None:
    for lease, window in taken:
        lease.put(window)
