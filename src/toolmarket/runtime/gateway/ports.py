"""What the gateway needs from the core, and the catalogue it is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from toolmarket.catalog.schemas import McpImplementation, McpPassThrough, Operation
from toolmarket.kit.actor import Actor
from toolmarket.runtime.schemas import Channel, ClientInfo, Outcome
from toolmarket.vault.schemas import Injection

BYTES_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """One operation as an MCP client sees it; `tool_json` is its tool object, ready to send."""

    mcp_name: str
    installation_id: UUID
    operation: Operation
    tool_json: bytes
    upstream: bool = False
    mirrors: bool = False

    @classmethod
    def of(cls, mcp_name: str, installation_id: UUID, operation: Operation, tool_json: bytes) -> "ToolEntry":
        """An entry with what the fast path wants to know of it."""
        return cls(
            mcp_name,
            installation_id,
            operation,
            tool_json,
            upstream=isinstance(operation.implementation, McpImplementation),
            mirrors=b'"x-mcp-header"' in tool_json,
        )


@dataclass(frozen=True, slots=True)
class UpstreamEntry:
    """An installed MCP server whose resources and prompts are passed through.

    `prefix` begins the names of its prompts, as it begins the names of its tools.
    """

    installation_id: UUID
    pass_through: McpPassThrough
    server: str
    hosts: frozenset[str]
    injection: Injection = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What an actor finds at one address. Make it with `of`, once per change, and keep it.

    `listing` is the `tools` array of `tools/list`, ready to send; `tokens` estimates what it costs
    a model.
    """

    tools: tuple[ToolEntry, ...]
    by_name: Mapping[str, ToolEntry]
    upstreams: tuple[UpstreamEntry, ...]
    version: object
    listing: bytes
    tokens: int

    @classmethod
    def of(
        cls, tools: Sequence[ToolEntry], upstreams: Sequence[UpstreamEntry] = (), *, version: object = 0
    ) -> "Catalogue":
        """Put a catalogue together; of two tools with one name the first stays."""
        by_name: dict[str, ToolEntry] = {}
        for entry in tools:
            by_name.setdefault(entry.mcp_name, entry)
        kept = tuple(by_name.values())
        listing = b"[" + b",".join(entry.tool_json for entry in kept) + b"]"
        return cls(kept, by_name, tuple(upstreams), version, listing, len(listing) // BYTES_A_TOKEN)


@dataclass(slots=True)
class RunRequest:
    """One call through the one path.

    `back_channel` is the MCP client to ask and tell during the call (`executors.mcp.Caller`), where
    the operation belongs to an MCP upstream.
    """

    installation_id: UUID
    operation_name: str
    arguments: dict[str, Any]
    channel: Channel = Channel.mcp
    client: ClientInfo = field(default_factory=ClientInfo)
    session_key: str | None = None
    idempotency_key: str | None = None
    back_channel: Any = None


class Ran(Protocol):
    """How a call ended; `problem` is the RFC 9457 document of every outcome but `ok`."""

    @property
    def id(self) -> UUID: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def problem(self) -> dict[str, Any] | None: ...


class Core(Protocol):
    """The core of the runtime as the gateway uses it."""

    async def authenticate(self, scope: Mapping[str, Any]) -> Actor:
        """Who sent this request.

        Raises:
            Unauthorized: nobody.
        """
        ...

    async def catalogue(self, actor: Actor, toolset: str | None) -> Catalogue:
        """What the actor finds; the same object until something changes.

        Raises:
            NotFound: there is no such toolset.
        """
        ...

    async def run(self, actor: Actor, request: RunRequest) -> Ran:
        """Make the call.

        Raises:
            Problem: it was refused before it became a run.
        """
        ...

    def subscribe(self, callback: Callable[[UUID | None], None]) -> None:
        """Call back with the organisation that changed, or None when any may have."""
        ...
