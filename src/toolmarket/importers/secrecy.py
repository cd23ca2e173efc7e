"""Recognising credentials in requests that somebody recorded, so that no value of one is kept."""

import base64
import binascii
import itertools
import re
from collections.abc import Iterable
from typing import Any

from toolmarket.importers import inference

MASK = "[redacted]"
_SHORTEST = 6
_MOST_ENCODED = 300
_LONGEST = 16_384
_NAME = re.compile(
    r"(?:^|[-_.\s])(?:api[-_]?key|apikey|app[-_]?key|access[-_]?key|secret|token|password|passwd|pwd|passphrase|"
    r"authorization|auth|credential|credentials|signature|sig|jwt|session|sessionid|sid|private[-_]?key|subscription[-_]?key|"
    r"functions[-_]?key|client[-_]?secret|otp|pin|csrf|xsrf|csrftoken|webhook[-_]?url|bearer)(?:$|[-_.\s])",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"apikey|accesskey|secretkey|privatekey|accesstoken|refreshtoken|idtoken|authtoken|clientsecret|password|passwd|"
    r"sessionid|sessid|csrf|xsrf|authorization|subscriptionkey|authkey|apitoken|bearertoken|securitytoken|usertoken"
)
_HARMLESS = {
    "next_page_token", "page_token", "nextpagetoken", "pagetoken", "next_token", "nexttoken", "sync_token",
    "synctoken", "continuation_token", "continuationtoken", "max_tokens", "tokens", "token_type", "tokentype",
    "max_completion_tokens", "total_tokens", "prompt_tokens", "completion_tokens", "auth_type", "token_count",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VALUE = re.compile(
    r"(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?"
    r"|(?:sk|pk|rk|whsec|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeprs]|shpat|shpss|npm|pypi|dop_v1|hf|key|tok|"
    r"SG|AKIA|ASIA|AIza|ya29)[-_.]?[A-Za-z0-9_.-]{14,}"
    r"|-----BEGIN [A-Z ]+-----.*)",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"(?:[A-Za-z]+ )?(?:\{\{[^{}]*\}\}|\$\{?[A-Z_]+\}?|<[^<>]*>|\[redacted\])")
_SEPARATORS = re.compile(r"[^A-Za-z0-9+/]+")
_CHARACTERS = re.compile(r"[A-Za-z0-9_+/=.~:-]{16,}")


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter, cookie, variable or member of this name carries a credential."""
    spaced = _CAMEL.sub("_", name.strip())
    if spaced.casefold() in _HARMLESS or name.casefold() in _HARMLESS:
        return False
    return bool(_NAME.search(spaced) or _JOINED.search(re.sub(r"[^a-z]", "", name.casefold())))


def is_secret_value(text: str) -> bool:
    """Whether a text has the form of a key or token: a known prefix, or long and random."""
    if len(text) > _LONGEST:
        return text.startswith("-----BEGIN ")
    if _VALUE.fullmatch(text):
        return True
    if len(text) < 20 or not _CHARACTERS.fullmatch(text) or inference.is_uuid(text) or text.isdecimal():
        return False
    if "://" in text or text.startswith("/"):
        return False
    return any(_is_random(chunk) for chunk in _SEPARATORS.split(text))


def _is_random(chunk: str) -> bool:
    """Whether a piece without separators is too irregular for a word, a date or a number."""
    if len(chunk) < 16:
        return False
    kinds = (str.isdigit, str.isupper, str.islower)
    present = sum(any(check(character) for character in chunk) for check in kinds)
    changes = sum(a.isdigit() != b.isdigit() for a, b in itertools.pairwise(chunk))
    return present >= 2 and changes >= 3


class Secrets:
    """The credential values that were met, and the texts without them.

    Short and plain values (`abc`, `password`) are only taken as whole texts: within texts they would be
    found everywhere.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._met: set[str] = set()
        self._begin: dict[str, list[str]] | None = None

    def add(self, value: Any, *, seen: bool = True) -> None:
        """A credential's value; of a Basic one also what it encodes, of others the part after the scheme.

        Args:
            seen: whether it stood where a credential stands, not only looked like one.
        """
        if not isinstance(value, str) or not value.strip() or _is_placeholder(value):
            return
        parts = {value.strip(), value.strip().rpartition(" ")[2]}
        scheme, _, rest = value.strip().partition(" ")
        if scheme.casefold() == "basic":
            parts |= set(_basic(rest.strip()))
        parts.discard("")
        self._values |= parts
        if seen:
            self._met |= parts
        self._begin = None

    def cleaned(self, text: str) -> str:
        """The text with every credential masked, in capitals or not."""
        if not self._values:
            return text
        if text in self._values:
            return MASK
        low = text.lower()
        if len(low) != len(text):
            low = text
        if self._begin is None:
            self._begin = _by_beginning(filter(_is_strong, self._values))
        pieces, kept, at = list[str](), 0, 0
        while at <= len(low) - _SHORTEST:
            found = next(
                (v for v in self._begin.get(low[at : at + _SHORTEST], ()) if low.startswith(v, at)), ""
            )
            if found:
                pieces += [text[kept:at], MASK]
                kept = at = at + len(found)
            else:
                at += 1
        return "".join([*pieces, text[kept:]]) if pieces else text

    def strong(self) -> tuple[str, ...]:
        """Values that stood in the place of a credential and may be looked for in other encodings."""
        return tuple(sorted(filter(_is_strong, self._met))[:_MOST_ENCODED])

    def cleaned_value(self, value: Any) -> Any:
        """A JSON value with every credential masked, in names too."""
        if isinstance(value, str):
            return self.cleaned(value)
        if isinstance(value, dict):
            return {self.cleaned(name): self.cleaned_value(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.cleaned_value(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in self._values:
            return 0
        return value

    def gather(self, value: Any) -> None:
        """Add what stands under secret names, or looks like a credential, anywhere in a JSON value."""
        for name, text in _members(value, "", 0):
            if is_secret_name(name) and not text.isdecimal():
                self.add(text)
            elif is_secret_value(text):
                self.add(text, seen=False)


def without_secrets(value: Any) -> Any:
    """A JSON value for an example: members that carry credentials are left out."""
    if isinstance(value, dict):
        return {
            name: without_secrets(member)
            for name, member in value.items()
            if not (is_secret_name(name) and not isinstance(member, dict | list | bool))
            and not _is_hidden(member)
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value if not _is_hidden(item)]
    return value


def _is_hidden(value: Any) -> bool:
    """Whether a value is no example: a credential, or something that only stands for a value."""
    if not isinstance(value, str):
        return False
    return MASK in value or "{{" in value or inference.is_stand_in(value) or is_secret_value(value)


def _members(value: Any, name: str, depth: int) -> Iterable[tuple[str, str]]:
    if depth > 40:
        return
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _members(member, key, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, name, depth + 1)


def _by_beginning(values: Iterable[str]) -> dict[str, list[str]]:
    """Values in lower case by their first characters, the longest first: many are found in one pass."""
    found: dict[str, list[str]] = {}
    for value in sorted({value.lower() for value in values}, key=len, reverse=True):
        found.setdefault(value[:_SHORTEST], []).append(value)
    return found


def _is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.fullmatch(value.strip()) is not None


def _basic(encoded: str) -> list[str]:
    try:
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    user, _, password = text.partition(":")
    return [text, user, password]


def _is_strong(value: str) -> bool:
    if len(value) < _SHORTEST:
        return False
    return len(value) >= 16 or not (value.isalpha() and (value.islower() or value.istitle()))
