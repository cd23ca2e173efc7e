"""YAML as plain JSON values: fast, never as objects, and without its surprises.

Scalars follow the core schema of YAML 1.2, which OpenAPI names: `no` and `2020-01-01` stay text. An alias
is the same object again; what all aliases would expand to is counted, so a bomb is refused unexpanded.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from toolmarket.importers import errors

MAX_DEPTH = 120
MAX_NODES = 3_000_000

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LARGEST_INTEGER = 2**63
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Duplicate:
    """A key that one object holds twice."""

    key: str
    line: int
    column: int


@dataclass(slots=True)
class _Frame:
    value: Any
    anchor: str | None
    keyed: bool
    key: str | None = None
    merges: list[dict[str, Any]] = field(default_factory=list)
    weight_before: int = 0


def plain_scalar(text: str) -> Any:
    """The value that an unquoted scalar stands for."""
    first = text[:1]
    if first in "0123456789+-." and first:
        return _number(text)
    return _WORDS.get(text, text)


def _number(text: str) -> Any:
    if len(text) > 400:
        return text
    if _INTEGER.fullmatch(text):
        whole = int(text)
        return whole if -_LARGEST_INTEGER <= whole < _LARGEST_INTEGER else _finite(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0) if len(text) < 17 else text
    if _FLOAT.fullmatch(text):
        return _finite(text)
    return text


def _finite(text: str) -> Any:
    number = float(text)
    return number if math.isfinite(number) else text


class _Builder:
    """Builds values from parser events with a stack of its own, so depth costs no recursion."""

    def __init__(self) -> None:
        self.root: Any = None
        self.finished = False
        self.duplicates: list[Duplicate] = []
        self.weight = 0
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, keyed=kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.keyed and frame.key is None:
            if event.anchor:
                self._anchors[event.anchor] = (text, 1)
            self._take_key(frame, text, event)
            return
        value = _tagged(event.tag, text) if event.tag else text
        if not event.tag and event.implicit[0]:
            value = plain_scalar(text)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, 1, event)

    def _take_key(self, frame: _Frame, text: str, event: Any) -> None:
        frame.key = text
        if text in frame.value:
            mark = event.start_mark
            self.duplicates.append(Duplicate(text, mark.line + 1, mark.column + 1))

    def _open(self, event: Any, *, keyed: bool) -> None:
        self._refuse_as_key(event)
        if len(self._stack) >= MAX_DEPTH:
            raise errors.DocumentTooLarge(
                f"Line {event.start_mark.line + 1}: more than {MAX_DEPTH} levels are nested in each other."
            )
        if event.anchor:
            self._anchors[event.anchor] = None
        frame = _Frame({} if keyed else [], event.anchor, keyed, weight_before=self.weight)
        self._stack.append(frame)

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        for merged in frame.merges:
            for key, value in merged.items():
                frame.value.setdefault(key, value)
        weight = self.weight - frame.weight_before + 1
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, weight)
        self._add(frame.value, 1, event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise _broken(event, f"the alias *{event.anchor} has no anchor")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise _broken(event, f"the alias *{event.anchor} contains itself")
        value, weight = anchored
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.keyed and frame.key is None:
            if not isinstance(value, str):
                raise _broken(event, "an object cannot be a key")
            self._take_key(frame, value, event)
            return
        self._add(value, weight, event)

    def _refuse_as_key(self, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.keyed and frame.key is None:
            raise _broken(event, "an object or a list cannot be a key")

    def _add(self, value: Any, weight: int, event: Any) -> None:
        self.weight += weight
        if self.weight > MAX_NODES:
            raise errors.DocumentTooLarge(
                f"Line {event.start_mark.line + 1}: with its aliases expanded, the document has more than "
                f"{MAX_NODES:,} values."
            )
        if not self._stack:
            if not self.finished:
                self.root, self.finished = value, True
            return
        frame = self._stack[-1]
        if not frame.keyed:
            frame.value.append(value)
            return
        key, frame.key = frame.key, None
        if key == "<<" and _mergeable(value):
            frame.merges.extend(value if isinstance(value, list) else [value])
        else:
            frame.value[key] = value


def _mergeable(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return bool(parts) and all(isinstance(part, dict) for part in parts)


def _tagged(tag: str, text: str) -> Any:
    kind = tag.removeprefix(_TAG)
    if kind in {"int", "float", "bool", "null"}:
        return plain_scalar(text)
    return text


def _broken(event: Any, message: str) -> errors.DocumentBroken:
    mark = event.start_mark
    return errors.DocumentBroken(message, line=mark.line + 1, column=mark.column + 1)


def read_yaml(text: str) -> tuple[Any, list[Duplicate]]:
    """Read the first document of a YAML text.

    Raises:
        DocumentBroken: it is not YAML, or a key is not text.
        DocumentTooLarge: too deep, or too much once aliases are expanded.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        raise _unprintable(text, error) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = ", ".join(part for part in (error.context, error.problem) if part)
        raise errors.DocumentBroken(
            message or "this is not YAML",
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
        ) from error
    return builder.root, builder.duplicates


def _unprintable(text: str, error: yaml.reader.ReaderError) -> errors.DocumentBroken:
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    position = found.start() if found else 0
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    character = f"U+{ord(text[position]):04X} " if found else ""
    return errors.DocumentBroken(
        f"the character {character}is not allowed here ({error.reason})", line=line, column=column
    )
