"""A credential that a service repeats is seen by nobody, and no session is shared between organisations."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.people import People
from tests.requirements import requirement
from tests.security.stage import LOG, send_mcp
from tests.upstream import Upstream
from tests.workshop import Workshop, description, workshop_of, workshops_of

SECRET = "canary-of-the-mcp-server-7f3a"


@pytest.fixture(scope="module")
async def premises(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, Upstream]]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        yield premises


@pytest.fixture
async def workshop(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


@pytest.fixture
async def stranger(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


@requirement("3.3.b/no-secret-comes-back")
async def test_a_repeated_credential_is_seen_by_nobody_however_a_call_ends(workshop: Workshop) -> None:
    people = workshop.people
    document = description(workshop.upstream.origin)
    ok = {"responses": {"200": {"description": "ok"}}}
    document["paths"] = {
        path: {"get": {"operationId": name, **ok}}
        for name, path in (
            ("good", "/secret"),
            ("refused", "/secret/a?status=401"),
            ("again", "/secret/b?status=503"),
            ("lost", "/drop/c"),
            ("late", "/slow"),
        )
    }
    brought = await workshop.imported(document)
    wish = {"import_id": brought["id"], "name": f"{workshop.slug}/leaky"}
    draft = (await workshop.client.post("/v1/drafts", json=wish)).json()
    draft["manifest"]["limits"]["timeout_seconds"] = 0.3
    path, tag = f"/v1/drafts/{draft['id']}", {"If-Match": '"1"'}
    await workshop.client.put(path, json={"manifest": draft["manifest"]}, headers=tag)
    await workshop.client.post(f"{path}/publication", json={"version": "1.0.0"})
    canary = "canary+of/the=service 91"
    bindings = {"Key": await workshop.connection(canary, name="leaky")}
    wanted = {"tool": f"{workshop.slug}/leaky", "alias": "leaky", "bindings": bindings}
    installation = (await workshop.client.post("/v1/installations", json=wanted)).json()

    answers = [
        await workshop.call(installation["id"], name, {})
        for name in ("good", "refused", "again", "lost", "late")
    ]
    runs = (await workshop.client.get("/v1/runs")).json()["items"]
    answers += [await workshop.client.get(f"/v1/runs/{run['id']}") for run in runs]
    async with people.database.system_transaction() as session:
        kept = (
            (await session.execute(text("select runtime_details::text from runtime_details"))).scalars().all()
        )

    forms = [canary, quote(canary, safe=""), quote_plus(canary), base64.b64encode(canary.encode()).decode()]
    told = [answer.text for answer in answers] + [(people.parts.settings.data_dir / LOG).read_text()]
    assert [answer.json().get("outcome") for answer in answers[:5]] == [
        "ok",
        "upstream_error",
        "upstream_error",
        "upstream_error",
        "timeout",
    ]
    assert any(run["retries"] for run in runs)
    assert not [form for form in forms for each in told if form in each]
    assert not [form for form in forms for each in kept if form in each or form.encode().hex() in each]


async def test_an_error_of_the_database_tells_nothing_of_what_was_written(workshop: Workshop) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with workshop.people.database.system_transaction() as session:
            await session.execute(text("select 1 / length(:a) where :b = :b"), {"a": "", "b": SECRET})

    assert "division by zero" in str(raised.value)
    assert SECRET not in str(raised.value)


@asynccontextmanager
async def echoing_server() -> AsyncIterator[tuple[str, list[str]]]:
    """An MCP server of an older revision that repeats the credential wherever it can.

    Gives its origin, and the sessions that were named to it.
    """

    async def answer(request: web.Request) -> web.Response:
        sessions.append(request.headers.get("Mcp-Session-Id", ""))
        if request.method != "POST":
            return web.Response(status=405)
        message, shown = await request.json(), request.headers.get("X-Key", "none")
        tool = {"name": "say", "description": f"Says {shown}", "inputSchema": {"type": "object"}}
        results: dict[str, Any] = {
            "initialize": {
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "Echo", "version": "1"},
            },
            "tools/list": {"tools": [tool]},
            "tools/call": {"content": [{"type": "text", "text": f"Your key is {shown}."}]},
        }
        if "id" not in message:
            return web.Response(status=202)
        head = {"jsonrpc": "2.0", "id": message["id"]}
        asked = message.get("params", {}).get("arguments", {})
        if message["method"] not in results or asked.get("fail"):
            return web.json_response({**head, "error": {"code": -32601, "message": f"Not with {shown}"}})
        opened = {"Mcp-Session-Id": f"session-{len(sessions)}"} if message["method"] == "initialize" else {}
        return web.json_response({**head, "result": results[message["method"]]}, headers=opened)

    sessions: list[str] = []
    runner = web.AppRunner(app := web.Application())
    app.router.add_route("*", "/mcp", answer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", sessions
    await runner.cleanup()


async def installed_echo(workshop: Workshop, origin: str) -> str:
    """The server above, imported, published and installed with its credential."""
    wish = {
        "name": "mcp echo",
        "kind": "api_key",
        "secret": {"key": SECRET},
        "hosts": [origin.removeprefix("http://")],
    }
    connection = (await workshop.client.post("/v1/connections", json=wish)).json()["id"]
    brought = await workshop.client.post("/v1/imports", json={"kind": "mcp", "url": f"{origin}/mcp"})
    assert brought.status_code == 201, brought.text
    named = {"import_id": brought.json()["id"], "name": f"{workshop.slug}/repeats"}
    draft = (await workshop.client.post("/v1/drafts", json=named)).json()
    manifest = draft["manifest"]
    manifest["auth"]["schemes"] = {"Key": {"type": "apiKey", "location": "header", "parameter": "X-Key"}}
    for operation in manifest["operations"]:
        operation["implementation"]["security"] = [{"Key": []}]
    path = f"/v1/drafts/{draft['id']}"
    saved = await workshop.client.put(path, json={"manifest": manifest}, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    published = await workshop.client.post(f"{path}/publication", json={"version": "1.0.0"})
    assert published.status_code == 201, published.text
    wished = {"tool": f"{workshop.slug}/repeats", "alias": "rep", "bindings": {"Key": connection}}
    installed = await workshop.client.post("/v1/installations", json=wished)
    assert installed.status_code == 201, installed.text
    return str(installed.json()["id"])


@requirement("3.3.b/no-secret-comes-back")
async def test_a_credential_that_an_mcp_server_repeats_is_seen_by_nobody(workshop: Workshop) -> None:
    people = workshop.people
    async with echoing_server() as (origin, _):
        people.parts.egress.policy.open(origin)
        installation_id = await installed_echo(workshop, origin)
        answers = [
            await workshop.call(installation_id, "say", {}),
            await workshop.call(installation_id, "say", {"fail": True}),
            await send_mcp(workshop.client, "tools/call", {"name": "rep_say", "arguments": {}}),
            await send_mcp(workshop.client, "tools/call", {"name": "rep_say", "arguments": {"fail": True}}),
            await send_mcp(workshop.client, "tools/list", {}),
        ]
    runs = (await workshop.client.get("/v1/runs")).json()
    answers += [await workshop.client.get(f"/v1/runs/{run['id']}") for run in runs["items"]]
    await people.parts.recorder.drain()
    async with people.database.system_transaction() as session:
        kept = (await session.execute(text("select answer, trace from runtime_details"))).all()

    assert "Your key is [redacted]." in answers[0].text
    assert "[redacted]" in answers[3].text
    assert not [answer.text for answer in answers if SECRET in answer.text]
    assert not [row for row in kept if SECRET.encode() in row.answer or SECRET.encode() in row.trace]
    assert SECRET not in (people.parts.settings.data_dir / LOG).read_text()


@requirement("10.2.d/nothing-is-shared-between-organisations")
async def test_organisations_share_no_session_of_an_mcp_server(
    workshop: Workshop, stranger: Workshop
) -> None:
    named = []
    async with echoing_server() as (origin, sessions):
        workshop.people.parts.egress.policy.open(origin)
        for each in (workshop, stranger):
            installation_id = await installed_echo(each, origin)
            begun = len(sessions)
            assert (await each.call(installation_id, "say", {})).json()["outcome"] == "ok"
            assert (await each.call(installation_id, "say", {})).json()["outcome"] == "ok"
            named.append(set(sessions[begun:]) - {""})

    assert [len(each) for each in named] == [1, 1]
    assert named[0] != named[1]
