"""What outside services call their errors."""

from typing import Any

import orjson

from toolmarket.runtime.rendering import is_json

_CODE_MEMBERS = ("code", "error_code", "errorCode", "errcode", "type", "status", "name", "error", "reason")
_LONGEST_CODE = 100
_LARGEST_READ = 65_536


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
