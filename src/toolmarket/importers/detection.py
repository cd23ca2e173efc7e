"""Tells by its content what a description is."""

import re

import orjson

from toolmarket.importers import documents, errors, graphql, har, postman
from toolmarket.importers.schemas import Kind

_CURL = re.compile(r"^[ \t]*(?:[$>%][ \t]+)?(?:\S{0,200}/)?curl(?:\.exe)?\s", re.MULTILINE)
_SDL = re.compile(
    r"^[ \t]*(?:extend[ \t]+)?(?:type|interface|union|enum|input|scalar|schema|directive)\b"
    r"[^:=\n]*(?:[{=(@]|$)",
    re.MULTILINE,
)
_BLOCK_TEXT = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|#[^\n]*')
_HEAD = 200_000
_MARKS: dict[Kind, set[str]] = {"openapi": {"openapi", "swagger"}, "har": {"samples"}}


def detect(content: bytes) -> Kind:
    """The kind of a description: its own marks decide, never the name of its file.

    Raises:
        NotRecognised: it is none that can be imported.
    """
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"[":
        return "har"
    if start == b"{":
        return _of_json(content)
    text = content[:_HEAD].decode("utf-8", "replace").removeprefix("\ufeff")
    if re.search(r"^[\"']?(?:openapi|swagger)[\"']?\s*:", text, re.MULTILINE):
        return "openapi"
    if _CURL.search(text):
        return "curl"
    if _SDL.search(_BLOCK_TEXT.sub("", text)):
        return "graphql"
    return "openapi"


def _of_json(content: bytes) -> Kind:
    """By the members at its top; what cannot be read is told by the importer of OpenAPI, with its place."""
    try:
        root = orjson.loads(content) if len(content) <= documents.MAX_BYTES else {"openapi": ""}
    except orjson.JSONDecodeError:
        return "openapi"
    for kind, members in _MARKS.items():
        if members & set(root):
            return kind
    if har.is_har(root):
        return "har"
    if graphql.is_introspection(root) or graphql.is_refused_introspection(root):
        return "graphql"
    if postman.is_postman(root):
        return "postman"
    if {"info", "paths", "components", "asyncapi", "swaggerVersion"} & set(root):
        return "openapi"
    raise errors.NotRecognised(
        "Known are OpenAPI and Swagger, Postman collections, HAR files, GraphQL schemas, cURL commands."
    )
