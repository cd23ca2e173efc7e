"""Resources of the conformance fixture."""

import json
import re
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAVE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
TEMPLATE = re.compile(r"^test://template/([^/]+)/data$")
COMPLETE = {"resultType": "complete"}
CACHE = {**COMPLETE, "ttlMs": 1_000, "cacheScope": "private"}

RESOURCES = [
    {
        "uri": "test://static-text",
        "name": "static_text",
        "description": "A static text.",
        "mimeType": "text/plain",
    },
    {
        "uri": "test://static-binary",
        "name": "static_binary",
        "description": "A static image.",
        "mimeType": "image/png",
    },
    {
        "uri": "test://watched-resource",
        "name": "watched_resource",
        "description": "A resource to subscribe to.",
        "mimeType": "text/plain",
    },
]
TEMPLATES = [
    {
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "A resource with a parameter.",
        "mimeType": "application/json",
    }
]


async def list_resources(ctx: Any, params: Any) -> Any:
    return {"resources": RESOURCES, **CACHE}


async def list_templates(ctx: Any, params: Any) -> Any:
    return {"resourceTemplates": TEMPLATES, **CACHE}


async def read_resource(ctx: Any, params: Any) -> Any:
    uri = str(params.uri)
    if uri == "test://static-text":
        text = "This is the content of the static text resource."
        content: dict[str, Any] = {"uri": uri, "mimeType": "text/plain", "text": text}
    elif uri == "test://static-binary":
        content = {"uri": uri, "mimeType": "image/png", "blob": PIXEL}
    elif uri == "test://watched-resource":
        content = {"uri": uri, "mimeType": "text/plain", "text": "Watched resource content"}
    elif match := TEMPLATE.match(uri):
        data = {"id": match[1], "templateTest": True, "data": f"Data for ID: {match[1]}"}
        content = {"uri": uri, "mimeType": "application/json", "text": json.dumps(data)}
    else:
        raise MCPError(code=INVALID_PARAMS, message="Resource not found", data={"uri": uri})
    return {"contents": [content], **CACHE}


async def subscribe(ctx: Any, params: Any) -> Any:
    await ctx.session.send_resource_updated(params.uri)
    return COMPLETE


async def unsubscribe(ctx: Any, params: Any) -> Any:
    return COMPLETE
