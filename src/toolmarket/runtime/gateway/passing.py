"""Resources, prompts, completion and logging of MCP upstreams, passed through as they are."""

import re
from typing import Any

import structlog

from toolmarket.kit.mcp_messages import INTERNAL_ERROR, INVALID_PARAMS, Message, RpcError, UpstreamFailed
from toolmarket.kit.mcp_pool import ROUNDS, Upstreams, settle_questions
from toolmarket.runtime.executors.mcp import endpoint_of
from toolmarket.runtime.gateway.exchange import BackChannel, Exchange
from toolmarket.runtime.gateway.ports import Core, UpstreamEntry

log = structlog.get_logger("runtime.gateway")
PAGES = 20
ANSWER_BYTES = 16_777_216
LISTED = {"ttlMs": 5_000, "cacheScope": "private"}
READ = {"ttlMs": 0, "cacheScope": "private"}
_VARIABLE = re.compile(r"\{[^}]*\}")


async def ask(upstreams: Upstreams, entry: UpstreamEntry, exchange: Exchange, params: Message) -> Message:
    """Send a client's request on to its upstream, and settle what the upstream asks meanwhile.

    Raises:
        RpcError: the upstream's own error, or that it failed.
    """
    peer = BackChannel(exchange)
    endpoint = endpoint_of(
        entry.server,
        entry.pass_through.transport,
        entry.hosts,
        entry.injection,
        ANSWER_BYTES,
        exchange.actor.org_id,
    )
    try:
        for _ in range(ROUNDS):
            result = await upstreams.call(endpoint, exchange.method, params, peer, owner=peer.owner)
            more = await settle_questions(result, peer)
            if more is None:
                return result
            params = {**params, **more}
    except UpstreamFailed as failure:
        raise RpcError(INTERNAL_ERROR, f"The MCP server behind this failed: {failure.detail}") from failure
    raise RpcError(INTERNAL_ERROR, "The MCP server behind this keeps asking.")


def matches(template: str, uri: str) -> bool:
    """Whether a URI may come from a URI template; expressions match anything."""
    parts = _VARIABLE.split(template)
    return re.fullmatch(".*".join(re.escape(part) for part in parts), uri, re.DOTALL) is not None


class Passing:
    """The methods that MCP upstreams answer."""

    def __init__(self, core: Core, upstreams: Upstreams) -> None:
        self._core, self._upstreams = core, upstreams

    async def entries(self, exchange: Exchange, capability: str) -> list[UpstreamEntry]:
        """The upstreams of the caller that offer something."""
        catalogue = await self._core.catalogue(exchange.actor, exchange.toolset)
        return [each for each in catalogue.upstreams if capability in each.pass_through.capabilities]

    async def list_resources(self, exchange: Exchange) -> Message:
        """The live lists of all upstreams; one that fails gives what it had at its import."""
        found: list[Any] = []
        for entry in await self.entries(exchange, "resources"):
            try:
                found += await self._pages(entry, exchange)
            except RpcError as error:
                log.warning("resources not listed", server=entry.server, error=error.message)
                found += entry.pass_through.resources
        return {"resources": found, **(LISTED if exchange.modern else {})}

    async def _pages(self, entry: UpstreamEntry, exchange: Exchange) -> list[Any]:
        params = {name: value for name, value in exchange.params.items() if name != "cursor"}
        found: list[Any] = []
        for _ in range(PAGES):
            page = await ask(self._upstreams, entry, exchange, params)
            found += page.get("resources") or []
            cursor = page.get("nextCursor")
            if not cursor:
                break
            params = {**params, "cursor": cursor}
        return found

    async def list_templates(self, exchange: Exchange) -> Message:
        """The templates that the installed versions hold."""
        entries = await self.entries(exchange, "resources")
        found = [each for entry in entries for each in entry.pass_through.resource_templates]
        return {"resourceTemplates": found, **(LISTED if exchange.modern else {})}

    async def list_prompts(self, exchange: Exchange) -> Message:
        """The prompts that the installed versions hold."""
        found = [
            {**prompt, "name": entry.prefix + str(prompt.get("name"))}
            for entry in await self.entries(exchange, "prompts")
            for prompt in entry.pass_through.prompts
        ]
        return {"prompts": found, **(LISTED if exchange.modern else {})}

    async def read_resource(self, exchange: Exchange) -> Message:
        """A resource of the upstream that lists it, or whose template fits, or that knows it."""
        uri = exchange.text("uri")
        entries = _ranked(await self.entries(exchange, "resources"), uri)
        failure = RpcError(INVALID_PARAMS, "Resource not found", {"uri": uri})
        for entry in entries:
            try:
                result = await ask(self._upstreams, entry, exchange, exchange.params)
            except RpcError as error:
                failure = error if len(entries) == 1 else failure
                continue
            return {**(READ if exchange.modern else {}), **result}
        raise failure

    async def get_prompt(self, exchange: Exchange) -> Message:
        """A prompt of the upstream that has it."""
        entry, name = await self._prompt(exchange, exchange.text("name"))
        return await ask(self._upstreams, entry, exchange, {**exchange.params, "name": name})

    async def _prompt(self, exchange: Exchange, name: str) -> tuple[UpstreamEntry, str]:
        for entry in await self.entries(exchange, "prompts"):
            inner = name.removeprefix(entry.prefix)
            known = any(prompt.get("name") == inner for prompt in entry.pass_through.prompts)
            if known and name.startswith(entry.prefix):
                return entry, inner
        raise RpcError(INVALID_PARAMS, f"Unknown prompt: {name}")

    async def complete(self, exchange: Exchange) -> Message:
        """Completions of a prompt's argument or a template's variable."""
        reference = exchange.params.get("ref")
        if not isinstance(reference, dict):
            raise RpcError(INVALID_PARAMS, "params.ref must be an object")
        if reference.get("type") == "ref/prompt":
            entry, name = await self._prompt(exchange, str(reference.get("name")))
            params = {**exchange.params, "ref": {**reference, "name": name}}
            return await ask(self._upstreams, entry, exchange, params)
        uri = str(reference.get("uri"))
        for entry in _ranked(await self.entries(exchange, "resources"), uri)[:1]:
            return await ask(self._upstreams, entry, exchange, exchange.params)
        raise RpcError(INVALID_PARAMS, f"Nothing here completes {uri}.")

    async def set_level(self, exchange: Exchange) -> Message:
        """Tell all upstreams of this session how much to log."""
        level = exchange.text("level")
        if exchange.session is not None:
            exchange.session.level = level
        for entry in await self.entries(exchange, "logging"):
            await ask(self._upstreams, entry, exchange, exchange.params)
        return {}

    async def subscribe(self, exchange: Exchange) -> Message:
        """Subscribe to a resource, or end that, at the upstream that has it."""
        uri = exchange.text("uri")
        for entry in _ranked(await self.entries(exchange, "resources"), uri)[:1]:
            await ask(self._upstreams, entry, exchange, exchange.params)
            return {}
        raise RpcError(INVALID_PARAMS, "Resource not found", {"uri": uri})


def _ranked(entries: list[UpstreamEntry], uri: str) -> list[UpstreamEntry]:
    """The upstreams to try, the likeliest first."""

    def rank(entry: UpstreamEntry) -> int:
        offered = entry.pass_through
        if any(resource.get("uri") == uri for resource in offered.resources):
            return 0
        templates = (str(each.get("uriTemplate", "")) for each in offered.resource_templates)
        return 1 if any(template == uri or matches(template, uri) for template in templates) else 2

    return sorted(entries, key=rank)
