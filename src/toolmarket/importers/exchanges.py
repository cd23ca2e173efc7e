"""Requests that somebody recorded or wrote down, told alike wherever they come from."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from toolmarket.importers import bodies

_MOST_PAIRS = 500
_AUTHORITY = re.compile(r"^(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([^/?#]*)")
_UNREADABLE = object()


@dataclass(slots=True)
class Part:
    """One field of a form; a file has no value."""

    name: str
    value: str = ""
    file: bool = False
    content_type: str | None = None
    description: str = ""


@dataclass(slots=True)
class Content:
    """A body: fields of a form, or text, or bytes that are not looked into."""

    content_type: str
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    binary: bool = False

    @property
    def family(self) -> str:
        """json, form, multipart, text, xml or binary."""
        if self.binary:
            return "binary"
        return bodies.family(self.content_type)

    def json(self) -> Any:
        """The JSON value; `None` also where it is none."""
        value = _json(self.text)
        return None if value is _UNREADABLE else value

    def is_json(self) -> bool:
        """Whether the text is a JSON value of bounded depth."""
        return self.family == "json" and _json(self.text) is not _UNREADABLE


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    content: Content | None = None


@dataclass(slots=True)
class Exchange:
    """One request with what came back.

    `base` is scheme, host and port; `segments` are the path's, percent-decoded. `told` maps (location,
    name) to a description, `variables` the names of path places to their values.
    """

    method: str
    base: str
    segments: list[str]
    pointer: str = ""
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)
    content: Content | None = None
    answers: list[Answer] = field(default_factory=list)
    title: str = ""
    description: str = ""
    tags: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    schemes: list[str] = field(default_factory=list)
    user: str | None = None


def exchange_of(method: str, url: str, pointer: str = "") -> Exchange:
    """An exchange with the parts of a URL; userinfo in it is kept apart as `user`.

    Raises:
        ValueError: there is no host.
    """
    whole = url.strip() if "://" in url[:40] or url.startswith("{{") else f"https://{url.strip()}"
    match = _AUTHORITY.match(whole)
    authority = match[2] if match else whole.split("/", 1)[0].split("?", 1)[0]
    scheme = (match[1] or "https").lower() if match else ""
    if not authority or (scheme and scheme not in {"http", "https", "ws", "wss"}):
        raise ValueError("it has no http or https address")
    rest = whole[match.end() if match else len(authority) :]
    user, at, host = authority.rpartition("@")
    path, _, query = rest.split("#", 1)[0].partition("?")
    return Exchange(
        method=method.upper(),
        base=f"{scheme}://{host}" if scheme else host,
        segments=[unquote(segment) for segment in path.split("/")[1:]] if path else [],
        pointer=pointer,
        query=pairs_of(query),
        user=unquote(user) if at else None,
    )


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or of a form."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PAIRS)
    except ValueError:
        return []


def cookies_of(header: str) -> list[tuple[str, str]]:
    """The cookies of a `Cookie` header."""
    pairs = (item.strip().partition("=") for item in header.split(";"))
    return [(name, value) for name, _, value in pairs if name]


def host_of(base: str) -> str:
    """The host of a base address, in lower case."""
    return (urlsplit(base).netloc or base).lower()


def header(headers: list[tuple[str, str]], name: str) -> str:
    """The value of a header, or nothing."""
    return next((value for key, value in headers if key.casefold() == name), "")


def _json(text: str) -> Any:
    try:
        value = json.loads(text, parse_int=_whole, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return _UNREADABLE
    return value if _depth_is_sane(value) else _UNREADABLE


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)


def _depth_is_sane(root: Any, deepest: int = 60) -> bool:
    level = [root]
    for _ in range(deepest):
        level = [
            member
            for node in level
            if isinstance(node, dict | list)
            for member in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return True
    return False
