"""Audit events, the keys of people, and the blocks of the chain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table


class Event(Table):
    __tablename__ = "audit_events"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    principal_id: Mapped[UUID]
    person_id: Mapped[UUID]
    on_behalf_of_id: Mapped[UUID | None]
    trace_id: Mapped[UUID | None]
    key_id: Mapped[UUID]
    rule_version: Mapped[int | None]
    principal_kind: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    outcome: Mapped[str]
    before_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    after_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class PersonKeyRow(Table):
    __tablename__ = "audit_person_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    person_id: Mapped[UUID]
    period: Mapped[int]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Block(Table):
    __tablename__ = "audit_blocks"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    event_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    digests: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
