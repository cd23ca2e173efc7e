"""An installation's operations in the formats of model providers, and as OpenAPI."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.catalog import service as catalog
from toolmarket.installs import errors, queries
from toolmarket.installs.presentation import mcp_name
from toolmarket.kit.actor import Actor

Form = Literal["openai", "anthropic", "gemini", "openapi", "mcp"]
_FUNCTIONS = {
    "openai": catalog.exports.openai_function,
    "anthropic": catalog.exports.anthropic_tool,
    "gemini": catalog.exports.gemini_function,
    "mcp": catalog.exports.mcp_tool,
}


async def export(
    session: AsyncSession, actor: Actor, installation_id: UUID, form: Form, base_url: str
) -> dict[str, Any] | list[dict[str, Any]]:
    """The operations of an installation in one form.

    Raises:
        Forbidden: the actor lacks `installations:read`.
        InstallationNotFound: unknown here.
    """
    actor.require("installations:read")
    row = await queries.get_installation(session, org_id=actor.org_id, installation_id=installation_id)
    if row is None:
        raise errors.InstallationNotFound(f"There is no installation {installation_id}.")
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    named = [(mcp_name(row.alias, each.name), each) for each in version.manifest.operations]
    if form == "openapi":
        server = f"{base_url}/v1/installations/{installation_id}"
        document: dict[str, Any] = catalog.exports.openapi_document(
            title=version.manifest.title,
            version=version.version,
            server=server,
            operations=[(each.name, each) for each in version.manifest.operations],
        )
        return document
    return [_FUNCTIONS[form](name, operation) for name, operation in named]
