"""Shapes of events, and the one table of their types."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from toolmarket.kit.schemas import Schema


class EventType(Schema):
    """One kind of thing that may happen."""

    type: Annotated[str, Field(description="`<room>.<thing>.<past participle>.v<number>`.")]
    description: str
    audience: Annotated[str, Field(description="The permission that lets one see it.")]
    data: Annotated[dict[str, Any], Field(description="JSON Schema of `data`.")]
    retention_days: Annotated[int, Field(description="A stream can be resumed for this long.")] = 7
    volatile: Annotated[
        bool,
        Field(
            description="Counted, not kept: sent at most five times a second with how many there were, which,"
            " and sums. Read the things themselves anew; a resumed stream does not repeat it."
        ),
    ] = False


class Event(Schema):
    """A CloudEvent: what happened to what, and when.

    Source:
        CloudEvents 1.0.2, JSON format.
    """

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]


class StoredEvent(Schema):
    """An event as a handler gets it."""

    id: UUID
    org_id: UUID
    type: str
    subject: str
    data: dict[str, Any]
    created_at: datetime


def _facts(**properties: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


_COUNTS = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 1},
        "subjects": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
    },
    "required": ["count", "subjects"],
    "additionalProperties": {"type": "integer"},
}
_DRAFT = {**_facts(), "properties": {"revision": {"type": "integer"}}}
_TOOL_VERSION = {"tool": "string", "version": "string"}
_KEY = {"name": "string", "prefix": "string"}

CATALOGUE: dict[str, EventType] = {
    kind.type: kind
    for kind in (
        EventType(
            type="identity.member.changed.v1",
            description="A member has another role.",
            audience="members:read",
            data=_facts(user_id="string", role="string"),
        ),
        EventType(
            type="identity.key.created.v1",
            description="Somebody made an API key.",
            audience="keys:manage",
            data=_facts(**_KEY, role="string"),
        ),
        EventType(
            type="identity.key.revoked.v1",
            description="An API key ended.",
            audience="keys:manage",
            data=_facts(**_KEY),
        ),
        EventType(
            type="catalog.version.published.v1",
            description="A version of a tool was published.",
            audience="tools:read",
            data=_facts(**_TOOL_VERSION),
        ),
        EventType(
            type="catalog.version.state_changed.v1",
            description="A version was deprecated, yanked, quarantined or set free.",
            audience="tools:read",
            data=_facts(**_TOOL_VERSION, state="string"),
        ),
        *(
            EventType(
                type=f"builder.draft.{what}.v1",
                description=f"A draft was {what}.",
                audience="drafts:read",
                data=_DRAFT,
            )
            for what in ("created", "saved", "deleted", "restored")
        ),
        *(
            EventType(
                type=f"installs.installation.{what}.v1",
                description=f"An installation was {what}.",
                audience="installations:read",
                data=_facts(),
            )
            for what in ("created", "changed", "removed", "restored", "bound")
        ),
        *(
            EventType(
                type=f"installs.toolset.{what}.v1",
                description=f"A toolset was {what}.",
                audience="toolsets:read",
                data=_facts(),
            )
            for what in ("created", "changed", "deleted")
        ),
        *(
            EventType(
                type=f"vault.connection.{what}.v1",
                description=f"A connection was {what}.",
                audience="connections:read",
                data=_facts(),
            )
            for what in ("created", "changed", "deleted", "tested")
        ),
        EventType(
            type="billing.limits.changed.v1",
            description="Rate limits or quotas changed.",
            audience="billing:read",
            data=_facts(),
        ),
        EventType(
            type="runtime.run.finished.v1",
            description="Runs ended: how many, how many of each outcome, and the ids of some.",
            audience="runs:read",
            data=_COUNTS,
            volatile=True,
        ),
    )
}
