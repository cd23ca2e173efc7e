"""The tables of runs as they are read; they are written by COPY (record.py)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table


class Run(Table):
    __tablename__ = "runtime_runs"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    installation_id: Mapped[UUID | None]
    operation_id: Mapped[UUID]
    version_id: Mapped[UUID | None]
    principal_id: Mapped[UUID]
    user_id: Mapped[UUID]
    on_behalf_of_id: Mapped[UUID | None]
    trace_id: Mapped[UUID]
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    cost_micros: Mapped[int]
    queue_micros: Mapped[int]
    own_micros: Mapped[int]
    upstream_micros: Mapped[int]
    total_micros: Mapped[int]
    bytes_in: Mapped[int]
    bytes_out: Mapped[int]
    answer_tokens: Mapped[int | None]
    retries: Mapped[int]
    http_status: Mapped[int | None]
    outcome: Mapped[int]
    channel: Mapped[int]
    durability: Mapped[int]
    principal_kind: Mapped[int]
    demo: Mapped[bool]
    operation_name: Mapped[str]
    client_name: Mapped[str | None]
    client_version: Mapped[str | None]
    session_key: Mapped[str | None]
    problem_code: Mapped[str | None]
    upstream_code: Mapped[str | None]


class Intent(Table):
    __tablename__ = "runtime_intents"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    row: Mapped[bytes] = mapped_column(LargeBinary)


class Detail(Table):
    __tablename__ = "runtime_details"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    arguments: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str]
    trace: Mapped[bytes] = mapped_column(LargeBinary)
