"""Our client of MCP servers as the conformance tool drives it: connect, and use all there is.

`python -m tests.conformance.client` prints its port and waits for knocks (`knock.py`), because a fresh
interpreter for each of the scenarios would take longer than they do.
"""

import asyncio
import contextlib
import json
import sys
from typing import Any

from mcp.client.auth import OAuthFlowError

from tests.conformance.oauth import OAuthWire
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_messages import (
    MODERN,
    Message,
    RpcError,
    UpstreamFailed,
    argument_headers,
    header_fault,
)
from toolmarket.kit.mcp_peers import Endpoint, Session, Wire
from toolmarket.kit.mcp_pool import ROUNDS, open_session, settle_questions
from toolmarket.kit.mcp_upstream import LegacySession, ModernSession
from toolmarket.kit.mcp_wire import EgressWire
from toolmarket.kit.urls import EgressSettings

KNOWN: dict[str, list[Message]] = {"add_numbers": [{"a": 5, "b": 3}]}
SAMPLES = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}


class Person:
    """The peer of these tests: fills forms with their defaults, and answers every other question."""

    modern = False
    standing = None

    def __init__(self) -> None:
        self.capabilities: Message = {
            "elicitation": {"form": {"applyDefaults": True}},
            "sampling": {},
            "roots": {},
        }

    async def request(self, method: str, params: Message) -> Message:
        if method == "roots/list":
            return {"roots": []}
        if method == "sampling/createMessage":
            content = {"type": "text", "text": "Paris"}
            return {"role": "assistant", "content": content, "model": "none", "stopReason": "endTurn"}
        properties = params.get("requestedSchema", {}).get("properties", {})
        filled = {name: schema.get("default", sample(schema)) for name, schema in properties.items()}
        return {"action": "accept", "content": filled}

    async def notify(self, method: str, params: Message) -> None:
        return

    async def polled(self) -> None:
        return


def sample(schema: Message) -> Any:
    """Some value of a schema."""
    if schema.get("enum"):
        return schema["enum"][0]
    return SAMPLES.get(str(schema.get("type")), "text")


def arguments_of(tool: Message, tools: list[Message], wanted: list[Message]) -> list[Message]:
    """What to call a tool with: what the scenario wants, else a sample."""
    asked = [each["arguments"] for each in wanted if each["name"] == tool["name"]]
    properties = tool.get("inputSchema", {}).get("properties", {})
    if tool["name"] == "json_schema_echo":
        return [{"schema": next(each["inputSchema"] for each in tools if each is not tool)}]
    given = {name: sample(schema) for name, schema in properties.items() if isinstance(schema, dict)}
    return asked or KNOWN.get(tool["name"], [given])


async def settled(session: Session, method: str, params: Message, tool: Message | None = None) -> Message:
    """A request with all questions that it raises answered."""
    person = Person()
    mirrored = argument_headers(tool["inputSchema"], params.get("arguments", {})) if tool else {}
    for _ in range(ROUNDS):
        result = await session.call(method, params, person, mirrored)
        more = await settle_questions(result, person)
        if more is None:
            return result
        # A state that the server does not repeat is over.
        params = {name: value for name, value in params.items() if name != "requestState"} | more
    return {}


async def use(session: Session, wanted: list[Message]) -> None:
    """List and use what the server offers."""
    tools = (await settled(session, "tools/list", {})).get("tools", [])
    for tool in tools:
        if header_fault(tool.get("inputSchema")) is not None:
            continue
        for arguments in arguments_of(tool, tools, wanted):
            params = {"name": tool["name"], "arguments": arguments}
            await tolerated(settled(session, "tools/call", params, tool))
    await tolerated(use_resources(session))
    await tolerated(use_prompts(session))


async def use_resources(session: Session) -> None:
    for resource in (await settled(session, "resources/list", {})).get("resources", []):
        await settled(session, "resources/read", {"uri": resource["uri"]})


async def use_prompts(session: Session) -> None:
    for prompt in (await settled(session, "prompts/list", {})).get("prompts", []):
        await settled(session, "prompts/get", {"name": prompt["name"]})


async def tolerated(work: Any) -> None:
    """What a server does not offer is no failure of the client."""
    with contextlib.suppress(RpcError):
        await work


async def connected(wire: Wire, endpoint: Endpoint, revision: str) -> Session:
    """A session of the era of a revision."""
    if revision == MODERN:
        modern = ModernSession(wire, endpoint)
        try:
            await modern.discover(Person())
        except RpcError:
            await modern.discover(Person())
        return modern
    if revision == "auto":
        return await open_session(wire, endpoint, Person(), modern_first=True)
    legacy = LegacySession(wire, endpoint)
    await legacy.initialize(Person())
    await legacy.listen(Person())
    return legacy


async def shake_hands(wire: Wire, url: str) -> None:
    """Show the routing headers of a handshake to a scenario that counts them although its era has none."""
    legacy = LegacySession(wire, Endpoint(url))
    with contextlib.suppress(UpstreamFailed):
        await legacy.initialize(Person())
    await legacy.notify("notifications/initialized", {})


async def play(url: str, scenario: str, revision: str, context: Message) -> str:
    """Use the server at the address; what went wrong, or nothing."""
    async with Egress(EgressSettings(allow=("127.0.0.0/8", "::1/128"))) as egress:
        oauth = scenario.startswith("auth/")
        wire: Wire = OAuthWire(egress, url, context) if oauth else EgressWire(egress)
        try:
            session = await connected(wire, Endpoint(url), revision)
            await use(session, context.get("toolCalls", []))
            await session.close()
            if scenario == "http-standard-headers":
                await shake_hands(wire, url)
        except (UpstreamFailed, RpcError, OAuthFlowError) as failure:
            return f"{failure}"
    return ""


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One knock: the scenario comes as a line of JSON, the failure goes back."""
    asked = json.loads(await reader.readline())
    failure = await play(asked["url"], asked["scenario"], asked["revision"], asked["context"])
    writer.write(failure.encode())
    writer.close()


async def serve() -> None:
    """Wait for knocks on a free port, which is printed."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
