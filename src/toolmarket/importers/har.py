"""A HAR file, or a list of request and response samples, becomes a manifest.

Source:
    http://www.softwareishard.com/blog/har-12-spec/
"""

import base64
import binascii
import json
import re
from typing import Any

from toolmarket.importers import bodies, documents, errors, exchanges, sampled, wording
from toolmarket.importers.bodies import FORM
from toolmarket.importers.exchanges import Answer, Content, Exchange, Part
from toolmarket.importers.reading import as_dict, as_list
from toolmarket.importers.schemas import Imported

MOST_ENTRIES = 10_000
MOST_SAMPLES = 50
_MOST_PAIRS = 500
_LARGEST_TEXT = 4_194_304
_ASSET_KINDS = re.compile(
    r"(?:image|font|video|audio)/|text/(?:css|html)|application/(?:javascript|x-javascript|font|wasm|vnd\.ms-font)"
    r"|text/javascript|application/manifest\+json|application/x-font"
)
_ASSET_PATH = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|eot|mp4|webm|mp3|wasm|html?|webmanifest)$",
    re.IGNORECASE,
)
_TRACKERS = re.compile(
    r"(?:^|\.)(?:google-analytics|googletagmanager|doubleclick|segment|mixpanel|hotjar|sentry|amplitude|fullstory|"
    r"datadoghq|newrelic|nr-data|clarity|facebook|intercom|googlesyndication)\.(?:com|net|io|ms)$"
)
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"}


def import_har(content: bytes) -> Imported:
    """Turn recorded traffic into a manifest: requests that differ in ids or values only are one operation.

    Takes a HAR file, or a list of at most 50 samples `{request: {method, url, headers, query, body},
    response: {status, headers, body}}`, headers and query as objects or lists of `{name, value}`.

    Raises:
        DocumentBroken: it is no JSON; with line and column.
        DescriptionUnusable: no list of entries, or no request of an API among them.
        DocumentTooLarge: over 10,000 entries or 50 samples, or the limits of `documents.read_document`.
    """
    root = _document(content)
    log = as_dict(root.get("log"))
    key, most = ("/log/entries", MOST_ENTRIES) if log else ("/samples", MOST_SAMPLES)
    entries = log.get("entries") if log else root.get("samples")
    if not isinstance(entries, list):
        raise errors.DescriptionUnusable("There is no list of entries.", pointer=key)
    if len(entries) > most:
        raise errors.DocumentTooLarge(f"{len(entries):,} entries; an import takes {most:,}.")
    return _Import().imported(entries, key, "har" if log else "samples")


def is_har(root: dict[str, Any]) -> bool:
    """Whether the document is a HAR file or a list of samples."""
    return "entries" in as_dict(root.get("log")) or isinstance(root.get("samples"), list)


def _document(content: bytes) -> dict[str, Any]:
    """The object at the top; a bare list is one of samples."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"[":
        return documents.read_document(content).root
    head = b'{"samples":'
    try:
        return documents.read_document(head + content.removeprefix(b"\xef\xbb\xbf") + b"}").root
    except errors.DocumentBroken as broken:
        line, column = broken.extra["line"], broken.extra["column"]
        column = max(1, column - len(head)) if line == 1 else column
        told = str(broken).partition(": ")[2]
        raise errors.DocumentBroken(told, line=line, column=column) from None


class _Import:
    def __init__(self) -> None:
        self._sampled = sampled.Sampled()
        self._report = self._sampled.report
        self._assets = self._trackers = self._broken = self._preflights = 0

    def imported(self, entries: list[Any], pointer: str, kind: str) -> Imported:
        found: list[Exchange] = []
        for position, entry in enumerate(entries):
            exchange = self._exchange(as_dict(entry), f"{pointer}/{position}")
            if exchange is not None:
                found.append(exchange)
        self._tell_left_out()
        groups = self._sampled.groups(found, clusters=True)
        if len(groups) > sampled.MOST_OPERATIONS:
            self._report.warning(
                f"A tool holds {sampled.MOST_OPERATIONS:,} operations; the rest is left out."
            )
        operations = [
            self._sampled.operation(group, sampled.server_of(self._sampled.servers, group.base))
            for group in groups[: sampled.MOST_OPERATIONS]
        ]
        self._report.info(
            f"{len(found)} recorded calls became {len(operations)} operations: kinds, and which arguments "
            "are needed, are inferred. Check them."
        )
        title = sampled.title_of([exchange.base for exchange in found])
        return self._sampled.imported(operations, title=title, source_version=kind)

    def _tell_left_out(self) -> None:
        for count, what in (
            (self._assets, "pages, pictures, scripts and styles"),
            (self._trackers, "calls of analytics services"),
            (self._preflights, "preflight requests of browsers"),
            (self._broken, "entries without a usable request"),
        ):
            if count:
                self._report.info(f"Left out: {count} {what}.")

    def _exchange(self, entry: dict[str, Any], pointer: str) -> Exchange | None:
        request, response = as_dict(entry.get("request")), as_dict(entry.get("response"))
        method = wording.text(request.get("method")).upper()
        try:
            exchange = exchanges.exchange_of(method, wording.text(request.get("url")), pointer)
        except ValueError:
            self._broken += 1
            return None
        if method not in _METHODS or exchange.base.startswith("ws"):
            self._broken += 1
            return None
        answer = _answer(response)
        if self._is_left_out(exchange, answer):
            return None
        exchange.headers = _pairs(request.get("headers"))
        exchange.cookies = _pairs(request.get("cookies"))
        exchange.query = exchange.query or _pairs(request.get("queryString") or request.get("query"))
        exchange.content = _content(request, exchange)
        exchange.answers = [answer] if answer else []
        exchange.title = wording.text(entry.get("name") or request.get("name"))
        return exchange

    def _is_left_out(self, exchange: Exchange, answer: Answer | None) -> bool:
        if exchange.method == "OPTIONS":
            self._preflights += 1
        elif _TRACKERS.search(exchanges.host_of(exchange.base).split(":")[0]):
            self._trackers += 1
        elif _is_asset(exchange, answer):
            self._assets += 1
        else:
            return False
        return True


def _is_asset(exchange: Exchange, answer: Answer | None) -> bool:
    if exchange.method not in {"GET", "HEAD"}:
        return False
    kind = answer.content.content_type if answer and answer.content else ""
    if kind and _ASSET_KINDS.match(kind.casefold()):
        return True
    return not kind.startswith("application/json") and bool(_ASSET_PATH.search("/".join(exchange.segments)))


def _pairs(node: Any) -> list[tuple[str, str]]:
    """Headers, cookies or parameters, as a list of name and value, or as an object."""
    if isinstance(node, dict):
        return [(name, wording.text(value)) for name, value in node.items()][:_MOST_PAIRS]
    pairs = (as_dict(entry) for entry in as_list(node)[:_MOST_PAIRS])
    return [
        (name, wording.text(pair.get("value"))) for pair in pairs if (name := wording.text(pair.get("name")))
    ]


def _content(request: dict[str, Any], exchange: Exchange) -> Content | None:
    """The body: `postData` of a HAR file, `body` of a sample."""
    posted = as_dict(request.get("postData"))
    kind = wording.text(posted.get("mimeType")) or exchanges.header(exchange.headers, "content-type")
    if not posted:
        return _sample_content(request.get("body"), kind)
    text = wording.text(posted.get("text"))
    content = Content(kind or "text/plain", text if len(text) <= _LARGEST_TEXT else "")
    if content.family in {"form", "multipart"}:
        content.content_type = FORM if content.family == "form" else "multipart/form-data"
        content.parts = [_part(as_dict(entry)) for entry in as_list(posted.get("params"))[:_MOST_PAIRS]]
        if not content.parts and content.family == "form":
            content.parts = [Part(name, value) for name, value in exchanges.pairs_of(text)]
        elif not content.parts:
            content.parts = _multipart(text)
        content.text = ""
    content.binary = content.family == "binary"
    return content if text or content.parts or content.binary else None


def _part(entry: dict[str, Any]) -> Part:
    is_file = bool(entry.get("fileName"))
    value = "" if is_file else wording.text(entry.get("value"))
    kind = wording.text(entry.get("contentType")) if is_file else ""
    return Part(wording.text(entry.get("name")), value, is_file, kind or None)


def _multipart(text: str) -> list[Part]:
    """The fields of a multipart body that was recorded as text; files without their bytes."""
    found: list[Part] = []
    boundary = text[:200].split("\n", 1)[0].strip()
    if not boundary.startswith("--"):
        return found
    for piece in text.split(boundary)[1:201]:
        head, _, value = piece.replace("\r\n", "\n").partition("\n\n")
        head = head[:2_000]
        name = re.search(r'(?<!file)name="([^"]*)"', head)
        if name:
            is_file = "filename=" in head
            kind = re.search(r"content-type:[ \t]*(\S+)", head, re.IGNORECASE)
            value = "" if is_file else value.removesuffix("\n")
            found.append(Part(name[1], value, is_file, kind[1] if kind and is_file else None))
    return found


def _sample_content(body: Any, kind: str) -> Content | None:
    if body is None:
        return None
    if not isinstance(body, str):
        return Content(
            kind if bodies.family(kind) == "json" and kind else "application/json", json.dumps(body)
        )
    looks = "application/json" if body.lstrip()[:1] in "{[" and body else "text/plain"
    content = Content(kind or looks, body[:_LARGEST_TEXT])
    if content.family == "form":
        content.parts = [Part(name, value) for name, value in exchanges.pairs_of(body)]
    return content


def _answer(response: dict[str, Any]) -> Answer | None:
    status = response.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or status < 100:
        return None
    node = as_dict(response.get("content"))
    kind = wording.text(node.get("mimeType")) or exchanges.header(
        _pairs(response.get("headers")), "content-type"
    )
    if not node:
        return Answer(status, _sample_content(response.get("body"), kind))
    text = wording.text(node.get("text"))
    if node.get("encoding") == "base64":
        text = _decoded(text)
    return Answer(status, Content(kind, text if len(text) <= _LARGEST_TEXT else "") if kind else None)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
