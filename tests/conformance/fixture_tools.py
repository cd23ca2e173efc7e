"""Tools of the conformance fixture: plain ones, ones that talk back, and ones that ask first."""

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server.subscriptions import InMemorySubscriptionBus, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY, SamplingMessage, TextContent

from tests.conformance.fixture_resources import CACHE, COMPLETE, PIXEL, WAVE

BUS = InMemorySubscriptionBus()
KEY = os.urandom(32)
Tool = Callable[[Any, dict[str, Any]], Awaitable[dict[str, Any]]]
TOOLS: dict[str, tuple[dict[str, Any], Tool]] = {}


def text(value: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": value}], **more}


def tool(description: str, **more: Any) -> Callable[[Tool], Tool]:
    """Offer a function as a tool that carries its name."""

    def add(function: Tool) -> Tool:
        name = function.__name__
        schema = more.pop("inputSchema", {"type": "object", "properties": {}})
        TOOLS[name] = (
            {"name": name, "description": description, "inputSchema": schema, **more},
            function,
        )
        return function

    return add


def strings(*names: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": list(names),
    }


async def list_tools(ctx: Any, params: Any) -> Any:
    return {"tools": [described for described, _ in TOOLS.values()], **CACHE}


async def call_tool(ctx: Any, params: Any) -> Any:
    if params.name not in TOOLS:
        raise MCPError(code=INVALID_PARAMS, message=f"Unknown tool: {params.name}")
    return {**COMPLETE, **await TOOLS[params.name][1](ctx, params.arguments or {})}


async def set_level(ctx: Any, params: Any) -> Any:
    return {}


@tool("Answers with a text.", annotations={"readOnlyHint": True, "openWorldHint": False})
async def test_simple_text(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return text("This is a simple text response for testing.")


@tool("Answers with an image.")
async def test_image_content(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"content": [{"type": "image", "data": PIXEL, "mimeType": "image/png"}]}


@tool("Answers with a sound.")
async def test_audio_content(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"content": [{"type": "audio", "data": WAVE, "mimeType": "audio/wav"}]}


def embedded(uri: str, mime: str, value: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": value}}


@tool("Answers with an embedded resource.")
async def test_embedded_resource(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    told = "This is an embedded resource content."
    return {"content": [embedded("test://embedded-resource", "text/plain", told)]}


@tool("Answers with several kinds of content.")
async def test_multiple_content_types(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "content": [
            {"type": "text", "text": "Multiple content types test:"},
            {"type": "image", "data": PIXEL, "mimeType": "image/png"},
            embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
        ]
    }


async def log(ctx: Any, message: str) -> None:
    await ctx.session.send_log_message("info", message, related_request_id=ctx.request_id)


@tool("Logs three lines while it works.")
async def test_tool_with_logging(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    await log(ctx, "Tool execution started")
    await asyncio.sleep(0.05)
    await log(ctx, "Tool processing data")
    await asyncio.sleep(0.05)
    await log(ctx, "Tool execution completed")
    return text("Tool with logging executed successfully")


@tool("Logs a line.")
async def test_logging_tool(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    await log(ctx, "One line")
    return text("Logged")


@tool("Tells how far it is.")
async def test_tool_with_progress(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100, f"Completed step {done} of 100")
        await asyncio.sleep(0.05)
    return text("Tool with progress executed successfully")


@tool("Always fails.")
async def test_error_handling(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return text("This tool intentionally returns an error for testing", isError=True)


@tool("Asks the client's model.", inputSchema=strings("prompt"))
async def test_sampling(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    asked = SamplingMessage(role="user", content=TextContent(type="text", text=given["prompt"]))
    result = await ctx.session.create_message([asked], max_tokens=100, related_request_id=ctx.request_id)
    return text(f"LLM response: {result.content.text}")


async def elicit(ctx: Any, message: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required}
    result = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    content = json.dumps(result.content or {})
    return text(f"Elicitation completed: action={result.action}, content={content}")


@tool("Asks the person.", inputSchema=strings("message"))
async def test_elicitation(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    return await elicit(ctx, given["message"], properties, ["username", "email"])


@tool("Asks the person, with defaults.")
async def test_elicitation_sep1034_defaults(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }
    return await elicit(ctx, "Please provide user information", properties, [])


@tool("Asks the person to choose.")
async def test_elicitation_sep1330_enums(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    options = ["option1", "option2", "option3"]
    titled = [{"const": f"value{n}", "title": f"Option {n}"} for n in (1, 2, 3)]
    properties = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    return await elicit(ctx, "Please select", properties, [])


@tool("Closes its stream in the middle.")
async def test_reconnection(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if ctx.close_sse_stream is not None:
        await ctx.close_sse_stream()
        await asyncio.sleep(0.2)
    return text("Reconnection test completed")


@tool(
    "Tool with JSON Schema 2020-12 features",
    inputSchema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
)
async def json_schema_2020_12_tool(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return text(json.dumps(given))


@tool(
    "Copies an argument into a header.",
    inputSchema={
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
        "required": ["region"],
    },
)
async def test_header_argument(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    return text(f"Region {given['region']}")


@tool("Tells that the tools changed.")
async def test_trigger_tool_change(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    await BUS.publish(ToolsListChanged())
    return text("Changed")


@tool("Tells that the prompts changed.")
async def test_trigger_prompt_change(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    await BUS.publish(PromptsListChanged())
    return text("Changed")


def capabilities(ctx: Any) -> dict[str, Any]:
    meta = (ctx.params or {}).get("_meta") or {}
    return meta.get("io.modelcontextprotocol/clientCapabilities") or {}


@tool("Needs a client that can sample.")
async def test_missing_capability(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if "sampling" not in capabilities(ctx):
        raise MCPError(
            code=MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This tool needs the sampling capability",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return text("Sampling is there")


def question(message: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


def sampling(prompt: str, tokens: int) -> dict[str, Any]:
    message = {"role": "user", "content": {"type": "text", "text": prompt}}
    return {"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": tokens}}


def ask(state: str | None = None, **requests: Any) -> dict[str, Any]:
    more = {} if state is None else {"requestState": state}
    return {"resultType": "input_required", "inputRequests": requests, **more}


def answers(ctx: Any) -> dict[str, Any]:
    return ctx.params.get("inputResponses") or {}


NAME = {"name": {"type": "string"}}
ROOTS = {"method": "roots/list", "params": {}}


@tool("Asks the person before it answers.")
async def test_input_required_result_elicitation(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if "user_name" in answers(ctx):
        return text(f"Hello, {answers(ctx)['user_name']['content']['name']}!")
    return ask(user_name=question("What is your name?", NAME))


@tool("Asks the model before it answers.")
async def test_input_required_result_sampling(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if "capital_question" in answers(ctx):
        return text(json.dumps(answers(ctx)["capital_question"]))
    return ask(capital_question=sampling("What is the capital of France?", 100))


@tool("Asks for the roots before it answers.")
async def test_input_required_result_list_roots(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if "client_roots" in answers(ctx):
        return text(json.dumps(answers(ctx)["client_roots"]))
    return ask(client_roots=ROOTS)


@tool("Carries a state over the question.")
async def test_input_required_result_request_state(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if ctx.params.get("requestState") == "asked" and answers(ctx):
        return text("state-ok")
    return ask("asked", confirm=question("Please confirm", {"ok": {"type": "boolean"}}))


@tool("Asks three things at once.")
async def test_input_required_result_multiple_inputs(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    if {"user_name", "greeting", "client_roots"} <= set(answers(ctx)):
        return text("All answered")
    return ask(
        "three",
        user_name=question("What is your name?", NAME),
        greeting=sampling("Generate a greeting", 50),
        client_roots=ROOTS,
    )


@tool("Asks twice.")
async def test_input_required_result_multi_round(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    state = ctx.params.get("requestState")
    if state == "second" and "step2" in answers(ctx):
        return text("Both steps are done")
    if state == "first" and "step1" in answers(ctx):
        return ask(
            "second", step2=question("Step 2: What is your favorite color?", {"color": {"type": "string"}})
        )
    return ask("first", step1=question("Step 1: What is your name?", NAME))


@tool("Signs the state it carries.")
async def test_input_required_result_tampered_state(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    signed = hmac.new(KEY, b"state", hashlib.sha256).hexdigest()
    state = ctx.params.get("requestState")
    if state is None:
        return ask(signed, confirm=question("Please confirm", {"ok": {"type": "boolean"}}))
    if not hmac.compare_digest(state, signed):
        raise MCPError(code=INVALID_PARAMS, message="The state was tampered with")
    return text("The state is whole")


@tool("Asks only what the client can answer.")
async def test_input_required_result_capabilities(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    able = capabilities(ctx)
    requests = {}
    if "sampling" in able:
        requests["capital_question"] = sampling("What is the capital of France?", 100)
    if "elicitation" in able:
        requests["user_name"] = question("What is your name?", NAME)
    return ask(**requests) if requests and not answers(ctx) else text("Nothing to ask")


@tool("Tells its progress, then asks the person.")
async def test_streaming_elicitation(ctx: Any, given: dict[str, Any]) -> dict[str, Any]:
    await log(ctx, "About to ask")
    if "user_name" in answers(ctx):
        return text("Answered")
    return ask(user_name=question("What is your name?", NAME))
