"""Installations, personal bindings and toolsets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table

Moment = DateTime(timezone=True)


class Installation(Table):
    __tablename__ = "installs_installations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    tool_id: Mapped[UUID]
    version_id: Mapped[UUID]
    alias: Mapped[str]
    state: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    bindings: Mapped[dict[str, str]] = mapped_column(JSONB)
    demo: Mapped[bool]
    revision: Mapped[int]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class PersonalBinding(Table):
    __tablename__ = "installs_personal_bindings"

    installation_id: Mapped[UUID] = mapped_column(ForeignKey("installs_installations.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    connection_id: Mapped[UUID]


class Toolset(Table):
    __tablename__ = "installs_toolsets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    slug: Mapped[str]
    name: Mapped[str]
    prefix: Mapped[bool]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
