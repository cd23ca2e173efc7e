"""Limits: the seam that a call goes through, and what an administrator sets."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.billing import errors, queries, schemas
from toolmarket.billing.limits import Hold as Hold
from toolmarket.billing.limits import Limits as Limits
from toolmarket.billing.meters import COLUMNS as COLUMNS
from toolmarket.billing.meters import TABLE as TABLE
from toolmarket.billing.meters import encode_facts as encode_facts
from toolmarket.billing.meters import fact_id as fact_id
from toolmarket.billing.models import LimitRow
from toolmarket.billing.windows import utc_now, window_of
from toolmarket.events import service as events
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database, announce_change
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import PreconditionFailed


async def list_limits(session: AsyncSession, actor: Actor) -> tuple[schemas.Limits, str]:
    """The limits of the organisation with what is used of them, and their tag.

    Raises:
        Forbidden: the actor lacks `billing:read`.
    """
    actor.require("billing:read")
    return await _read(session, actor.org_id)


async def put_limits(
    session: AsyncSession, actor: Actor, wish: schemas.LimitsWish, *, tag: str | None = None
) -> tuple[schemas.Limits, str]:
    """Replace the limits of the organisation; effective in every process within a second.

    A limit that stays keeps what is used of it.

    Args:
        tag: of the limits that the wish was made from.

    Raises:
        Forbidden: the actor lacks `limits:manage`.
        PreconditionFailed: somebody changed them meanwhile.
        LimitsInvalid: two for the same subject, or one for nothing.
    """
    actor.require("limits:manage")
    rows = [_row(actor.org_id, limit) for limit in wish.limits]
    subjects = [(limit.scope, limit.subject_id or actor.org_id) for limit in wish.limits]
    if len(set(subjects)) < len(subjects):
        raise errors.LimitsInvalid("Give one limit for each subject.", pointer="/limits")

    await queries.lock_limits(session, org_id=actor.org_id)
    before = await queries.list_limits(session, org_id=actor.org_id)
    if tag is not None and tag != _tag(before):
        raise PreconditionFailed
    earlier = [_facts(row) for row in before]

    await queries.drop_other_limits(session, org_id=actor.org_id, kept=subjects)
    if rows:
        await queries.put_limits(session, org_id=actor.org_id, rows=rows)

    session.expire_all()
    after = [_facts(row) for row in await queries.list_limits(session, org_id=actor.org_id)]
    await audit.record(session, actor, "limits.changed", target=actor.org_id, before=earlier, after=after)
    await events.emit(
        session, org_id=actor.org_id, type="billing.limits.changed.v1", subject=str(actor.org_id), data={}
    )
    await announce_change(session, actor.org_id)
    return await _read(session, actor.org_id)


async def drop_old_counters(database: Database) -> int:
    """Delete counters of windows that are long over; a daily job."""
    at = utc_now()
    async with database.system_transaction() as session:
        return await queries.system_drop_counters(
            session, rates_before=at - timedelta(hours=1), quotas_before=at - timedelta(days=400)
        )


async def keep_partitions(database: Database, *, months: int = 3) -> None:
    """Make the partitions of the coming months; a daily job."""
    async with database.system_transaction() as session:
        await queries.system_partition(session, months=months)


async def _read(session: AsyncSession, org_id: UUID) -> tuple[schemas.Limits, str]:
    at = utc_now()
    windows = [("rate", window_of("rate", at)[0]), ("quota", window_of("quota", at)[0])]
    rows = await queries.list_limits(session, org_id=org_id)
    counters = await queries.list_used(session, org_id=org_id, windows=windows)
    used = {(counter.limit_id, counter.meter): counter.used for counter in counters}
    items = [
        schemas.Limit(
            **_facts(row),
            used_this_minute=used.get((row.id, "rate"), 0),
            used_this_month=used.get((row.id, "quota"), 0),
        )
        for row in rows
    ]
    return schemas.Limits(items=items), _tag(rows)


def _row(org_id: UUID, wish: schemas.LimitWish) -> dict[str, object]:
    if (wish.scope == "organisation") != (wish.subject_id in {None, org_id}):
        raise errors.LimitsInvalid(
            "A key or an installation needs its id, the organisation none.", pointer="/limits"
        )
    return {"id": new_id(), **wish.model_dump(), "subject_id": wish.subject_id or org_id}


def _facts(row: LimitRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in schemas.LimitWish.model_fields}


def _tag(rows: Sequence[LimitRow]) -> str:
    """Grows out of the content, so equal limits have equal tags."""
    content = "|".join(str(sorted(_facts(row).items(), key=lambda fact: fact[0])) for row in rows)
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
