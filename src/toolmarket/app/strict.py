"""What reaches the framework is text that can be stored and JSON that can be written again.

The framework's own parser takes `NaN`, halves of character pairs and numbers without end, and fails
on deep nesting; all of that would break later, inside, where it can no longer be told to the caller.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from toolmarket.kit import json_text
from toolmarket.kit.problems import BadRequest, TooSlow
from toolmarket.runtime.gateway.doors import BODY_SECONDS, ClientGone, Receive, Send, refuse, replay, within

# From here on a whole number may not fit in 64 bits: it is written again as what was understood.
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_NUL_ESCAPE = b"\\u0000"


class StrictText:
    """ASGI middleware: refuses paths, queries, headers and JSON bodies that nothing behind it can keep."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request pass, its body read once and checked."""
        if scope["type"] == "http":
            try:
                _check_address(scope)
                if _has_json(scope):
                    receive = replay(_checked(await _whole(receive)), receive)
            except ClientGone:
                return
            except (BadRequest, TooSlow, json_text.JsonInvalid) as problem:
                await refuse(send, problem)
                return
        await self._app(scope, receive, send)


def _check_address(scope: Any) -> None:
    if "\0" in scope["path"]:
        raise BadRequest("The address holds the character U+0000.", pointer="path")
    if b"%00" in scope["query_string"]:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        name = next((name for name, value in pairs if "\0" in name + value), "")
        raise BadRequest("A parameter holds the character U+0000.", pointer=name.replace("\0", ""))
    name = next((name.decode("latin-1") for name, value in scope["headers"] if b"\0" in value), None)
    if name is not None:
        raise BadRequest("A header holds the character U+0000.", pointer=name)


def _has_json(scope: Any) -> bool:
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    essence = kind.partition(b";")[0].strip().lower()
    return bool(essence == b"application/json" or essence.endswith(b"+json"))


async def _whole(receive: Receive) -> bytes:
    """The body; whoever stands in front bounds its size."""
    parts: list[bytes] = []
    async with within(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientGone
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(parts)


def _checked(body: bytes) -> bytes:
    if not body:
        return body
    value = json_text.read(body)
    if _NUL_ESCAPE in body and (pointer := json_text.place_of_nul(value)) is not None:
        raise json_text.JsonInvalid("A text holds U+0000, which cannot be kept.", pointer=pointer)
    return orjson.dumps(value) if _LONG_NUMBER.search(body) else body
