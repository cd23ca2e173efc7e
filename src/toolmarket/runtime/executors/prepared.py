"""An operation made ready: what its calls share is worked out once, so that one call does little.

An argument can fill a place and nothing more: it never changes the host, the level of the path, the
name of another parameter, or a header that the client owns.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from toolmarket.catalog.schemas import HttpImplementation, Operation, Parameter
from toolmarket.kit.compression import ACCEPTED
from toolmarket.kit.upstream import USER_AGENT
from toolmarket.runtime.executors.bodies import MISSING, body_value, encode_body
from toolmarket.runtime.executors.serialise import (
    Unserialisable,
    checked_header,
    cookie_pairs,
    header_text,
    path_text,
    percent,
    query_pairs,
    query_string,
)
from toolmarket.runtime.schemas import Call
from toolmarket.vault.schemas import Injection

# The client owns these; OpenAPI itself ignores parameters named accept, content-type, authorization.
_OWNED_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_PLACE = re.compile(r"\{([^{}]+)\}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DOT_SEGMENT = re.compile(r"(?:^|[/\\])\.{1,2}(?:$|[/\\])")
_DOT_IN_PATH = re.compile(r"/(?:\.|%2[eE]){1,2}(?:[/;]|$)")
_LITERAL = "/%:@!$&'()*+,;=~"

Encoder = Callable[[Parameter, Any], list[str]]


@dataclass(slots=True)
class Outgoing:
    """A request without its credential: what the trace shows."""

    method: str
    url: str
    query: list[str]
    headers: dict[str, str]
    cookies: list[str]
    body: bytes = b""

    def full_url(self) -> str:
        """The URL with its query."""
        return f"{self.url}?{'&'.join(self.query)}" if self.query else self.url

    def shown_headers(self) -> dict[str, str]:
        """The headers with the cookies that arguments set."""
        return {**self.headers, "Cookie": "; ".join(self.cookies)} if self.cookies else self.headers

    def at(self, url: str) -> "Outgoing":
        """The same request to another URL, as the link to a further page gives it."""
        base, _, query = url.partition("#")[0].partition("?")
        return replace(self, url=base, query=[pair for pair in query.split("&") if pair])

    def with_credential(self, injection: Injection) -> tuple[str, dict[str, str]]:
        """The URL and headers that leave; the credential takes the place of arguments of its names."""
        headers = self.shown_headers()
        if injection.headers or injection.cookies:
            headers = _merge(headers, injection.headers)
        if injection.cookies:
            kept = _without(self.cookies, injection.cookies)
            pairs = [*kept, *(f"{name}={value}" for name, value in injection.cookies.items())]
            headers["Cookie"] = checked_header("Cookie", "; ".join(pairs))
        if not injection.query:
            return self.full_url(), headers
        names = {percent(name): percent(value) for name, value in injection.query.items()}
        pairs = [*_without(self.query, names), *(f"{name}={value}" for name, value in names.items())]
        return f"{self.url}?{'&'.join(pairs)}", headers


def _merge(headers: dict[str, str], injected: Mapping[str, str]) -> dict[str, str]:
    merged = {name: checked_header(name, value) for name, value in injected.items()}
    names = {name.lower() for name in injected}
    for name, value in headers.items():
        if name.lower() not in names:
            merged[name] = value
    return merged


def _without(pairs: list[str], names: Mapping[str, str]) -> list[str]:
    return [pair for pair in pairs if pair.partition("=")[0] not in names]


class Prepared:
    """The compiled form of one `http` operation."""

    def __init__(self, operation: Operation) -> None:
        if not isinstance(operation.implementation, HttpImplementation):
            raise TypeError(operation.implementation.kind)
        self.operation = operation
        self.implementation = implementation = operation.implementation
        parameters = implementation.parameters
        path, _, query = implementation.path.partition("#")[0].partition("?")
        self._literal_query = [quote(pair, safe=_LITERAL + "?") for pair in query.split("&") if pair]
        self._path = _compile_path(path, [item for item in parameters if item.location == "path"])
        self._query = [(item, _query_encoder(item)) for item in parameters if "query" in item.location]
        self._headers = [item for item in parameters if _is_settable(item)]
        self._cookies = [item for item in parameters if item.location == "cookie"]
        accept = implementation.accept
        self._base_headers = {"Accept": accept, "Accept-Encoding": ACCEPTED, "User-Agent": USER_AGENT}
        self.repeatable = _is_repeatable(operation, implementation)

    def build(self, call: Call, arguments: dict[str, Any]) -> Outgoing:
        """The request of these arguments.

        Raises:
            Unserialisable: an argument is missing or has no form where it must travel.
        """
        query = list(self._literal_query)
        for parameter, encode in self._query:
            if (value := arguments.get(parameter.argument)) is not None:
                query += encode(parameter, value)
        headers = self._headers_of(call, arguments)
        cookies: list[str] = []
        for parameter in self._cookies:
            if (value := arguments.get(parameter.argument)) is not None:
                cookies += cookie_pairs(parameter, value)
        body = self._body(arguments, headers)
        url = call.server.rstrip("/") + self._path_of(arguments)
        return Outgoing(self.implementation.method, url, query, headers, cookies, body)

    def _headers_of(self, call: Call, arguments: dict[str, Any]) -> dict[str, str]:
        headers = dict(self._base_headers)
        if call.trace_parent:
            headers["traceparent"] = call.trace_parent
        for parameter in self._headers:
            if (value := arguments.get(parameter.argument)) is not None:
                headers[parameter.name] = header_text(parameter, value)
        if call.idempotency_key:
            headers["Idempotency-Key"] = checked_header("Idempotency-Key", call.idempotency_key)
        return headers

    def _body(self, arguments: dict[str, Any], headers: dict[str, str]) -> bytes:
        body = self.implementation.body
        if body is None:
            return b""
        value = body_value(body, arguments)
        if value is MISSING:
            if body.required:
                raise Unserialisable(f"{body.argument} is missing.")
            return b""
        data, headers["Content-Type"] = encode_body(body, value)
        return data

    def _path_of(self, arguments: dict[str, Any]) -> str:
        if len(self._path) == 1 and isinstance(self._path[0], str):
            return self._path[0]
        pieces = [
            piece if isinstance(piece, str) else _fill(piece, arguments.get(piece.argument))
            for piece in self._path
        ]
        path = "".join(pieces)
        if "/." in path or "/%2" in path:
            _refuse_dot_segments(path)
        return path


def _fill(parameter: Parameter, value: Any) -> str:
    text = path_text(parameter, value)
    if not text:
        raise Unserialisable(f"{parameter.argument} is a part of the path and cannot be empty.")
    # Some servers decode `%2F` before they resolve `..`: then an encoded slash would climb as well.
    if ("." in text or "%25" in text) and _climbs(value):
        raise Unserialisable(f"{parameter.argument} would change the level of the path.")
    return text


def _climbs(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_climbs(name) or _climbs(member) for name, member in value.items())
    if isinstance(value, list):
        return any(_climbs(item) for item in value)
    if not isinstance(value, str):
        return False
    once = unquote(value)
    return any(_DOT_SEGMENT.search(text) for text in (value, once, unquote(once)))


def _refuse_dot_segments(path: str) -> None:
    if _DOT_IN_PATH.search(path):
        raise Unserialisable("The arguments would change the level of the path.")


def _compile_path(path: str, parameters: list[Parameter]) -> tuple[str | Parameter, ...]:
    by_name = {parameter.name: parameter for parameter in parameters}
    pieces: list[str | Parameter] = []
    for number, piece in enumerate(_PLACE.split(path)):
        if number % 2 == 0:
            pieces.append(quote(piece, safe=_LITERAL))
        else:
            name = piece if piece in by_name else piece.strip("+*/.;?&").partition("=")[0]
            # A place that no parameter fills is reported by the first call as a missing argument.
            pieces.append(by_name.get(name) or Parameter(argument=piece, name=piece, location="path"))
    if not path.startswith("/"):
        pieces.insert(0, "/" if path else "")
    return tuple(piece for piece in pieces if piece != "") or ("",)


def _query_encoder(parameter: Parameter) -> Encoder:
    return query_string if parameter.location == "querystring" else query_pairs


def _is_settable(parameter: Parameter) -> bool:
    return (
        parameter.location == "header"
        and parameter.name.lower() not in _OWNED_HEADERS
        and not parameter.name.lower().startswith("proxy-")
        and _TOKEN.fullmatch(parameter.name) is not None
    )


def _is_repeatable(operation: Operation, implementation: HttpImplementation) -> bool:
    """Whether sending twice does no more than sending once, as the effects and the method tell."""
    effects = operation.effects
    if effects.idempotent or effects.read_only:
        return True
    return implementation.method in {"GET", "HEAD", "OPTIONS"} and effects.kind in {"read", "opaque"}
