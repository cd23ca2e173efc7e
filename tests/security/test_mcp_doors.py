"""Attacks on the MCP endpoint: foreign names, stolen sessions, stolen state, revoked keys."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from tests.conformance.serving import served, started
from tests.mcp_core import open_gateway
from tests.mcp_world import CAPABILITIES, VERSION, McpWorld, weather_world

from toolmarket.importers.mcp import import_mcp
from toolmarket.runtime.gateway.settings import GatewaySettings

LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
CALL = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "acme_get_weather"}}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}
PING = {"jsonrpc": "2.0", "id": 4, "method": "ping"}


@pytest.fixture
async def endpoint() -> AsyncIterator[McpWorld]:
    """An endpoint that knows two keys of one organisation."""
    async with weather_world() as world:
        yield world


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example"])
async def test_a_foreign_host_name_is_not_served(endpoint: McpWorld, host: str) -> None:
    refused = await endpoint.post(LIST, {"Host": host})
    served_answer = await endpoint.modern("tools/list", {})

    assert refused.status_code == 421
    assert served_answer.status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://localhost.evil.example"])
async def test_a_page_of_another_origin_may_not_call(endpoint: McpWorld, origin: str) -> None:
    refused = await endpoint.modern("tools/list", {}, Origin=origin)
    allowed = await endpoint.modern("tools/list", {}, Origin="http://localhost:6274")

    assert refused.status_code == 403
    assert allowed.status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer wrong", "Basic dGVzdC1rZXk="])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/everything"])
async def test_a_stranger_is_told_where_to_get_a_token(endpoint: McpWorld, value: str, path: str) -> None:
    refused = await endpoint.post(LIST, {"Authorization": value}, path=path)

    challenge = refused.headers["www-authenticate"]
    assert refused.status_code == 401
    assert challenge.startswith("Bearer resource_metadata=")
    url = challenge.split('"')[1]
    async with httpx2.AsyncClient(trust_env=False) as http:
        told = await http.get(endpoint.origin + url.removeprefix("http://127.0.0.1:8000"))
    assert told.json()["resource"] == f"http://127.0.0.1:8000{path}"


@pytest.mark.parametrize("message", [LIST, CALL, PING])
async def test_a_session_belongs_to_the_credential_that_opened_it(endpoint: McpWorld, message: dict) -> None:
    _, headers = await endpoint.open_session()

    stolen = await endpoint.post(message, {**headers, "Authorization": "Bearer other-key"})
    own = await endpoint.post(message, headers)

    assert stolen.status_code == 404
    assert own.status_code == 200
    assert len(endpoint.core.requests) == (1 if message is CALL else 0)


@pytest.mark.parametrize("message", [LIST, PING])
async def test_a_session_belongs_to_its_address(endpoint: McpWorld, message: dict) -> None:
    _, headers = await endpoint.open_session()

    elsewhere = await endpoint.post(message, headers, path="/mcp/everything")

    assert elsewhere.status_code == 404


async def test_a_session_ends_when_its_client_ends_it(endpoint: McpWorld) -> None:
    _, headers = await endpoint.open_session()
    async with httpx2.AsyncClient(trust_env=False) as http:
        ended = await http.delete(f"{endpoint.origin}/mcp", headers=headers)

    after = await endpoint.post(LIST, headers)

    assert ended.status_code == 200
    assert after.status_code == 404
    assert endpoint.gateway.hub.sessions == {}


async def test_one_key_cannot_take_all_sessions() -> None:
    async with weather_world(settings=GatewaySettings(sessions_per_key=2)) as world:
        headers = [(await world.open_session())[1] for _ in range(2)]

        third = await world.post(INITIALIZE)
        modern = await world.modern("server/discover", {})
        other = await world.post(INITIALIZE, {"Authorization": "Bearer other-key"})
        own = await world.post(PING, headers[0])

    assert (third.status_code, third.json()["code"]) == (429, "too-many-requests")
    assert third.headers["retry-after"] == "60"
    assert [answer.status_code for answer in (modern, other, own)] == [200, 200, 200]


async def test_an_unknown_toolset_is_not_there(endpoint: McpWorld) -> None:
    answer = await endpoint.post(LIST, {"MCP-Protocol-Version": "2026-07-28"}, path="/mcp/secret")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


async def test_a_message_that_is_too_large_is_refused() -> None:
    async with weather_world(settings=GatewaySettings(request_bytes=2_000)) as world:
        answer = await world.post({**LIST, "params": {"cursor": "x" * 3_000}})
        fits = await world.modern("tools/list", {})

    assert answer.status_code == 413
    assert fits.status_code == 200


async def test_a_revoked_key_ends_its_open_streams_within_a_second(endpoint: McpWorld) -> None:
    _, headers = await endpoint.open_session()
    told = {"Accept": "text/event-stream", **headers}
    async with (
        httpx2.AsyncClient(timeout=10, trust_env=False) as http,
        http.stream("GET", f"{endpoint.origin}/mcp", headers=told) as stream,
    ):
        assert stream.status_code == 200
        endpoint.core.revoke("test-key")
        async with asyncio.timeout(1):
            await stream.aread()

    assert (await endpoint.post(LIST, headers)).status_code == 401


async def test_a_defect_is_logged_and_not_described(endpoint: McpWorld) -> None:
    endpoint.core.answers["get_weather"] = RuntimeError("the secret of the defect")

    answer = await endpoint.modern("tools/call", {"name": "acme_get_weather", "arguments": {}})

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert "secret" not in answer.text


async def test_a_state_is_of_no_use_to_another_key_or_for_another_call() -> None:
    async with (
        started("tests.conformance.fixture") as upstream,
        open_gateway((upstream,)) as (gateway, core, upstreams),
        served(gateway) as origin,
    ):
        core.offer((await import_mcp(upstreams, f"{upstream}/mcp")).manifest)
        world = McpWorld(gateway, core, origin)
        meta = {VERSION: "2026-07-28", CAPABILITIES: {"elicitation": {}}}
        name = "test_input_required_result_request_state"

        async def call(key: str, tool: str = name, **more: object) -> dict:
            params = {"name": tool, "arguments": {}, "_meta": meta, **more}
            headers = {
                "Authorization": f"Bearer {key}",
                "MCP-Protocol-Version": "2026-07-28",
                "Mcp-Method": "tools/call",
                "Mcp-Name": tool,
            }
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            return orjson.loads((await world.post(message, headers)).content)

        asked = (await call("test-key"))["result"]
        answers = {"confirm": {"action": "accept", "content": {"ok": True}}}
        more = {"requestState": asked["requestState"], "inputResponses": answers}
        stolen = await call("other-key", **more)
        elsewhere = await call("test-key", "test_input_required_result_tampered_state", **more)
        own = await call("test-key", **more)

    assert asked["resultType"] == "input_required"
    assert stolen["error"]["code"] == -32602
    assert elsewhere["error"]["code"] == -32602
    assert own["result"]["content"][0]["text"] == "state-ok"
