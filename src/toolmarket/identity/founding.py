"""What the demo and the command line do before anybody can sign in: organisations and people."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.identity import credentials, errors, permissions, queries, schemas
from toolmarket.kit.actor import Actor
from toolmarket.kit.ids import new_id

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person to be; the password is hashed before it is stored."""

    email: schemas.Email
    name: str
    password: str
    platform_role: schemas.PlatformRole | None = None


def system_actor(org_id: UUID) -> Actor:
    """The product itself at work in an organisation: in the audit trail, and for seeding."""
    return Actor(
        principal_id=NOBODY,
        kind="system",
        org_id=org_id,
        user_id=NOBODY,
        role="owner",
        label="toolmarket",
        verbs=permissions.role_verbs("owner"),
    )


async def create_organisation(
    session: AsyncSession, *, slug: str, name: str, demo: bool = False
) -> schemas.Organisation:
    """Found an organisation, in a system transaction.

    Raises:
        AlreadyExists: the slug is taken.
    """
    made = schemas.Organisation(id=new_id(), slug=slug, name=name)
    if not await queries.system_add_organisation(session, org_id=made.id, slug=slug, name=name, demo=demo):
        raise errors.AlreadyExists(f"There is an organisation {slug}.")
    await audit.record(
        session, system_actor(made.id), "organisation.created", target=made.id, after={"slug": slug}
    )
    return made


async def create_user(session: AsyncSession, new: NewUser) -> schemas.Person:
    """Make an account, in a system transaction.

    Raises:
        AlreadyExists: the address has one.
    """
    made = schemas.Person(id=new_id(), email=new.email, name=new.name)
    added = await queries.system_add_user(
        session,
        user_id=made.id,
        email=new.email,
        name=new.name,
        password_hash=credentials.hash_password(new.password),
        platform_role=new.platform_role,
    )
    if not added:
        raise errors.AlreadyExists(f"There is an account {new.email}.")
    return made


async def add_member(session: AsyncSession, *, org_id: UUID, user_id: UUID, role: schemas.Role) -> Actor:
    """Let a person into an organisation, in a system transaction; returns the person as actor there.

    Raises:
        AlreadyExists: the person is a member.
    """
    member_id = new_id()
    added = await queries.system_add_member(
        session, member_id=member_id, org_id=org_id, user_id=user_id, role=role
    )
    user = await queries.system_user(session, user_id=user_id)
    if not added or user is None:
        raise errors.AlreadyExists("This person is a member.")
    await audit.record(
        session,
        system_actor(org_id),
        "member.added",
        target=member_id,
        after={"user_id": str(user_id), "role": role},
    )
    return Actor(
        principal_id=user_id,
        kind="user",
        org_id=org_id,
        user_id=user_id,
        role=role,
        label=user.name,
        verbs=permissions.role_verbs(role, user.platform_role),
        platform_role=user.platform_role,
    )
