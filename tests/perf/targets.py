"""What is driven: where, with which request, and in which process its cost arises."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.perf.world import ARGUMENTS, World

MODERN, LEGACY = "2026-07-28", "2025-11-25"
META = "io.modelcontextprotocol/"
CLIENT = {"name": "bench", "version": "1.0"}


@dataclass(frozen=True)
class Target:
    """A name in the table, and the request per speed (`fast`, `slow`)."""

    name: str
    port: int
    requests: Mapping[str, tuple[str, str]]
    session: dict[str, Any] | None = None
    order: dict[str, Any] = field(default_factory=dict)


def _head(port: int, path: str, headers: Mapping[str, str]) -> str:
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "content-type: application/json"]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers.items()]) + "\r\n"


def http_target(name: str, port: int, paths: Mapping[str, str], key: str = "") -> Target:
    """A plain POST of the arguments."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    body = json.dumps(ARGUMENTS)
    return Target(name, port, {speed: (_head(port, path, headers), body) for speed, path in paths.items()})


def mcp_target(name: str, port: int, era: str, tools: Mapping[str, str], key: str = "") -> Target:
    """`tools/call` in one era of the protocol."""
    headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": era}
    if key:
        headers["authorization"] = f"Bearer {key}"
    requests = {}
    for speed, tool in tools.items():
        params: dict[str, Any] = {"name": tool, "arguments": ARGUMENTS}
        named = dict(headers)
        if era == MODERN:
            named |= {"mcp-method": "tools/call", "mcp-name": tool}
            params["_meta"] = {
                META + "protocolVersion": MODERN,
                META + "clientInfo": CLIENT,
                META + "clientCapabilities": {},
            }
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        requests[speed] = (_head(port, "/mcp", named), json.dumps(message))
    session = None if era == MODERN else _session(headers)
    return Target(name, port, requests, session)


def _session(headers: Mapping[str, str]) -> dict[str, Any]:
    asked = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
    return {
        "path": "/mcp",
        "headers": {**headers, "content-type": "application/json"},
        "messages": [
            {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": asked},
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
        ],
    }


def floors(ports: Mapping[str, int]) -> list[Target]:
    """What we are compared with."""
    speeds = {"fast": "fast", "slow": "slow"}
    return [
        http_target("direct", ports["upstream"], {"fast": "/fast", "slow": "/slow"}),
        http_target("FastAPI + aiohttp", ports["proxy"], {"fast": "/call/fast", "slow": "/call/slow"}),
        mcp_target("MCP SDK, 2025", ports["sdk"], LEGACY, speeds),
        mcp_target("MCP SDK, 2026", ports["sdk"], MODERN, speeds),
    ]


def products(port: int, world: World) -> list[Target]:
    """Us: both doors, both eras, both durability classes."""
    made = []
    for durability in ("spooled", "strict"):
        paths = {
            speed: f"/v1/installations/{world.installation_id}/operations/{durability}_{speed}/runs"
            for speed in ("fast", "slow")
        }
        tools = {speed: world.names[f"{durability}_{speed}"] for speed in ("fast", "slow")}
        made += [
            http_target(f"REST, {durability}", port, paths, world.key),
            mcp_target(f"MCP 2025, {durability}", port, LEGACY, tools, world.key),
            mcp_target(f"MCP 2026, {durability}", port, MODERN, tools, world.key),
        ]
    return made
