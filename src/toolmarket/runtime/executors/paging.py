"""Fetching further pages of a list and joining them into one answer.

Joined is the list at `items`; everything else is the first page's, except the place that names the
next page, which is the last page's, so that a caller can go on where this call stopped.
"""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from toolmarket.catalog.schemas import Pagination
from toolmarket.runtime.executors.errors import PagesUnreadable
from toolmarket.runtime.executors.prepared import Outgoing, Prepared
from toolmarket.runtime.executors.sending import Received, Sender
from toolmarket.runtime.schemas import Call

_NEXT_LINK = re.compile(
    r"<([^<>]*)>\s*;[^<]*?\brel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next\b)", re.IGNORECASE
)


class Pager:
    """Walks the pages of one call."""

    def __init__(self, prepared: Prepared, pagination: Pagination, call: Call, sender: Sender) -> None:
        self._prepared = prepared
        self._rule = pagination
        self._call = call
        self._sender = sender
        self._arguments = dict(call.arguments)

    async def collect(self, first: Outgoing) -> Received:
        """Send the first request and those of the further pages.

        A first answer without a list at `items` passes as it is.
        The answer of a page that fails is the answer of the call: a list that silently lacks its end
        would be taken for whole. At `max_pages` or the response limit it stops and is a success.
        """
        received = await self._sender.send(first)
        whole = page = _read_first(received)
        if not received.good or not isinstance(at_pointer(page, self._rule.items), list):
            return received
        joined = self._items(page)
        size, outgoing = len(received.body), first
        for _ in range(self._rule.max_pages - 1):
            following = self._next(outgoing, received, page, joined)
            if following is None:
                break
            outgoing = following
            later = await self._sender.send(outgoing)
            if not later.good:
                return later
            size += len(later.body)
            if size > self._call.limits.response_bytes:
                break
            received, page = later, _read(later)
            items = self._items(page)
            if not items:
                break
            joined += items
        return self._whole(received, whole, page, joined)

    def _items(self, page: Any) -> list[Any]:
        found = at_pointer(page, self._rule.items)
        if not isinstance(found, list):
            raise PagesUnreadable(f"There is no list at {self._rule.items or 'the root of the answer'}.")
        return list(found)

    def _next(self, outgoing: Outgoing, received: Received, page: Any, joined: list[Any]) -> Outgoing | None:
        rule = self._rule
        if rule.kind == "link":
            match = _NEXT_LINK.search(received.headers.get("Link", ""))
            return self._at(outgoing, received, match[1]) if match else None
        if rule.kind == "cursor":
            value = at_pointer(page, rule.next) if rule.next is not None else None
            if not value or not isinstance(value, str | int):
                return None
            if rule.parameter is None:
                return self._at(outgoing, received, str(value))
            return self._with(rule.parameter, value)
        return self._counted(rule.parameter or rule.kind, self._items(page), joined)

    def _counted(self, parameter: str, items: list[Any], joined: list[Any]) -> Outgoing | None:
        if not items:
            return None
        if self._rule.kind == "page":
            return self._with(parameter, _number(self._arguments.get(parameter), 1) + 1)
        return self._with(parameter, _number(self._call.arguments.get(parameter), 0) + len(joined))

    def _with(self, parameter: str, value: Any) -> Outgoing:
        self._arguments[parameter] = value
        return self._prepared.build(self._call, self._arguments)

    @staticmethod
    def _at(outgoing: Outgoing, received: Received, link: str) -> Outgoing | None:
        """The request to a linked page; one of another origin is not followed with our credential.

        The origin is the one that was asked: where a redirect led elsewhere, the credential stayed behind.
        """
        target = urljoin(received.url, link)
        if urlsplit(target)[:2] != urlsplit(outgoing.url)[:2]:
            raise PagesUnreadable("The next page lies at another address.")
        return outgoing.at(target)

    def _whole(self, received: Received, whole: Any, page: Any, joined: list[Any]) -> Received:
        if whole is page:
            return received
        if self._rule.next is not None and isinstance(page, dict):
            _put(whole, self._rule.next, at_pointer(page, self._rule.next))
        body = joined if self._rule.items in {"", "/"} else _put(whole, self._rule.items, joined)
        return Received(received.status, received.headers, orjson.dumps(body), received.url)


def at_pointer(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901), or None where there is none."""
    for key in _keys(pointer):
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def _put(document: Any, pointer: str, value: Any) -> Any:
    *parents, last = _keys(pointer) or [""]
    holder = document
    for key in parents:
        holder = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        holder[last] = value
    return document


def _keys(pointer: str) -> list[str]:
    if pointer in {"", "/"}:
        return []
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.removeprefix("/").split("/")]


def _read_first(received: Received) -> Any:
    try:
        return orjson.loads(received.body)
    except orjson.JSONDecodeError:
        return None


def _read(received: Received) -> Any:
    try:
        return orjson.loads(received.body)
    except orjson.JSONDecodeError:
        raise PagesUnreadable("A page is not JSON.") from None


def _number(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return otherwise
