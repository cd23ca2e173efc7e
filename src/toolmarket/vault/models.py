"""The tables of the vault."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table

Moment = TIMESTAMP(timezone=True)


class Connection(Table):
    __tablename__ = "vault_connections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    name: Mapped[str]
    kind: Mapped[str]
    hosts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str]
    hint: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    rotated_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class Binding(Table):
    """That something, told by `user_key`, uses a connection."""

    __tablename__ = "vault_bindings"

    org_id: Mapped[UUID]
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("vault_connections.id"), primary_key=True)
    user_key: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
