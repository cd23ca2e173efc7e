"""What an agent would see of a draft's operation, and a call of it through the one path."""

from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.builder import errors, schemas
from toolmarket.builder import service as builder
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.runtime import schemas as runtime_schemas
from toolmarket.runtime import service as runtime
from toolmarket.vault import service as vault

COUNTER = "bytes/4"


async def preview(session: AsyncSession, actor: Actor, draft_id: UUID, name: str) -> schemas.Preview:
    """Exactly what a model gets of one operation.

    Raises:
        DraftNotFound, OperationUnknown, ManifestInvalid.
    """
    actor.require("drafts:read")
    draft = await builder.find_draft(session, actor, draft_id)
    operation = _operation(catalog.parse_manifest(draft.manifest), name)
    mcp = catalog.exports.mcp_tool(name, operation)
    return schemas.Preview(
        mcp=mcp,
        openai=catalog.exports.openai_function(name, operation),
        anthropic=catalog.exports.anthropic_tool(name, operation),
        gemini=catalog.exports.gemini_function(name, operation),
        tokens=len(orjson.dumps(mcp)) // 4,
        counter=COUNTER,
    )


async def try_operation(
    engine: runtime.Runtime,
    keyring: vault.KeyRing,
    actor: Actor,
    target: tuple[UUID, str],
    wish: schemas.Try,
) -> runtime_schemas.RunResult:
    """Call an operation of a draft with the connections that the actor chose; recorded like any run.

    Args:
        target: the draft and the operation's name.

    Raises:
        Forbidden: the actor lacks `drafts:try`, or `connections:use` for the connections.
        DraftNotFound, OperationUnknown, ManifestInvalid.
    """
    actor.require("drafts:try")
    if wish.connections:
        actor.require("connections:use")
    draft_id, name = target
    async with engine.database.transaction(actor.org_id) as session:
        draft = await builder.find_draft(session, actor, draft_id)
        manifest = catalog.parse_manifest(draft.manifest)
        resolved = await installs.resolve_draft(
            session,
            keyring,
            actor,
            installs.DraftTarget(manifest, _operation(manifest, name), wish.config, wish.connections),
        )
    plan = runtime.draft_plan(actor.org_id, draft_id, resolved)
    request = runtime_schemas.Request(arguments=wish.arguments, channel=runtime_schemas.Channel.try_it)
    return await engine.run_plan(actor, plan, request)


def _operation(manifest: catalog_schemas.Manifest, name: str) -> catalog_schemas.Operation:
    for operation in manifest.operations:
        if operation.name == name:
            return operation
    raise errors.OperationUnknown(f"The draft has no operation {name}.")
