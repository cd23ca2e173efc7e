"""Bodies and saved responses of a Postman collection."""

import json
import re
from typing import Any

from toolmarket.importers import exchanges, wording
from toolmarket.importers.bodies import FORM
from toolmarket.importers.exchanges import Answer, Content, Exchange, Part
from toolmarket.importers.reading import as_dict, as_list
from toolmarket.importers.reports import Report

_BARE_VARIABLE = re.compile(r'(?<=[:\[,\s])(\{\{[^{}"]+\}\})(?=\s*[,\]}\s])')
_LANGUAGES = {
    "json": "application/json", "xml": "application/xml", "html": "text/html", "text": "text/plain",
    "javascript": "application/javascript",
}  # fmt: skip
_MOST_ANSWERS = 20


def content(node: Any, exchange: Exchange, report: Report) -> Content | None:
    """The body of a request."""
    body = as_dict(node)
    mode = wording.text(body.get("mode"))
    if not body or body.get("disabled") or not mode:
        return None
    told = exchanges.header(exchange.headers, "content-type")
    if mode == "raw":
        return _raw(body, told, report, exchange)
    if mode == "urlencoded":
        return Content(FORM, parts=_parts(body.get("urlencoded")))
    if mode == "formdata":
        return Content("multipart/form-data", parts=_parts(body.get("formdata")))
    if mode == "file":
        return Content(told or "application/octet-stream", binary=True)
    if mode == "graphql":
        return _graphql(as_dict(body.get("graphql")))
    report.warning(f"A body of the mode {mode[:40]} is left out.", exchange.pointer, kind="modes of bodies")
    return None


def answers(node: Any) -> list[Answer]:
    """The saved responses."""
    found: list[Answer] = []
    for entry in map(as_dict, as_list(node)[:_MOST_ANSWERS]):
        headers = [
            (wording.text(pair.get("key")), wording.text(pair.get("value")))
            for pair in map(as_dict, as_list(entry.get("header")))
        ]
        text = wording.text(entry.get("body"))
        kind = exchanges.header(headers, "content-type")
        if not kind:
            kind = _LANGUAGES.get(wording.text(entry.get("_postman_previewlanguage")), "text/plain")
        code = entry.get("code")
        status = code if isinstance(code, int) and not isinstance(code, bool) else 0
        found.append(Answer(status, Content(kind, text) if text else None))
    return found


def _raw(body: dict[str, Any], told: str, report: Report, exchange: Exchange) -> Content | None:
    text = wording.text(body.get("raw"))
    if not text.strip():
        return None
    language = wording.text(as_dict(as_dict(body.get("options")).get("raw")).get("language"))
    looks = "application/json" if text.lstrip()[:1] in "{[" else "text/plain"
    kind = told or _LANGUAGES.get(language, "" if language else looks) or looks
    found = Content(kind, text)
    if found.family == "json" and not found.is_json():
        found = Content(kind, _BARE_VARIABLE.sub(r'"\1"', text))
        if not found.is_json():
            report.warning(
                "The body is no JSON: it is an argument without a shape.", exchange.pointer, kind="bodies"
            )
    if found.family == "form":
        found.parts = [Part(name, value) for name, value in exchanges.pairs_of(text)]
    return found


def _parts(node: Any) -> list[Part]:
    found: list[Part] = []
    for entry in map(as_dict, as_list(node)):
        name = wording.text(entry.get("key"))
        if not name:
            continue
        description = entry.get("description")
        told = wording.clean(
            description.get("content") if isinstance(description, dict) else description, 1_000
        )
        kind = wording.text(entry.get("contentType")) or None
        is_file = entry.get("type") == "file"
        found.append(Part(name, "" if is_file else wording.text(entry.get("value")), is_file, kind, told))
    return found


def _graphql(node: dict[str, Any]) -> Content:
    """The request that Postman makes of a GraphQL body."""
    variables = node.get("variables")
    if isinstance(variables, str):
        given = Content("application/json", variables)
        given = (
            given if given.is_json() else Content("application/json", _BARE_VARIABLE.sub(r'"\1"', variables))
        )
        variables = given.json()
    value: dict[str, Any] = {"query": wording.text(node.get("query"))}
    if isinstance(variables, dict):
        value["variables"] = variables
    if name := wording.text(node.get("operationName")):
        value["operationName"] = name
    return Content("application/json", json.dumps(value))
