"""What each method of the protocol does here, on messages as JSON objects."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from toolmarket.kit.json_text import MOST_LEVELS, too_deep
from toolmarket.kit.mcp_messages import (
    INVALID_PARAMS,
    LEGACY,
    METHOD_NOT_FOUND,
    MODERN,
    Message,
    RpcError,
)
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.problems import NotFound, Problem
from toolmarket.runtime.gateway import results, search
from toolmarket.runtime.gateway.exchange import FORWARDED, BackChannel, Exchange
from toolmarket.runtime.gateway.listening import Listening
from toolmarket.runtime.gateway.passing import Passing
from toolmarket.runtime.gateway.ports import Catalogue, Core, RunRequest, ToolEntry
from toolmarket.runtime.gateway.sessions import Hub

Handler = Callable[[Exchange], Awaitable[Message]]
CACHED = {"ttlMs": 5_000, "cacheScope": "private"}
IDEMPOTENCY_KEY = "toolmarket/idempotency-key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Handlers:
    """The methods of both eras.

    Args:
        search_threshold: above so many tools, `search_tools` and `call_tool` are offered besides.
    """

    def __init__(self, core: Core, upstreams: Upstreams, hub: Hub, *, search_threshold: int) -> None:
        self._core = core
        self._threshold = search_threshold
        self.passing = Passing(core, upstreams)
        self._listening = Listening(core, upstreams, hub)
        both: dict[str, Handler] = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "resources/list": self.passing.list_resources,
            "resources/templates/list": self.passing.list_templates,
            "resources/read": self.passing.read_resource,
            "prompts/list": self.passing.list_prompts,
            "prompts/get": self.passing.get_prompt,
            "completion/complete": self.passing.complete,
        }
        self._modern: dict[str, Handler] = {
            **both,
            "server/discover": self._discover,
            "subscriptions/listen": self._listening.listen,
        }
        self._legacy: dict[str, Handler] = {
            **both,
            "initialize": self._initialize,
            "ping": _pong,
            "logging/setLevel": self.passing.set_level,
            "resources/subscribe": self.passing.subscribe,
            "resources/unsubscribe": self.passing.subscribe,
        }

    async def handle(self, exchange: Exchange) -> Message:
        """The result of a request.

        Raises:
            RpcError: it is refused, here or by an upstream.
        """
        methods = self._modern if exchange.modern else self._legacy
        handler = methods.get(exchange.method)
        if handler is None:
            raise RpcError(METHOD_NOT_FOUND, f"There is no method {exchange.method} here.")
        try:
            return results.complete(await handler(exchange), modern=exchange.modern)
        except Problem as problem:
            raise RpcError(INVALID_PARAMS, problem.detail, problem.document()) from problem

    async def _initialize(self, exchange: Exchange) -> Message:
        wanted = exchange.params.get("protocolVersion")
        told = await self._told(exchange)
        version = wanted if wanted in LEGACY else LEGACY[0]
        return {"protocolVersion": version, "serverInfo": results.SERVER_INFO, **told}

    async def _discover(self, exchange: Exchange) -> Message:
        return {"supportedVersions": [MODERN], **await self._told(exchange), **CACHED}

    async def _told(self, exchange: Exchange) -> Message:
        catalogue = await self._core.catalogue(exchange.actor, exchange.toolset)
        return {
            "capabilities": capabilities(catalogue, modern=exchange.modern),
            "instructions": instructions(catalogue, self._threshold),
        }

    def listing(self, catalogue: Catalogue, *, search_only: bool = False) -> bytes:
        """The `tools` array for a client, ready to send."""
        offers_search = search_only or len(catalogue.tools) > self._threshold
        if not offers_search or not catalogue.tools:
            return catalogue.listing
        two = search.search_tool(catalogue) + b"," + search.call_tool()
        return b"[" + two + (b"]" if search_only else b"," + catalogue.listing[1:])

    async def _list_tools(self, exchange: Exchange) -> Message:
        catalogue = await self._core.catalogue(exchange.actor, exchange.toolset)
        listing = self.listing(catalogue, search_only=exchange.search_only)
        return {"tools": orjson.loads(listing), **(CACHED if exchange.modern else {})}

    async def _call_tool(self, exchange: Exchange) -> Message:
        catalogue = await self._core.catalogue(exchange.actor, exchange.toolset)
        name, arguments = asked_tool(exchange.params)
        entry = catalogue.by_name.get(name)
        if entry is None and name == search.SEARCH:
            return search.found(catalogue, arguments)
        if entry is None and name == search.CALL:
            name, arguments = asked_tool(arguments)
            entry = catalogue.by_name.get(name)
        if entry is None:
            raise unknown_tool(name)
        result: Message = orjson.loads(await self.run(exchange, entry, arguments))
        return result

    async def run(self, exchange: Exchange, entry: ToolEntry, arguments: Message) -> bytes:
        """Make a call, and give its result as bytes.

        Raises:
            RpcError: an MCP upstream answered with a protocol error.
        """
        if too_deep(arguments):
            raise RpcError(INVALID_PARAMS, f"Arguments may be nested {MOST_LEVELS} levels deep.")
        try:
            ran = await self._core.run(exchange.actor, _request(exchange, entry, arguments))
        except NotFound as problem:
            raise unknown_tool(entry.mcp_name) from problem
        except Problem as problem:
            return results.refused(problem, modern=exchange.modern)
        return results.tool_result(ran, modern=exchange.modern)


def _request(exchange: Exchange, entry: ToolEntry, arguments: Message) -> RunRequest:
    return RunRequest(
        installation_id=entry.installation_id,
        operation_name=entry.operation.name,
        arguments=arguments,
        client=exchange.client,
        session_key=exchange.session_key,
        idempotency_key=_round_key(exchange),
        back_channel=BackChannel(exchange) if entry.upstream else None,
    )


def _round_key(exchange: Exchange) -> str | None:
    """The idempotency key of this round: a call that goes on with answers is not the call that asked.

    Raises:
        RpcError: the key is malformed.
    """
    key = exchange.idempotency_key or exchange.meta.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise RpcError(INVALID_PARAMS, "An idempotency key has 1 to 200 visible ASCII characters.")
    answers = {name: exchange.params[name] for name in FORWARDED if name in exchange.params}
    if not answers:
        return key
    digest = hashlib.sha256(orjson.dumps(answers, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{key}:{digest[:32]}"


async def _pong(exchange: Exchange) -> Message:
    del exchange
    return {}


def asked_tool(params: Message) -> tuple[str, Message]:
    """Name and arguments of a call.

    Raises:
        RpcError: they are malformed.
    """
    name, arguments = params.get("name"), params.get("arguments")
    if not isinstance(name, str):
        raise RpcError(INVALID_PARAMS, "params.name must be a string")
    if arguments is not None and not isinstance(arguments, dict):
        raise RpcError(INVALID_PARAMS, "params.arguments must be an object")
    return name, arguments or {}


def unknown_tool(name: str) -> RpcError:
    """The error for a tool that the caller does not have."""
    return RpcError(INVALID_PARAMS, f"Unknown tool: {name}")


def capabilities(catalogue: Catalogue, *, modern: bool) -> dict[str, Any]:
    """What is offered here: tools always, the rest where an upstream has it."""
    offered: dict[str, Any] = {"tools": {"listChanged": True}}
    upstream = [entry.pass_through.capabilities for entry in catalogue.upstreams]
    if any("resources" in each for each in upstream):
        offered["resources"] = {"listChanged": True, "subscribe": True}
    if any("prompts" in each for each in upstream):
        offered["prompts"] = {"listChanged": True}
    if any("completions" in each for each in upstream):
        offered["completions"] = {}
    if not modern and any("logging" in each for each in upstream):
        offered["logging"] = {}
    return offered


def instructions(catalogue: Catalogue, threshold: int) -> str:
    """What a model is told about this server as a whole."""
    text = (
        f"{len(catalogue.tools)} tools of your organisation. Every call runs with the organisation's "
        "credentials, under its policy, and is recorded."
    )
    if len(catalogue.tools) > threshold:
        text += f" Find the right one with {search.SEARCH} instead of reading the whole list."
    return text
