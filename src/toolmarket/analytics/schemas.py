"""Figures as pages show them. Quantiles are estimates, right within one percent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from toolmarket.kit.schemas import Schema
from toolmarket.runtime.schemas import Outcome


class Filters(Schema):
    """Which runs count; by default all of the organisation."""

    installation_id: UUID | None = None
    operation_id: UUID | None = None
    version_id: UUID | None = None


class Percentiles(Schema):
    """How long calls took; all are 0 where there were none."""

    p50_milliseconds: float
    p95_milliseconds: float
    p99_milliseconds: float


class Figures(Schema):
    """What a set of runs sums up to."""

    calls: int
    outcomes: Annotated[dict[Outcome, int], Field(description="Calls by how they ended.")]
    own: Annotated[Percentiles, Field(description="The time that this product took.")]
    upstream: Annotated[Percentiles, Field(description="The time that the outside service took.")]
    total: Percentiles
    bytes_in: Annotated[int, Field(description="Received from outside services.")]
    bytes_out: Annotated[int, Field(description="Sent to outside services.")]
    cost_micros: int


class HourFigures(Figures):
    """The runs that began in one hour."""

    hour: datetime


class Summary(Figures):
    """All runs of a time range, and hour by hour; hours without a run are left out."""

    since: Annotated[datetime, Field(description="Moved back to the full hour.")]
    until: Annotated[datetime, Field(description="Moved on to the full hour; not included.")]
    hours: list[HourFigures]
