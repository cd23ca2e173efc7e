"""Reads operations of OpenAPI 3.0, 3.1 and 3.2."""

from typing import Any

from toolmarket.importers import wording
from toolmarket.importers.paths import Found, Paths
from toolmarket.importers.reading import (
    ReadBody,
    ReadMedia,
    ReadOperation,
    ReadParameter,
    ReadResponse,
    ReadServer,
    as_dict,
    as_list,
    example_list,
)
from toolmarket.importers.references import References, escape
from toolmarket.importers.reports import Report
from toolmarket.importers.schema_keywords import flag

_DEFAULT_STYLE = {
    "query": "form",
    "cookie": "form",
    "path": "simple",
    "header": "simple",
    "querystring": "form",
}
_STYLES = {
    "path": {"simple", "label", "matrix"},
    "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    "header": {"simple"},
    "cookie": {"form", "cookie"},
    "querystring": {"form"},
}


class OpenApi3:
    """The reader of one document."""

    def __init__(self, root: dict[str, Any], paths: Paths, references: References, report: Report) -> None:
        self._root = root
        self._paths = paths
        self._references = references
        self._report = report

    def servers(self) -> list[ReadServer]:
        """The servers of the document."""
        return _servers(self._root.get("servers"))

    def read(self, found: Found) -> ReadOperation:
        """One operation with its references resolved."""
        node = found.node
        parameters = [
            parameter
            for raw, pointer in self._paths.parameters(found)
            if (parameter := self._parameter(raw, pointer)) is not None
        ]
        servers = _servers(node.get("servers")) or _servers(found.shared.get("servers")) or self.servers()
        security = node.get("security", self._root.get("security"))
        return ReadOperation(
            found.method, found.path, found.pointer, node, found.shared,
            parameters=parameters, body=self._body(node.get("requestBody"), f"{found.pointer}/requestBody"),
            responses=self._responses(node, found.pointer), servers=servers,
            security=security if isinstance(security, list) else None,
        )  # fmt: skip

    def _parameter(self, node: dict[str, Any], pointer: str) -> ReadParameter | None:
        location, name = wording.text(node.get("in")), wording.text(node.get("name"))
        if location not in _DEFAULT_STYLE or not name:
            self._report.warning(
                f"The parameter {name[:80]!r} has no known place ({location[:40]!r}); left out.", pointer
            )
            return None
        style = wording.text(node.get("style"))
        if style and style not in _STYLES[location]:
            self._report.info(
                f"No {location} parameter has the style {style[:40]!r}; the default is used.",
                pointer, kind="styles that do not exist",
            )  # fmt: skip
            style = ""
        style = style or _DEFAULT_STYLE[location]
        explode = flag(node.get("explode"))
        media = next(iter(self._media(node.get("content"), f"{pointer}/content")), None)
        return ReadParameter(
            name, location, pointer,
            schema=media.schema if media else node.get("schema", {}),
            schema_pointer=media.pointer if media else f"{pointer}/schema",
            required=location == "path" or flag(node.get("required")) is True,
            description=wording.clean(node.get("description"), 1_200),
            style=style, explode=style in {"form", "cookie"} if explode is None else explode,
            allow_reserved=flag(node.get("allowReserved")) is True,
            allow_empty=flag(node.get("allowEmptyValue")) is True,
            content_type=media.content_type if media else None,
            deprecated=flag(node.get("deprecated")) is True,
            internal=node.get("x-ms-visibility") == "internal",
            examples=example_list(node) or (media.examples if media else []),
        )  # fmt: skip

    def _body(self, raw: Any, pointer: str) -> ReadBody | None:
        if not isinstance(raw, dict):
            return None
        target = self._references.follow(raw, pointer)
        if target.missing or not isinstance(target.value, dict):
            self._report.warning(
                f"The request body is left out: {target.missing or 'it is no object'}.", pointer
            )
            return None
        node = target.value
        media = self._media(node.get("content"), f"{target.pointer}/content")
        if not media:
            return None
        description = wording.clean(node.get("description"), 1_200)
        return ReadBody(media, target.pointer, flag(node.get("required")) is True, description)

    def _media(self, content: Any, pointer: str) -> list[ReadMedia]:
        found: list[ReadMedia] = []
        for content_type, raw in as_dict(content).items():
            target = self._references.follow(raw, f"{pointer}/{escape(content_type)}")
            node = as_dict(target.value)
            if target.missing:
                self._report.warning(f"A content type has no description: {target.missing}.", pointer)
            sequential = "schema" not in node and "itemSchema" in node
            keyword = "itemSchema" if sequential else "schema"
            if any(key in node for key in ("itemEncoding", "prefixEncoding")):
                self._report.info("Encodings by position in a multipart body are left out.", target.pointer)
            found.append(
                ReadMedia(
                    content_type,
                    node.get(keyword, {}),
                    f"{target.pointer}/{keyword}",
                    as_dict(node.get("encoding")),
                    self._examples(node, target.pointer),
                    sequential,
                )
            )
        return found

    def _examples(self, node: dict[str, Any], pointer: str) -> list[Any]:
        examples = node.get("examples")
        if isinstance(examples, dict):
            resolved = {
                name: self._references.follow(entry, pointer).value
                for name, entry in list(examples.items())[:3]
            }
            node = {**node, "examples": resolved}
        return example_list(node)

    def _responses(self, operation: dict[str, Any], pointer: str) -> list[ReadResponse]:
        found: list[ReadResponse] = []
        for status, raw in as_dict(operation.get("responses")).items():
            if not status[:1].isdigit() and status != "default":
                continue
            target = self._references.follow(raw, f"{pointer}/responses/{status}")
            node = as_dict(target.value)
            if target.missing:
                self._report.warning(
                    f"The answer {status} has no description: {target.missing}.",
                    pointer,
                    kind="answers missing",
                )
            media = self._media(node.get("content"), f"{target.pointer}/content")
            found.append(ReadResponse(status, media, as_dict(node.get("headers"))))
        return found


def _servers(raw: Any) -> list[ReadServer]:
    return [
        ReadServer(
            entry["url"], as_dict(entry.get("variables")), wording.one_line(entry.get("description"), 200)
        )
        for entry in as_list(raw)
        if isinstance(entry, dict) and isinstance(entry.get("url"), str)
    ]
