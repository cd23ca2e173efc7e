"""The tables of identity."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table

Moment = TIMESTAMP(timezone=True)


class Organisation(Table):
    __tablename__ = "identity_organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Moment)


class User(Table):
    __tablename__ = "identity_users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    platform_role: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment)


class Member(Table):
    __tablename__ = "identity_members"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("identity_organisations.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("identity_users.id"))
    role: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInSession(Table):
    __tablename__ = "identity_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("identity_users.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("identity_organisations.id"))
    client: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiKey(Table):
    __tablename__ = "identity_api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("identity_organisations.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("identity_users.id"))
    name: Mapped[str]
    role: Mapped[str]
    verbs: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    prefix: Mapped[str]
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    client: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInAttempts(Table):
    __tablename__ = "identity_signin_attempts"

    subject_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    attempts: Mapped[int]
    window_ends_at: Mapped[datetime] = mapped_column(Moment)
