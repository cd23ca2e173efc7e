"""Sign-in: counted before it is checked, and as slow for who does not exist as for who does."""

import asyncio
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.identity import credentials, errors, permissions, queries
from toolmarket.identity.models import User
from toolmarket.identity.settings import IdentitySettings
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id

# argon2 holds a core and 19 MiB: more at once would starve the calls of everybody else.
_HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in as it arrives."""

    email: str
    password: str
    address: str
    client: str

    @property
    def account(self) -> bytes:
        """What attempts at one account are counted by."""
        return hashlib.sha256(f"account {self.email.strip().lower()}".encode()).digest()

    @property
    def origin(self) -> bytes:
        """What attempts from one address are counted by."""
        return hashlib.sha256(f"address {self.address}".encode()).digest()


async def sign_in(database: Database, settings: IdentitySettings, attempt: Attempt) -> str:
    """Check a password and open a session; returns the session's token.

    Opens its own transactions, for the count of a refused attempt must be kept.

    Raises:
        TooManyAttempts: of this account or from this address; the password was not looked at.
        WrongCredentials: no such account, or another password.
        NoOrganisation: the account belongs to none.
    """
    started = time.monotonic()
    await _count(database, settings, attempt)
    async with database.system_transaction() as session:
        user = await queries.system_user_by_email(session, email=attempt.email.strip())
    stored = user.password_hash if user else None
    right = await asyncio.get_running_loop().run_in_executor(
        _HASHING, credentials.password_matches, stored, attempt.password
    )
    if user is None or not right:
        if user is not None:
            await _note_refusal(database, user, attempt)
        passed = time.monotonic() - started
        await asyncio.sleep(max(0.0, settings.signin_refusal_milliseconds / 1000 - passed))
        raise errors.WrongCredentials
    async with database.system_transaction() as session:
        return await _open(session, settings, user, attempt)


async def _count(database: Database, settings: IdentitySettings, attempt: Attempt) -> None:
    limits = (
        (attempt.account, settings.signin_account_attempts),
        (attempt.origin, settings.signin_address_attempts),
    )
    window = timedelta(seconds=settings.signin_window_seconds)
    wait_seconds = 0
    async with database.system_transaction() as session:
        for subject, limit in sorted(limits):
            count = await queries.system_count_attempt(session, subject_sha256=subject, window=window)
            if count.attempts > limit:
                wait_seconds = max(wait_seconds, int(count.seconds), 1)
    if wait_seconds:
        raise errors.TooManyAttempts(headers={"Retry-After": str(wait_seconds)})


async def _open(session: AsyncSession, settings: IdentitySettings, user: User, attempt: Attempt) -> str:
    await queries.system_forget_attempts(session, subject_sha256=attempt.account)
    await queries.system_forgive_attempt(session, subject_sha256=attempt.origin)
    actor = await _actor(session, user, attempt.address)
    if actor is None:
        raise errors.NoOrganisation
    token, session_id = credentials.new_token(), new_id()
    await queries.system_add_session(
        session,
        session_id=session_id,
        token_sha256=credentials.digest(token),
        user_id=user.id,
        org_id=actor.org_id,
        client=attempt.client,
        idle=timedelta(minutes=settings.session_idle_minutes),
    )
    await queries.system_touch_member(session, org_id=actor.org_id, user_id=user.id)
    await audit.record(session, actor, "session.opened", target=session_id, after={"client": attempt.client})
    return token


async def _note_refusal(database: Database, user: User, attempt: Attempt) -> None:
    async with database.system_transaction() as session:
        actor = await _actor(session, user, attempt.address)
        if actor is not None:
            await audit.record(session, actor, "session.refused", target=user.id, outcome="denied")


async def _actor(session: AsyncSession, user: User, address: str) -> Actor | None:
    """The person in the organisation of the last session, else in the first one joined."""
    memberships = {row.id: row.role for row in await queries.system_memberships(session, user_id=user.id)}
    last: UUID | None = await queries.system_last_organisation(session, user_id=user.id)
    org_id = last if last in memberships else next(iter(memberships), None)
    if org_id is None:
        return None
    role = memberships[org_id]
    return Actor(
        principal_id=user.id,
        kind="user",
        org_id=org_id,
        user_id=user.id,
        role=role,
        label=user.name,
        verbs=permissions.role_verbs(role, user.platform_role),
        platform_role=user.platform_role,
        address=address,
    )
