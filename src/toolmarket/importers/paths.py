"""Walks the paths of a document: path items, what they borrow, and their methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toolmarket.importers.reading import METHODS, as_dict, as_list
from toolmarket.importers.references import References, escape
from toolmarket.importers.reports import Report


@dataclass(slots=True)
class Found:
    """An operation object and where it stands; `borrowed` if the path item came by reference."""

    method: str
    path: str
    pointer: str
    node: dict[str, Any]
    shared: dict[str, Any]
    shared_pointer: str
    borrowed: bool


class Paths:
    """All operations of the document.

    Args:
        query_methods: whether OpenAPI 3.2's `query` and `additionalOperations` count.
    """

    def __init__(
        self, root: dict[str, Any], references: References, report: Report, *, query_methods: bool
    ) -> None:
        self._root = root
        self._references = references
        self._report = report
        self._query_methods = query_methods
        self.defined = 0

    def operations(self) -> Iterator[Found]:
        """Each operation once, in the document's order."""
        for path, item in as_dict(self._root.get("paths")).items():
            if not isinstance(item, dict):
                continue
            pointer = f"/paths/{escape(path)}"
            own = list(self._of_item(path, item, pointer, borrowed=False))
            self.defined += len(own)
            yield from own
            if isinstance(item.get("$ref"), str):
                yield from self._borrowed(path, item, pointer, {found.method for found in own})

    def _borrowed(self, path: str, item: dict[str, Any], pointer: str, taken: set[str]) -> Iterator[Found]:
        target = self._references.follow(item, pointer)
        if target.missing or not isinstance(target.value, dict):
            why = target.missing or "it refers to no object"
            self._report.warning(f"The path {path[:200]} is left out: {why}.", pointer, kind="paths left out")
            return
        for found in self._of_item(path, target.value, target.pointer, borrowed=True):
            if found.method not in taken:
                yield found

    def _of_item(self, path: str, item: dict[str, Any], pointer: str, *, borrowed: bool) -> Iterator[Found]:
        for key, node in item.items():
            method = key.lower()
            if method in METHODS or (method == "query" and self._query_methods):
                if isinstance(node, dict):
                    yield Found(method.upper(), path, f"{pointer}/{key}", node, item, pointer, borrowed)
                else:
                    self._report.warning("An operation is no object; left out.", f"{pointer}/{key}")
        if self._query_methods:
            for method, node in as_dict(item.get("additionalOperations")).items():
                where = f"{pointer}/additionalOperations/{escape(method)}"
                if isinstance(node, dict) and method.replace("-", "").isalpha() and method.isascii():
                    yield Found(method.upper(), path, where, node, item, pointer, borrowed)
                else:
                    self._report.warning(f"The method {method[:40]!r} cannot be sent; left out.", where)

    def parameters(self, found: Found) -> Iterator[tuple[dict[str, Any], str]]:
        """The operation's parameters and those of its path that it does not replace."""
        own = self._resolved(found.node.get("parameters"), f"{found.pointer}/parameters")
        names = {_identity(node) for node, _ in own}
        for node, pointer in self._resolved(
            found.shared.get("parameters"), f"{found.shared_pointer}/parameters"
        ):
            if _identity(node) not in names:
                yield node, pointer
        yield from own

    def _resolved(self, nodes: Any, pointer: str) -> list[tuple[dict[str, Any], str]]:
        kept: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
        for index, node in enumerate(as_list(nodes)):
            target = self._references.follow(node, f"{pointer}/{index}")
            if target.missing or not isinstance(target.value, dict):
                why = target.missing or "it is no object"
                self._report.warning(
                    f"A parameter is left out: {why}.", f"{pointer}/{index}", kind="parameters left out"
                )
                continue
            kept[_identity(target.value)] = (target.value, target.pointer)
        return list(kept.values())


def _identity(node: dict[str, Any]) -> tuple[str, str]:
    """What makes a parameter unique: its name and its place."""
    return str(node.get("name")), str(node.get("in"))
