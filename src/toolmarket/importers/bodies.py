"""Request bodies: which content type is sent, and how its properties are written."""

from dataclasses import dataclass
from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import wording
from toolmarket.importers.json_schemas import Converter
from toolmarket.importers.reading import ReadBody, ReadMedia, as_dict, as_list
from toolmarket.importers.references import References
from toolmarket.importers.reports import Report
from toolmarket.importers.schema_keywords import flag

FORM = "application/x-www-form-urlencoded"
_TEXT_TYPES = {"application/yaml", "application/x-yaml", "application/ndjson", "application/x-ndjson",
               "application/jsonl", "application/json-seq", "application/graphql", "application/javascript",
               "application/sql", "application/sdp", "application/csv", "application/jwt",
               "application/toml"}  # fmt: skip
_STYLES = {"form", "spaceDelimited", "pipeDelimited", "deepObject"}


@dataclass(frozen=True, slots=True)
class BuiltBody:
    """A body for the manifest, the schema of its argument, and its examples."""

    body: catalog.Body
    schema: dict[str, Any]
    examples: list[Any]


def essence(content_type: str) -> str:
    """A content type without parameters, in lower case."""
    return content_type.split(";", 1)[0].strip().lower()


def family(content_type: str) -> str:
    """json, form, multipart, text, xml, any or binary."""
    kind = essence(content_type)
    if kind in {"application/json", "text/json", "application/*"} or kind.endswith("+json"):
        return "json"
    if kind == FORM:
        return "form"
    if kind.startswith("multipart/"):
        return "multipart"
    if kind.endswith("+xml") or kind in {"application/xml", "text/xml"}:
        return "xml"
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith("+yaml"):
        return "text"
    return "any" if kind in {"*/*", "*", ""} else "binary"


_ORDER = ["json", "form", "multipart", "text", "any", "xml", "binary"]


def rank(content_type: str) -> tuple[int, int, int]:
    """Sorts content types by how well arguments can be written in them."""
    kind = essence(content_type)
    exact = 0 if kind in {"application/json", "multipart/form-data", "text/plain"} else 1
    return _ORDER.index(family(content_type)), exact, 1 if "patch" in kind else 0


class Bodies:
    """Builds the bodies of one document's operations."""

    def __init__(self, converter: Converter, references: References, report: Report) -> None:
        self._converter = converter
        self._references = references
        self._report = report

    def build(self, read: ReadBody, argument: str) -> BuiltBody:
        """The body as the argument `argument`, in the best of its content types."""
        media = min(read.media, key=lambda entry: rank(entry.content_type))
        kind = family(media.content_type)
        if kind == "form" and self._has_file(media):
            media = next((entry for entry in read.media if family(entry.content_type) == "multipart"), media)
            kind = family(media.content_type)
        kind, content_type = self._concrete(kind, media)
        self._tell_others(read, media)
        schema = self._schema(kind, media, content_type, read.pointer)
        if read.description:
            schema = {**schema, "description": read.description}
        body = catalog.Body(
            argument=argument, content_type=content_type, required=read.required, binary=kind == "binary",
            encoding=self._encoding(kind, media) if kind in {"form", "multipart"} else {},
        )  # fmt: skip
        return BuiltBody(body, schema, media.examples)

    def _concrete(self, kind: str, media: ReadMedia) -> tuple[str, str]:
        """The family and content type to send, where the document gives a range."""
        if kind == "any":
            shape = self._shape(media.schema)
            if shape.get("type") == "string":
                return ("binary", "application/octet-stream") if _is_file(shape) else ("text", "text/plain")
            return ("json", "application/json") if shape else ("binary", "application/octet-stream")
        if kind == "text" and self._is_binary(media):
            return "binary", media.content_type
        if "*" in essence(media.content_type):
            plain = {"json": "application/json", "text": "text/plain", "multipart": "multipart/form-data"}
            return kind, plain.get(kind, "application/octet-stream")
        return kind, media.content_type

    def _tell_others(self, read: ReadBody, chosen: ReadMedia) -> None:
        others = [entry.content_type for entry in read.media if entry is not chosen]
        if others:
            listed = ", ".join(other[:60] for other in others[:4])
            self._report.info(
                f"The body is sent as {chosen.content_type[:80]}; not offered: {listed}.", read.pointer,
                kind="bodies with several content types",
            )  # fmt: skip

    def _schema(self, kind: str, media: ReadMedia, content_type: str, pointer: str) -> dict[str, Any]:
        if kind == "binary":
            return {
                "type": "string",
                "contentEncoding": "base64",
                "description": f"The {content_type} file, as base64.",
            }
        if kind == "xml":
            self._report.warning(
                "The body is XML: it is given as text, its shape is not described.",
                pointer,
                kind="XML bodies",
            )
            return {"type": "string", "description": "The XML document as text."}
        if media.sequential:
            self._report.info("The items of a stream are given as one text.", pointer)
            return {"type": "string", "description": f"{content_type}: all items, written out."}
        if kind == "text":
            return self._text(media, content_type)
        return self._converter.convert(media.schema, media.pointer)

    def _text(self, media: ReadMedia, content_type: str) -> dict[str, Any]:
        shape = self._shape(media.schema)
        if shape.get("type", "string") == "string":
            schema = self._converter.convert(media.schema, media.pointer)
            return {"type": "string", **schema}
        return {"type": "string", "description": f"{content_type} as text."}

    def _shape(self, node: Any) -> dict[str, Any]:
        return as_dict(self._references.follow(node, "").value)

    def _is_binary(self, media: ReadMedia) -> bool:
        return _is_file(self._shape(media.schema))

    def _has_file(self, media: ReadMedia) -> bool:
        members = self._properties(media.schema)
        return any(_is_file(shape) or _is_file(self._shape(shape.get("items"))) for shape in members.values())

    def _properties(self, node: Any, depth: int = 0) -> dict[str, dict[str, Any]]:
        """The properties of an object schema, those of its parts included."""
        shape = self._shape(node)
        found: dict[str, dict[str, Any]] = {}
        if depth < 6:
            for keyword in ("allOf", "oneOf", "anyOf"):
                for part in as_list(shape.get(keyword)):
                    found |= self._properties(part, depth + 1)
        for name, member in as_dict(shape.get("properties")).items():
            resolved = self._shape(member)
            if flag(resolved.get("readOnly")) is not True:
                found[name] = resolved
        return found

    def _encoding(self, kind: str, media: ReadMedia) -> dict[str, catalog.PartEncoding]:
        found: dict[str, catalog.PartEncoding] = {}
        for name, shape in self._properties(media.schema).items():
            given = as_dict(media.encoding.get(name))
            found[name] = self._form_field(given, shape) if kind == "form" else self._part(given, shape)
        return found

    def _form_field(self, given: dict[str, Any], shape: dict[str, Any]) -> catalog.PartEncoding:
        """A field of an urlencoded form; an object without a style is JSON, OpenAPI 3.0.4 section 4.8.15."""
        content_type = wording.text(given.get("contentType")).split(",")[0].strip() or None
        style = _style(given)
        explode = flag(given.get("explode"))
        if style is None and content_type is None and explode is None and _is_object(shape):
            content_type = "application/json"
        if style is None and (content_type is None or explode is not None):
            style = "form"
        return catalog.PartEncoding.model_validate(
            {
                "content_type": content_type if style is None else None,
                "style": style,
                "explode": style == "form" if explode is None else explode,
                "allow_reserved": flag(given.get("allowReserved")) is True,
            }
        )

    def _part(self, given: dict[str, Any], shape: dict[str, Any]) -> catalog.PartEncoding:
        """A part of a multipart body; a list is one part for each item."""
        inner = self._shape(shape.get("items")) if "items" in shape else shape
        binary = _is_file(shape) or _is_file(inner)
        content_type = wording.text(given.get("contentType")).split(",")[0].strip() or None
        if content_type is not None and "*" in content_type:
            content_type = None
        if content_type is None and isinstance(inner.get("contentMediaType"), str):
            content_type = inner["contentMediaType"]
        if content_type is None and not binary and _is_object(inner):
            content_type = "application/json"
        return catalog.PartEncoding.model_validate(
            {
                "content_type": content_type,
                "style": _style(given),
                "explode": flag(given.get("explode")) is not False,
                "binary": binary
                or (content_type is not None and not shape and family(content_type) == "binary"),
                "headers": self._headers(given),
            }
        )

    def _headers(self, given: dict[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, raw in as_dict(given.get("headers")).items():
            node = as_dict(self._references.follow(raw, "").value)
            schema = as_dict(node.get("schema"))
            values = [
                schema.get("const"),
                schema.get("default"),
                node.get("example"),
                *as_list(schema.get("enum"))[:1],
            ]
            value = next((wording.text(value) for value in values if value is not None), "")
            if value and name.casefold() != "content-type":
                found[name] = value
            elif not value:
                self._report.info(f"The header {name[:80]} of a part has no fixed value; left out.")
        return found


def _is_file(shape: dict[str, Any]) -> bool:
    if shape.get("format") == "binary" or shape.get("type") == "file":
        return True
    media = shape.get("contentMediaType")
    return isinstance(media, str) and "contentEncoding" not in shape and family(media) == "binary"


def _is_object(shape: dict[str, Any]) -> bool:
    kind = shape.get("type")
    return kind == "object" or (
        kind is None and ("properties" in shape or "allOf" in shape or "additionalProperties" in shape)
    )


def _style(given: dict[str, Any]) -> str | None:
    style = wording.text(given.get("style"))
    return style if style in _STYLES else None
