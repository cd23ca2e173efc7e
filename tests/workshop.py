"""From a description to an installed tool in a few calls, for tests that need one to call."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.people import People, Person
from tests.security.stage import stage_of
from tests.upstream import Upstream, upstream_server
from toolmarket.kit.database import announce_change


def description(origin: str, **more: Any) -> dict[str, Any]:
    """A small API: read an echo, create one, and a slow one, behind an API key."""
    parameters = [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]
    body = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}
    ok = {"200": {"description": "Fine", "content": {"application/json": {"schema": {"type": "object"}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Echo", "version": "1"},
        "servers": [{"url": origin}],
        "security": [{"Key": []}],
        "components": {"securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        "paths": {
            "/echo": {
                "get": {"operationId": "readEcho", "parameters": parameters, "responses": ok},
                "post": {"operationId": "createEcho", "requestBody": body, "responses": ok},
            },
            "/status/503": {"get": {"operationId": "failing", "responses": ok}},
            "/status/401": {"get": {"operationId": "refused", "responses": ok}},
        },
        **more,
    }


class Workshop:
    """An organisation with an owner, a client of the API, and an upstream that may be reached."""

    def __init__(self, people: People, upstream: Upstream) -> None:
        self.people, self.upstream = people, upstream
        self.slug = f"shop-{secrets.token_hex(4)}"
        self.owner: Person
        self.client: httpx.AsyncClient

    async def open(self) -> None:
        self.owner = await self.people.person("owner", slug=self.slug)
        self.client = self.people.client(await self.people.key(self.owner))

    async def imported(self, document: Any = None, **more: Any) -> dict[str, Any]:
        text = orjson.dumps(document or description(self.upstream.origin)).decode()
        answer = await self.client.post("/v1/imports", json={"kind": "openapi", "content": text, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def draft(self, slug: str = "echo", **more: Any) -> dict[str, Any]:
        brought = await self.imported()
        wish = {"import_id": brought["id"], "name": f"{self.slug}/{slug}", **more}
        answer = await self.client.post("/v1/drafts", json=wish)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def published(self, slug: str = "echo", version: str = "1.0.0") -> dict[str, Any]:
        draft = await self.draft(slug)
        answer = await self.client.post(f"/v1/drafts/{draft['id']}/publication", json={"version": version})
        assert answer.status_code == 201, answer.text
        return {**draft, **answer.json(), "draft_id": draft["id"]}

    async def connection(self, key: str = "secret-of-the-upstream", **more: Any) -> str:
        wish = {
            "name": f"echo {key}",
            "kind": "api_key",
            "secret": {"key": key},
            "hosts": [self.upstream.host],
            **more,
        }
        answer = await self.client.post("/v1/connections", json=wish)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def installed(
        self, alias: str = "echo", *, slug: str = "echo", bind: bool = True
    ) -> dict[str, Any]:
        await self.published(slug)
        bindings = {"Key": await self.connection(f"secret-of-{alias}-upstream")} if bind else {}
        wish = {"tool": f"{self.slug}/{slug}", "alias": alias, "bindings": bindings}
        answer = await self.client.post("/v1/installations", json=wish)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def call(self, installation_id: str, operation: str, arguments: Any, **more: Any) -> httpx.Response:
        path = f"/v1/installations/{installation_id}/operations/{operation}/runs"
        return await self.client.post(path, json=arguments, **more)

    async def news(self) -> None:
        """Wait until this process heard of the organisation's last change, which takes a notice at most."""
        changes, org_id = self.people.parts.changes, self.owner.actor.org_id
        heard, before = asyncio.Event(), changes.version(org_id)
        changes.subscribe(lambda changed: heard.set() if changed in {org_id, None} else None)
        async with self.people.database.transaction(org_id) as session:
            await announce_change(session, org_id)
        async with asyncio.timeout(1):
            while changes.version(org_id) == before:
                await heard.wait()

    async def run(self, run_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def workshops_of(postgres_url: str, folder: Path) -> AsyncIterator[tuple[People, Upstream]]:
    """The application and an upstream, for several workshops."""
    async with (
        upstream_server() as upstream,
        stage_of(postgres_url, folder, upstream=upstream.origin) as people,
    ):
        yield people, upstream


@asynccontextmanager
async def workshop_of(people: People, upstream: Upstream) -> AsyncIterator[Workshop]:
    """A workshop in an organisation of its own."""
    workshop = Workshop(people, upstream)
    await workshop.open()
    yield workshop
    await workshop.client.aclose()
