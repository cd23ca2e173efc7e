"""Shapes of identity."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from toolmarket.kit.schemas import Schema

Role = Literal["owner", "admin", "builder", "publisher", "reviewer", "auditor", "member"]
PlatformRole = Literal["admin", "moderator"]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$")]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


class SignIn(Schema):
    """E-mail address and password."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
    password: Annotated[str, Field(max_length=1_024, repr=False)]


class Person(Schema):
    """Who is signed in."""

    id: UUID
    email: str
    name: str


class Organisation(Schema):
    """A tenant; its slug is the namespace of its tools."""

    id: UUID
    name: str
    slug: str


class Membership(Organisation):
    """An organisation and what one is in it."""

    role: Role


class Session(Schema):
    """Who is signed in, where, and with which rights."""

    user: Person
    organisation: Organisation
    organisations: list[Membership]
    role: Role
    platform_role: PlatformRole | None
    verbs: list[str]
    csrf_token: Annotated[str, Field(description="Send as `X-CSRF-Token` with every change.")]


class OrganisationChoice(Schema):
    """The organisation to work in."""

    organisation_id: UUID


class Member(Schema):
    """A person in the organisation."""

    id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    last_seen_at: datetime | None


class MemberChange(Schema):
    """The new role of a member."""

    role: Role


class KeyCreate(Schema):
    """What a new API key may do, and for how long."""

    name: Name
    role: Annotated[Role | None, Field(description="Default: one's own role.")] = None
    verbs: Annotated[
        list[str] | None, Field(max_length=100, description="Only these of the role's permissions.")
    ] = None
    expires_in_days: Annotated[int, Field(ge=1, le=365)] = 90


class Key(Schema):
    """An API key, without its secret. What it may do is `verbs`, as far as its owner still may."""

    id: UUID
    name: str
    prefix: str
    role: Role
    verbs: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    client: str
    owner: str


class CreatedKey(Key):
    """A new API key with its secret, which is shown this once."""

    key: Annotated[str, Field(repr=False)]


class Verb(Schema):
    """A permission."""

    name: str
    description: str
    risk: Literal["low", "medium", "high"]


class Permissions(Schema):
    """Every permission, and the roles as sets of them."""

    verbs: list[Verb]
    roles: dict[str, list[str]]


class Principal(Schema):
    """Who did something, to be shown beside it."""

    id: UUID
    kind: Literal["user", "key", "agent", "system"]
    label: str
