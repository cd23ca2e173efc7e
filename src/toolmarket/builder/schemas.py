"""Shapes of imports and drafts."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from toolmarket.catalog.schemas import TOOL_NAME, AuthScheme, Effects, JsonSchema
from toolmarket.importers.schemas import Note
from toolmarket.kit.schemas import Schema


class ImportCreate(Schema):
    """A description to bring in: its text, or where it is."""

    kind: Annotated[
        Literal["openapi", "mcp", "curl", "postman", "graphql", "har", "auto"],
        Field(description="What it is; `auto` tells by the content, but never finds an MCP server."),
    ]
    content: Annotated[str | None, Field(max_length=33_554_432)] = None
    url: Annotated[str | None, Field(max_length=2_000)] = None
    filename: Annotated[str, Field(max_length=200)] = ""
    connection_id: Annotated[
        UUID | None, Field(description="A connection to ask an MCP server with that wants a credential.")
    ] = None


class ImportedOperation(Schema):
    """An operation that can be chosen."""

    name: str
    title: str
    description: str
    method: str
    path: str
    tags: list[str]
    effects: Effects
    deprecated: bool
    problems: list[str]


class Import(Schema):
    """What a description turned out to hold, before anything is saved as a draft."""

    id: UUID
    kind: str
    title: str
    summary: str
    description: str
    source: str
    suggested_name: str
    operations: list[ImportedOperation]
    auth_schemes: dict[str, AuthScheme]
    hosts: list[str]
    config_schema: JsonSchema
    notes: list[Note]
    created_at: datetime


class DraftCreate(Schema):
    """A new draft: from an import, with the operations that were chosen, or empty."""

    import_id: UUID | None = None
    operations: Annotated[list[str] | None, Field(description="None takes all.")] = None
    name: Annotated[str, Field(pattern=TOOL_NAME)]
    title: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    summary: Annotated[str | None, Field(max_length=100)] = None


class DraftProblem(Schema):
    """Something that keeps a draft from being published, or should be looked at."""

    pointer: str
    message: str
    level: Literal["error", "warning"]


class DraftItem(Schema):
    """A draft in a list."""

    id: UUID
    name: str
    title: str
    operations: int
    problems: int
    revision: int
    updated_at: datetime
    updated_by: str
    published_version: str | None


class Draft(Schema):
    """A draft whole. `manifest` is kept even while it is not valid yet."""

    id: UUID
    name: str
    manifest: dict[str, Any]
    revision: int
    problems: list[DraftProblem]
    notes: list[Note]
    updated_at: datetime
    updated_by: str
    published_version: str | None


class DraftSave(Schema):
    """The document as it should be now."""

    manifest: dict[str, Any]


class Preview(Schema):
    """Exactly what an agent sees of one operation, in the formats of the model providers."""

    mcp: dict[str, Any]
    openai: dict[str, Any]
    anthropic: dict[str, Any]
    gemini: dict[str, Any]
    tokens: Annotated[int, Field(description="An estimate of what the MCP form costs a model.")]
    counter: str


class Try(Schema):
    """A call of a draft's operation."""

    arguments: dict[str, Any] = {}
    config: dict[str, Any] = {}
    connections: dict[str, UUID] = {}
