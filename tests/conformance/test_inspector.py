"""The official inspector's command line against the gateway."""

import json

from tests.conformance.suite import MODULES, node

ENTRY = MODULES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"


async def inspect(url: str, env: dict[str, str], *arguments: str) -> dict:
    """One command of the inspector; its JSON."""
    command = [
        str(ENTRY),
        "--cli",
        url,
        "--transport",
        "http",
    ]
    code, output = await node([*command, *arguments], env)
    assert code == 0, output
    return json.loads(output)


async def test_the_inspector_lists_and_calls_a_tool(product: str, env: dict[str, str]) -> None:
    listed = await inspect(product, env, "--method", "tools/list")
    called = await inspect(product, env, "--method", "tools/call", "--tool-name", "test_simple_text")

    assert "test_simple_text" in {tool["name"] for tool in listed["tools"]}
    assert called["content"][0]["text"] == "This is a simple text response for testing."
