"""The MCP endpoint with the SDK's own client, in both eras, over a core in memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import mcp_types as types
import pytest
from tests.conformance.serving import served, started
from tests.mcp_core import open_gateway
from tests.mcp_world import McpWorld, plain, ran, weather, weather_world

from toolmarket.importers.mcp import import_mcp
from toolmarket.kit.problems import TooManyRequests
from toolmarket.runtime.schemas import Outcome

MODES = ("auto", "legacy", "2026-07-28")


@pytest.fixture
async def world() -> AsyncIterator[McpWorld]:
    """A gateway that offers the weather, which is answered from memory."""
    async with weather_world() as world:
        yield world


@pytest.fixture(scope="module")
async def upstream() -> AsyncIterator[str]:
    async with started("tests.conformance.fixture") as origin:
        yield origin


@pytest.fixture
async def passing(upstream: str) -> AsyncIterator[McpWorld]:
    """A gateway with an MCP upstream behind it."""
    async with open_gateway((upstream,)) as (gateway, core, upstreams), served(gateway) as origin:
        core.offer((await import_mcp(upstreams, f"{upstream}/mcp")).manifest)
        yield McpWorld(gateway, core, origin)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", ["/mcp", "/mcp/everything"])
async def test_the_sdk_client_lists_and_calls_in_every_mode(world: McpWorld, mode: str, path: str) -> None:
    async with world.client(mode, path=path) as client:
        listed = await client.list_tools()
        result = await client.call_tool("acme_get_weather", {"place": "Bern"})

    assert [tool.name for tool in listed.tools] == ["acme_get_weather"]
    assert listed.tools[0].annotations.destructive_hint is True
    assert result.structured_content == {"degrees": 21}
    assert not result.is_error
    assert world.core.requests[-1].arguments == {"place": "Bern"}


@pytest.mark.parametrize("mode", MODES)
async def test_a_failed_call_is_a_result_that_tells_what_to_do(world: McpWorld, mode: str) -> None:
    problem = {"code": "denied", "detail": "Weekends are closed."}
    world.core.answers["get_weather"] = ran(b"", outcome=Outcome.denied, problem=problem)

    async with world.client(mode) as client:
        result = await client.call_tool("acme_get_weather", {})

    assert result.is_error
    assert "Weekends are closed." in result.content[0].text
    assert "administrator" in result.content[0].text


async def test_a_refusal_before_the_run_is_a_result_too(world: McpWorld) -> None:
    world.core.answers["get_weather"] = TooManyRequests("Wait a minute.")

    answer = await world.modern("tools/call", {"name": "acme_get_weather", "arguments": {}})

    result = answer.json()["result"]
    assert result["isError"] is True
    assert result["_meta"]["toolmarket/problem"]["code"] == "too-many-requests"


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"[1,2]", "application/json", {"structuredContent": {"value": [1, 2]}}),
        (b"", "application/json", {"content": [], "structuredContent": {}}),
        (b"hello", "text/plain", {"content": [{"type": "text", "text": "hello"}]}),
        (b"{broken", "application/json", {"content": [{"type": "text", "text": "{broken"}]}),
        (b"\x89P", "image/png", {"content": [{"type": "image", "data": "iVA=", "mimeType": "image/png"}]}),
    ],
)
async def test_every_kind_of_answer_has_its_form(
    world: McpWorld, body: bytes, kind: str, expected: dict[str, Any]
) -> None:
    world.core.answers["get_weather"] = ran(body, content_type=kind)

    answer = await world.modern("tools/call", {"name": "acme_get_weather", "arguments": {}})

    result = answer.json()["result"]
    assert {name: result[name] for name in expected} == expected


async def test_an_unknown_tool_is_a_protocol_error(world: McpWorld) -> None:
    answer = await world.modern("tools/call", {"name": "nothing", "arguments": {}})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Mcp_Name": "other"}, -32020),
        ({"Mcp_Method": "tools/list"}, -32020),
        ({"MCP_Protocol_Version": "2027-01-01"}, -32020),
    ],
)
async def test_headers_that_contradict_the_body_are_refused(
    world: McpWorld, headers: dict[str, str], code: int
) -> None:
    answer = await world.modern("tools/call", {"name": "acme_get_weather", "arguments": {}}, **headers)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert world.core.requests == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"jsonrpc":"2.0"}', b"[" * 100_000])
async def test_malformed_messages_are_refused(world: McpWorld, body: bytes) -> None:
    session_id, headers = await world.open_session()

    answers = [
        await world.post(body, headers),
        await world.post(body, {"MCP-Protocol-Version": "2026-07-28"}),
    ]

    assert session_id
    assert all(400 <= answer.status_code < 500 or answer.status_code == 202 for answer in answers)


async def test_the_idempotency_key_reaches_the_core(world: McpWorld) -> None:
    await world.modern("tools/call", {"name": "acme_get_weather", "arguments": {}}, Idempotency_Key="once")

    assert world.core.requests[-1].idempotency_key == "once"


@pytest.mark.parametrize("key", ["x" * 201, "two words"])
async def test_a_malformed_idempotency_key_is_refused_before_the_call(world: McpWorld, key: str) -> None:
    asked = {"name": "acme_get_weather", "arguments": {}}

    answer = await world.modern("tools/call", asked, Idempotency_Key=key)

    assert answer.status_code == 400
    assert "idempotency key" in answer.json()["error"]["message"]
    assert world.core.requests == []


async def test_the_answers_of_a_second_round_are_another_call_under_the_same_key(world: McpWorld) -> None:
    asked = {"name": "acme_get_weather", "arguments": {}}

    await world.modern("tools/call", asked, Idempotency_Key="once")
    for _ in range(2):
        await world.modern("tools/call", {**asked, "inputResponses": {"a": {}}}, Idempotency_Key="once")

    keys = [request.idempotency_key for request in world.core.requests]
    assert keys[0] == "once"
    assert keys[1] == keys[2] != "once"


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_large_catalogue_is_searched_and_called(world: McpWorld, mode: str) -> None:
    names = [f"make_thing_{number}" for number in range(70)]
    world.core.offer(weather(plain("send_invoice"), *(plain(name) for name in names)), "acme_")
    world.core.answers["send_invoice"] = ran(b'{"sent":true}')

    async with world.client(mode) as client:
        listed = await client.list_tools()
        found = await client.call_tool("search_tools", {"query": "please send an invoice"})
        called = await client.call_tool("call_tool", {"name": "acme_send_invoice", "arguments": {}})

    assert [tool.name for tool in listed.tools[:2]] == ["search_tools", "call_tool"]
    assert "tokens" in listed.tools[0].description
    assert found.structured_content["tools"][0]["name"] == "acme_send_invoice"
    assert called.structured_content == {"sent": True}


async def test_a_client_may_ask_for_the_search_alone(world: McpWorld) -> None:
    async with world.client(path="/mcp?tools=search") as client:
        listed = await client.list_tools()

    assert [tool.name for tool in listed.tools] == ["search_tools", "call_tool"]


async def test_a_session_hears_when_tools_change_and_only_then(world: McpWorld) -> None:
    heard: list[str] = []
    changed = asyncio.Event()

    async def hear(message: Any) -> None:
        heard.append(type(message).__name__)
        changed.set()

    async with world.client("legacy", message_handler=hear) as client:
        await client.list_tools()
        world.core.offer(weather(), "acme_")
        world.core.offer(weather(plain(), plain("get_tides")), "acme_")
        await asyncio.wait_for(changed.wait(), 10)
        listed = await client.list_tools()

    assert heard == ["ToolListChangedNotification"]
    assert len(listed.tools) == 2


async def test_resources_and_prompts_pass_through_in_both_eras(passing: McpWorld) -> None:
    for mode in ("legacy", "2026-07-28"):
        async with passing.client(mode) as client:
            resources = await client.list_resources()
            text = await client.read_resource("test://static-text")
            prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            reference = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
            completed = await client.complete(reference, {"name": "arg1", "value": "par"})

        assert len(resources.resources) == 3
        assert text.contents[0].text.startswith("This is the content")
        assert "arg1='a'" in prompt.messages[0].content.text
        assert completed.completion.values == ["paris", "park", "party"]


async def test_questions_of_the_upstream_reach_the_client_in_both_eras(passing: McpWorld) -> None:
    async def answer(context: Any, params: Any) -> types.ElicitResult:
        return types.ElicitResult(
            action="accept", content={"name": "Ada", "username": "ada", "email": "a@b.c"}
        )

    async with passing.client("legacy", elicitation_callback=answer) as client:
        older = await client.call_tool("test_elicitation", {"message": "Who?"})
    async with passing.client("2026-07-28", elicitation_callback=answer) as client:
        newer = await client.call_tool("test_input_required_result_elicitation", {})

    assert "action=accept" in older.content[0].text
    assert newer.content[0].text == "Hello, Ada!"


async def test_progress_of_the_upstream_reaches_the_caller(passing: McpWorld) -> None:
    seen: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        seen.append(done)

    for mode in ("legacy", "2026-07-28"):
        seen.clear()
        async with passing.client(mode) as client:
            await client.call_tool("test_tool_with_progress", {}, progress_callback=progress)
        assert seen == [0, 50, 100]


async def test_a_lost_upstream_session_is_opened_again(passing: McpWorld, upstream: str) -> None:
    async with passing.client("legacy") as client:
        await client.call_tool("test_simple_text", {})
        kept = passing.gateway.handlers.passing._upstreams
        for entry in kept._kept.values():
            await entry.session.close()
        again = await client.call_tool("test_simple_text", {})

    assert upstream
    assert not again.is_error
