"""JSON as it is taken from outside: strict, of bounded depth, and without what PostgreSQL cannot store."""

from typing import Any

import orjson

from toolmarket.kit.problems import Unprocessable

MOST_LEVELS = 200
"""Writing JSON again fails at 254 levels, and what comes in is wrapped before it goes out."""


class JsonInvalid(Unprocessable):
    code, title = "json-invalid", "The body is not JSON that can be taken."


def read(body: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        JsonInvalid: it is not JSON by RFC 8259, or nested too deeply.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise JsonInvalid(f"The body is not JSON: {error}.", pointer="") from None
    if body.count(b"{") + body.count(b"[") > MOST_LEVELS and too_deep(value):
        raise JsonInvalid(f"The body is nested deeper than {MOST_LEVELS} levels.", pointer="")
    return value


def too_deep(value: object, most: int = MOST_LEVELS) -> bool:
    """Whether a value has more levels of objects and lists than are allowed."""
    level = [value]
    for _ in range(most + 1):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        if not inner:
            return False
        level = inner
    return any(isinstance(each, dict | list) for each in level)


def place_of_nul(value: object) -> str | None:
    """The JSON pointer of the first text or name that holds U+0000, which PostgreSQL cannot store."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, each = waiting.pop()
        if isinstance(each, str) and "\0" in each:
            return pointer
        if isinstance(each, dict):
            if any("\0" in name for name in each):
                return pointer
            waiting += [(f"{pointer}/{_escaped(name)}", inner) for name, inner in each.items()]
        elif isinstance(each, list):
            waiting += [(f"{pointer}/{position}", inner) for position, inner in enumerate(each)]
    return None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
