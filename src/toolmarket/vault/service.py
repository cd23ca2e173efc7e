"""What people do with connections, and the one place where a credential is decrypted."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.events import service as events
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database, announce_change
from toolmarket.kit.egress import Egress
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Problem
from toolmarket.kit.schemas import Page
from toolmarket.kit.upstream import Request
from toolmarket.vault import errors, models, placing, queries, schemas
from toolmarket.vault.keyring import KeyRing as KeyRing
from toolmarket.vault.keyring import Sealed, binding
from toolmarket.vault.placing import host_allowed as host_allowed
from toolmarket.vault.settings import VaultSettings as VaultSettings

TOTAL_CAP = 10_000
REFUSED = frozenset({401, 403})
Refusal = tuple[str, str]


async def create_connection(
    session: AsyncSession, keyring: KeyRing, actor: Actor, wish: schemas.ConnectionCreate
) -> schemas.Connection:
    """Seal a credential and keep it.

    Raises:
        Forbidden: the actor lacks `connections:manage` for a shared, `connections:write` for a
            personal one.
        SecretInvalid, HostInvalid: it cannot be used like this.
        ConnectionNameTaken: there is one with this name.
    """
    actor.require("connections:manage" if wish.scope == "shared" else "connections:write")
    parts = placing.secret_parts(wish.kind, wish.secret)
    hosts = list(dict.fromkeys(placing.normalise_pattern(host) for host in wish.hosts))

    connection_id = new_id()
    values = {
        "id": connection_id,
        "user_id": actor.user_id if wish.scope == "personal" else None,
        "name": wish.name,
        "kind": wish.kind,
        "hosts": hosts,
        "state": "unused",
        "created_by": actor.user_id,
        **_sealed(keyring, actor.org_id, connection_id, wish.kind, parts),
    }
    row = await queries.add_connection(session, org_id=actor.org_id, values=values)
    if row is None:
        raise errors.ConnectionNameTaken(f"There is a connection {wish.name}.", pointer="/name")

    facts = {"name": wish.name, "kind": wish.kind, "scope": wish.scope, "hosts": hosts}
    await _told(session, actor, connection_id, "created", after=facts)
    return _shown(row, [])


async def list_connections(
    session: AsyncSession, actor: Actor, *, cursor: UUID | None = None, limit: int = 50
) -> Page[schemas.Connection]:
    """The shared connections and one's own, newest first."""
    actor.require("connections:read")

    whose = {"org_id": actor.org_id, "user_id": actor.user_id}
    rows = await queries.connections(session, **whose, after=cursor, limit=limit + 1)
    total = await queries.count_connections(session, **whose)
    users = await _users(session, actor.org_id, [row.id for row in rows[:limit]])
    return Page(
        items=[_shown(row, users.get(row.id, [])) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )


async def rotate_secret(
    session: AsyncSession, keyring: KeyRing, actor: Actor, connection_id: UUID, change: schemas.SecretChange
) -> schemas.Connection:
    """Replace the secret; calls carry the new one within a second, the old one is gone.

    Raises:
        Forbidden: as for `create_connection`.
        ConnectionNotFound: unknown, or another person's.
        SecretInvalid: it does not fit the kind.
    """
    row = await _kept(session, actor, connection_id)
    parts = placing.secret_parts(_kind(row), change.secret)

    values = _sealed(keyring, actor.org_id, row.id, _kind(row), parts)
    await queries.set_secret(session, org_id=actor.org_id, connection_id=row.id, values=values)
    await announce_change(session, actor.org_id)
    await _told(session, actor, row.id, "secret-rotated", after={"hint": values["hint"]})
    users = await _users(session, actor.org_id, [row.id])
    return _shown(row, users.get(row.id, [])).model_copy(update={"hint": values["hint"], "state": "unused"})


async def delete_connection(session: AsyncSession, actor: Actor, connection_id: UUID) -> None:
    """Destroy a credential with its data key; calls that need it are refused within a second.

    Raises:
        Forbidden: as for `create_connection`.
        ConnectionNotFound: unknown, or another person's.
    """
    row = await _kept(session, actor, connection_id)

    await queries.delete_connection(session, org_id=actor.org_id, connection_id=row.id)
    await announce_change(session, actor.org_id)
    await _told(session, actor, row.id, "deleted", before={"name": row.name, "hosts": row.hosts})


async def require_usable(
    session: AsyncSession, actor: Actor, connection_id: UUID, *, pointer: str | None = None
) -> schemas.Connection:
    """The connection, if the actor may bind calls to it.

    Raises:
        Forbidden: the actor lacks `connections:use`.
        ConnectionNotFound: unknown, or another person's.
    """
    actor.require("connections:use")
    row = await _found(session, actor, connection_id, pointer=pointer)
    return _shown(row, [])


async def set_bindings(
    session: AsyncSession, *, org_id: UUID, user_key: str, label: str, connection_ids: Iterable[UUID]
) -> None:
    """Note that exactly these connections are used by something, such as an installation.

    Args:
        user_key: what uses them; the id of an installation.
        label: how that is shown; the installation's alias.
    """
    await queries.clear_bindings(session, org_id=org_id, user_key=user_key)
    await queries.add_bindings(
        session, org_id=org_id, connection_ids=list(connection_ids), user_key=user_key, label=label
    )


async def open_injection(
    session: AsyncSession, keyring: KeyRing, actor: Actor, connection_id: UUID, use: schemas.Use
) -> tuple[schemas.Injection, Refusal | None]:
    """Decrypt a credential for calls of this actor to one server; or why that cannot be.

    The answer may be cached for as long as the organisation has not changed (`kit.changes`).

    Returns:
        The injection and None, or an empty one and the problem's code and detail.
    """
    try:
        row = await _found(session, actor, connection_id)
        if not placing.host_allowed(row.hosts, use.url):
            allowed = ", ".join(row.hosts)
            raise errors.HostNotBound(
                f"The credential {row.name} may be sent to {allowed} only, not to {_host(use.url)}."
            )
        plain = keyring.unseal(_seal_of(row), binding(actor.org_id, row.id))
        injection = placing.place(_kind(row), placing.decode(plain), use.placement)
    except Problem as problem:
        return schemas.Injection(), (problem.code, problem.detail)
    await queries.touch(session, org_id=actor.org_id, connection_id=row.id)
    return replace(injection, connection_ids=(row.id,)), None


async def signing_headers(
    session: AsyncSession, keyring: KeyRing, actor: Actor, connection_id: UUID, *, url: str
) -> dict[str, str]:
    """The headers that carry a credential in its usual place, for a request that is no call.

    Raises:
        Forbidden: the actor lacks `connections:use`.
        ConnectionNotFound: unknown, or another person's.
        HostNotBound: the address is not among the connection's hosts.
    """
    connection = await require_usable(session, actor, connection_id, pointer="/connection_id")
    placement = _usual_placement(connection.kind, schemas.ConnectionTest())
    use = schemas.Use(placement=placement, url=url)
    injection, refusal = await open_injection(session, keyring, actor, connection_id, use)
    if refusal is not None:
        raise errors.HostNotBound(refusal[1], pointer="/connection_id")
    return injection.headers


async def note_verdict(session: AsyncSession, *, org_id: UUID, connection_id: UUID, accepted: bool) -> None:
    """Note whether a service took a credential, as seen in a call."""
    state = "ok" if accepted else "failing"
    await queries.set_state(session, org_id=org_id, connection_id=connection_id, state=state)


async def try_connection(
    parts: tuple[Database, KeyRing, Egress], actor: Actor, connection_id: UUID, wish: schemas.ConnectionTest
) -> schemas.ConnectionVerdict:
    """Send one GET with the credential; opens its own transactions, none while the network is asked.

    Raises:
        Forbidden: as for `create_connection`.
        ConnectionNotFound: unknown, or another person's.
        HostNotBound: the address is not among the connection's hosts.
    """
    database, keyring, egress = parts
    async with database.transaction(actor.org_id) as session:
        row = await _kept(session, actor, connection_id)
        url = wish.url or _first_url(row.hosts)
        use = schemas.Use(placement=_usual_placement(_kind(row), wish), url=url)
        injection, refusal = await open_injection(session, keyring, actor, connection_id, use)
    if refusal is not None:
        raise errors.HostNotBound(refusal[1], pointer="/url")

    verdict = await _ask(egress, url, injection, frozenset(row.hosts))
    async with database.transaction(actor.org_id) as session:
        if verdict.ok or verdict.status in REFUSED:
            await note_verdict(session, org_id=actor.org_id, connection_id=row.id, accepted=verdict.ok)
        facts = {"ok": verdict.ok, "status": verdict.status, "host": _host(url)}
        await _told(session, actor, row.id, "tested", after=facts)
    return verdict


async def _ask(
    egress: Egress, url: str, injection: schemas.Injection, hosts: frozenset[str]
) -> schemas.ConnectionVerdict:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(injection.query)) if part)
    cookies = "; ".join(f"{name}={value}" for name, value in injection.cookies.items())
    request = Request(
        method="GET",
        url=urlunsplit(parts._replace(query=query)),
        deadline=asyncio.get_running_loop().time() + VaultSettings().test_seconds,
        headers={**injection.headers, **({"Cookie": cookies} if cookies else {})},
        hosts=hosts,
        response_bytes=1_048_576,
    )
    try:
        status = (await egress.request(request)).status
    except Problem as problem:
        return schemas.ConnectionVerdict(ok=False, status=None, detail=problem.detail)
    if status in REFUSED:
        return schemas.ConnectionVerdict(
            ok=False, status=status, detail="The service refused the credential."
        )
    if status >= 500:
        return schemas.ConnectionVerdict(ok=False, status=status, detail="The service failed.")
    return schemas.ConnectionVerdict(ok=True, status=status, detail="The service did not refuse it.")


def _usual_placement(kind: schemas.Kind, wish: schemas.ConnectionTest) -> schemas.Placement:
    if kind == "api_key":
        return schemas.Placement(type="apiKey", location=wish.location, parameter=wish.parameter)
    return schemas.Placement(type="http", scheme=kind)


def _first_url(hosts: list[str]) -> str:
    host = hosts[0].removeprefix("*.")
    return f"https://{host}/"


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "nowhere"


async def _found(
    session: AsyncSession, actor: Actor, connection_id: UUID, *, pointer: str | None = None
) -> models.Connection:
    row = await queries.connection(
        session, org_id=actor.org_id, user_id=actor.user_id, connection_id=connection_id
    )
    if row is None:
        raise errors.ConnectionNotFound(pointer=pointer)
    return row


async def _kept(session: AsyncSession, actor: Actor, connection_id: UUID) -> models.Connection:
    actor.require("connections:write")
    row = await _found(session, actor, connection_id)
    if row.user_id is None:
        actor.require("connections:manage")
    return row


async def _users(session: AsyncSession, org_id: UUID, ids: list[UUID]) -> dict[UUID, list[str]]:
    users: dict[UUID, list[str]] = {}
    for connection_id, label in await queries.users_of(session, org_id=org_id, connection_ids=ids):
        users.setdefault(connection_id, []).append(label)
    return users


def _sealed(
    keyring: KeyRing, org_id: UUID, connection_id: UUID, kind: schemas.Kind, parts: dict[str, str]
) -> dict[str, Any]:
    seal = keyring.seal(placing.encode(parts), binding(org_id, connection_id))
    return {
        "hint": placing.hint(kind, parts),
        "sealed": seal.sealed,
        "wrapped_key": seal.wrapped_key,
        "key_id": seal.key_id,
    }


def _seal_of(row: models.Connection) -> Sealed:
    return Sealed(sealed=row.sealed, wrapped_key=row.wrapped_key, key_id=row.key_id)


def _kind(row: models.Connection) -> schemas.Kind:
    return cast("schemas.Kind", row.kind)


def _shown(row: models.Connection, used_by: list[str]) -> schemas.Connection:
    return schemas.Connection(
        id=row.id,
        name=row.name,
        kind=_kind(row),
        scope="shared" if row.user_id is None else "personal",
        host=row.hosts[0],
        hosts=row.hosts,
        state=row.state,
        hint=row.hint,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        used_by=used_by,
    )


async def _told(session: AsyncSession, actor: Actor, connection_id: UUID, what: str, **facts: Any) -> None:
    await audit.record(session, actor, f"connection.{what}", target=connection_id, **facts)
    await events.emit(
        session,
        org_id=actor.org_id,
        type=f"vault.connection.{'changed' if what == 'secret-rotated' else what}.v1",
        subject=str(connection_id),
        data={},
    )
