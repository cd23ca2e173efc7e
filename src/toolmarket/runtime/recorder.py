"""Runs become durable here, in one of two ways that end in the same tables.

*Strict* calls wait for a transaction that they share with all calls that are waiting; *spooled*
ones are appended to the local spool and copied several times a second.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import structlog

from toolmarket.kit.database import Database
from toolmarket.kit.problems import Unavailable
from toolmarket.runtime import journal
from toolmarket.runtime.record import Encoded, Record
from toolmarket.runtime.spool import ROTATE_BYTES, Spool, orphans, read

log = structlog.get_logger("runtime.recorder")
COPY_SECONDS = 0.15
RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
MOST_PENDING = 20_000
REPLAY_BATCH = 2_000
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
# SQLSTATE classes of what a record itself is refused for: data, constraints, limits. All else ends by itself.
REFUSED = ("22", "23", "54")


Told = Callable[[Sequence[Record | Encoded]], None]


class RecordDelayed(Unavailable):
    code, title = "record-delayed", "The call was made, but its record is not committed yet."


class CallNotMade(Unavailable):
    code, title = "call-not-made", "The call was not made, because it could not be recorded."


class Recorder:
    """The writer of one process.

    Args:
        told: called with the records of each committed batch.
    """

    def __init__(self, database: Database, folder: Path, told: Told) -> None:
        self._database = database
        self._folder = folder
        self._told = told
        self._spool = Spool(folder)
        self._pending: list[Encoded] = []
        self._queue: list[tuple[journal.Item, asyncio.Future[journal.Begun | None]]] = []
        self._wake = asyncio.Event()
        self._copying = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Replay what dead processes left behind, then begin to write."""
        self._tasks = [
            asyncio.create_task(self._commit_forever(), name="runtime.commit"),
            asyncio.create_task(self._copy_forever(), name="runtime.copy"),
        ]
        await self.replay()

    async def stop(self) -> None:
        """Write everything that was accepted, then end."""
        with contextlib.suppress(asyncpg.PostgresError, OSError):
            await asyncio.wait_for(self.drain(), PATIENCE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self._pending:
            self._spool.close()

    async def append(self, record: Encoded) -> None:
        """Accept the record of a spooled call."""
        self._spool.append(record)
        self._pending.append(record)
        if len(self._pending) > MOST_PENDING:
            await self.drain()

    async def begin(self, intent: journal.Intent) -> journal.Begun:
        """Commit that a strict call is about to be made.

        Raises:
            CallNotMade: the database does not answer; an intent that it takes later is withdrawn.
        """
        try:
            begun = await self._commit(intent)
        except RecordDelayed:
            raise CallNotMade(headers={"Retry-After": "5"}) from None
        return begun or journal.Begun(fresh=True)

    async def finish(self, record: Record) -> None:
        """Commit the record of a strict call.

        Raises:
            RecordDelayed: the database does not answer; the record is written when it does.
        """
        await self._commit(record)

    async def _commit(self, item: journal.Item) -> journal.Begun | None:
        future: asyncio.Future[journal.Begun | None] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        self._wake.set()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.shield(future)
        except TimeoutError:
            if isinstance(item, journal.Intent):
                future.cancel()
            raise RecordDelayed(headers={"Retry-After": "5"}) from None

    async def _commit_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch = [entry for entry in self._queue if not entry[1].cancelled()]
            self._queue = []
            if batch:
                await self._commit_batch(batch)
                await self._withdraw(batch)

    async def _commit_batch(
        self, batch: list[tuple[journal.Item, "asyncio.Future[journal.Begun | None]"]]
    ) -> None:
        items = [item for item, _ in batch]
        while True:
            try:
                answers = await journal.write(await self._database.recorder(), items)
                break
            except FAILURES as error:
                if _refused(error):
                    await self._commit_singly(batch, error)
                    return
                log.warning("commit delayed", error=str(error), records=len(items))
                await asyncio.sleep(RETRY_SECONDS)
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
        self._told([item for item in items if isinstance(item, Record)])

    async def _withdraw(
        self, batch: list[tuple[journal.Item, "asyncio.Future[journal.Begun | None]"]]
    ) -> None:
        """Take back what was committed after its caller had been told that nothing was called."""
        late = [
            item.run_id for item, future in batch if future.cancelled() and isinstance(item, journal.Intent)
        ]
        if late:
            with contextlib.suppress(*FAILURES):
                await journal.withdraw(await self._database.recorder(), late)

    async def _commit_singly(
        self, batch: list[tuple[journal.Item, "asyncio.Future[journal.Begun | None]"]], error: Exception
    ) -> None:
        """One bad record must not take its neighbours with it."""
        if len(batch) > 1:
            for entry in batch:
                await self._commit_batch([entry])
            return
        item, future = batch[0]
        if isinstance(error, asyncpg.UniqueViolationError) and not future.done():
            # Ids are ours alone: an earlier try was committed although its answer was lost.
            future.set_result(journal.Begun(fresh=True) if isinstance(item, journal.Intent) else None)
            return
        log.error("record refused", kind=type(error).__name__)
        if not future.done():
            future.set_exception(RecordDelayed("The record of this call was refused by the database."))

    async def settle(self) -> None:
        """Copy what this process has spooled before something is read; not worth failing a read."""
        with contextlib.suppress(*FAILURES):
            await self.drain()

    async def drain(self) -> None:
        """Copy what this process has spooled, now."""
        async with self._copying:
            batch, self._pending = self._pending, []
            if not batch:
                return
            position = self._spool.position
            try:
                batch = await self._copy(batch, self._spool.spool_id, position)
            except BaseException:
                self._pending = batch + self._pending
                raise
            if not self._pending and position > ROTATE_BYTES:
                self._spool.rotate()
        self._told(batch)

    async def _copy(self, batch: list[Encoded], spool_id: UUID, position: int) -> list[Encoded]:
        """Copy a batch; a record that the database refuses is left out, so that it holds up no other."""
        pool = await self._database.recorder()
        try:
            await journal.copy(pool, batch, spool_id, position)
        except FAILURES as error:
            if not _refused(error):
                raise
            batch = [record for record in batch if await self._acceptable(pool, record)]
            await journal.copy(pool, batch, spool_id, position)
        return batch

    async def _acceptable(self, pool: asyncpg.Pool, record: Encoded) -> bool:
        """Whether the database takes a record; what it refuses is named in the log, without its content."""
        try:
            await journal.rehearse(pool, record)
        except FAILURES as error:
            if not _refused(error) or isinstance(error, asyncpg.CheckViolationError):
                # No partition for a record is the operator's to mend, not a reason to lose it.
                raise
            log.warning("record refused", kind=type(error).__name__, run_id=str(record.run.id))
            return False
        return True

    async def _copy_forever(self) -> None:
        while True:
            await asyncio.sleep(COPY_SECONDS)
            try:
                await self.drain()
            except FAILURES as error:
                log.warning("copy delayed", error=str(error), records=len(self._pending))
                await asyncio.sleep(RETRY_SECONDS)

    async def replay(self) -> int:
        """Copy the spools of processes that died; how many records were found in them."""
        found = 0
        for spool_id, path, descriptor in orphans(self._folder):
            with contextlib.closing(_Descriptor(descriptor)):
                found += await self._replay_file(spool_id, path)
                path.unlink()
        if found:
            log.info("spool replayed", records=found)
        return found

    async def _replay_file(self, spool_id: UUID, path: Path) -> int:
        pool = await self._database.recorder()
        found, batch = 0, []
        position = await journal.copied_position(pool, spool_id)
        for record, after in read(path, position):
            batch.append(record)
            position = after
            if len(batch) == REPLAY_BATCH:
                await self._copy(batch, spool_id, position)
                found, batch = found + len(batch), []
        if batch:
            await self._copy(batch, spool_id, position)
        return found + len(batch)


def _refused(error: Exception) -> bool:
    """Whether the database, or the driver before it, will never take what was written."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(REFUSED)
    return isinstance(error, ValueError)


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def close(self) -> None:
        import os

        os.close(self._number)
