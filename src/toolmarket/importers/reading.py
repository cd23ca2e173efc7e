"""What an operation says, told alike for every version of the specification."""

from dataclasses import dataclass, field
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(slots=True)
class ReadParameter:
    """A parameter with its serialisation written out."""

    name: str
    location: str
    pointer: str
    schema: Any
    schema_pointer: str
    required: bool = False
    description: str = ""
    style: str = "simple"
    explode: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False
    content_type: str | None = None
    deprecated: bool = False
    internal: bool = False
    examples: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class ReadMedia:
    """One content type of a body, with where its schema stands."""

    content_type: str
    schema: Any
    pointer: str
    encoding: dict[str, Any] = field(default_factory=dict)
    examples: list[Any] = field(default_factory=list)
    sequential: bool = False


@dataclass(slots=True)
class ReadBody:
    """A request body in all its content types."""

    media: list[ReadMedia]
    pointer: str
    required: bool = False
    description: str = ""


@dataclass(slots=True)
class ReadResponse:
    """A response under its status, such as `200`, `2XX` or `default`."""

    status: str
    media: list[ReadMedia] = field(default_factory=list)
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ReadServer:
    """A server URL as written, with its variables."""

    url: str
    variables: dict[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(slots=True)
class ReadOperation:
    """One operation as the document has it."""

    method: str
    path: str
    pointer: str
    node: dict[str, Any]
    shared: dict[str, Any]
    parameters: list[ReadParameter] = field(default_factory=list)
    body: ReadBody | None = None
    responses: list[ReadResponse] = field(default_factory=list)
    servers: list[ReadServer] = field(default_factory=list)
    security: list[Any] | None = None


def as_dict(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def example_list(node: dict[str, Any]) -> list[Any]:
    """Examples of a parameter or media type: `example`, `examples`, and 3.2's `dataValue`."""
    found = [node["example"]] if "example" in node else []
    for entry in as_dict(node.get("examples")).values():
        if isinstance(entry, dict):
            found.extend(entry[key] for key in ("dataValue", "value") if key in entry)
    return found[:3]
