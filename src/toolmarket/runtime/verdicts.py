"""Whether services take the credentials of calls, told to the vault when it changes."""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from toolmarket.kit.database import Database
from toolmarket.runtime.plans import Plan
from toolmarket.vault import service as vault

log = structlog.get_logger("runtime.verdicts")
MOST_KNOWN = 20_000


class Verdicts:
    """What this process last heard about each connection; only news is written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[UUID, bool] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def note(self, plan: Plan, status: int) -> None:
        """Take the status of an answer: 401 and 403 refuse the credential."""
        accepted = status not in vault.REFUSED
        for connection_id in plan.injection.connection_ids:
            if self._known.get(connection_id) is accepted:
                continue
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[connection_id] = accepted
            task = asyncio.create_task(self._tell(plan.org_id, connection_id, accepted=accepted))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, org_id: UUID, connection_id: UUID, *, accepted: bool) -> None:
        try:
            async with self._database.transaction(org_id) as session:
                await vault.note_verdict(
                    session, org_id=org_id, connection_id=connection_id, accepted=accepted
                )
        except (OSError, SQLAlchemyError) as error:
            self._known.pop(connection_id, None)
            log.warning("verdict not written", error=str(error).split("\n", 1)[0])

    async def settle(self) -> None:
        """Wait until what was heard is written."""
        if self._telling:
            await asyncio.wait(set(self._telling), timeout=5)
