"""Shapes of limits."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from toolmarket.kit.schemas import Schema

Scope = Literal["organisation", "key", "installation"]
Meter = Literal["rate", "quota"]


class LimitWish(Schema):
    """How often something may call, or be called. None is no limit, 0 is never."""

    scope: Scope
    subject_id: Annotated[
        UUID | None,
        Field(description="The key or other principal, or the installation; none for the organisation."),
    ] = None
    rate_per_minute: Annotated[
        int | None, Field(ge=0, le=1_000_000, description="Calls in a minute by the clock.")
    ] = None
    quota_per_month: Annotated[
        int | None, Field(ge=0, le=1_000_000_000_000, description="Calls in a calendar month, UTC.")
    ] = None


class LimitsWish(Schema):
    """All limits of an organisation."""

    limits: Annotated[list[LimitWish], Field(max_length=1_000)]


class Limit(Schema):
    """A limit and how much of it is used."""

    scope: Scope
    subject_id: UUID
    rate_per_minute: int | None
    quota_per_month: int | None
    used_this_minute: Annotated[int, Field(description="Includes what processes hold in reserve.")] = 0
    used_this_month: int = 0


class Limits(Schema):
    """All limits of an organisation."""

    items: list[Limit]
