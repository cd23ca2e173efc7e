"""Shapes of sealed credentials."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from toolmarket.kit.schemas import Schema

Kind = Literal["api_key", "basic", "bearer"]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
Host = Annotated[str, Field(min_length=1, max_length=260, description="`host`, `host:port` or `*.host`.")]


@dataclass(frozen=True, slots=True)
class Injection:
    """A credential as it is put into a request; it never reaches a log, a trace or an answer.

    `secrets` are the literal strings to look for in whatever comes back.
    """

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    query: dict[str, str] = field(default_factory=dict, repr=False)
    cookies: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    connection_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a service wants its credential, in OpenAPI's vocabulary; `parameter` is apiKey's `name`."""

    type: Literal["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"]
    location: Literal["header", "query", "cookie"] | None = None
    parameter: str | None = None
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What a credential is wanted for: how it is placed, and the server that it would go to."""

    placement: Placement
    url: str


class Secret(Schema):
    """The secret parts of a credential: `key`, or `username` and `password`, or `token`, by its kind."""

    key: SecretStr | None = None
    username: SecretStr | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None


class ConnectionCreate(Schema):
    """A credential to keep, and the only hosts that it may ever be sent to."""

    name: Name
    kind: Kind
    scope: Annotated[
        Literal["shared", "personal"], Field(description="Personal: used by calls of its owner only.")
    ] = "shared"
    secret: Secret
    hosts: Annotated[list[Host], Field(min_length=1, max_length=50)]


class SecretChange(Schema):
    """The new secret of a connection."""

    secret: Secret


class ConnectionTest(Schema):
    """Where to try a connection; by default at the root of its first host, in the usual place."""

    url: Annotated[str | None, Field(max_length=2_000)] = None
    location: Literal["header", "query", "cookie"] = "header"
    parameter: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-9;-~]+$")] = "X-API-Key"


class ConnectionVerdict(Schema):
    """What the service said to the credential."""

    ok: bool
    status: int | None
    detail: str


class Connection(Schema):
    """A kept credential, without its secret; `hint` is the end of it."""

    id: UUID
    name: str
    kind: Kind
    scope: Literal["shared", "personal"]
    host: Annotated[str, Field(description="The first of `hosts`.")]
    hosts: list[str]
    state: Literal["ok", "failing", "unused"]
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    used_by: Annotated[list[str], Field(description="Aliases of the installations that use it.")]
