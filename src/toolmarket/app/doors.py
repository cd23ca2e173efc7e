"""The call doors: REST and MCP calls, answered ahead of any framework."""

from typing import Any

from toolmarket.composition.parts import Parts
from toolmarket.runtime.gateway.adapter import GatewayCore
from toolmarket.runtime.gateway.mcp import McpGateway
from toolmarket.runtime.gateway.rest import RestDoor


class CallDoors:
    """Both doors of one process."""

    def __init__(self, parts: Parts) -> None:
        base_url = parts.settings.base_url
        self._rest = RestDoor(parts.runtime, parts.authenticator, base_url)
        self._mcp = McpGateway(
            GatewayCore(parts.runtime, parts.authenticator, parts.keyring),
            parts.upstreams,
            base_url=base_url,
            search_threshold=parts.runtime.settings.search_threshold,
        )

    async def take(self, scope: Any, receive: Any, send: Any) -> bool:
        """Answer a call; False where the request is none."""
        if scope["type"] != "http":
            return False
        match = self._rest.match(scope)
        if match is not None:
            await self._rest(scope, receive, send, match)
            return True
        if self._mcp.matches(scope["path"]):
            await self._mcp(scope, receive, send)
            return True
        return False

    async def close(self) -> None:
        """End sessions and wait for runs that nobody waits for."""
        await self._rest.drain()
        await self._mcp.close()
