"""Texts of a document, cleaned and bounded for people and models."""

import html
import re
from typing import Any

_BREAK = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|h[1-6]|table)\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)]{0,500}\)")
_DATA_URL = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=]+")
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LONGEST_INPUT = 60_000


def text(value: Any) -> str:
    """Any value where the specification wants text."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else str(value)


def clean(value: Any, longest: int) -> str:
    """Readable text without markup, images and control characters, cut at a sentence or word."""
    cleaned = _CONTROL.sub("", text(value)[:_LONGEST_INPUT].replace("\r\n", "\n"))
    if "<" in cleaned:
        cleaned = _TAG.sub("", _BREAK.sub("\n", _without_comments(cleaned)))
    if "&" in cleaned:
        cleaned = html.unescape(cleaned)
    if "data:" in cleaned or "![" in cleaned:
        cleaned = _DATA_URL.sub("", _IMAGE.sub("", cleaned))
    cleaned = _LINES.sub("\n\n", _SPACES.sub(" ", cleaned)).strip()
    return shorten(cleaned, longest)


def _without_comments(markup: str) -> str:
    pieces: list[str] = []
    while True:
        before, opened, rest = markup.partition("<!--")
        pieces.append(before)
        if not opened:
            return "".join(pieces)
        markup = rest.partition("-->")[2]


def shorten(value: str, longest: int) -> str:
    """At most `longest` characters, ending at a sentence where one ends in the second half."""
    if len(value) <= longest:
        return value
    cut = value[: longest - 3]
    end = max(cut.rfind(". "), cut.rfind(".\n"), cut.rfind("\n\n"))
    if end > longest // 2:
        return cut[: end + 1].rstrip()
    space = cut.rfind(" ")
    return (cut[:space] if space > longest // 2 else cut).rstrip() + "..."


def one_line(value: Any, longest: int) -> str:
    """Cleaned text on one line."""
    return shorten(" ".join(clean(value, _LONGEST_INPUT).split()), longest)


def described(summary: Any, description: Any, longest: int) -> str:
    """Summary and description as one text, the summary not repeated."""
    head = one_line(summary, 300)
    body = clean(description, _LONGEST_INPUT)
    if not body or body.casefold().rstrip(".") == head.casefold().rstrip("."):
        return shorten(head or body, longest)
    if not head or body.casefold().startswith(head.casefold().rstrip(".")):
        return shorten(body, longest)
    stop = "" if head[-1:] in ".!?:" else "."
    return shorten(f"{head}{stop}\n\n{body}", longest)
