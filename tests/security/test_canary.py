"""A secret that is put in comes out nowhere but at the service that it is for."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from sqlalchemy import text
from tests.people import People
from tests.requirements import requirement
from tests.security.stage import LOG, echo, send_mcp, stage_of

CANARY = 'canary-"5f/3b+9d 2c"-4fe1a7'
PLACES: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, "api_key", {"key": CANARY}),
    "query": ({"type": "apiKey", "in": "query", "name": "key"}, "api_key", {"key": CANARY}),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "key"}, "api_key", {"key": CANARY}),
    "basic": ({"type": "http", "scheme": "basic"}, "basic", {"username": "ann", "password": CANARY}),
    "bearer": ({"type": "http", "scheme": "bearer"}, "bearer", {"token": CANARY}),
}
TABLES = """
    select relation.oid::regclass::text
    from pg_class relation join pg_namespace space on space.oid = relation.relnamespace
    where relation.relkind in ('r', 'p') and not relation.relispartition and space.nspname = 'public'
"""


def forms() -> list[str]:
    """The secret in every spelling that could be found again."""
    pair = base64.b64encode(f"ann:{CANARY}".encode()).decode()
    plain = [
        CANARY,
        pair,
        base64.b64encode(CANARY.encode()).decode(),
        quote_plus(CANARY),
        json.dumps(CANARY)[1:-1],
    ]
    return [*plain, *(form.encode().hex() for form in plain)]


def leaks(shown: str) -> list[str]:
    """The spellings that stand in a text."""
    return [form for form in forms() if form in shown]


def api(server: str) -> str:
    """An API whose operations want the credential at every place, and can fail."""
    fail = {"name": "fail", "in": "query", "schema": {"type": "string"}}
    paths = {
        f"/{name}": {
            "get": {
                "operationId": name,
                "parameters": [fail],
                "security": [{name: []}],
                "responses": {"200": {"description": "ok"}},
            }
        }
        for name in PLACES
    }
    schemes = {name: scheme for name, (scheme, _, _) in PLACES.items()}
    return json.dumps(
        {
            "openapi": "3.0.3",
            "info": {"title": "Echo", "version": "1"},
            "servers": [{"url": server}],
            "paths": paths,
            "components": {"securitySchemes": schemes},
        }
    )


class Journey:
    """Takes the secret through the product and keeps every answer that somebody saw."""

    def __init__(self, people: People, client: httpx.AsyncClient, upstream: str) -> None:
        self.people, self.client, self.upstream = people, client, upstream
        self.answers: list[str] = []
        self.run_ids: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.client.request(method, path, json=body, headers=headers)
        self.answers.append(f"{method} {path}: {dict(answer.headers)} {answer.text}")
        return answer.json()

    async def go(self) -> None:
        host = self.upstream.removeprefix("http://")
        bindings = {}
        for name, (_, kind, secret) in PLACES.items():
            made = await self.ask(
                "POST",
                "/v1/connections",
                {"name": name, "kind": kind, "secret": secret, "hosts": [host], "scope": "shared"},
            )
            bindings[name] = made["id"]
            await self.ask("PUT", f"/v1/connections/{made['id']}/secret", {"secret": secret})
            await self.ask("POST", f"/v1/connections/{made['id']}/test", {"url": f"{self.upstream}/x"})
        await self._mistakes(bindings["bearer"])
        await self._calls(await self._installed(bindings))

    async def _installed(self, bindings: dict[str, str]) -> Any:
        brought = await self.ask("POST", "/v1/imports", {"kind": "openapi", "content": api(self.upstream)})
        draft = await self.ask("POST", "/v1/drafts", {"import_id": brought["id"], "name": "acme/echo"})
        for name in PLACES:
            await self.ask(
                "POST",
                f"/v1/drafts/{draft['id']}/operations/{name}/runs",
                {"arguments": {}, "connections": {name: bindings[name]}},
            )
        await self.ask("POST", f"/v1/drafts/{draft['id']}/publication", {"version": "1.0.0"})
        return await self.ask(
            "POST", "/v1/installations", {"tool": "acme/echo", "alias": "echo", "bindings": bindings}
        )

    async def _calls(self, installed: Any) -> None:
        for operation in installed["operations"]:
            path = f"/v1/installations/{installed['id']}/operations/{operation['name']}/runs"
            for arguments in ({}, {"fail": "yes"}):
                run = await self.ask("POST", path, arguments)
                self.run_ids.append(run["id"])
            answer = await send_mcp(
                self.client, "tools/call", {"name": operation["mcp_name"], "arguments": {"fail": "yes"}}
            )
            self.answers.append(f"tools/call {operation['name']}: {answer.text}")

    async def _mistakes(self, connection_id: str) -> None:
        """Input that is refused is told without being repeated."""
        for body in (
            {"name": "x", "kind": "bearer", "secret": {"tokn": CANARY}, "hosts": ["x.test"]},
            {"name": "x", "kind": "bearer", "secret": CANARY, "hosts": ["x.test"]},
            {"name": "x", "kind": "basic", "secret": {"token": CANARY}, "hosts": ["x.test"]},
            {"name": "x", "kind": "bearer", "secret": {"token": CANARY + "\n"}, "hosts": ["x.test"]},
            {"name": "x", "kind": "bearer", "secret": {"token": [CANARY]}, "hosts": ["x.test"]},
        ):
            await self.ask("POST", "/v1/connections", body)
        await self.ask("PUT", f"/v1/connections/{connection_id}/secret", {"secret": {"key": CANARY}})
        await self.ask("POST", f"/v1/connections/{connection_id}/test", {"url": "http://elsewhere.test/"})
        await self.ask("POST", "/v1/session", {"email": "ann@acme.test", "password": CANARY})

    async def look(self) -> None:
        """Read all that the product shows of it afterwards."""
        for path in ("/v1/runs", "/v1/audit", "/v1/connections", "/v1/installations", "/v1/home"):
            await self.ask("GET", path)
        for run_id in self.run_ids:
            await self.ask("GET", f"/v1/runs/{run_id}")


@pytest.fixture
async def journey(postgres_url: str, tmp_path: Path) -> AsyncIterator[tuple[Journey, list[str]]]:
    async with (
        echo() as (upstream, seen),
        stage_of(postgres_url, tmp_path, upstream=upstream) as people,
    ):
        client = people.client(await people.key(await people.person("owner")))
        yield Journey(people, client, upstream), seen


@requirement("1.d/canary")
async def test_a_secret_appears_in_no_answer_table_log_or_file(journey, tmp_path):
    trip, seen = journey

    await trip.go()
    await trip.look()

    assert len(trip.run_ids) == 2 * len(PLACES)
    for place in PLACES:
        assert [told for told in seen if f"/{place}" in told and leaks(told)], f"{place} got no credential"
    assert [answer for answer in trip.answers if leaks(answer)] == []
    assert await _in_tables(trip.people) == {}
    log = (tmp_path / LOG).read_text()
    assert leaks(log) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if leaks(path.read_bytes().decode("latin-1"))] == []


async def _in_tables(people: People) -> dict[str, list[str]]:
    """The tables in which the secret stands, in plain or as bytes."""
    found = {}
    await people.parts.recorder.settle()
    async with people.database.system_transaction() as session:
        names = (await session.scalars(text(TABLES))).all()
    for name in names:
        async with people.database.system_transaction() as session:
            readable = await session.scalar(
                text("select has_table_privilege(:name, 'select')"), {"name": name}
            )
            if not readable:
                continue
            rows = (await session.scalars(text(f"select row_to_json(t)::text from {name} t"))).all()
            if hits := [form for row in rows for form in leaks(row)]:
                found[name] = hits
    return found


async def test_the_search_finds_what_is_there(journey):
    trip, _ = journey
    org_id = trip.people.organisations["acme"]
    async with trip.people.database.system_transaction() as session:
        await session.execute(
            text("update identity_organisations set name = :name where id = :id"),
            {"name": f"x {CANARY}", "id": org_id},
        )

    assert await _in_tables(trip.people) != {}
