"""Reads operations of Swagger 2.0."""

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
)
from toolmarket.importers.references import References
from toolmarket.importers.reports import Report
from toolmarket.importers.schema_keywords import flag

_OWN = {"name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "schema", "$ref"}
_FORMATS = {
    "csv": ("form", False), "ssv": ("spaceDelimited", False), "tsv": ("form", False),
    "pipes": ("pipeDelimited", False), "multi": ("form", True),
}  # fmt: skip
_TAB_SEPARATED = "text/tab-separated-values"
_SCHEMES = ("https", "http")
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Swagger2:
    """The reader of one document."""

    def __init__(self, root: dict[str, Any], paths: Paths, references: References, report: Report) -> None:
        self._root = root
        self._paths = paths
        self._references = references
        self._report = report

    def servers(self, schemes: Any = None) -> list[ReadServer]:
        """Host, base path and scheme as server URLs, https first."""
        base = wording.text(self._root.get("basePath")).strip()
        host = wording.text(self._root.get("host")).strip().rstrip("/")
        templated = as_dict(self._root.get("x-ms-parameterized-host"))
        variables: dict[str, Any] = {}
        if isinstance(templated.get("hostTemplate"), str):
            host = templated["hostTemplate"].strip().rstrip("/")
            variables = self._host_variables(templated)
        path = "/" + base.strip("/") if base.strip("/") else ""
        path = "" if variables and path and host.endswith(path) else path
        if not host:
            return [ReadServer(path or "/")]
        if "://" in host:
            return [ReadServer(host + path, variables)]
        named = [s for s in as_list(schemes or self._root.get("schemes")) if isinstance(s, str)]
        ordered = [scheme for scheme in _SCHEMES if scheme in named] or ["https"]
        return [ReadServer(f"{scheme}://{host}{path}", variables) for scheme in ordered]

    def _host_variables(self, templated: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for raw in as_list(templated.get("parameters")):
            node = as_dict(self._references.follow(raw, "/x-ms-parameterized-host").value)
            if isinstance(node.get("name"), str):
                found[node["name"]] = {
                    key: node[key] for key in ("description", "default", "enum") if key in node
                }
        return found

    def read(self, found: Found) -> ReadOperation:
        """One operation with its references resolved."""
        node = found.node
        parameters: list[ReadParameter] = []
        form: list[tuple[dict[str, Any], str]] = []
        body: ReadBody | None = None
        consumes = _types(node.get("consumes", self._root.get("consumes")))
        for raw, pointer in self._paths.parameters(found):
            location = raw.get("in")
            if location == "body":
                body = self._body(raw, pointer, consumes)
            elif location == "formData":
                form.append((raw, pointer))
            elif (parameter := self._parameter(raw, pointer)) is not None:
                parameters.append(parameter)
        if form:
            body = self._form(form, consumes, f"{found.pointer}/parameters")
        security = node.get("security", self._root.get("security"))
        return ReadOperation(
            found.method, found.path, found.pointer, node, found.shared,
            parameters=parameters, body=body, responses=self._responses(node, found.pointer),
            servers=self.servers(node.get("schemes")),
            security=security if isinstance(security, list) else None,
        )  # fmt: skip

    def _parameter(self, node: dict[str, Any], pointer: str) -> ReadParameter | None:
        location, name = wording.text(node.get("in")), wording.text(node.get("name"))
        if location not in {"query", "header", "path"} or not name:
            self._report.warning(
                f"The parameter {name[:80]!r} has no known place ({location[:40]!r}); left out.", pointer
            )
            return None
        style, explode = _FORMATS.get(wording.text(node.get("collectionFormat")), ("form", False))
        if location != "query":
            if style != "form":
                self._report.info("A list outside the query is written with commas.", pointer)
            style, explode = "simple", False
        schema = node.get("schema") if isinstance(node.get("schema"), dict) else _inline_schema(node)
        example = node.get("x-example", node.get("example"))
        return ReadParameter(
            name, location, pointer, schema=schema, schema_pointer=pointer,
            required=location == "path" or flag(node.get("required")) is True,
            description=_described(node), style=style, explode=explode,
            content_type=_TAB_SEPARATED if node.get("collectionFormat") == "tsv" else None,
            allow_empty=flag(node.get("allowEmptyValue")) is True,
            deprecated=flag(node.get("deprecated")) is True,
            internal=node.get("x-ms-visibility") == "internal",
            examples=[] if example is None else [example],
        )  # fmt: skip

    def _body(self, node: dict[str, Any], pointer: str, consumes: list[str]) -> ReadBody:
        schema = node.get("schema", {})
        media = [
            ReadMedia(content_type, schema, f"{pointer}/schema")
            for content_type in consumes or ["application/json"]
            if content_type.split(";")[0].strip() not in {_FORM, _MULTIPART}
        ]
        media = media or [ReadMedia("application/json", schema, f"{pointer}/schema")]
        return ReadBody(media, pointer, flag(node.get("required")) is True, _described(node))

    def _form(self, fields: list[tuple[dict[str, Any], str]], consumes: list[str], pointer: str) -> ReadBody:
        properties: dict[str, Any] = {}
        encoding: dict[str, Any] = {}
        required: list[str] = []
        for node, _ in fields:
            name = wording.text(node.get("name"))
            properties[name] = {**_inline_schema(node), "description": _described(node)}
            if flag(node.get("required")) is True:
                required.append(name)
            if node.get("type") == "array":
                style, explode = _FORMATS.get(wording.text(node.get("collectionFormat")), ("form", False))
                encoding[name] = {"style": style, "explode": explode}
            if node.get("collectionFormat") == "tsv":
                encoding[name] = {"contentType": _TAB_SEPARATED}
        schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
        has_file = any(node.get("type") == "file" for node, _ in fields)
        multipart = has_file or (_MULTIPART in consumes and _FORM not in consumes)
        media = ReadMedia(_MULTIPART if multipart else _FORM, schema, pointer, encoding)
        return ReadBody([media], pointer, bool(required))

    def _responses(self, operation: dict[str, Any], pointer: str) -> list[ReadResponse]:
        produces = _types(operation.get("produces", self._root.get("produces"))) or ["application/json"]
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
            media = []
            if isinstance(node.get("schema"), dict):
                where = f"{target.pointer}/schema"
                media = [ReadMedia(content_type, node["schema"], where) for content_type in produces]
            found.append(ReadResponse(status, media, as_dict(node.get("headers"))))
        return found


def _types(raw: Any) -> list[str]:
    return [entry for entry in as_list(raw) if isinstance(entry, str) and entry]


def _inline_schema(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in _OWN}


def _described(node: dict[str, Any]) -> str:
    """The description, or what Power Platform documents say instead."""
    return wording.clean(node.get("description") or node.get("x-ms-summary"), 1_200)
