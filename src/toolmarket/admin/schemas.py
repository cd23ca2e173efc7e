"""Shapes of the views over all rooms."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from toolmarket.kit.schemas import Schema


class Step(Schema):
    """One of the first steps, and whether it was done."""

    id: Literal["import", "try", "publish", "install", "connect", "call"]
    done: bool
    at: datetime | None = None
    detail: str = ""


class DraftLine(Schema):
    """A draft on the home page."""

    id: UUID
    name: str
    title: str
    problems: int
    updated_at: datetime
    updated_by: str


class Home(Schema):
    """What needs a person today."""

    steps: list[Step]
    runs_today: Annotated[int | None, Field(description="None where the actor sees only its own runs.")]
    succeeded_share: float | None
    drafts: list[DraftLine]
