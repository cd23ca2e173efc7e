"""What people do with organisations, sessions, members and keys, and who a request comes from."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.events import service as events
from toolmarket.identity import credentials, errors, permissions, queries, schemas
from toolmarket.identity.authentication import Authenticator as Authenticator
from toolmarket.identity.authentication import session_actor
from toolmarket.identity.founding import NewUser as NewUser
from toolmarket.identity.founding import add_member as add_member
from toolmarket.identity.founding import create_organisation as create_organisation
from toolmarket.identity.founding import create_user as create_user
from toolmarket.identity.founding import system_actor as system_actor
from toolmarket.identity.middleware import Doorkeeper as Doorkeeper
from toolmarket.identity.middleware import refuse_forged as refuse_forged
from toolmarket.identity.settings import IdentitySettings as IdentitySettings
from toolmarket.identity.signin import Attempt as Attempt
from toolmarket.identity.signin import sign_in as sign_in
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import announce_change
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import Forbidden, Unauthorized, Unprocessable
from toolmarket.kit.schemas import Page

TOTAL_CAP = 10_000
SESSIONS_KEPT = timedelta(days=30)


async def read_session(session: AsyncSession, token: str) -> schemas.Session:
    """Who is signed in, where, and what they may do.

    Raises:
        Unauthorized: the token is of no live session.
    """
    row = await queries.system_session_bearer(session, token_sha256=credentials.digest(token))
    user = None if row is None else await queries.system_user(session, user_id=row.user_id)
    if row is None or user is None:
        raise Unauthorized
    memberships = [
        schemas.Membership.model_validate(each)
        for each in await queries.system_memberships(session, user_id=user.id)
    ]
    here = next(each for each in memberships if each.id == row.org_id)
    return schemas.Session(
        user=schemas.Person.model_validate(user),
        organisation=schemas.Organisation(id=here.id, name=here.name, slug=here.slug),
        organisations=memberships,
        role=here.role,
        platform_role=row.platform_role,
        verbs=sorted(session_actor(row).verbs),
        csrf_token=credentials.csrf_token(token),
    )


async def sign_out(session: AsyncSession, actor: Actor | None, token: str) -> None:
    """End a session; one that has ended already stays so."""
    org_id = await queries.system_revoke_session(session, token_sha256=credentials.digest(token))
    if org_id is None:
        return
    await announce_change(session, org_id)
    if actor is not None and actor.session_id is not None:
        await audit.record(session, actor, "session.closed", target=actor.session_id)


async def choose_organisation(session: AsyncSession, actor: Actor, org_id: UUID) -> str:
    """Work in another organisation from now on; returns the session's new token, the old one is dead.

    Raises:
        Forbidden: this is not a session but a key.
        OrganisationNotFound: unknown, or the person is no member.
    """
    if actor.session_id is None:
        raise Forbidden("A key belongs to one organisation. Sign in to change it.")
    memberships = await queries.system_memberships(session, user_id=actor.user_id)
    if org_id not in {each.id for each in memberships}:
        raise errors.OrganisationNotFound

    token = credentials.new_token()
    replaced = await queries.system_replace_session(
        session, session_id=actor.session_id, token_sha256=credentials.digest(token), org_id=org_id
    )
    if not replaced:
        raise Unauthorized

    await announce_change(session, actor.org_id)
    await audit.record(
        session,
        actor,
        "session.organisation-chosen",
        target=actor.session_id,
        before={"organisation_id": str(actor.org_id)},
        after={"organisation_id": str(org_id)},
    )
    return token


async def list_members(
    session: AsyncSession, actor: Actor, *, cursor: UUID | None = None, limit: int = 50
) -> Page[schemas.Member]:
    """The people of the organisation, in the order of joining."""
    actor.require("members:read")

    rows = await queries.members(session, org_id=actor.org_id, after=cursor, limit=limit + 1)
    items = [schemas.Member.model_validate(row) for row in rows[:limit]]
    return _page(items, await queries.count_members(session, org_id=actor.org_id), more=len(rows) > limit)


async def change_role(session: AsyncSession, actor: Actor, member_id: UUID, role: str) -> schemas.Member:
    """Give a member another role.

    Raises:
        Forbidden: the actor lacks `members:manage`.
        MemberNotFound: unknown here.
        GrantTooWide: the old or the new role may do what the actor may not.
        LastOwner: nobody would own the organisation.
    """
    actor.require("members:manage")

    owners = await queries.lock_owners(session, org_id=actor.org_id)
    member = await queries.member(session, org_id=actor.org_id, member_id=member_id)
    if member is None:
        raise errors.MemberNotFound
    if not (permissions.role_verbs(role) | permissions.role_verbs(member.role)) <= actor.verbs:
        raise errors.GrantTooWide(f"Only who may do all that {member.role} and {role} may can change this.")
    if member.role == "owner" and role != "owner" and list(owners) == [member_id]:
        raise errors.LastOwner

    await queries.set_role(session, org_id=actor.org_id, member_id=member_id, role=role)
    await announce_change(session, actor.org_id)
    await audit.record(
        session,
        actor,
        "member.role-changed",
        target=member_id,
        before={"role": member.role},
        after={"role": role},
    )
    await events.emit(
        session,
        org_id=actor.org_id,
        type="identity.member.changed.v1",
        subject=str(member_id),
        data={"user_id": str(member.user_id), "role": role},
    )
    return schemas.Member.model_validate({**member._mapping, "role": role})


async def list_keys(
    session: AsyncSession, actor: Actor, *, cursor: UUID | None = None, limit: int = 50
) -> Page[schemas.Key]:
    """One's own keys, or everybody's with `keys:manage`; newest first."""
    actor.require("keys:read")

    whose = None if actor.can("keys:manage") else actor.user_id
    rows = await queries.keys(session, org_id=actor.org_id, user_id=whose, after=cursor, limit=limit + 1)
    total = await queries.count_keys(session, org_id=actor.org_id, user_id=whose)
    return _page([_key(row) for row in rows[:limit]], total, more=len(rows) > limit)


async def create_key(session: AsyncSession, actor: Actor, wish: schemas.KeyCreate) -> schemas.CreatedKey:
    """Make an API key of the actor's person; its text is in this answer and nowhere else.

    Raises:
        Forbidden: the actor lacks `keys:write`.
        Unprocessable: the role holds no such permission.
        GrantTooWide: the grant holds what the actor may not do.
    """
    actor.require("keys:write")
    role = wish.role or actor.role
    granted = _granted(role, wish.verbs)
    if not granted <= actor.verbs:
        raise errors.GrantTooWide(f"You lack {', '.join(sorted(granted - actor.verbs))}.")

    new = credentials.new_key()
    # A key made by a narrower key must not outgrow it, so its verbs are kept even where they are all.
    verbs = sorted(granted) if wish.verbs is not None or actor.kind != "user" else None
    facts = {"name": wish.name, "prefix": new.prefix, "role": role}
    row = await queries.add_key(
        session,
        org_id=actor.org_id,
        values={"id": new_id(), "user_id": actor.user_id, "verbs": verbs, "key_sha256": new.sha256, **facts},
        days=wish.expires_in_days,
    )
    await audit.record(session, actor, "key.created", target=row.id, after={**facts, "verbs": verbs})
    await events.emit(
        session, org_id=actor.org_id, type="identity.key.created.v1", subject=str(row.id), data=facts
    )
    return schemas.CreatedKey.model_validate(
        {**row._mapping, "verbs": sorted(granted), "owner": actor.label, "key": new.text}
    )


async def revoke_key(session: AsyncSession, actor: Actor, key_id: UUID) -> None:
    """End a key, everywhere within a second.

    Raises:
        Forbidden: the actor lacks `keys:write`.
        KeyNotFound: unknown, ended already, or another person's and the actor lacks `keys:manage`.
    """
    actor.require("keys:write")

    whose = None if actor.can("keys:manage") else actor.user_id
    key = await queries.revoke_key(session, org_id=actor.org_id, key_id=key_id, user_id=whose)
    if key is None:
        raise errors.KeyNotFound

    await announce_change(session, actor.org_id)
    await audit.record(session, actor, "key.revoked", target=key_id, before={"prefix": key.prefix})
    await events.emit(
        session,
        org_id=actor.org_id,
        type="identity.key.revoked.v1",
        subject=str(key_id),
        data={"name": key.name, "prefix": key.prefix},
    )


def list_permissions() -> schemas.Permissions:
    """Every permission and role."""
    return schemas.Permissions(
        verbs=[schemas.Verb.model_validate(verb) for verb in permissions.VERBS.values()],
        roles={role: sorted(verbs) for role, verbs in permissions.ROLES.items()},
    )


async def find_organisation(session: AsyncSession, *, org_id: UUID) -> schemas.Organisation:
    """The organisation of the transaction; its slug is the namespace of its tools.

    Raises:
        OrganisationNotFound: unknown.
    """
    row = await queries.organisation(session, org_id=org_id)
    if row is None:
        raise errors.OrganisationNotFound
    return schemas.Organisation.model_validate(row)


async def name_principals(
    session: AsyncSession, *, org_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, schemas.Principal]:
    """Names to show beside ids of people and keys; who is not found is left out."""
    people = await queries.user_names(session, org_id=org_id, ids=ids)
    keys = await queries.key_names(session, org_id=org_id, ids=ids)
    named = [schemas.Principal(id=row.id, kind="user", label=row.name) for row in people]
    named += [schemas.Principal(id=row.id, kind="key", label=row.name) for row in keys]
    return {principal.id: principal for principal in named}


async def sweep(session: AsyncSession) -> None:
    """Remove sessions and counts that ended, in a system transaction; a job for once a day."""
    await queries.system_sweep_sessions(session, kept=SESSIONS_KEPT)
    await queries.system_sweep_attempts(session)


def _granted(role: str, subset: list[str] | None) -> frozenset[str]:
    unknown = set(subset or ()) - permissions.ROLES[role]
    if unknown:
        raise Unprocessable(f"The role {role} does not hold {', '.join(sorted(unknown))}.", pointer="/verbs")
    return permissions.role_verbs(role) if subset is None else frozenset(subset)


def _key(row: queries.AnyRow) -> schemas.Key:
    fields = {name: row._mapping[name] for name in schemas.Key.model_fields}
    granted = permissions.granted_verbs(row.role, row.role, row.verbs)
    return schemas.Key.model_validate({**fields, "verbs": sorted(granted)})


def _page(items: list[Any], total: int, *, more: bool) -> Page[Any]:
    return Page(
        items=items,
        next_cursor=str(items[-1].id) if more else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )
