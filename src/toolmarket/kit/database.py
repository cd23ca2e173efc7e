"""PostgreSQL sessions under four roles, and the tenant wall of every transaction.

One URL serves all: each pool starts its sessions as the role it needs. `app` is bound by row-level
security to the organisation set for the transaction; `system` works across organisations, from
jobs and from authentication only; `recorder` only inserts, past row-level security, because COPY
is refused under it; `owner` migrates.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
import structlog
from fastapi import Depends, Request
from sqlalchemy import MetaData, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.problems import Unavailable

APP, SYSTEM, RECORDER = "toolmarket_app", "toolmarket_system", "toolmarket_recorder"
SET_ORGANISATION = text("select set_config('toolmarket.org_id', :org_id, true)")
CHANGES = "toolmarket_changes"
PLANNING = {"jit": "off", "random_page_cost": "1.1"}
"""For many short queries by index, on disks that do not seek."""

log = structlog.get_logger("kit.database")
LOST = (
    OperationalError,
    InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    ConnectionError,
)
"""What it looks like when the database is away, or goes away meanwhile."""


class DatabaseDown(Unavailable):
    code, title = "database-down", "The database does not answer; try again in a moment."


def database_down(error: BaseException) -> DatabaseDown:
    """The refusal of a request for which the database was needed."""
    log.warning("database failed", error=str(error).split("\n", 1)[0])
    return DatabaseDown(headers={"Retry-After": "2"})


class Table(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )


async def _leave_as_it_is(_connection: object) -> None:
    """The recorder sets nothing in its sessions: to reset them would only cost each commit a round trip."""


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


class Database:
    """The pools of one process.

    Args:
        url: `postgresql://user:password@host:port/name`, of the owner.
        pool_size: connections of the app pool; system has 3, recorder 2.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.app = self._engine(APP, pool_size)
        self.system = self._engine(SYSTEM, 3)
        self._app_sessions = async_sessionmaker(self.app, expire_on_commit=False)
        self._system_sessions = async_sessionmaker(self.system, expire_on_commit=False)
        self._recorder: asyncpg.Pool | None = None

    def _engine(self, role: str, pool_size: int) -> AsyncEngine:
        return create_async_engine(
            self.url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            # An error names its statement in the log, never what somebody wrote into it.
            hide_parameters=True,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {**PLANNING, "role": role, "application_name": role}},
        )

    async def recorder(self) -> asyncpg.Pool:
        """The insert-only pool, opened on first use."""
        if self._recorder is None:
            self._recorder = await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=3,
                reset=_leave_as_it_is,
                server_settings={"role": RECORDER, "jit": "off"},
            )
        return self._recorder

    @asynccontextmanager
    async def transaction(self, org_id: UUID) -> AsyncIterator[AsyncSession]:
        """A transaction of one organisation, committed when the block ends well."""
        async with self._app_sessions() as session, session.begin():
            await session.execute(SET_ORGANISATION, {"org_id": str(org_id)})
            yield session

    @asynccontextmanager
    async def system_transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction across organisations, for jobs and authentication."""
        async with self._system_sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Return every connection."""
        await self.app.dispose()
        await self.system.dispose()
        if self._recorder is not None:
            await self._recorder.close()


async def announce_change(session: AsyncSession, org_id: UUID) -> None:
    """Tell every process, at commit, to drop what it cached for this organisation."""
    await session.execute(
        text("select pg_notify(:channel, :payload)"), {"channel": CHANGES, "payload": str(org_id)}
    )


async def open_session(request: Request, actor: CurrentActor) -> AsyncIterator[AsyncSession]:
    """The session of a request, in the actor's organisation; commits before the answer leaves."""
    database: Database = request.app.state.parts.database
    async with database.transaction(actor.org_id) as session:
        yield session


async def open_system_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The session of a request that has no organisation yet: sign-in and health."""
    database: Database = request.app.state.parts.database
    async with database.system_transaction() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
SystemSession = Annotated[AsyncSession, Depends(open_system_session, scope="function")]
