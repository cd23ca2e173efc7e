"""Request bodies in the media type that the operation names."""

from typing import Any
from urllib.parse import quote_plus

from toolmarket.catalog.schemas import ARGUMENT_PLACE, Body, Parameter, PartEncoding
from toolmarket.runtime.executors.multipart import OCTETS, encode_multipart, read_file
from toolmarket.runtime.executors.serialise import (
    FORM,
    Unserialisable,
    content_text,
    delimited_pairs,
    form_pairs,
    json_text,
    query_pairs,
    scalar,
)

MISSING: Any = object()
_JSON_LINES = {
    "application/x-ndjson",
    "application/jsonl",
    "application/json-lines",
    "application/x-jsonlines",
}


def encode_body(body: Body, value: Any) -> tuple[bytes, str]:
    """The value as bytes, and the content type to send.

    XML and other structured text must be given as text; a JSON value is written as it is.

    Raises:
        Unserialisable: the value has no form in this media type.
    """
    kind = body.content_type.partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        return encode_multipart(value, body.content_type, body.encoding)
    if body.binary:
        file = read_file(value, body.argument)
        return file.data, _concrete(body.content_type, file.content_type or OCTETS)
    if kind == FORM:
        return encode_form(value, body.encoding), body.content_type
    if kind in _JSON_LINES and isinstance(value, list):
        return b"".join(json_text(item) + b"\n" for item in value), body.content_type
    if kind == "application/json" or kind.endswith("+json") or kind in _JSON_LINES:
        return json_text(value), body.content_type
    return _as_text(body, value)


def body_value(body: Body, arguments: dict[str, Any]) -> Any:
    """What the body is made of: its argument, or its template filled; `MISSING` where nothing is sent."""
    if body.template is None:
        return arguments.get(body.argument, MISSING)
    return _filled(body.template, arguments)


def _filled(node: Any, arguments: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        if node.keys() == {ARGUMENT_PLACE} and isinstance(node[ARGUMENT_PLACE], str):
            return arguments.get(node[ARGUMENT_PLACE], MISSING)
        members = ((name, _filled(member, arguments)) for name, member in node.items())
        return {name: member for name, member in members if member is not MISSING}
    if isinstance(node, list):
        return [item for item in (_filled(member, arguments) for member in node) if item is not MISSING]
    return node


def encode_form(value: Any, encoding: dict[str, PartEncoding]) -> bytes:
    """An object as `application/x-www-form-urlencoded`; objects in it become JSON text by default."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, dict):
        raise Unserialisable("A form body must be an object.")
    pairs: list[str] = []
    for name, member in value.items():
        rule = encoding.get(name)
        if member is None:
            continue
        if rule is None or (rule.content_type is None and rule.style is None):
            pairs += form_pairs({name: member})
        elif rule.style is None:
            pairs.append(f"{quote_plus(name)}={quote_plus(content_text(rule.content_type or '', member))}")
        else:
            pairs += _styled(name, member, rule)
    return "&".join(pairs).encode()


def _styled(name: str, member: Any, rule: PartEncoding) -> list[str]:
    parameter = Parameter(
        argument=name,
        name=name,
        location="query",
        style=rule.style or "form",
        explode=rule.explode,
        allow_reserved=rule.allow_reserved,
    )
    if rule.style == "deepObject" or rule.allow_reserved:
        return query_pairs(parameter, member)
    return delimited_pairs(parameter, member, quote_plus)


def _as_text(body: Body, value: Any) -> tuple[bytes, str]:
    wildcard = "*" in body.content_type
    if isinstance(value, str):
        return value.encode("utf-8", "replace"), _concrete(body.content_type, "text/plain; charset=utf-8")
    if wildcard:
        return json_text(value), "application/json"
    if isinstance(value, dict | list):
        raise Unserialisable(f"{body.argument} must be given as text of type {body.content_type}.")
    return scalar(value).encode(), body.content_type


def _concrete(content_type: str, otherwise: str) -> str:
    return otherwise if "*" in content_type else content_type
