"""The MCP endpoint over a core in memory, with whatever is offered to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson

from toolmarket.catalog import exports
from toolmarket.catalog.schemas import Manifest, Operation
from toolmarket.kit.actor import Actor
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.mcp_wire import EgressWire
from toolmarket.kit.problems import NotFound, Unauthorized
from toolmarket.kit.urls import EgressSettings
from toolmarket.runtime.executors.mcp import McpExecutor
from toolmarket.runtime.gateway.mcp import McpGateway
from toolmarket.runtime.gateway.ports import Catalogue, RunRequest, ToolEntry, UpstreamEntry
from toolmarket.runtime.schemas import Call, Executor, Outcome
from toolmarket.vault.schemas import Injection


def _tool(name: str, operation: Operation) -> bytes:
    return orjson.dumps(exports.mcp_tool(name, operation))


@dataclass(frozen=True)
class MemoryRan:
    id: UUID
    outcome: Outcome
    body: bytes
    content_type: str
    status: int | None
    problem: dict[str, Any] | None


class MemoryCore:
    """Actors by key and one manifest under one installation, all in memory."""

    def __init__(self, executors: Mapping[str, Executor]) -> None:
        self.executors = executors
        self.org_id = uuid4()
        self.actors = {name: self._actor(name) for name in ("test-key", "other-key")}
        self.manifests: dict[str, Manifest] = {}
        self.catalogues: dict[str, Catalogue] = {}
        self.callbacks: list[Callable[[UUID | None], None]] = []
        self.requests: list[RunRequest] = []
        self.answers: dict[str, MemoryRan | Exception] = {}

    def _actor(self, name: str) -> Actor:
        return Actor(
            principal_id=uuid4(),
            kind="key",
            org_id=self.org_id,
            user_id=uuid4(),
            role="member",
            label=name,
            verbs=frozenset({"runs:create"}),
        )

    def offer(self, manifest: Manifest, prefix: str = "") -> None:
        """Install a manifest in place of what was there under its name, and tell of it."""
        self.manifests[prefix] = manifest
        tools, upstreams = [], []
        for alias, each in self.manifests.items():
            for operation in each.operations:
                name = alias + operation.name
                tools.append(ToolEntry.of(name, self.org_id, operation, _tool(name, operation)))
            if each.mcp is not None:
                hosts = frozenset(each.egress.hosts)
                upstreams.append(
                    UpstreamEntry(self.org_id, each.mcp, each.mcp.server, hosts, Injection(), alias)
                )
        self.catalogues[""] = Catalogue.of(tools, upstreams)
        for callback in self.callbacks:
            callback(self.org_id)

    async def authenticate(self, scope: Mapping[str, Any]) -> Actor:
        header = dict(scope["headers"]).get(b"authorization", b"").decode()
        actor = self.actors.get(header.removeprefix("Bearer "))
        if actor is None:
            raise Unauthorized
        return actor

    def revoke(self, name: str) -> None:
        """Take a key away, and tell of it."""
        del self.actors[name]
        for callback in self.callbacks:
            callback(self.org_id)

    async def catalogue(self, actor: Actor, toolset: str | None) -> Catalogue:
        if toolset not in {None, "everything"}:
            raise NotFound(f"There is no toolset {toolset}.")
        return self.catalogues[""]

    async def run(self, actor: Actor, request: RunRequest) -> MemoryRan:
        self.requests.append(request)
        if (planned := self.answers.get(request.operation_name)) is not None:
            if isinstance(planned, Exception):
                raise planned
            return planned
        manifest = next(
            each
            for each in self.manifests.values()
            if any(operation.name == request.operation_name for operation in each.operations)
        )
        operation = next(each for each in manifest.operations if each.name == request.operation_name)
        call = Call(
            operation=operation,
            server=operation.implementation.server,
            hosts=frozenset(manifest.egress.hosts),
            limits=manifest.limits,
            arguments=request.arguments,
            injection=Injection(),
            deadline=asyncio.get_running_loop().time() + 30,
            client=request.back_channel,
        )
        answer = await self.executors[operation.implementation.kind].execute(call)
        problem = None
        if answer.problem_code is not None:
            problem = {"code": answer.problem_code, "detail": answer.detail}
        return MemoryRan(uuid4(), answer.outcome, answer.body, answer.content_type, answer.status, problem)

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None:
        self.callbacks.append(callback)


@asynccontextmanager
async def open_gateway(
    allow: tuple[str, ...] = (), **more: Any
) -> AsyncIterator[tuple[McpGateway, MemoryCore, Upstreams]]:
    """A gateway, its core and its upstream sessions, closed at the end."""
    egress = Egress(EgressSettings(allow=allow))
    upstreams = Upstreams(EgressWire(egress))
    core = MemoryCore({"mcp": McpExecutor(upstreams)})
    gateway = McpGateway(core, upstreams, base_url="http://127.0.0.1:8000", **more)
    try:
        yield gateway, core, upstreams
    finally:
        await gateway.close()
        await upstreams.close()
        await egress.close()
