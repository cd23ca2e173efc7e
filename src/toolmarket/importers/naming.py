"""Names that a model understands: of operations, arguments and tools."""

import re
import unicodedata

OPERATION_LENGTH = 48
ARGUMENT_LENGTH = 64
_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_NOISE = re.compile(r"^(?:[0-9a-f]{12,}|[0-9]+|[0-9a-f]{8}_[0-9a-f_]{20,})$")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as the vocabularies of this room are written."""
    return frozenset(text.split())


_ONE_WORD = (
    "OAuth",
    "GraphQL",
    "GitHub",
    "GitLab",
    "YouTube",
    "PayPal",
    "LinkedIn",
    "OpenID",
    "IPv4",
    "IPv6",
)
_GENERIC = word_set(
    """
    get list all by id ids create update delete remove find search show index save add put post patch set read
    fetch query one many item items upsert edit store destroy retrieve new insert count
    """
)
_VERSION = re.compile(r"^v[0-9]+$")
_DULL = {"the", "a", "an", "of", "and", "with", "for", "to", "in", "on", "by", "from", "using", "api", "rest",
         "controller", "service", "endpoint", "request", "v1", "v2", "v3", "operation"}  # fmt: skip


def words(text: str) -> list[str]:
    """The words of an identifier or a sentence in lower case: camelCase, kebab-case, dots and accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    for name in _ONE_WORD:
        plain = plain.replace(name, name.capitalize())
    split = _CAMEL.sub(r"\1 \2", _ACRONYM.sub(r"\1 \2", plain[:400]))
    return [word for word in _NOT_WORD.sub(" ", split).lower().split() if word]


class OperationNames:
    """Hands out names that are unique in one tool."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def choose(self, operation_id: str, method: str, path: str, summary: str = "") -> str:
        """A name from the operation's own id, or from its method and path, shortened at word borders."""
        told = words(".".join(operation_id.split(".")[-2:]) if operation_id.count(".") > 2 else operation_id)
        if not told or _NOISE.match("_".join(told)) or not any(len(word) > 1 for word in told):
            told = []
        placed = path_words(method, path)
        told = _placed_by_path(told, path, numbered=bool(re.search(r"[a-zA-Z]_[0-9]+$", operation_id)))
        sources = [told, placed] if told else [placed, words(summary)]
        for source in filter(None, sources):
            for candidate in _candidates(source, placed):
                if candidate and candidate not in self._taken:
                    self._taken.add(candidate)
                    return candidate
        return self._numbered(_joined(sources[0]) or "operation")

    def _numbered(self, base: str) -> str:
        number = 2
        while True:
            suffix = f"_{number}"
            name = base[: OPERATION_LENGTH - len(suffix)].rstrip("_") + suffix
            if name not in self._taken:
                self._taken.add(name)
                return name
            number += 1


def _placed_by_path(told: list[str], path: str, *, numbered: bool) -> list[str]:
    """Say what `delete_2` deletes: ids that generators made unique by counting, or that hold only a verb."""
    bare = told[:-1] if numbered and told[-1:] and told[-1].isdecimal() else told
    if not bare or not (numbered or all(word in _GENERIC for word in bare)):
        return told
    static = [
        word for segment in path.split("?")[0].split("/") if "{" not in segment for word in words(segment)
    ]
    static = [word for word in static if not _VERSION.match(word) and word not in bare[:1]]
    return [bare[0], *static, *(word for word in bare[1:] if word not in static)]


def path_words(method: str, path: str) -> list[str]:
    """`get pets by pet id` for GET /pets/{petId}."""
    found = [method.lower()]
    for segment in re.split(r"[/?&=#]", path):
        found.extend(["by", *words(segment)] if "{" in segment else words(segment))
    return found


def _candidates(source: list[str], placed: list[str]) -> list[str]:
    """Ever shorter forms of the words, then forms told apart by what the path adds."""
    essential = [word for index, word in enumerate(source) if index == 0 or word not in _DULL] or source
    essential = [word for index, word in enumerate(essential) if index == 0 or word != essential[index - 1]]
    forms = [_exact(source), _exact(essential), _joined(essential)]
    cuts = [(head, tail) for head, tail in ((1, 4), (2, 3), (2, 2), (1, 2)) if head + tail < len(essential)]
    forms.extend(_joined(essential[:head] + essential[-tail:]) for head, tail in cuts)
    fresh = [word for word in placed[1:] if word not in source and word != "by"]
    room = essential[:4]
    forms.extend(_joined([*room, *fresh[-count:]]) for count in (1, 2, 3) if fresh)
    return forms


def _exact(source: list[str]) -> str:
    name = _lettered("_".join(source))
    return name if len(name) <= OPERATION_LENGTH else ""


def _joined(source: list[str]) -> str:
    """As many words as fit."""
    name = ""
    for word in source:
        longer = f"{name}_{word}" if name else _lettered(word)
        if len(longer) > OPERATION_LENGTH:
            break
        name = longer
    return name or _lettered("_".join(source))[:OPERATION_LENGTH].rstrip("_")


def _lettered(name: str) -> str:
    return name if not name or name[0].isalpha() else f"op_{name}"


def argument(wire: str, taken: set[str], *, location: str = "") -> str:
    """A unique argument name for a parameter: letters, digits and underscores, which every model API takes.

    The wire name is kept where it is one already, its case included.
    """
    plain = unicodedata.normalize("NFKD", wire).encode("ascii", "ignore").decode()
    name = _NOT_WORD.sub("_", plain).strip("_")
    if wire.startswith("_") and re.fullmatch(r"[A-Za-z0-9_]+", wire):
        name = wire
    if not name or not (name[0].isalpha() or name[0] == "_"):
        name = f"{location or 'value'}_{name}".rstrip("_")
    base = name = name[:ARGUMENT_LENGTH].rstrip("_") or "value"
    if name in taken and location:
        base = name = f"{base[: ARGUMENT_LENGTH - len(location) - 1]}_{location}"
    number = 2
    while name in taken:
        suffix = f"_{number}"
        name, number = base[: ARGUMENT_LENGTH - len(suffix)] + suffix, number + 1
    taken.add(name)
    return name


def slug(title: str) -> str:
    """A tool's slug from its title."""
    joined = ""
    for word in words(title):
        if len(joined) + len(word) + 1 > 40:
            break
        joined = f"{joined}-{word}" if joined else word
    return joined or "tool"
