"""All SQL of identity: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Row, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.identity.models import ApiKey, Member, Organisation, SignInAttempts, SignInSession, User

AnyRow = Row[*tuple[Any, ...]]
TOUCH_EVERY = timedelta(seconds=60)
COUNTED_AT_MOST = 10_001


async def system_session_bearer(session: AsyncSession, *, token_sha256: bytes) -> AnyRow | None:
    """The person behind a live session, with the role in its organisation; there is no actor yet."""
    statement = (
        select(
            SignInSession.id,
            SignInSession.org_id,
            SignInSession.user_id,
            SignInSession.expires_at,
            User.name.label("label"),
            User.platform_role,
            Member.role,
        )
        .join(User, User.id == SignInSession.user_id)
        .join(Member, and_(Member.user_id == SignInSession.user_id, Member.org_id == SignInSession.org_id))
        .where(
            SignInSession.token_sha256 == token_sha256,
            SignInSession.revoked_at.is_(None),
            SignInSession.expires_at > func.now(),
        )
    )
    return (await session.execute(statement)).one_or_none()


async def system_key_bearer(session: AsyncSession, *, key_sha256: bytes) -> AnyRow | None:
    """A live key with its owner's present role; there is no actor yet."""
    statement = (
        select(
            ApiKey.id,
            ApiKey.org_id,
            ApiKey.user_id,
            ApiKey.expires_at,
            ApiKey.name.label("label"),
            ApiKey.role.label("key_role"),
            ApiKey.verbs,
            Member.role,
        )
        .join(Member, and_(Member.user_id == ApiKey.user_id, Member.org_id == ApiKey.org_id))
        .where(
            ApiKey.key_sha256 == key_sha256,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > func.now(),
        )
    )
    return (await session.execute(statement)).one_or_none()


async def system_touch_session(
    session: AsyncSession, *, session_id: UUID, idle: timedelta, lifetime: timedelta
) -> datetime | None:
    """Move a session's end, at most once a minute; returns the new end where it moved."""
    statement = (
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.last_seen_at < func.now() - TOUCH_EVERY)
        .values(
            last_seen_at=func.now(),
            expires_at=func.least(func.now() + idle, SignInSession.created_at + lifetime),
        )
        .returning(SignInSession.expires_at)
    )
    return await session.scalar(statement)


async def system_touch_member(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> None:
    """Note that a member was here, at most once a minute."""
    seen = Member.last_seen_at
    statement = (
        update(Member)
        .where(Member.org_id == org_id, Member.user_id == user_id)
        .where(or_(seen.is_(None), seen < func.now() - TOUCH_EVERY))
        .values(last_seen_at=func.now())
    )
    await session.execute(statement)


async def system_touch_key(session: AsyncSession, *, key_id: UUID, client: str) -> None:
    """Note the use of a key, at most once a minute."""
    used = ApiKey.last_used_at
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key_id, or_(used.is_(None), used < func.now() - TOUCH_EVERY))
        .values(last_used_at=func.now(), client=client)
    )
    await session.execute(statement)


async def system_add_session(
    session: AsyncSession,
    *,
    session_id: UUID,
    token_sha256: bytes,
    user_id: UUID,
    org_id: UUID,
    client: str,
    idle: timedelta,
) -> None:
    """Store a new session."""
    statement = insert(SignInSession).values(
        id=session_id,
        token_sha256=token_sha256,
        user_id=user_id,
        org_id=org_id,
        client=client,
        expires_at=func.now() + idle,
    )
    await session.execute(statement)


async def system_replace_session(
    session: AsyncSession, *, session_id: UUID, token_sha256: bytes, org_id: UUID
) -> bool:
    """Give a live session another token and organisation; the old token is dead."""
    statement = (
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.revoked_at.is_(None))
        .values(token_sha256=token_sha256, org_id=org_id, last_seen_at=func.now())
    )
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


async def system_revoke_session(session: AsyncSession, *, token_sha256: bytes) -> UUID | None:
    """End a session; returns its organisation, or None where there is none to end."""
    statement = (
        update(SignInSession)
        .where(SignInSession.token_sha256 == token_sha256, SignInSession.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(SignInSession.org_id)
    )
    return await session.scalar(statement)


async def system_user_by_email(session: AsyncSession, *, email: str) -> User | None:
    """The account of an address, in whatever case it is written."""
    return await session.scalar(select(User).where(func.lower(User.email) == email.lower()))


async def system_user(session: AsyncSession, *, user_id: UUID) -> User | None:
    """An account."""
    return await session.get(User, user_id)


async def system_memberships(session: AsyncSession, *, user_id: UUID) -> Sequence[AnyRow]:
    """The organisations of a person, in the order of joining."""
    statement = (
        select(Organisation.id, Organisation.name, Organisation.slug, Member.role)
        .join(Member, Member.org_id == Organisation.id)
        .where(Member.user_id == user_id)
        .order_by(Member.id)
    )
    return (await session.execute(statement)).all()


async def system_last_organisation(session: AsyncSession, *, user_id: UUID) -> UUID | None:
    """Where a person worked last."""
    statement = (
        select(SignInSession.org_id)
        .where(SignInSession.user_id == user_id)
        .order_by(SignInSession.last_seen_at.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def system_count_attempt(session: AsyncSession, *, subject_sha256: bytes, window: timedelta) -> AnyRow:
    """Count a sign-in before its password is looked at; returns the count and the window's end."""
    attempts, ends = SignInAttempts.attempts, SignInAttempts.window_ends_at
    over = ends <= func.now()
    statement = (
        insert(SignInAttempts)
        .values(subject_sha256=subject_sha256, attempts=1, window_ends_at=func.now() + window)
        .on_conflict_do_update(
            index_elements=[SignInAttempts.subject_sha256],
            set_={
                "attempts": case((over, 1), else_=attempts + 1),
                "window_ends_at": case((over, func.now() + window), else_=ends),
            },
        )
        .returning(attempts, func.ceil(func.extract("epoch", ends - func.now())).label("seconds"))
    )
    return (await session.execute(statement)).one()


async def system_forgive_attempt(session: AsyncSession, *, subject_sha256: bytes) -> None:
    """Take back one counted sign-in, which was right."""
    statement = (
        update(SignInAttempts)
        .where(SignInAttempts.subject_sha256 == subject_sha256)
        .values(attempts=func.greatest(SignInAttempts.attempts - 1, 0))
    )
    await session.execute(statement)


async def system_forget_attempts(session: AsyncSession, *, subject_sha256: bytes) -> None:
    """Start counting anew."""
    statement = (
        update(SignInAttempts)
        .where(SignInAttempts.subject_sha256 == subject_sha256)
        .values(attempts=0, window_ends_at=func.now())
    )
    await session.execute(statement)


async def system_sweep_sessions(session: AsyncSession, *, kept: timedelta) -> None:
    """Remove sessions that ended some time ago."""
    await session.execute(delete(SignInSession).where(SignInSession.expires_at < func.now() - kept))


async def system_sweep_attempts(session: AsyncSession) -> None:
    """Remove counts whose window is over."""
    await session.execute(delete(SignInAttempts).where(SignInAttempts.window_ends_at < func.now()))


async def system_add_organisation(
    session: AsyncSession, *, org_id: UUID, slug: str, name: str, demo: bool
) -> bool:
    """Insert an organisation, or return False where the slug is taken."""
    statement = (
        insert(Organisation)
        .values(id=org_id, slug=slug, name=name, demo=demo)
        .on_conflict_do_nothing(index_elements=[Organisation.slug])
        .returning(Organisation.id)
    )
    return await session.scalar(statement) is not None


async def system_add_user(
    session: AsyncSession,
    *,
    user_id: UUID,
    email: str,
    name: str,
    password_hash: str,
    platform_role: str | None,
) -> bool:
    """Insert an account, or return False where the address has one."""
    statement = (
        insert(User)
        .values(id=user_id, email=email, name=name, password_hash=password_hash, platform_role=platform_role)
        .on_conflict_do_nothing(index_elements=[func.lower(User.email)])
        .returning(User.id)
    )
    return await session.scalar(statement) is not None


async def system_add_member(
    session: AsyncSession, *, member_id: UUID, org_id: UUID, user_id: UUID, role: str
) -> bool:
    """Insert a membership, or return False where there is one."""
    statement = (
        insert(Member)
        .values(id=member_id, org_id=org_id, user_id=user_id, role=role)
        .on_conflict_do_nothing(index_elements=[Member.org_id, Member.user_id])
        .returning(Member.id)
    )
    return await session.scalar(statement) is not None


async def organisation(session: AsyncSession, *, org_id: UUID) -> Organisation | None:
    """The organisation itself."""
    return await session.scalar(select(Organisation).where(Organisation.id == org_id))


def _members(org_id: UUID) -> Any:
    return (
        select(Member.id, Member.user_id, Member.role, Member.last_seen_at, User.email, User.name)
        .join(User, User.id == Member.user_id)
        .where(Member.org_id == org_id)
    )


async def members(session: AsyncSession, *, org_id: UUID, after: UUID | None, limit: int) -> Sequence[AnyRow]:
    """Members in the order of joining."""
    statement = _members(org_id).order_by(Member.id).limit(limit)
    if after is not None:
        statement = statement.where(Member.id > after)
    return (await session.execute(statement)).all()


async def count_members(session: AsyncSession, *, org_id: UUID) -> int:
    """How many members there are, counted to a bound."""
    counted = select(Member.id).where(Member.org_id == org_id).limit(COUNTED_AT_MOST).subquery()
    return await session.scalar(select(func.count()).select_from(counted)) or 0


async def member(session: AsyncSession, *, org_id: UUID, member_id: UUID) -> AnyRow | None:
    """One member, locked against change by others."""
    statement = _members(org_id).where(Member.id == member_id).with_for_update(of=Member)
    return (await session.execute(statement)).one_or_none()


async def lock_owners(session: AsyncSession, *, org_id: UUID) -> Sequence[UUID]:
    """The memberships of the owners, locked so that two demotions at once see each other."""
    statement = (
        select(Member.id)
        .where(Member.org_id == org_id, Member.role == "owner")
        .order_by(Member.id)
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def set_role(session: AsyncSession, *, org_id: UUID, member_id: UUID, role: str) -> None:
    """Change the role of a member."""
    statement = update(Member).where(Member.org_id == org_id, Member.id == member_id).values(role=role)
    await session.execute(statement)


async def add_key(session: AsyncSession, *, org_id: UUID, values: dict[str, Any], days: int) -> AnyRow:
    """Insert a key; its end is counted by the database's clock."""
    statement = (
        insert(ApiKey)
        .values(org_id=org_id, expires_at=func.now() + timedelta(days=days), **values)
        .returning(
            ApiKey.id,
            ApiKey.name,
            ApiKey.prefix,
            ApiKey.role,
            ApiKey.client,
            ApiKey.created_at,
            ApiKey.expires_at,
            ApiKey.last_used_at,
            ApiKey.revoked_at,
        )
    )
    return (await session.execute(statement)).one()


def _keys(org_id: UUID, user_id: UUID | None) -> Any:
    statement = (
        select(ApiKey.__table__, User.name.label("owner"))
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.org_id == org_id)
    )
    return statement if user_id is None else statement.where(ApiKey.user_id == user_id)


async def keys(
    session: AsyncSession, *, org_id: UUID, user_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """Keys, newest first; of one person, or of everybody where `user_id` is None."""
    statement = _keys(org_id, user_id).order_by(ApiKey.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(ApiKey.id < after)
    return (await session.execute(statement)).all()


async def count_keys(session: AsyncSession, *, org_id: UUID, user_id: UUID | None) -> int:
    """How many keys there are, counted to a bound."""
    counted = _keys(org_id, user_id).with_only_columns(ApiKey.id).limit(COUNTED_AT_MOST).subquery()
    return await session.scalar(select(func.count()).select_from(counted)) or 0


async def revoke_key(
    session: AsyncSession, *, org_id: UUID, key_id: UUID, user_id: UUID | None
) -> AnyRow | None:
    """End a key that lives; returns its name and prefix, or None where there is none to end."""
    statement = (
        update(ApiKey)
        .where(ApiKey.org_id == org_id, ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(ApiKey.name, ApiKey.prefix)
    )
    if user_id is not None:
        statement = statement.where(ApiKey.user_id == user_id)
    return (await session.execute(statement)).one_or_none()


async def user_names(session: AsyncSession, *, org_id: UUID, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Names of members by the person's id."""
    statement = (
        select(User.id, User.name)
        .join(Member, Member.user_id == User.id)
        .where(Member.org_id == org_id, User.id.in_(ids))
    )
    return (await session.execute(statement)).all()


async def key_names(session: AsyncSession, *, org_id: UUID, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Names of keys by id."""
    statement = select(ApiKey.id, ApiKey.name).where(ApiKey.org_id == org_id, ApiKey.id.in_(ids))
    return (await session.execute(statement)).all()
