"""The tables of the figures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table


class Hour(Table):
    """The runs of one operation of one installation, at one version, that began in one hour."""

    __tablename__ = "analytics_hours"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    installation_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    outcomes: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    bytes_in: Mapped[int] = mapped_column(BigInteger)
    bytes_out: Mapped[int] = mapped_column(BigInteger)
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    own_histogram: Mapped[bytes] = mapped_column(LargeBinary)
    upstream_histogram: Mapped[bytes] = mapped_column(LargeBinary)
    total_histogram: Mapped[bytes] = mapped_column(LargeBinary)
