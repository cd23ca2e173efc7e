"""All SQL over recorded runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.kit.ids import id_floor
from toolmarket.runtime.models import Detail, Intent, Run


def matching(
    *,
    outcomes: Sequence[int] = (),
    channels: Sequence[int] = (),
    operation_ids: Sequence[UUID] = (),
    installation_id: UUID | None = None,
    operation_name: str | None = None,
    principal_id: UUID | None = None,
    user_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    demo: bool | None = None,
) -> list[ColumnElement[bool]]:
    """The conditions of a filter; a time is a range of ids, which prunes partitions."""
    conditions: list[ColumnElement[bool]] = []
    if outcomes:
        conditions.append(Run.outcome.in_(outcomes))
    if channels:
        conditions.append(Run.channel.in_(channels))
    if operation_ids:
        conditions.append(Run.operation_id.in_(operation_ids))
    if outcomes and 0 not in outcomes:
        conditions.append(Run.outcome != 0)
    equal = {
        Run.installation_id: installation_id,
        Run.operation_name: operation_name,
        Run.principal_id: principal_id,
        Run.user_id: user_id,
        Run.demo: demo,
    }
    conditions += [column == value for column, value in equal.items() if value is not None]
    return conditions + _between(since, until)


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(Run.id >= id_floor(since))
    if until is not None:
        found.append(Run.id < id_floor(until))
    return found


async def list_runs(
    session: AsyncSession,
    *,
    org_id: UUID,
    conditions: Sequence[ColumnElement[bool]],
    before: UUID | None,
    limit: int,
) -> Sequence[Run]:
    """Runs that match, the newest first."""
    statement = select(Run).where(Run.org_id == org_id, *conditions).order_by(Run.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Run.id < before)
    return (await session.scalars(statement)).all()


async def count_runs(
    session: AsyncSession, *, org_id: UUID, conditions: Sequence[ColumnElement[bool]], cap: int
) -> int:
    """How many match, at most `cap`."""
    rows: Select[Any] = select(Run.id).where(Run.org_id == org_id, *conditions).limit(cap)
    return await session.scalar(select(func.count()).select_from(rows.subquery())) or 0


async def get_run(session: AsyncSession, *, org_id: UUID, run_id: UUID) -> Run | None:
    """The run of that id."""
    return await session.scalar(select(Run).where(Run.org_id == org_id, Run.id == run_id))


async def get_intent(session: AsyncSession, *, org_id: UUID, run_id: UUID) -> bytes | None:
    """The packed record of a strict run that has not ended."""
    statement = select(Intent.row).where(Intent.org_id == org_id, Intent.run_id == run_id)
    return await session.scalar(statement)


async def get_detail(session: AsyncSession, *, org_id: UUID, run_id: UUID) -> Detail | None:
    """What was said in the run of that id."""
    return await session.scalar(select(Detail).where(Detail.org_id == org_id, Detail.id == run_id))


async def summary_since(session: AsyncSession, *, org_id: UUID, since: datetime) -> tuple[int, int]:
    """How many runs there were since a moment, and how many of them ended well."""
    statement = select(func.count(), func.count().filter(Run.outcome == 0)).where(
        Run.org_id == org_id, Run.id >= id_floor(since)
    )
    row = (await session.execute(statement)).one()
    return int(row[0]), int(row[1])


async def latest_run(
    session: AsyncSession, *, org_id: UUID, conditions: Sequence[ColumnElement[bool]]
) -> Run | None:
    """The newest run that matches."""
    statement = select(Run).where(Run.org_id == org_id, *conditions).order_by(Run.id.desc()).limit(1)
    return await session.scalar(statement)
