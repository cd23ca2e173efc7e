"""Answers: the content type to ask for, the shape of the JSON, and how a list goes on."""

from collections.abc import Iterator
from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import naming
from toolmarket.importers.bodies import family, rank
from toolmarket.importers.json_schemas import Converter
from toolmarket.importers.reading import ReadOperation, ReadResponse
from toolmarket.importers.references import escape
from toolmarket.importers.reports import Report

OUTPUT_BUDGET_BYTES = 40_000
_CURSORS = naming.word_set(
    """
    aftercursor continuation continuationtoken cursor cursormark marker nextcursor nextpagetoken
    nexttoken pagecursor pagetoken paginationtoken scrollid startcursor startingtoken
    """
)
_NEXT = naming.word_set(
    """
    continuationtoken cursornext endcursor next nextcontinuationtoken nextcursor nextcursormark
    nextmarker nextpagecursor nextpagetoken nexttoken paginationtoken scrollid
    """
)
_HOLDERS = naming.word_set("meta metadata pagination paging page responsemetadata pageinfo cursors links")
_ITEMS = (
    "items",
    "data",
    "results",
    "value",
    "values",
    "records",
    "entries",
    "list",
    "elements",
    "resources",
)


class Answers:
    """Reads the answers of one document's operations."""

    def __init__(self, converter: Converter, report: Report) -> None:
        self._converter = converter
        self._report = report

    def accept(self, read: ReadOperation) -> str:
        """The content type to ask for, JSON where it is offered."""
        good = _good(read.responses)
        types = [media.content_type for response in good for media in response.media]
        if not types:
            return "application/json" if not good or read.method in {"GET", "POST"} else "*/*"
        best = min(types, key=rank)
        if family(best) in {"any", "json"} and "*" in best:
            return "application/json"
        return best

    def schema(self, read: ReadOperation) -> dict[str, Any] | None:
        """The shape of the first successful JSON answer, able to stand alone."""
        for response in _good(read.responses):
            for media in response.media:
                if family(media.content_type) not in {"json", "any"} or not media.schema or media.sequential:
                    continue
                schema = self._converter.definitions.opened(
                    self._converter.convert(media.schema, media.pointer)
                )
                schema = self._converter.definitions.sound(schema)
                closed, cut = self._converter.definitions.closed(schema, budget_bytes=OUTPUT_BUDGET_BYTES)
                if cut:
                    self._report.info(
                        f"The answer's description is shortened: {cut} of its inner schemas are left open.",
                        read.pointer, kind="answers whose description is shortened",
                    )  # fmt: skip
                return closed if _resolved(closed, closed) else None
        return None

    def pagination(
        self, read: ReadOperation, parameters: list[catalog.Parameter], output: dict[str, Any] | None
    ) -> catalog.Pagination | None:
        """How to get the next page, only where parameter and answer both show it."""
        if read.method != "GET":
            return None
        for response in _good(read.responses):
            if any(name.casefold() == "link" for name in response.headers):
                return catalog.Pagination(kind="link", items=_items(output) or "")
        cursor = next((p for p in parameters if p.location == "query" and _flat(p.name) in _CURSORS), None)
        if cursor is None or output is None:
            return None
        following, items = _next(output), _items(output)
        if following is None or items is None:
            return None
        return catalog.Pagination(kind="cursor", items=items, next=following, parameter=cursor.argument)


def _good(responses: list[ReadResponse]) -> list[ReadResponse]:
    """Successful answers, the plainest first; `default` where nothing else tells of success."""
    good = sorted((r for r in responses if r.status[:1] == "2"), key=lambda response: response.status)
    return good or [r for r in responses if r.status == "default"]


def _flat(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(".", "")


def _resolved(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    for _ in range(8):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = root.get("$defs", {}).get(reference.rsplit("/", 1)[1])
    return {}


def _members(schema: Any, root: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Properties of an object, those of its parts included."""
    found = _resolved(schema, root)
    for name, member in found.get("properties", {}).items():
        yield name, _resolved(member, root)
    if depth < 4:
        for part in found.get("allOf", []):
            yield from _members(part, root, depth + 1)


def _next(root: dict[str, Any]) -> str | None:
    """JSON pointer of the value that asks for the next page."""
    for name, member in _members(root, root):
        if _flat(name) in _NEXT - {"next"} and _is_token(member):
            return f"/{escape(name)}"
    for name, member in _members(root, root):
        if _flat(name) in _HOLDERS:
            for inner, value in _members(member, root):
                if _flat(inner) in _NEXT | {"cursor"} and _is_token(value):
                    return f"/{escape(name)}/{escape(inner)}"
    return None


def _is_token(schema: dict[str, Any]) -> bool:
    kind = schema.get("type", "string")
    told = kind if isinstance(kind, list) else [kind]
    return "string" in told and schema.get("format") not in {"uri", "url"}


def _items(root: dict[str, Any] | None) -> str | None:
    """JSON pointer of the one list in the answer."""
    if root is None:
        return None
    if _is_array(_resolved(root, root)):
        return ""
    lists = [name for name, member in _members(root, root) if _is_array(member)]
    if len(lists) == 1:
        return f"/{escape(lists[0])}"
    return next((f"/{escape(name)}" for known in _ITEMS for name in lists if _flat(name) == known), None)


def _is_array(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "array" or (isinstance(kind, list) and "array" in kind)
