"""How much work a JSON Schema makes for its validator, at worst.

References let a small schema ask for an exponential number of checks of one value: two alternatives
that both refer to the next of thirty definitions are a thousand million checks, and the validator
cannot be interrupted. Counted is how often subschemas are checked at one place of a value, followed
down the places where that grows most.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

MOST_CHECKS = 20_000
MOST_LEVELS = 200
_BREADTH = 8
_LISTS = ("allOf", "anyOf", "oneOf")
_ALONE = ("not", "if", "then", "else", "$ref", "$dynamicRef")
_REST = {
    "additionalProperties": "member",
    "unevaluatedProperties": "member",
    "items": "item",
    "additionalItems": "item",
    "unevaluatedItems": "item",
}
_EVERY = {"contains": "item", "propertyNames": "name"}
Load = dict[int, int]


class Below(NamedTuple):
    """A subschema for values one level down: of the member or item `name`, or of all but `besides`."""

    kind: str
    child: int
    name: object = None
    besides: frozenset[object] = frozenset()


def too_costly(schema: dict[str, Any]) -> bool:
    """Whether some value would make the validator check more than `MOST_CHECKS` subschemas at one place."""
    graph = _Graph(schema)
    seen: set[frozenset[tuple[int, int]]] = set()
    loads: list[Load] = [{graph.root: 1}]
    for _ in range(MOST_LEVELS):
        below: list[Load] = []
        for load in loads:
            spread = graph.spread(load)
            if spread is None:
                return True
            below += graph.below(spread)
        loads = []
        for load in heapq.nlargest(_BREADTH, below, key=lambda each: sum(each.values())):
            if (mark := frozenset(load.items())) not in seen:
                seen.add(mark)
                loads.append(load)
        if not loads:
            return False
    return False


class _Graph:
    """Subschemas as numbers; which are checked at the same place of a value, and which below it."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._document = schema
        self._numbers: dict[int, int] = {}
        self._same: list[list[int]] = []
        self._below: list[list[Below]] = []
        self._order: dict[int, int] = {}
        waiting: list[dict[str, Any]] = []
        self.root = self._number(schema, waiting)
        while waiting:
            node = waiting.pop()
            number = self._numbers[id(node)]
            self._same[number] = [self._number(each, waiting) for each in self._beside(node)]
            self._below[number] = [
                Below(kind, self._number(each, waiting), name, besides)
                for kind, each, name, besides in _inside(node)
            ]
        self._sort()

    def _number(self, node: dict[str, Any], waiting: list[dict[str, Any]]) -> int:
        number = self._numbers.setdefault(id(node), len(self._same))
        if number == len(self._same):
            self._same.append([])
            self._below.append([])
            waiting.append(node)
        return number

    def _beside(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        dependent = node.get("dependentSchemas")
        members = [*dependent.values()] if isinstance(dependent, dict) else []
        for name in _LISTS:
            members += node[name] if isinstance(node.get(name), list) else []
        for name in _ALONE:
            value = node.get(name)
            members.append(self._resolved(value) if isinstance(value, str) else value)
        return (each for each in members if isinstance(each, dict))

    def _resolved(self, reference: str) -> Any:
        found: Any = self._document
        if not reference.startswith("#"):
            return None
        for part in filter(None, unquote(reference[1:]).split("/")):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                return None
        return found

    def _sort(self) -> None:
        """Order the subschemas so that each comes before those that it has checked at the same place."""
        finished: list[int] = []
        state = bytearray(len(self._same))
        for start in range(len(self._same)):
            stack = [(start, 0)] if not state[start] else []
            while stack:
                number, position = stack.pop()
                state[number] = 1
                children = self._same[number]
                if position < len(children):
                    stack.append((number, position + 1))
                    if not state[children[position]]:
                        stack.append((children[position], 0))
                else:
                    finished.append(number)
        self._order = {number: place for place, number in enumerate(reversed(finished))}

    def spread(self, load: Load) -> Load | None:
        """How often everything is checked at the place, or None where that is too often."""
        counts = dict(load)
        waiting = [(self._order[number], number) for number in counts]
        heapq.heapify(waiting)
        while waiting:
            place, number = heapq.heappop(waiting)
            for child in self._same[number]:
                # A subschema that has itself checked at the same place has no end; validators stop there.
                if self._order[child] > place:
                    if child not in counts:
                        heapq.heappush(waiting, (self._order[child], child))
                    counts[child] = counts.get(child, 0) + counts[number]
        return None if sum(counts.values()) > MOST_CHECKS else counts

    def below(self, spread: Load) -> list[Load]:
        """How often what is checked at each place one level down."""
        named: dict[tuple[str, object], Counter[int]] = {}
        unnamed: list[tuple[Below, int]] = []
        for number, count in spread.items():
            for each in self._below[number]:
                if each.name is None:
                    unnamed.append((each, count))
                else:
                    named.setdefault((each.kind, each.name), Counter())[each.child] += count
        for each, _ in unnamed:
            named.setdefault((each.kind, None), Counter())
        for (kind, name), counts in named.items():
            for each, count in unnamed:
                if each.kind == kind and name not in each.besides:
                    counts[each.child] += count
        return [dict(counts) for counts in named.values()]


def _inside(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], object, frozenset[object]]]:
    """The subschemas for members and items of a value: kind, subschema, name, and the names left out."""
    properties, patterns, first = (
        node.get(name) for name in ("properties", "patternProperties", "prefixItems")
    )
    named = {"member": properties if isinstance(properties, dict) else {}, "name": {}}
    named["item"] = dict(enumerate(first)) if isinstance(first, list) else {}
    found: list[tuple[str, Any, object, frozenset[object]]] = [
        (kind, each, name, frozenset()) for kind, members in named.items() for name, each in members.items()
    ]
    every = [*patterns.values()] if isinstance(patterns, dict) else []
    found += [("member", each, None, frozenset()) for each in every]
    found += [(kind, node.get(name), None, frozenset()) for name, kind in _EVERY.items()]
    found += [(kind, node.get(name), None, frozenset(named[kind])) for name, kind in _REST.items()]
    return (entry for entry in found if isinstance(entry[1], dict))
