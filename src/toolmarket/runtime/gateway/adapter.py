"""The core behind the MCP endpoint: who asks, what they find, and the one path of a call."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.catalog import service as catalog
from toolmarket.identity import service as identity
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.kit.problems import Unauthorized
from toolmarket.runtime.gateway.ports import Catalogue, RunRequest, ToolEntry, UpstreamEntry
from toolmarket.runtime.rendering import problem_of
from toolmarket.runtime.schemas import Outcome, Request
from toolmarket.runtime.service import Runtime
from toolmarket.vault import service as vault

MOST_CATALOGUES = 2_000


@dataclass(slots=True)
class Ran:
    """How a call ended."""

    id: UUID
    outcome: Outcome
    body: bytes = field(repr=False)
    content_type: str
    status: int | None
    problem: dict[str, Any] | None


class GatewayCore:
    """The runtime as the MCP endpoint sees it."""

    def __init__(
        self, runtime: Runtime, authenticator: identity.Authenticator, keyring: vault.KeyRing
    ) -> None:
        self._runtime = runtime
        self._authenticator = authenticator
        self._keyring = keyring
        self._catalogues: dict[tuple[UUID, UUID, str | None], tuple[object, Catalogue]] = {}

    async def authenticate(self, scope: Mapping[str, Any]) -> Actor:
        """Who sent this request; a cookie does not count here, so that no page can call for a person.

        Raises:
            Unauthorized: nobody, or not by a key.
            Forbidden: a key that may not call; resources and prompts of upstreams are calls as well.
        """
        client = scope.get("client") or ("",)
        actor = await self._authenticator.authenticate(scope["headers"], client_address=str(client[0]))
        if actor is None or actor.session_id is not None:
            raise Unauthorized
        actor.require("runs:create")
        return actor

    async def catalogue(self, actor: Actor, toolset: str | None) -> Catalogue:
        """What the actor finds at an address; the same object until something changes.

        Raises:
            ToolsetNotFound: there is no such toolset.
        """
        key = (actor.org_id, actor.user_id, toolset)
        version = self._authenticator.changes.version(actor.org_id)
        known = self._catalogues.get(key)
        if known is not None and known[0] == version:
            return known[1]
        async with self._runtime.database.transaction(actor.org_id) as session:
            made = await self._make(session, actor, toolset, version)
        if len(self._catalogues) >= MOST_CATALOGUES:
            self._catalogues.clear()
        self._catalogues[key] = (version, made)
        return made

    async def run(self, actor: Actor, request: RunRequest) -> Ran:
        """Make the call."""
        result = await self._runtime.run(
            actor,
            request.installation_id,
            request.operation_name,
            Request(
                arguments=request.arguments,
                channel=request.channel,
                client=request.client,
                session_key=request.session_key,
                idempotency_key=request.idempotency_key,
                back_channel=request.back_channel,
            ),
        )
        problem = problem_of(result)
        if problem is not None and result.refused is not None:
            problem = {**result.refused.document(), "run_id": str(result.id)}
        return Ran(result.id, result.outcome, result.body, result.content_type, result.status, problem)

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None:
        """Call back with the organisation that changed, or None when any may have."""
        self._authenticator.changes.subscribe(callback)

    async def _make(
        self, session: AsyncSession, actor: Actor, toolset: str | None, version: object
    ) -> Catalogue:
        offers = await installs.offers(session, self._keyring, actor, toolset)
        names = Counter(operation.name for offer in offers for operation in offer.operations)
        tools, upstreams = [], []
        for offer in offers:
            for operation in offer.operations:
                bare = not offer.prefix and names[operation.name] == 1
                name = operation.name if bare else installs.mcp_name(offer.alias, operation.name)
                tool = orjson.dumps(catalog.exports.mcp_tool(name, operation))
                tools.append(ToolEntry.of(name, offer.installation_id, operation, tool))
            if offer.pass_through is not None:
                upstreams.append(
                    UpstreamEntry(
                        installation_id=offer.installation_id,
                        pass_through=offer.pass_through,
                        server=offer.server,
                        hosts=offer.hosts,
                        injection=offer.injection,
                        prefix=f"{offer.alias}_" if offer.prefix else "",
                    )
                )
        return Catalogue.of(tools, upstreams, version=version)
