"""Limits and their counters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table


class LimitRow(Table):
    __tablename__ = "billing_limits"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    scope: Mapped[str]
    subject_id: Mapped[UUID]
    rate_per_minute: Mapped[int | None]
    quota_per_month: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Counter(Table):
    __tablename__ = "billing_counters"

    limit_id: Mapped[UUID] = mapped_column(primary_key=True)
    meter: Mapped[str] = mapped_column(primary_key=True)
    window_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    org_id: Mapped[UUID]
    used: Mapped[int]
