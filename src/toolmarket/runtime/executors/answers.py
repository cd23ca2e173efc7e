"""Reading answers of outside services: what they are, and what their errors are called."""

import base64
from typing import Any

import orjson

_CODE_MEMBERS = ("code", "error_code", "errorCode", "errcode", "type", "status", "name", "error", "reason")
_LONGEST_CODE = 100
_LARGEST_READ = 65_536


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON or built on it."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"application/json", "text/json"} or kind.endswith("+json")


def value_json(body: bytes, content_type: str) -> bytes:
    """An answer as one JSON value, to be put into our own.

    JSON stays as it is, byte for byte; text becomes a string; anything else an object with
    `media_type` and `base64`. An empty body is null. What calls itself JSON and is not is text.
    """
    if not body:
        return b"null"
    if is_json(content_type):
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return _text(body, content_type)
        return body
    if is_text(content_type):
        return _text(body, content_type)
    kind = content_type.partition(";")[0].strip() or "application/octet-stream"
    return orjson.dumps({"media_type": kind, "base64": base64.b64encode(body).decode("ascii")})


def is_text(content_type: str) -> bool:
    """Whether a media type is meant to be read as characters."""
    kind = content_type.partition(";")[0].strip().lower()
    return (
        kind.startswith("text/")
        or kind.endswith(("+xml", "+yaml"))
        or kind
        in {
            "application/xml",
            "application/yaml",
            "application/x-yaml",
            "application/javascript",
            "application/x-ndjson",
            "application/jsonl",
            "application/x-www-form-urlencoded",
            "application/graphql",
        }
    )


def _text(body: bytes, content_type: str) -> bytes:
    charset = "utf-8"
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset":
            charset = value.strip("\"'")
    try:
        text = body.decode(charset, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    # Surrogates, which some charsets yield, have no UTF-8 form.
    return orjson.dumps(text.encode("utf-8", "replace").decode())


def upstream_code(body: bytes, content_type: str) -> str | None:
    """The name that the service itself gives to its error, where its JSON tells one."""
    if not is_json(content_type) or len(body) > _LARGEST_READ:
        return None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return _code_in(document, depth=0)


def _code_in(value: Any, *, depth: int) -> str | None:
    if isinstance(value, list):
        return _code_in(value[0], depth=depth + 1) if value and depth < 4 else None
    if not isinstance(value, dict):
        return None
    for nested in ("error", "errors", "fault"):
        found = _code_in(value.get(nested), depth=depth + 1) if depth < 4 else None
        if found:
            return found
    for member in _CODE_MEMBERS:
        code = value.get(member)
        if isinstance(code, str | int) and not isinstance(code, bool) and str(code).strip():
            return str(code)[:_LONGEST_CODE]
    return None
