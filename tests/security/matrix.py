"""Who may do what, at every route: the expected answers, and how to make something to ask about.

Read a row as: a principal that holds all of `verbs` gets `good`; one that lacks one gets 403; one
that may not see others' things (`beyond`) gets 404, as does everybody of another organisation.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

Params = dict[str, Any]


def api(server: str) -> str:
    """A small OpenAPI document."""
    answers = {"200": {"description": "ok"}}
    listing = {"operationId": "list_orders", "summary": "List orders", "responses": answers}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": server}],
        "paths": {"/orders": {"get": listing}},
    }
    return json.dumps(document)


class Things:
    """Makes things of one organisation as its owner, each fresh."""

    def __init__(self, owner: httpx.AsyncClient, slug: str, server: str) -> None:
        self.owner = owner
        self.slug = slug
        self.server = server

    async def _made(self, method: str, path: str, body: Any) -> Any:
        answer = await self.owner.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    async def nothing(self) -> Params:
        return {}

    async def key(self) -> Params:
        return {"key_id": (await self._made("POST", "/v1/keys", {"name": "k"}))["id"]}

    async def member(self) -> Params:
        page = (await self.owner.get("/v1/members", params={"limit": 200})).json()
        return {"member_id": next(item["id"] for item in page["items"] if item["role"] == "member")}

    async def connection(self) -> Params:
        return {"connection_id": (await self._made("POST", "/v1/connections", connection()))["id"]}

    async def imported(self) -> Params:
        body = {"kind": "openapi", "content": api(self.server), "filename": "orders.json"}
        made = await self._made("POST", "/v1/imports", body)
        return {"import_id": made["id"], "name": made["operations"][0]["name"]}

    async def draft(self) -> Params:
        brought = await self.imported()
        name = f"{self.slug}/t-{uuid4().hex[:12]}"
        made = await self._made("POST", "/v1/drafts", {"import_id": brought["import_id"], "name": name})
        return {"draft_id": made["id"], "name": brought["name"], "tool": name, "manifest": made["manifest"]}

    async def deleted_draft(self) -> Params:
        draft = await self.draft()
        assert (await self.owner.delete(f"/v1/drafts/{draft['draft_id']}")).is_success
        return draft

    async def version(self) -> Params:
        draft = await self.draft()
        await self._made("POST", f"/v1/drafts/{draft['draft_id']}/publication", {"version": "1.0.0"})
        return {**draft, "namespace": self.slug, "slug": draft["tool"].split("/")[1], "version": "1.0.0"}

    async def installation(self) -> Params:
        version = await self.version()
        made = await self._made("POST", "/v1/installations", {"tool": version["tool"], "alias": alias()})
        return {**version, "installation_id": made["id"], "name": made["operations"][0]["name"]}

    async def removed_installation(self) -> Params:
        made = await self.installation()
        assert (await self.owner.delete(f"/v1/installations/{made['installation_id']}")).is_success
        return made

    async def toolset(self) -> Params:
        return {"toolset_id": (await self._made("POST", "/v1/toolsets", toolset()))["id"]}

    async def run(self) -> Params:
        made = await self.installation()
        path = f"/v1/installations/{made['installation_id']}/operations/{made['name']}/runs"
        answer = await self.owner.post(path, json={})
        # Reading runs writes down what the process still keeps in its spool.
        assert (await self.owner.get("/v1/runs")).is_success
        return {**made, "run_id": answer.json()["id"]}


def alias() -> str:
    return "a" + uuid4().hex[:12]


def toolset() -> dict[str, Any]:
    return {"name": "Agents", "slug": "s" + uuid4().hex[:12]}


def connection() -> dict[str, Any]:
    return {
        "name": uuid4().hex,
        "kind": "bearer",
        "scope": "shared",
        "secret": {"token": "t" * 20},
        "hosts": ["orders.example.com"],
    }


async def _nothing(things: Things) -> Params:
    return await things.nothing()


@dataclass(frozen=True)
class Row:
    """The expected answers of one route.

    `changes` says that a success leaves an audit event; `public` that nobody need be signed in;
    `session` that keys are not enough. `strange` is what other organisations may get besides 404.
    """

    verbs: tuple[str, ...] = ()
    make: Callable[[Things], Awaitable[Params]] = _nothing
    body: Callable[[Params], Any] | None = None
    good: frozenset[int] = frozenset({200})
    changes: bool = False
    beyond: str | None = None
    public: bool = False
    session: bool = False
    strange: frozenset[int] = frozenset()
    headers: dict[str, str] = field(default_factory=dict)


def row(*verbs: str, good: int | tuple[int, ...] = 200, **rest: Any) -> Row:
    return Row(verbs, good=frozenset((good,) if isinstance(good, int) else good), **rest)


ROUTES: dict[str, Row] = {
    # identity
    "POST /v1/session": row(public=True),
    "GET /v1/session": row(session=True),
    "DELETE /v1/session": row(public=True, good=204),
    "PUT /v1/session/organisation": row(session=True),
    "GET /v1/members": row("members:read"),
    "PATCH /v1/members/{member_id}": row(
        "members:manage", make=Things.member, body=lambda _: {"role": "member"}, changes=True
    ),
    "GET /v1/keys": row("keys:read"),
    "POST /v1/keys": row("keys:write", body=lambda _: {"name": "k"}, good=201, changes=True),
    "DELETE /v1/keys/{key_id}": row(
        "keys:write", make=Things.key, good=204, changes=True, beyond="keys:manage"
    ),
    "GET /v1/permissions": row(),
    # vault
    "GET /v1/connections": row("connections:read"),
    "POST /v1/connections": row("connections:manage", body=lambda _: connection(), good=201, changes=True),
    "PUT /v1/connections/{connection_id}/secret": row(
        "connections:write",
        "connections:manage",
        make=Things.connection,
        body=lambda _: {"secret": {"token": "n" * 20}},
        changes=True,
    ),
    "DELETE /v1/connections/{connection_id}": row(
        "connections:write", "connections:manage", make=Things.connection, good=204, changes=True
    ),
    "POST /v1/connections/{connection_id}/test": row(
        "connections:write", "connections:manage", make=Things.connection, body=lambda _: {}, changes=True
    ),
    # builder
    "POST /v1/imports": row(
        "imports:write",
        body=lambda _: {"kind": "openapi", "content": api("https://orders.example.com")},
        good=201,
        changes=True,
    ),
    "GET /v1/imports/{import_id}": row("imports:read", make=Things.imported),
    "GET /v1/imports/{import_id}/operations/{name}": row("imports:read", make=Things.imported),
    "GET /v1/drafts": row("drafts:read"),
    "POST /v1/drafts": row(
        "drafts:write",
        body=lambda _: {"name": f"acme/t-{uuid4().hex[:12]}", "title": "T"},
        good=201,
        changes=True,
    ),
    "GET /v1/drafts/{draft_id}": row("drafts:read", make=Things.draft),
    "PUT /v1/drafts/{draft_id}": row(
        "drafts:write",
        make=Things.draft,
        body=lambda made: {"manifest": made["manifest"]},
        headers={"If-Match": '"1"'},
        strange=frozenset({422}),
        changes=True,
    ),
    "DELETE /v1/drafts/{draft_id}": row("drafts:delete", make=Things.draft, good=204, changes=True),
    "POST /v1/drafts/{draft_id}/restore": row("drafts:delete", make=Things.deleted_draft, changes=True),
    "GET /v1/drafts/{draft_id}/operations/{name}/preview": row("drafts:read", make=Things.draft),
    "POST /v1/drafts/{draft_id}/operations/{name}/runs": row(
        "drafts:try", make=Things.draft, body=lambda _: {"arguments": {}}, changes=True
    ),
    # marketplace
    "GET /v1/drafts/{draft_id}/publication": row("drafts:read", make=Things.draft),
    "POST /v1/drafts/{draft_id}/publication": row(
        "tools:publish", make=Things.draft, body=lambda _: {"version": "1.0.0"}, good=201, changes=True
    ),
    "GET /v1/tools": row("tools:read"),
    "GET /v1/tools/{namespace}/{slug}": row("tools:read", make=Things.version),
    "POST /v1/tools/{namespace}/{slug}/versions/{version}/state": row(
        "tools:manage",
        make=Things.version,
        body=lambda _: {"state": "deprecated", "message": "old"},
        changes=True,
    ),
    "GET /v1/tools/{namespace}/{slug}/reviews": row("tools:read", make=Things.version),
    "PUT /v1/tools/{namespace}/{slug}/reviews/mine": row(
        "reviews:write", make=Things.run, body=lambda _: {"stars": 5}, changes=True
    ),
    # installs
    "GET /v1/installations": row("installations:read"),
    "POST /v1/installations": row(
        "installations:write",
        make=Things.version,
        body=lambda made: {"tool": made["tool"], "alias": alias()},
        good=201,
        changes=True,
    ),
    "GET /v1/installations/{installation_id}": row("installations:read", make=Things.installation),
    "PATCH /v1/installations/{installation_id}": row(
        "installations:write", make=Things.installation, body=lambda _: {"state": "paused"}, changes=True
    ),
    "DELETE /v1/installations/{installation_id}": row(
        "installations:write", make=Things.installation, good=204, changes=True
    ),
    "POST /v1/installations/{installation_id}/restore": row(
        "installations:write", make=Things.removed_installation, changes=True
    ),
    "PUT /v1/installations/{installation_id}/own-bindings": row(
        "connections:use", make=Things.installation, body=lambda _: {}, good=204, changes=True
    ),
    "GET /v1/installations/{installation_id}/exports/{form}": row(
        "installations:read", make=Things.installation
    ),
    "GET /v1/toolsets": row("toolsets:read"),
    "POST /v1/toolsets": row("toolsets:write", body=lambda _: toolset(), good=201, changes=True),
    "PATCH /v1/toolsets/{toolset_id}": row(
        "toolsets:write", make=Things.toolset, body=lambda _: {"name": "New"}, changes=True
    ),
    "DELETE /v1/toolsets/{toolset_id}": row("toolsets:write", make=Things.toolset, good=204, changes=True),
    # runtime
    "POST /v1/installations/{installation_id}/operations/{name}/runs": row(
        "runs:create", make=Things.installation, body=lambda _: {}, changes=True
    ),
    "GET /v1/runs": row("runs:read"),
    "GET /v1/runs/{run_id}": row("runs:read", make=Things.run, beyond="runs:read-all"),
    "GET /v1/connect": row("runs:read"),
    "GET /v1/limits": row("billing:read"),
    "PUT /v1/limits": row("limits:manage", body=lambda _: {"limits": []}, changes=True),
    "GET /v1/home": row("organisation:read"),
    "GET /v1/openapi.json": row(public=True),
    # events, audit
    "GET /v1/events": row("events:read"),
    "GET /v1/events/types": row("events:read"),
    "GET /v1/audit": row("audit:read"),
    "GET /v1/audit/verification": row("audit:read"),
}
# Served to everybody: pages, health, and documents about the product.
OPEN = {
    "GET /health/live",
    "GET /health/ready",
    "GET /schemas/manifest/v1",
    "GET /problems/{code}",
    "GET /{path:path}",
    "* /assets",
}
# Tools that an organisation published may be seen by others, as far as the market shows them.
SHARED: set[str] = set()
# Streams without an end: the live events have a test of their own.
ENDLESS = {"GET /v1/events"}

# MCP methods of both eras, with parameters that find nothing; all of them need `runs:create`.
MCP_VERB = "runs:create"
MCP_METHODS: dict[str, dict[str, Any]] = {
    "initialize": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
    "ping": {},
    "server/discover": {},
    "tools/list": {},
    "tools/call": {"name": "nothing_here", "arguments": {}},
    "resources/list": {},
    "resources/templates/list": {},
    "resources/read": {"uri": "test://nothing"},
    "resources/subscribe": {"uri": "test://nothing"},
    "resources/unsubscribe": {"uri": "test://nothing"},
    "prompts/list": {},
    "prompts/get": {"name": "nothing"},
    "completion/complete": {
        "ref": {"type": "ref/prompt", "name": "nothing"},
        "argument": {"name": "a", "value": "b"},
    },
    "logging/setLevel": {"level": "info"},
    "subscriptions/listen": {"notifications": {}},
}
