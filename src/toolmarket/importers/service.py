"""Descriptions become manifests: given, fetched, or asked from an MCP server."""

import asyncio
from collections.abc import Mapping

from toolmarket.importers import schemas
from toolmarket.importers.checks import check_folder as check_folder
from toolmarket.importers.mcp import import_mcp
from toolmarket.importers.openapi import import_openapi
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.mcp_wire import EgressWire


async def from_mcp(egress: Egress, url: str, headers: Mapping[str, str]) -> schemas.Imported:
    """What an MCP server offers.

    Args:
        headers: the credential to ask with; it is not kept.

    Raises:
        McpServerUnusable: no protocol answer came, or it asks for a credential.
        EgressRefused: the address may not be reached.
    """
    egress.policy.check(url, None)
    upstreams = Upstreams(EgressWire(egress))
    try:
        return await import_mcp(upstreams, url, headers=headers)
    finally:
        await upstreams.close()


async def from_url(egress: Egress, url: str) -> schemas.Imported:
    """The OpenAPI description at an address.

    Raises:
        EgressRefused, UpstreamUnreachable, ResponseTooLarge: it may not or cannot be fetched.
        DocumentBroken, NotOpenApi: what came is not a description.
    """
    response = await egress.fetch_document(url)
    return await asyncio.to_thread(import_openapi, response.body, source_url=response.url)


def from_content(content: bytes, *, filename: str = "") -> schemas.Imported:
    """The OpenAPI description in these bytes; takes CPU time, call it in a thread.

    Raises:
        DocumentBroken, NotOpenApi, DocumentTooLarge.
    """
    return import_openapi(content, filename=filename)
