"""Finds what `$ref` names, inside the document and nowhere else."""

from dataclasses import dataclass
from posixpath import basename
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

_HOPS = 40
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Target:
    """A value and its JSON pointer, or the reason why there is none."""

    value: Any = None
    pointer: str = ""
    missing: str = ""


def escape(segment: str) -> str:
    """One step of a JSON pointer, RFC 6901."""
    return segment.replace("~", "~0").replace("/", "~1")


class References:
    """Resolves references of one document; it never opens a file or a connection.

    Args:
        root: the document.
        names: names under which the document may refer to itself: its file name, URL, `$self`.
    """

    def __init__(self, root: dict[str, Any], names: set[str]) -> None:
        self._root = root
        self._names = {name for name in names if name} | {
            basename(urlsplit(name).path) for name in names if name
        }
        self._names.discard("")
        self._anchors: dict[str, str] | None = None
        self._known: dict[str, Target] = {}

    def find(self, reference: str) -> Target:
        """The value that a reference names; `missing` says why where there is none."""
        found = self._known.get(reference)
        if found is None:
            found = self._known[reference] = self._find(reference)
        return found

    def follow(self, node: Any, pointer: str) -> Target:
        """The object behind a chain of references, with its own description kept where one is given."""
        seen: set[str] = set()
        overrides: dict[str, Any] = {}
        for _ in range(_HOPS):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            overrides = {k: v for k, v in node.items() if k in {"summary", "description"}} | overrides
            target = self.find(node["$ref"])
            if target.missing:
                return target
            if target.pointer in seen:
                return Target(missing=f"{node['$ref']} refers to itself")
            seen.add(target.pointer)
            node, pointer = target.value, target.pointer
        if overrides and isinstance(node, dict):
            node = {**node, **overrides}
        return Target(node, pointer)

    def _find(self, reference: str) -> Target:
        address, fragment = urldefrag(reference.strip())
        if address and address not in self._names and address.removeprefix("./") not in self._names:
            by_id = self._anchor_index().get(address)
            if by_id is not None:
                return self._at(by_id + fragment, reference)
            if not fragment and "/" not in address and "." not in address:
                return self._by_bare_name(address, reference)
            return Target(missing=f"{_short(reference)} is another document, which is not fetched")
        return self._local(fragment, reference)

    def _local(self, fragment: str, reference: str) -> Target:
        if fragment in {"", "/"}:
            return Target(self._root, "")
        if fragment.startswith("/"):
            return self._at(fragment, reference)
        anchor = self._anchor_index().get("#" + fragment)
        if anchor is not None:
            return self._at(anchor, reference)
        return self._at("/" + fragment, reference)

    def _by_bare_name(self, name: str, reference: str) -> Target:
        """`$ref: Pet`, as Swagger 1.2 wrote it."""
        for place in ("/definitions/", "/components/schemas/"):
            found = self._at(place + escape(name), reference)
            if not found.missing:
                return found
        return Target(missing=f"{_short(reference)} is not in the document")

    def _at(self, pointer: str, reference: str) -> Target:
        node: Any = self._root
        steps: list[str] = []
        for raw in pointer.split("/")[1:]:
            key, node = _step(node, raw)
            if node is _MISSING:
                return Target(missing=f"{_short(reference)} is not in the document")
            steps.append(escape(key))
        return Target(node, "/" + "/".join(steps))

    def _anchor_index(self) -> dict[str, str]:
        """Pointers of `$anchor`, `$dynamicAnchor` and `$id`, looked for once and only when needed."""
        if self._anchors is None:
            found: dict[str, str] = {}
            pending: list[tuple[Any, str]] = [(self._root, "")]
            while pending:
                node, pointer = pending.pop()
                if isinstance(node, dict):
                    _note_anchors(node, pointer, found)
                    pending.extend((value, f"{pointer}/{escape(key)}") for key, value in node.items())
                elif isinstance(node, list):
                    pending.extend((value, f"{pointer}/{index}") for index, value in enumerate(node))
            self._anchors = found
        return self._anchors


def _note_anchors(node: dict[str, Any], pointer: str, found: dict[str, str]) -> None:
    for keyword in ("$anchor", "$dynamicAnchor"):
        if isinstance(node.get(keyword), str):
            found.setdefault("#" + node[keyword], pointer)
    if isinstance(node.get("$id"), str):
        found.setdefault(node["$id"].rstrip("#"), pointer)


def _step(node: Any, raw: str) -> tuple[str, Any]:
    plain = raw.replace("~1", "/").replace("~0", "~")
    decoded = unquote(raw).replace("~1", "/").replace("~0", "~")
    for key in (plain, decoded):
        if isinstance(node, dict) and key in node:
            return key, node[key]
        if isinstance(node, list) and key.isdecimal() and len(key) < 7 and int(key) < len(node):
            return key, node[int(key)]
    return plain, _MISSING


def _short(reference: str) -> str:
    return reference if len(reference) <= 120 else reference[:117] + "..."
