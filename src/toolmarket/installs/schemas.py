"""Shapes of an installation and of a toolset."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from toolmarket.catalog.schemas import SEMVER, TOOL_NAME, Effects, JsonSchema
from toolmarket.kit.schemas import Schema

Alias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,14}$", description="Begins every tool name.")]
Bindings = Annotated[dict[str, UUID], Field(description="Auth scheme to connection.")]


class InstallationState(StrEnum):
    """Whether calls may run."""

    active = "active"
    paused = "paused"


class InstallationCreate(Schema):
    """What to install and how."""

    tool: Annotated[str, Field(pattern=TOOL_NAME)]
    version: Annotated[str | None, Field(pattern=SEMVER)] = None
    alias: Alias
    config: dict[str, Any] = {}
    bindings: Bindings = {}


class InstallationChange(Schema):
    """What to change; members that are left out stay as they are."""

    version: Annotated[str | None, Field(pattern=SEMVER)] = None
    alias: Alias | None = None
    state: InstallationState | None = None
    config: dict[str, Any] | None = None
    bindings: Bindings | None = None


class InstalledOperation(Schema):
    """An operation as an agent finds it."""

    id: UUID
    name: str
    mcp_name: str
    title: str
    description: str
    effects: Effects
    input_schema: JsonSchema
    example_input: dict[str, Any]


class InstallationItem(Schema):
    """An installation in a list."""

    id: UUID
    tool: str
    title: str
    summary: str
    version: str
    version_state: str
    latest_version: str
    alias: str
    state: InstallationState
    operation_count: int
    demo: bool
    created_at: datetime


class Installation(InstallationItem):
    """An installation whole."""

    revision: int
    config: dict[str, Any]
    config_schema: JsonSchema
    bindings: Bindings
    auth_schemes: dict[str, Any]
    hosts: list[str]
    operations: list[InstalledOperation]


class ToolsetItem(Schema):
    """An installation's part in a toolset; `operations` None means all of them."""

    installation_id: UUID
    operations: list[str] | None = None


class ToolsetCreate(Schema):
    """A selection of operations under an address of its own."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
    prefix: Annotated[bool, Field(description="False: tool names without the alias, if none collide.")] = True
    items: Annotated[list[ToolsetItem], Field(max_length=200)] = []


class ToolsetChange(Schema):
    """What to change; members that are left out stay as they are."""

    name: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    prefix: bool | None = None
    items: Annotated[list[ToolsetItem] | None, Field(max_length=200)] = None


class Toolset(ToolsetCreate):
    """A stored toolset."""

    id: UUID
    created_at: datetime
    updated_at: datetime
