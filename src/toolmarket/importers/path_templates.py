"""Paths of recorded requests become templates: ids by their form, other values by how much they vary."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from toolmarket.importers import inference, naming, secrecy
from toolmarket.importers.exchanges import Exchange

_PLACE = re.compile(r":([A-Za-z_][\w-]*)|\{\{([^{}]+)\}\}|\{([^{}]+)\}|\$\{?([A-Za-z_]\w*)\}?|<([^<>]+)>")
_PARTLY = re.compile(r"[{}<>]|\$[A-Za-z_{(]")
_PREFIXED = re.compile(r"[a-z]{1,12}_(?=[A-Za-z]*\d)[A-Za-z0-9]{6,}")
_VERSION = re.compile(r"v?\d{1,2}(?:\.\d{1,2})?|\d{4}-\d{2}(?:-\d{2})?")
_DISTINCT = 4
MOST_SAMPLES = 500
_SINGULAR = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))


@dataclass(slots=True)
class Place:
    """A path parameter: its wire name and the values that were seen."""

    name: str
    values: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """Exchanges of one operation: a path of fixed segments and places."""

    method: str
    base: str
    path: list[str | Place]
    exchanges: list[Exchange] = field(default_factory=list)
    query: str | None = None

    def text(self) -> str:
        """The path as the manifest writes it."""
        return "".join("/" + (item if isinstance(item, str) else "{" + item.name + "}") for item in self.path)


Key = tuple[object, ...]


def group(
    exchanges: Sequence[Exchange], document_of: Callable[[Exchange], str | None], *, clusters: bool
) -> list[Group]:
    """Exchanges that differ in ids and values only, together; of each operation the first 500.

    Args:
        document_of: the GraphQL document of an exchange; others with another document are other operations.
        clusters: also join paths of which one segment takes many values with answers alike.
    """
    found: dict[Key, Group] = {}
    varying = _varying(exchanges) if clusters else {}
    for exchange in exchanges:
        document = document_of(exchange)
        marks = varying.get(id(exchange), frozenset())
        path = _template(exchange, marks)
        shape = tuple("{}" if isinstance(item, Place) else item for item in path)
        key = (exchange.method, exchange.base, shape, document)
        known = found.setdefault(key, Group(exchange.method, exchange.base, path, [], document))
        if len(known.exchanges) >= MOST_SAMPLES:
            continue
        known.exchanges.append(exchange)
        if known.path is not path:
            _add_values(known.path, path)
    return list(found.values())


def _add_values(known: list[str | Place], path: list[str | Place]) -> None:
    for kept, item in zip(known, path, strict=True):
        if isinstance(kept, Place) and isinstance(item, Place):
            kept.values += item.values


def _template(exchange: Exchange, marks: frozenset[int]) -> list[str | Place]:
    path: list[str | Place] = []
    taken: set[str] = set()
    for position, segment in enumerate(exchange.segments):
        told = _PLACE.fullmatch(segment)
        if told:
            written = next(filter(None, told.groups()))
            value = exchange.variables.get(written, "")
            path.append(Place(_unique(_worded(written), taken), _kept(value)))
        elif _PARTLY.search(segment):
            path.append(Place(_unique(_worded(segment), taken)))
        elif position in marks or is_id(segment, exchange.segments[:position]):
            path.append(Place(_unique(_named(exchange.segments[:position], path), taken), _kept(segment)))
        else:
            path.append(segment)
    return path


def _kept(value: str) -> list[str]:
    hidden = not value or secrecy.MASK in value or secrecy.is_secret_value(value) or "{{" in value
    return [] if hidden else [value]


def is_id(segment: str, before: Sequence[str]) -> bool:
    """Whether a segment is evidently a value: a UUID, a number after a plural, a long or prefixed id."""
    if secrecy.MASK in segment or inference.is_uuid(segment) or secrecy.is_secret_value(segment):
        return True
    if segment.isdecimal():
        return len(segment) >= 3 or (bool(before) and before[-1].casefold().endswith("s"))
    if _VERSION.fullmatch(segment):
        return False
    plain = "." not in segment and inference.looks_like_id(segment)
    return plain or bool(_PREFIXED.fullmatch(segment)) or "@" in segment[1:]


def _varying(exchanges: Sequence[Exchange]) -> dict[int, frozenset[int]]:
    """Which positions of an exchange's path vary: many values in it, the answers alike."""
    places: dict[Key, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        before = exchange.segments
        for position in range(1, len(before)):
            if is_id(before[position], before[:position]) or _VERSION.fullmatch(before[position]):
                continue
            rest = tuple(
                "{}" if is_id(segment, before[:at]) else segment
                for at, segment in enumerate(before)
                if at != position
            )
            places[exchange.method, exchange.base, position, rest].append(exchange)
    marks: dict[int, set[int]] = defaultdict(set)
    for key, members in places.items():
        position = int(str(key[2]))
        values = {exchange.segments[position] for exchange in members}
        if len(values) >= _DISTINCT and _alike(members):
            for exchange in members:
                marks[id(exchange)].add(position)
    return {key: frozenset(found) for key, found in marks.items()}


def _alike(exchanges: list[Exchange]) -> bool:
    """Whether the answers have the same members, so that one operation gave them all."""
    shapes = [shape for exchange in exchanges if (shape := _shape(exchange))]
    if len(shapes) < _DISTINCT:
        return False
    common, every = frozenset.intersection(*shapes), frozenset.union(*shapes)
    return len(common) >= 2 and len(common) * 10 >= len(every) * 7


def _shape(exchange: Exchange) -> frozenset[str]:
    for answer in exchange.answers:
        if 200 <= answer.status < 300 and answer.content is not None:
            value = answer.content.json()
            value = value[0] if isinstance(value, list) and value else value
            return frozenset(value) if isinstance(value, dict) else frozenset()
    return frozenset()


def _named(before: Sequence[str], path: Sequence[str | Place]) -> str:
    """`user_id` for what follows `users`."""
    if not path or isinstance(path[-1], Place):
        return "id"
    words = naming.words(before[-1])
    if not words or _VERSION.fullmatch(before[-1]):
        return "id"
    last = words[-1]
    for ending, singular in _SINGULAR:
        if last.endswith(ending) and len(last) > len(ending) + 1 and not last.endswith("ss"):
            last = last[: -len(ending)] + singular
            break
    return "_".join([*words[-3:-1], last, "id"])


def _worded(written: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", written.strip()).strip("_")[:60] or "value"


def _unique(name: str, taken: set[str]) -> str:
    base, number = name, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name
