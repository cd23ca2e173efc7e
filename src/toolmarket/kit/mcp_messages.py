"""What both ends of the Model Context Protocol share at the message level: names, errors, event
streams, and the headers that mirror a request.

Messages stay JSON objects, so a field that a newer revision adds is never lost.
"""

import base64
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MODERN = "2026-07-28"
LEGACY = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
CLIENT_KEY = "io.modelcontextprotocol/clientInfo"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"
LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel"
SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32600, -32601, -32602, -32603

Message = dict[str, Any]
_EVENT_TOO_LARGE = "An event of the server is larger than the limit of this call."
_SENTINEL = re.compile(r"^=\?base64\?.*\?=$")
_PRINTABLE = re.compile(r"^[\x20-\x7E]*$")
_TOKEN = re.compile(r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")
_HEADER_KEY = "x-mcp-header"
_HEADER_TYPES = ("string", "integer", "boolean")
_SCHEMAS = (
    "items",
    "contains",
    "unevaluatedItems",
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
)
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("patternProperties", "dependentSchemas", "$defs", "definitions")


class RpcError(Exception):
    """A JSON-RPC error, as it arrived or as it will be sent."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    @classmethod
    def of(cls, error: Any) -> "RpcError":
        """The error of a JSON-RPC message."""
        if not isinstance(error, dict) or not isinstance(error.get("code"), int):
            return cls(INTERNAL_ERROR, "The server answered with an error that is none.")
        return cls(error["code"], str(error.get("message", "")), error.get("data"))

    def document(self) -> Message:
        """The `error` member of a JSON-RPC message."""
        body: Message = {"code": self.code, "message": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


class UpstreamFailed(Exception):
    """The upstream server did not answer as the protocol asks.

    Args:
        detail: what happened, for a person.
        status: HTTP status, where there was one.
        challenge: the `WWW-Authenticate` header of a 401 or 403.
        problem: code of the problem that the egress raised.
    """

    def __init__(
        self, detail: str, *, status: int | None = None, challenge: str = "", problem: str = ""
    ) -> None:
        super().__init__(detail)
        self.detail, self.status, self.challenge, self.problem = detail, status, challenge, problem


class SessionLost(UpstreamFailed):
    """The upstream forgot the session; nothing of the request was done."""


@dataclass(slots=True)
class Event:
    """One event of an event stream."""

    data: str = ""
    name: str = "message"
    id: str | None = None
    retry_milliseconds: int | None = None


def _parse(lines: list[str]) -> Event:
    event, data = Event(), []
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            event.name = value
        elif field == "id":
            event.id = value
        elif field == "retry" and value.isdigit():
            event.retry_milliseconds = int(value)
    event.data = "\n".join(data)
    return event


async def read_events(chunks: AsyncIterator[bytes], *, limit_bytes: int) -> AsyncIterator[Event]:
    """Cut a `text/event-stream` into events.

    Args:
        chunks: the body as it arrives.
        limit_bytes: largest single event.

    Raises:
        UpstreamFailed: an event is larger than the limit.

    Source:
        WHATWG HTML, section 9.2.6, interpreting an event stream.
    """
    lines, size = list[str](), 0
    async for raw in _lines(chunks, limit_bytes):
        if raw:
            lines.append(raw.decode("utf-8", "replace"))
            size += len(raw)
            if size > limit_bytes:
                raise UpstreamFailed(_EVENT_TOO_LARGE)
        elif lines:
            yield _parse(lines)
            lines, size = [], 0


async def _lines(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    """The lines of a stream; CR, LF and CRLF end one, wherever the network cuts."""
    rest = b""
    async for chunk in chunks:
        rest += chunk
        if len(rest) > limit_bytes:
            raise UpstreamFailed(_EVENT_TOO_LARGE)
        held = b"\r" if rest.endswith(b"\r") else b""
        whole = rest[: len(rest) - len(held)]
        *ended, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held
        for line in ended:
            yield line
    if rest.endswith(b"\r"):
        yield rest[:-1]


def encode_header(value: str) -> str:
    """Write a value so that it survives as an HTTP header: as it is, or as `=?base64?...?=`."""
    if _PRINTABLE.fullmatch(value) and value == value.strip() and not _SENTINEL.fullmatch(value):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


def _places(root: Any) -> Iterator[tuple[tuple[str, ...] | None, dict[str, Any]]]:
    """Every schema inside a schema, with the chain of properties that leads to it, else None."""
    waiting: list[tuple[tuple[str, ...] | None, Any]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        yield path, schema
        properties = schema.get("properties")
        if isinstance(properties, dict):
            waiting += [
                ((*path, name) if path is not None else None, sub) for name, sub in properties.items()
            ]
        waiting += [(None, schema[key]) for key in _SCHEMAS if key in schema]
        for key in _LISTS:
            waiting += [(None, sub) for sub in schema.get(key, ()) or ()]
        for key in _MAPS:
            found = schema.get(key)
            waiting += [(None, sub) for sub in found.values()] if isinstance(found, dict) else []


def header_fault(schema: Any) -> str | None:
    """Why a tool's `x-mcp-header` annotations are wrong, or None; clients must refuse such a tool."""
    seen: set[str] = set()
    for path, place in _places(schema):
        if _HEADER_KEY not in place:
            continue
        name = place[_HEADER_KEY]
        if not path:
            return "x-mcp-header stands where no argument is"
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            return f"x-mcp-header of {'.'.join(path)} is no header name"
        if place.get("type") not in _HEADER_TYPES:
            return f"x-mcp-header of {'.'.join(path)} needs a string, an integer or a boolean"
        if name.lower() in seen:
            return f"x-mcp-header {name} is used twice"
        seen.add(name.lower())
    return None


def mirrored_arguments(schema: Any) -> dict[tuple[str, ...], str]:
    """Which arguments travel as `Mcp-Param-*` headers too: path of properties to header name."""
    return {
        path: place[_HEADER_KEY]
        for path, place in _places(schema)
        if path and isinstance(place.get(_HEADER_KEY), str)
    }


def argument_headers(schema: Any, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The `Mcp-Param-*` headers of one call; an argument that is absent or null has none."""
    headers = {}
    for path, name in mirrored_arguments(schema).items():
        value: Any = arguments
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, bool):
            headers[f"Mcp-Param-{name}"] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            headers[f"Mcp-Param-{name}"] = encode_header(str(value))
    return headers
