"""Tools, versions, operations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table

Moment = DateTime(timezone=True)


class Namespace(Table):
    __tablename__ = "catalog_namespaces"

    name: Mapped[str] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]


class Tool(Table):
    __tablename__ = "catalog_tools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    namespace: Mapped[str]
    slug: Mapped[str]
    latest_version_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Version(Table):
    __tablename__ = "catalog_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    tool_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_tools.id"))
    version: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    operation_count: Mapped[int]
    effects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str]
    state_message: Mapped[str]
    replacement: Mapped[str | None]
    definition_digest: Mapped[bytes] = mapped_column(LargeBinary)
    artifact_digest: Mapped[bytes] = mapped_column(LargeBinary)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notes: Mapped[str]
    published_by: Mapped[UUID]
    published_at: Mapped[datetime] = mapped_column(Moment)


class OperationRow(Table):
    __tablename__ = "catalog_operations"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_versions.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    tool_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    effect: Mapped[str]
    search: Mapped[str] = mapped_column(TSVECTOR)
