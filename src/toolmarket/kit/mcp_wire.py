"""The MCP client's wire over the guarded egress."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_messages import UpstreamFailed
from toolmarket.kit.mcp_peers import Endpoint, Reply
from toolmarket.kit.problems import Problem
from toolmarket.kit.upstream import Request

# Calls are bounded by their own deadline around the wire; a server's stream may stay open for days.
_STREAM_SECONDS = 30 * 86_400
_STREAM_BYTES = 1 << 40


class EgressWire:
    """Sends each message as one request through `Egress.stream`."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    @asynccontextmanager
    async def send(
        self, method: str, endpoint: Endpoint, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[Reply]:
        """One request; problems of the egress come as `UpstreamFailed`."""
        request = Request(
            method,
            endpoint.url,
            asyncio.get_running_loop().time() + _STREAM_SECONDS,
            headers=headers,
            body=body or b"",
            hosts=endpoint.hosts or None,
            response_bytes=_STREAM_BYTES,
        )
        try:
            async with self._egress.stream(request) as reply:
                yield reply
        except Problem as problem:
            raise UpstreamFailed(problem.detail, problem=problem.code) from problem
