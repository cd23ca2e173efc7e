"""An upstream MCP server that offers what the official conformance suite asks for, in both eras.

Start it with `python -m tests.conformance.fixture`; it prints its port and serves `/mcp` on loopback. With
the argument `sse` it serves the oldest transport at `/sse` instead.
"""

import contextlib
import sys
from collections.abc import AsyncIterator

from mcp.server.lowlevel.server import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.sse import SseServerTransport
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import JSONRPCMessage
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from tests.conformance.fixture_prompts import complete, get_prompt, list_prompts
from tests.conformance.fixture_resources import (
    list_resources,
    list_templates,
    read_resource,
    subscribe,
    unsubscribe,
)
from tests.conformance.fixture_tools import BUS, call_tool, list_tools, set_level
from tests.conformance.serving import serve


class Events(EventStore):
    """Every event ever sent, so that a closed stream can be resumed."""

    def __init__(self) -> None:
        self.events: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self.events.append((stream_id, message))
        return str(len(self.events))

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        if not 0 < last <= len(self.events):
            return None
        stream = self.events[last - 1][0]
        for number, (stream_id, message) in enumerate(self.events[last:], last + 1):
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


def build_server(bus: InMemorySubscriptionBus = BUS) -> Server[dict[str, object]]:
    """The server with everything the suite names."""
    server: Server[dict[str, object]] = Server(
        "conformance-fixture",
        version="1.0.0",
        instructions="A server that answers the conformance suite.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_subscribe_resource=subscribe,
        on_unsubscribe_resource=unsubscribe,
        on_subscriptions_listen=ListenHandler(bus),
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
        on_set_logging_level=set_level,
    )
    security = RequestStateSecurity.ephemeral()
    server.middleware.append(RequestStateBoundary(security, default_audience="conformance-fixture"))
    return server


def build_app() -> Starlette:
    """The fixture as an ASGI application at `/mcp`."""
    security = TransportSecuritySettings(
        allowed_hosts=["127.0.0.1:*", "localhost:*"],
        allowed_origins=["http://127.0.0.1:*", "http://localhost:*"],
    )
    manager = StreamableHTTPSessionManager(
        build_server(), event_store=Events(), retry_interval=100, security_settings=security
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Mount("/", app=manager.asgi_app)], lifespan=lifespan)


class _Stream:
    """The stream of the oldest transport."""

    def __init__(self, transport: SseServerTransport) -> None:
        self.transport, self.server = transport, build_server()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.transport.connect_sse(scope, receive, send) as (read, write):
            await self.server.run(read, write, self.server.create_initialization_options())


def build_sse_app() -> Starlette:
    """The fixture on the transport of 2024-11-05."""
    transport = SseServerTransport("/messages/")
    messages = Mount("/messages/", app=transport.handle_post_message)
    return Starlette(routes=[Route("/sse", endpoint=_Stream(transport), methods=["GET"]), messages])


if __name__ == "__main__":
    serve(build_sse_app() if sys.argv[1:] == ["sse"] else build_app())
