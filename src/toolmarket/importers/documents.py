"""Bytes become a document of plain JSON values, or a refusal that names line and column."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from toolmarket.importers import errors
from toolmarket.importers.yaml_documents import MAX_DEPTH, MAX_NODES, Duplicate, read_yaml

MAX_BYTES = 33_554_432
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_KEY_IN_TEXT = re.compile(rb'(?<!\\)"\s*:')


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document and the keys that it wrote twice."""

    root: dict[str, Any]
    duplicates: list[Duplicate]


def read_document(content: bytes) -> Document:
    """Read JSON or YAML in UTF-8, UTF-16 or UTF-32.

    Raises:
        DocumentBroken: neither JSON nor YAML, or not Unicode; with line and column.
        NotOpenApi: readable, but no object.
        DocumentTooLarge: more than 32 MiB, 3 million values or 120 levels.
    """
    if len(content) > MAX_BYTES:
        raise errors.DocumentTooLarge(f"{len(content):,} bytes; an import takes up to {MAX_BYTES:,}.")
    text = decode(content)
    if not text.strip():
        raise errors.DocumentBroken("the document is empty", line=1, column=1)
    value, duplicates = _parse(text)
    if not isinstance(value, dict):
        raise errors.NotOpenApi("The document holds no object at its top, so it describes no API.")
    return Document(value, duplicates)


def decode(content: bytes) -> str:
    """The text of a document; the encoding is told by its first bytes, as RFC 4627 section 3 does."""
    encoding = _encoding(content[:4])
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode(encoding, "replace")
        byte = content[error.start]
        raise errors.DocumentBroken(
            f"byte 0x{byte:02X} is no valid {encoding.upper()}; save the file as UTF-8",
            line=good.count("\n") + 1,
            column=len(good) - good.rfind("\n"),
        ) from error


def _encoding(head: bytes) -> str:
    marks = (
        (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    )  # fmt: skip
    for mark, encoding in marks:
        if head.startswith(mark):
            return encoding
    if len(head) == 4 and head[0] == 0:
        return "utf-32-be" if head[1] == 0 else "utf-16-be"
    if len(head) == 4 and head[1] == 0:
        return "utf-32-le" if head[2] == 0 else "utf-16-le"
    return "utf-8"


def _parse(text: str) -> tuple[Any, list[Duplicate]]:
    try:
        raw = text.encode()
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return _parse_slowly(text)
    value, keys = tidy(value)
    written = len(_KEY_IN_TEXT.findall(raw))
    return value, _json_duplicates(text) if written > keys else []


def _parse_slowly(text: str) -> tuple[Any, list[Duplicate]]:
    """What orjson refuses: lenient JSON, YAML, or nothing at all."""
    if text.lstrip()[:1] not in "{[":
        value, duplicates = read_yaml(text)
        return tidy(value)[0], duplicates
    try:
        return tidy(json.loads(text, parse_int=_whole))[0], _json_duplicates(text)
    except RecursionError as error:
        raise errors.DocumentTooLarge(f"More than {MAX_DEPTH} levels are nested in each other.") from error
    except json.JSONDecodeError as error:
        broken = errors.DocumentBroken(error.msg, line=error.lineno, column=error.colno)
    try:
        value, duplicates = read_yaml(text)
    except errors.DocumentBroken:
        raise broken from None
    return tidy(value)[0], duplicates


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)


def _json_duplicates(text: str) -> list[Duplicate]:
    found: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(pairs)
        if len(kept) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            found.extend(key for key, count in counts.items() if count > 1)
        return kept

    json.loads(text, object_pairs_hook=collect, parse_int=_whole)
    return [Duplicate(key, 0, 0) for key in found]


def tidy(root: Any) -> tuple[Any, int]:
    """Bound depth and number of values, and mend what JSON cannot carry; also count the keys.

    Infinite and NaN numbers become null; NUL and lone surrogates the replacement character.
    """
    holder = [root]
    level: list[Any] = [holder]
    keys, nodes, depth = 0, 0, 0
    done: set[int] = set()
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise errors.DocumentTooLarge(f"More than {MAX_DEPTH} levels are nested in each other.")
        below: list[Any] = []
        for container in level:
            if id(container) in done:
                continue
            done.add(id(container))
            nodes += len(container)
            keys += len(container) if isinstance(container, dict) else 0
            _tidy_container(container, below)
        if nodes > MAX_NODES:
            raise errors.DocumentTooLarge(f"The document has more than {MAX_NODES:,} values.")
        level = below
    return holder[0], keys


def _tidy_container(container: Any, below: list[Any]) -> None:
    keyed = isinstance(container, dict)
    changes: list[tuple[Any, Any]] = []
    renamed: list[tuple[str, str]] = []
    pairs: Iterable[tuple[Any, Any]] = container.items() if keyed else enumerate(container)
    for key, value in pairs:
        kind = type(value)
        if kind is dict or kind is list:
            below.append(value)
        elif kind is float and not math.isfinite(value):
            changes.append((key, None))
        elif kind is str and _is_unstorable(value):
            changes.append((key, _UNSTORABLE.sub("\ufffd", value)))
        if keyed and _is_unstorable(key):
            renamed.append((key, _UNSTORABLE.sub("\ufffd", key)))
    for key, value in changes:
        container[key] = value
    for old, new in renamed:
        container[new] = container.pop(old)


def _is_unstorable(text: str) -> bool:
    """Whether databases or JSON refuse the text; quick for what is plain."""
    return "\x00" in text or (not text.isascii() and _UNSTORABLE.search(text) is not None)
