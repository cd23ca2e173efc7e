"""Rows become the shapes that leave the room."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.installs import models, schemas
from toolmarket.installs.addresses import allowed_hosts
from toolmarket.kit.actor import Actor


def mcp_name(alias: str, operation_name: str) -> str:
    """The outward name of an operation; an alias has no underscore, so that names cannot collide."""
    return f"{alias}_{operation_name}" if alias else operation_name


def example_input(operation: catalog_schemas.Operation) -> dict[str, Any]:
    """An input to begin with: the first example, or the examples and defaults of its parameters."""
    if operation.examples:
        return operation.examples[0].input
    found: dict[str, Any] = {}
    required = operation.input_schema.get("required", [])
    for name, schema in operation.input_schema.get("properties", {}).items():
        if not isinstance(schema, dict):
            continue
        candidates = [*schema.get("examples", [])[:1], schema.get("default"), *schema.get("enum", [])[:1]]
        value = next((candidate for candidate in candidates if candidate is not None), None)
        if value is not None and (name in required or "default" not in schema):
            found[name] = value
    return found


async def items(
    session: AsyncSession, actor: Actor, rows: Sequence[models.Installation]
) -> list[schemas.InstallationItem]:
    """The rows as a list shows them."""
    summaries = await catalog.summaries(session, actor.org_id, [row.version_id for row in rows])
    return [schemas.InstallationItem(**_item(row, summaries[row.version_id])) for row in rows]


async def whole(session: AsyncSession, actor: Actor, row: models.Installation) -> schemas.Installation:
    """The row with its operations."""
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    summaries = await catalog.summaries(session, actor.org_id, [row.version_id])
    manifest = version.manifest
    return schemas.Installation(
        **_item(row, summaries[row.version_id]),
        revision=row.revision,
        config=row.config,
        config_schema=manifest.config_schema,
        bindings={scheme: UUID(connection) for scheme, connection in row.bindings.items()},
        auth_schemes={name: scheme.model_dump(mode="json") for name, scheme in manifest.auth.schemes.items()},
        hosts=sorted(allowed_hosts(manifest, row.config)),
        operations=[
            schemas.InstalledOperation(
                id=catalog.operation_id(version.tool_id, operation.name),
                name=operation.name,
                mcp_name=mcp_name(row.alias, operation.name),
                title=operation.title,
                description=operation.description,
                effects=operation.effects,
                input_schema=operation.input_schema,
                example_input=example_input(operation),
            )
            for operation in manifest.operations
        ],
    )


def _item(row: models.Installation, summary: catalog_schemas.VersionSummary) -> dict[str, Any]:
    return {
        "id": row.id,
        "tool": summary.name,
        "title": summary.title,
        "summary": summary.summary,
        "version": summary.version,
        "version_state": summary.state,
        "latest_version": summary.latest_version,
        "alias": row.alias,
        "state": row.state,
        "operation_count": summary.operation_count,
        "demo": row.demo,
        "created_at": row.created_at,
    }
