"""From the headers of a request to an actor, at the cost of two dictionary look-ups."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.identity import credentials, permissions, queries
from toolmarket.identity.settings import IdentitySettings
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database

COOKIE = "toolmarket_session"
Headers = Sequence[tuple[bytes, bytes]]
CACHED_AT_MOST = 20_000
UNKNOWN_SECONDS = 5.0
_COOKIE_START = COOKIE.encode() + b"="
Value = TypeVar("Value")


class News(Protocol):
    """What tells that an organisation changed: `kit.changes.Changes`."""

    def version(self, org_id: UUID) -> object: ...

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request shows to prove who sends it; its form has been checked, nothing else."""

    kind: Literal["key", "session"]
    text: str


@dataclass(slots=True)
class _Known:
    """A cached answer; `until` in `time.monotonic()` seconds, `expires` in unix seconds."""

    actor: Actor
    version: object
    until: float
    expires: float


def read_credential(headers: Headers) -> Credential | None:
    """The credential of a request; an `Authorization` header wins over a cookie, even a wrong one."""
    cookie: Credential | None = None
    for name, value in headers:
        if name == b"authorization":
            return _bearer(value)
        if name == b"cookie" and _COOKIE_START in value:
            cookie = _session(value)
    return cookie


def _bearer(value: bytes) -> Credential | None:
    if not _is_bearer(value):
        return None
    text = value[7:].strip().decode("latin-1")
    return Credential("key", text) if credentials.looks_like_key(text) else None


def _is_bearer(value: bytes) -> bool:
    return value[:7].lower() == b"bearer "


def _session(value: bytes) -> Credential | None:
    for part in value.split(b";"):
        if part.strip().startswith(_COOKIE_START):
            text = part.strip()[len(_COOKIE_START) :].decode("latin-1")
            return Credential("session", text) if credentials.looks_like_token(text) else None
    return None


def client_name(headers: Headers) -> str:
    """The program that calls, as it names itself."""
    for name, value in headers:
        if name == b"user-agent":
            return value[:200].decode("latin-1").replace("\x00", "")
    return ""


class Authenticator:
    """Finds the actor of a request, with a cache per process.

    A cached actor is as old as the organisation's version in `changes`, so that a revocation and a
    change of a role reach every process with the notice that the database sends at commit.
    """

    def __init__(self, database: Database, changes: News, settings: IdentitySettings | None = None) -> None:
        self._database = database
        self.changes = changes
        self.settings = settings or IdentitySettings()
        self._known: dict[bytes, _Known] = {}
        self._unknown: dict[bytes, float] = {}
        self._pending: dict[bytes, asyncio.Task[_Known | None]] = {}

    async def authenticate(self, headers: Headers, *, client_address: str) -> Actor | None:
        """The actor behind the headers, or None for nobody, with its address set.

        Args:
            headers: as ASGI gives them, names in lower case.
            client_address: where the request comes from.
        """
        known = self._recall(headers) or await self._find(headers)
        if known is None:
            return None
        if known.actor.address != client_address:
            known.actor = replace(known.actor, address=client_address)
        return known.actor

    def _recall(self, headers: Headers) -> _Known | None:
        """The fresh cached answer for a key; one that was good before needs no look at its form."""
        for name, value in headers:
            if name == b"authorization":
                known = self._known.get(credentials.digest(value[7:])) if _is_bearer(value) else None
                good = known is not None and known.actor.session_id is None and self._fresh(known)
                return known if good else None
        return None

    async def _find(self, headers: Headers) -> _Known | None:
        credential = read_credential(headers)
        if credential is None:
            return None
        key = credentials.digest(credential.text)
        known = self._known.get(key)
        if known is None or not self._fresh(known):
            known = await self._look_up_once(key, credential, headers)
        return known

    def seconds_left(self, headers: Headers) -> float:
        """How long the credential of an authenticated request lives on; 0 where it is not known."""
        credential = read_credential(headers)
        known = None if credential is None else self._known.get(credentials.digest(credential.text))
        return 0.0 if known is None else max(0.0, known.expires - time.time())

    def _fresh(self, known: _Known) -> bool:
        return (
            time.monotonic() < known.until
            and time.time() < known.expires
            and self.changes.version(known.actor.org_id) == known.version
        )

    async def _look_up_once(self, key: bytes, credential: Credential, headers: Headers) -> _Known | None:
        if self._unknown.get(key, 0.0) > time.monotonic():
            return None
        task = self._pending.get(key)
        if task is None:
            task = asyncio.create_task(self._look_up(key, credential, client_name(headers)))
            self._pending[key] = task
            task.add_done_callback(lambda _: self._pending.pop(key, None))
        return await asyncio.shield(task)

    async def _look_up(self, key: bytes, credential: Credential, client: str) -> _Known | None:
        known = await self._read_current(key, credential, client)
        self._known.pop(key, None)
        if known is None:
            _keep(self._unknown, key, time.monotonic() + UNKNOWN_SECONDS)
        else:
            _keep(self._known, key, known)
        return known

    async def _read_current(self, key: bytes, credential: Credential, client: str) -> _Known | None:
        """Read once to learn the organisation, then its version, then what holds at that version.

        In this order news that arrives in between makes the entry old instead of being missed.
        """
        async with self._database.system_transaction() as session:
            first = await _read(session, key, credential)
            if first is None:
                return None
            version = self.changes.version(first[0].org_id)
            second = await _read(session, key, credential)
            if second is None or second[0].org_id != first[0].org_id:
                return None
            actor, expires_at = second
            expires_at = await self._touch(session, actor, client) or expires_at
        until = time.monotonic() + self.settings.cache_seconds
        return _Known(actor, version, until, expires_at.timestamp())

    async def _touch(self, session: AsyncSession, actor: Actor, client: str) -> datetime | None:
        if actor.session_id is None:
            await queries.system_touch_key(session, key_id=actor.principal_id, client=client)
            return None
        moved = await queries.system_touch_session(
            session,
            session_id=actor.session_id,
            idle=timedelta(minutes=self.settings.session_idle_minutes),
            lifetime=timedelta(days=self.settings.session_days),
        )
        if moved is not None:
            await queries.system_touch_member(session, org_id=actor.org_id, user_id=actor.user_id)
        return moved


def _keep(cache: dict[bytes, Value], key: bytes, value: Value) -> None:
    while len(cache) >= CACHED_AT_MOST:
        cache.pop(next(iter(cache)))
    cache[key] = value


async def _read(session: AsyncSession, key: bytes, credential: Credential) -> tuple[Actor, datetime] | None:
    if credential.kind == "key":
        row = await queries.system_key_bearer(session, key_sha256=key)
        return None if row is None else (key_actor(row), row.expires_at)
    row = await queries.system_session_bearer(session, token_sha256=key)
    return None if row is None else (session_actor(row), row.expires_at)


def key_actor(row: queries.AnyRow) -> Actor:
    """The actor of a row of `queries.system_key_bearer`: its owner's present rights, cut to the grant."""
    return Actor(
        principal_id=_plain(row.id),
        kind="key",
        org_id=_plain(row.org_id),
        user_id=_plain(row.user_id),
        role=row.key_role,
        label=row.label,
        verbs=permissions.granted_verbs(row.role, row.key_role, row.verbs),
    )


def session_actor(row: queries.AnyRow) -> Actor:
    """The actor of a row of `queries.system_session_bearer`."""
    return Actor(
        principal_id=_plain(row.user_id),
        kind="user",
        org_id=_plain(row.org_id),
        user_id=_plain(row.user_id),
        role=row.role,
        label=row.label,
        verbs=permissions.role_verbs(row.role, row.platform_role),
        session_id=_plain(row.id),
        platform_role=row.platform_role,
    )


def _plain(identifier: UUID) -> UUID:
    """The driver's own subclass of UUID is refused by serialisers that look at the exact type."""
    return UUID(int=identifier.int)
