"""Arguments as text in a path, a query, a header or a cookie, in every style of OpenAPI.

Null means "not given", as do empty arrays and objects. Swagger 2's `collectionFormat` maps onto the
same styles: csv = form or simple, multi = form exploded, ssv = spaceDelimited, pipes = pipeDelimited,
tsv = content type `text/tab-separated-values`. What the specification leaves open is settled here:
a value nested deeper than a style can say travels as JSON text, and in deepObject as more brackets.

Source:
    OpenAPI 3.2.0, "Parameter Object" (style values and examples) and appendix C; RFC 6570.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

from toolmarket.catalog.schemas import Parameter

TAB_SEPARATED = "text/tab-separated-values"
FORM = "application/x-www-form-urlencoded"
_RESERVED = ":/?@!$'()*,;=[]%"
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_IN_COOKIE = re.compile(r"[\x00-\x20\x7f;]")
_DEEPEST = 16
_QUERY_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

Encode = Callable[[str], str]


class Unserialisable(ValueError):
    """An argument has no form in the place where it must travel; says which and why."""


def percent(text: str) -> str:
    """Encode everything but RFC 3986's unreserved characters."""
    if text.isascii() and text.isalnum():
        return text
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise Unserialisable("A text holds half of a character pair, which cannot be sent.") from None


_query_name = lru_cache(maxsize=4096)(percent)


def percent_reserved(text: str) -> str:
    """Encode as `allowReserved` asks: reserved characters and percent-encoded triples stay.

    `#`, `&` and `+` are encoded all the same: in a query they would end the value or change it.
    """
    return quote(_BARE_PERCENT.sub("%25", text), safe=_RESERVED)


def scalar(value: Any) -> str:
    """One value as text: strings as they are, everything else as JSON writes it."""
    kind = type(value)
    if kind is str:
        return str(value)
    return str(value) if kind is int else json_text(value).decode()


def json_text(value: Any) -> bytes:
    """A value as JSON, integers of any size included.

    Raises:
        Unserialisable: it holds something that JSON or UTF-8 cannot say.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError):
        raise Unserialisable("A value cannot be written as JSON.") from None


def content_text(content_type: str, value: Any) -> str:
    """A value in the media type that a `content` parameter names."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM and isinstance(value, dict):
        return "&".join(form_pairs(value))
    if kind == TAB_SEPARATED and isinstance(value, list):
        return "\t".join(scalar(item) for item in value)
    if kind.startswith("text/"):
        return scalar(value)
    return json_text(value).decode()


def form_pairs(value: dict[str, Any]) -> Iterator[str]:
    """Members as `application/x-www-form-urlencoded` pairs: arrays repeat, objects are JSON text."""
    for name, member in value.items():
        for item in member if isinstance(member, list) else [member]:
            if item is not None:
                yield f"{quote_plus(name)}={quote_plus(scalar(item))}"


def path_text(parameter: Parameter, value: Any) -> str:
    """The value in a path, percent-encoded, in style simple, label or matrix."""
    if parameter.content_type is not None:
        return percent(content_text(parameter.content_type, value))
    value = _given(value)
    if parameter.style == "label":
        separator = "." if parameter.explode else ","
        return "." + separator.join(_items(value, percent, explode=parameter.explode))
    if parameter.style == "matrix":
        return _matrix(parameter, value)
    return ",".join(_items(value, percent, explode=parameter.explode))


def query_pairs(parameter: Parameter, value: Any) -> list[str]:
    """The value as encoded `name=value` pairs of a query; empty where nothing is to be sent."""
    encode = percent_reserved if parameter.allow_reserved else percent
    name = _query_name(parameter.name)
    if parameter.content_type is not None:
        return [f"{name}={encode(content_text(parameter.content_type, value))}"]
    if parameter.style == "deepObject" and isinstance(value, dict | list):
        return list(_deep(name, _given(value), encode, depth=0))
    return delimited_pairs(parameter, value, encode)


def delimited_pairs(parameter: Parameter, value: Any, encode: Encode) -> list[str]:
    """The value in style form, spaceDelimited or pipeDelimited."""
    name = _query_name(parameter.name) if encode in {percent, percent_reserved} else encode(parameter.name)
    if not isinstance(value, dict | list):
        return [] if value is None else [f"{name}={encode(scalar(value))}"]
    value = _given(value)
    if not value:
        return []
    if not parameter.explode:
        delimiter = _QUERY_DELIMITERS.get(parameter.style, ",")
        return [f"{name}={delimiter.join(_items(value, encode, explode=False))}"]
    if isinstance(value, dict):
        return list(_items(value, encode, explode=True))
    return [f"{name}={item}" for item in _items(value, encode, explode=True)]


def query_string(parameter: Parameter, value: Any) -> list[str]:
    """The whole query as one value (OpenAPI 3.2, `in: querystring`)."""
    kind = (parameter.content_type or FORM).partition(";")[0].strip().lower()
    if kind == FORM:
        if not isinstance(value, dict):
            raise Unserialisable(f"{parameter.argument} must be an object: it is the whole query.")
        return list(form_pairs(value))
    return [percent(content_text(kind, value))]


def header_text(parameter: Parameter, value: Any) -> str:
    """The value of a header: style simple, never percent-encoded."""
    if parameter.content_type is not None:
        text = content_text(parameter.content_type, value)
    else:
        text = ",".join(_items(_given(value), str, explode=parameter.explode))
    return checked_header(parameter.name, text)


def checked_header(name: str, text: str) -> str:
    """A header value that cannot begin another header.

    Raises:
        Unserialisable: it holds a line break or another control character.
    """
    if _CONTROL.search(text):
        raise Unserialisable(f"The value for the header {name} holds a line break or control character.")
    return text.strip()


def cookie_pairs(parameter: Parameter, value: Any) -> list[str]:
    """The value as `name=value` pairs of a Cookie header.

    Style `cookie` writes values as they are; style `form` percent-encodes them. Exploded members
    become cookies of their own: the `&` of style `form` would join them into one.
    """
    if parameter.content_type is not None:
        return [f"{percent(parameter.name)}={percent(content_text(parameter.content_type, value))}"]
    encode = _cookie_octets if parameter.style == "cookie" else percent
    return delimited_pairs(parameter, value, encode)


def _cookie_octets(text: str) -> str:
    if _NOT_IN_COOKIE.search(text):
        raise Unserialisable("A cookie value holds a space, a semicolon or a control character.")
    return text


def _matrix(parameter: Parameter, value: Any) -> str:
    name = percent(parameter.name)
    if isinstance(value, dict) and parameter.explode:
        return "".join(f";{item}" for item in _items(value, percent, explode=True))
    if isinstance(value, list) and parameter.explode:
        return "".join(f";{name}={item}" for item in _items(value, percent, explode=True))
    text = ",".join(_items(value, percent, explode=False))
    return f";{name}={text}" if text else f";{name}"


def _given(value: Any) -> Any:
    """Leave out nulls, which mean "not given"."""
    if isinstance(value, dict):
        return {name: member for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return value


def _items(value: Any, encode: Encode, *, explode: bool) -> Iterator[str]:
    """The encoded pieces of a value, without their delimiters."""
    if isinstance(value, list):
        yield from (encode(scalar(item)) for item in value)
    elif isinstance(value, dict) and explode:
        yield from (f"{encode(name)}={encode(scalar(member))}" for name, member in value.items())
    elif isinstance(value, dict):
        for name, member in value.items():
            yield encode(name)
            yield encode(scalar(member))
    elif value is not None:
        yield encode(scalar(value))


def _deep(name: str, value: Any, encode: Encode, *, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Unserialisable("A value is nested too deeply for the query.")
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _deep(f"{name}%5B{percent(key)}%5D", member, encode, depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _deep(name, item, encode, depth=depth + 1)
    elif value is not None:
        yield f"{name}={encode(scalar(value))}"
