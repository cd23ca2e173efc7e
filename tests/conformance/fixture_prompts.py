"""Prompts and completion of the conformance fixture."""

from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from tests.conformance.fixture_resources import CACHE, COMPLETE, PIXEL

PROMPTS = [
    {"name": "test_simple_prompt", "description": "A prompt without arguments."},
    {
        "name": "test_prompt_with_arguments",
        "description": "A prompt with two arguments.",
        "arguments": [
            {"name": "arg1", "description": "First test argument", "required": True},
            {"name": "arg2", "description": "Second test argument", "required": True},
        ],
    },
    {
        "name": "test_prompt_with_embedded_resource",
        "description": "A prompt that embeds a resource.",
        "arguments": [{"name": "resourceUri", "description": "The resource.", "required": True}],
    },
    {"name": "test_prompt_with_image", "description": "A prompt with an image."},
    {"name": "test_input_required_result_prompt", "description": "A prompt that asks the person."},
]


def user(content: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": content}


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


async def list_prompts(ctx: Any, params: Any) -> Any:
    return {"prompts": PROMPTS, **CACHE}


async def get_prompt(ctx: Any, params: Any) -> Any:
    given = params.arguments or {}
    if params.name == "test_simple_prompt":
        messages = [user(text("This is a simple prompt for testing."))]
    elif params.name == "test_prompt_with_arguments":
        told = f"Prompt with arguments: arg1='{given.get('arg1')}', arg2='{given.get('arg2')}'"
        messages = [user(text(told))]
    elif params.name == "test_prompt_with_embedded_resource":
        resource = {
            "uri": given["resourceUri"],
            "mimeType": "text/plain",
            "text": "Embedded resource content for testing.",
        }
        messages = [
            user({"type": "resource", "resource": resource}),
            user(text("Please process the embedded resource above.")),
        ]
    elif params.name == "test_prompt_with_image":
        image = {"type": "image", "data": PIXEL, "mimeType": "image/png"}
        messages = [user(image), user(text("Please analyze the image above."))]
    elif params.name == "test_input_required_result_prompt":
        return _ask_for_context(ctx)
    else:
        raise MCPError(code=INVALID_PARAMS, message=f"Unknown prompt: {params.name}")
    return {"messages": messages, **COMPLETE}


def _ask_for_context(ctx: Any) -> dict[str, Any]:
    answers = ctx.params.get("inputResponses") or {}
    if "user_context" in answers:
        context = answers["user_context"].get("content", {}).get("context", "")
        return {"messages": [user(text(f"Use this context: {context}"))], **COMPLETE}
    schema = {
        "type": "object",
        "properties": {"context": {"type": "string"}},
        "required": ["context"],
    }
    question = {
        "method": "elicitation/create",
        "params": {"message": "What context should the prompt use?", "requestedSchema": schema},
    }
    return {"resultType": "input_required", "inputRequests": {"user_context": question}}


async def complete(ctx: Any, params: Any) -> Any:
    values = [value for value in ("paris", "park", "party") if value.startswith(params.argument.value)]
    return {"completion": {"values": values, "total": len(values), "hasMore": False}, **COMPLETE}
