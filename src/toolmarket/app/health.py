"""Whether this process can serve."""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from toolmarket.kit.database import Database

log = structlog.get_logger("app.health")
READY_SECONDS = 2.0


async def readiness(database: Database) -> tuple[bool, dict[str, str]]:
    """Whether requests can be served, and the state of each dependency."""
    try:
        async with asyncio.timeout(READY_SECONDS), database.system_transaction() as session:
            await session.execute(text("select 1"))
    except (OSError, TimeoutError, DBAPIError) as error:
        log.warning("not ready", error=str(error).split("\n", 1)[0])
        return False, {"database": "down"}
    return True, {"database": "ok"}
