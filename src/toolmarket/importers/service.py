"""Descriptions become manifests: given, fetched, or asked from an MCP server."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from toolmarket.importers import schemas
from toolmarket.importers.checks import check_folder as check_folder
from toolmarket.importers.curl import import_curl
from toolmarket.importers.detection import detect
from toolmarket.importers.graphql import import_graphql
from toolmarket.importers.har import import_har
from toolmarket.importers.mcp import import_mcp
from toolmarket.importers.openapi import import_openapi
from toolmarket.importers.postman import import_postman
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.mcp_wire import EgressWire

_READERS: dict[str, Callable[[bytes], schemas.Imported]] = {
    "curl": import_curl,
    "graphql": import_graphql,
    "har": import_har,
    "postman": import_postman,
}


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


async def from_url(
    egress: Egress, url: str, *, kind: schemas.Kind | Literal["auto"] = "openapi"
) -> schemas.Imported:
    """The description at an address.

    Raises:
        EgressRefused, UpstreamUnreachable, ResponseTooLarge: it may not or cannot be fetched.
        DocumentBroken, NotOpenApi, DescriptionUnusable, NotRecognised: what came is not a description.
    """
    response = await egress.fetch_document(url)
    found = await asyncio.to_thread(detect, response.body) if kind == "auto" else kind
    if found == "openapi":
        return await asyncio.to_thread(import_openapi, response.body, source_url=response.url)
    return await asyncio.to_thread(from_content, response.body, kind=found)


def from_content(
    content: bytes, *, filename: str = "", kind: schemas.Kind | Literal["auto"] = "openapi"
) -> schemas.Imported:
    """The description in these bytes; takes CPU time, call it in a thread.

    Args:
        kind: what it is; `auto` tells by the content.

    Raises:
        DocumentBroken: it cannot be read; with line and column.
        NotOpenApi, DescriptionUnusable: it is something else, or holds nothing to call.
        NotRecognised: of kind `auto`, it is nothing that is known.
        DocumentTooLarge.
    """
    found = detect(content) if kind == "auto" else kind
    if found == "openapi":
        return import_openapi(content, filename=filename)
    return _READERS[found](content).model_copy(update={"kind": found})
