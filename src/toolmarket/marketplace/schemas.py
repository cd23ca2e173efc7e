"""Shapes of the market."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from toolmarket.builder.schemas import DraftProblem
from toolmarket.catalog.schemas import SEMVER, Category, State
from toolmarket.kit.schemas import Schema

Stars = Annotated[int, Field(ge=1, le=5, description="Whole stars, 5 is best.")]


class ToolItem(Schema):
    """A tool in a list."""

    id: UUID
    name: str
    title: str
    summary: str
    categories: list[Category]
    namespace: str
    operations: int
    effects: list[str]
    latest_version: str
    state: State
    visibility: Literal["organisation", "public"]
    installed: bool
    rating: float | None
    rating_count: int
    updated_at: datetime


class ToolVersion(Schema):
    """A version in a tool's history."""

    id: UUID
    version: str
    state: State
    state_message: str
    published_at: datetime
    notes: str


class Tool(ToolItem):
    """A tool whole, with the manifest of its newest version."""

    description: str
    versions: list[ToolVersion]
    manifest: dict[str, Any]


class StateChange(Schema):
    """Where a version goes in its life, and what to tell those who use it."""

    state: State
    message: Annotated[str, Field(max_length=1_000)] = ""


class Publish(Schema):
    """Publish a draft as this version."""

    version: Annotated[str, Field(pattern=SEMVER)]
    notes: Annotated[str, Field(max_length=10_000)] = ""


class Published(Schema):
    """What was published."""

    tool: str
    version: str
    tool_id: UUID
    version_id: UUID


class Change(Schema):
    """One difference to the version that is published."""

    kind: Literal["breaking", "widened", "additive", "metadata"]
    pointer: str
    message: str


class Publication(Schema):
    """What publishing would do now."""

    suggested_version: str
    previous_version: str | None
    changes: list[Change]
    problems: list[DraftProblem]


class Wanted(Schema):
    """Which tools."""

    words: str = ""
    category: str | None = None
    cursor: UUID | None = None
    limit: int = 50


class ReviewCreate(Schema):
    """What an organisation says about a tool that it uses."""

    stars: Stars
    text: Annotated[str, Field(max_length=4_000, description="Markdown, shown sanitised.")] = ""


class Review(ReviewCreate):
    """A review as it stands."""

    id: UUID
    author_id: UUID
    created_at: datetime
    updated_at: datetime
