"""An answer as JSON, for people, REST callers and models."""

import base64
import functools
from typing import Any

import orjson

from toolmarket.kit.problems import every_problem
from toolmarket.runtime.schemas import RunResult

MCP_RESULT = "application/vnd.mcp.result+json"


def is_json(content_type: str) -> bool:
    """Whether a media type says JSON."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def is_text(content_type: str) -> bool:
    """Whether a media type can be shown as text."""
    essence = content_type.partition(";")[0].strip().lower()
    return (
        essence.startswith("text/")
        or essence
        in {
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/yaml",
            "application/javascript",
            "application/x-ndjson",
        }
        or essence.endswith(("+xml", "+yaml"))
    )


def as_json(body: bytes, content_type: str) -> bytes:
    """The answer as one JSON value: JSON as it came, text as a string, else `{media_type, base64}`."""
    if not body:
        return b"null"
    if is_json(content_type):
        body = body.removeprefix(b"\xef\xbb\xbf")
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return orjson.dumps(body.decode(errors="replace"))
        return body
    if is_text(content_type):
        return orjson.dumps(_text(body, content_type))
    return orjson.dumps({"media_type": content_type, "base64": base64.b64encode(body).decode()})


def _text(body: bytes, content_type: str) -> str:
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
    try:
        text = body.decode(charset, errors="replace")
    except (LookupError, UnicodeError):
        text = body.decode(errors="replace")
    # Some charsets yield halves of character pairs, which JSON cannot carry.
    return text.encode(errors="replace").decode()


def structured(value: bytes) -> dict[str, Any] | None:
    """The value, where it is a JSON object."""
    if not value.startswith(b"{"):
        return None
    parsed = orjson.loads(value)
    return parsed if isinstance(parsed, dict) else None


def envelope(result: RunResult) -> bytes:
    """The answer of a call: `{id, outcome, value, ...}`, the value as the upstream sent it."""
    head = {
        "id": str(result.id),
        "outcome": result.outcome,
        "status": result.status,
        "content_type": result.content_type,
        "duration_milliseconds": result.total_micros / 1000,
        "problem": problem_of(result),
    }
    value = as_json(result.body, result.content_type)
    return orjson.dumps(head)[:-1] + b',"value":' + value + b"}"


def problem_of(result: RunResult) -> dict[str, Any] | None:
    """The RFC 9457 document of a run that did not end well."""
    if result.problem_code is None:
        return None
    return {
        "type": f"/problems/{result.problem_code}",
        "code": result.problem_code,
        "title": _title(result.problem_code),
        "detail": result.detail,
        "run_id": str(result.id),
    }


@functools.cache
def _title(code: str) -> str:
    """The title of a problem by its code; of one that an upstream made up, the code in words."""
    titles = {kind.code: kind.title for kind in every_problem()}
    return titles.get(code) or code.replace("-", " ").capitalize() + "."
