"""An OpenAPI document becomes a manifest: pure, without a file or a connection being opened."""

import re
from typing import Any
from urllib.parse import urlsplit

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import (
    answers,
    arguments,
    bodies,
    documents,
    effects,
    errors,
    examples,
    naming,
    openapi3,
    paths,
    positions,
    securities,
    servers,
    swagger2,
    wording,
)
from toolmarket.importers.json_schemas import Converter
from toolmarket.importers.reading import ReadOperation, as_dict, as_list
from toolmarket.importers.references import References
from toolmarket.importers.reports import Report
from toolmarket.importers.schemas import Imported

MOST_OPERATIONS = 2_000
NAMESPACE = "imported"
_RELEASE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?")


def import_openapi(content: bytes, *, filename: str = "", source_url: str | None = None) -> Imported:
    """Turn a Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2 document into a manifest with all its operations.

    Args:
        content: JSON or YAML.
        filename: under which the document may refer to itself.
        source_url: where it came from; relative server URLs belong to it. Never fetched.

    Raises:
        DocumentBroken: it cannot be read; with line and column.
        NotOpenApi: it is something else.
        DocumentTooLarge: over the limits of `documents.read_document`.
    """
    document = documents.read_document(content)
    version = _version(document.root, content)
    names = {filename, source_url or "", wording.text(document.root.get("$self"))}
    try:
        run = _Import(document.root, version, names, source_url)
    except securities.MisplacedFlow as misplaced:
        raise positions.broken_at(
            content,
            misplaced.path,
            "a security scheme of OpenAPI 3 holds its flows under `flows`, not `flow`",
        ) from misplaced
    for duplicate in document.duplicates[:20]:
        where = f" (line {duplicate.line}, column {duplicate.column})" if duplicate.line else ""
        run.report.warning(f"{duplicate.key[:100]!r} stands twice in one object{where}; the last one counts.")
    return run.imported()


def _version(root: dict[str, Any], content: bytes) -> str:
    key = "swagger" if "swagger" in root and "openapi" not in root else "openapi"
    version = wording.text(root.get(key)).strip()
    if not version:
        raise errors.NotOpenApi(_what_it_is(root))
    found = _RELEASE.match(version)
    if found and found.end() < len(version) and version[found.end()] in "-+":
        raise positions.broken_at(
            content, [key],
            f"{version[:40]} is no release: its members are not those of {found[0]}; nothing is guessed",
        )  # fmt: skip
    major = found[1] if found else version[:1]
    if (key, major) not in {("swagger", "2"), ("openapi", "3")}:
        raise errors.NotOpenApi(
            f"`{key}: {version[:40]}` is not supported; Swagger 2.0 and OpenAPI 3.0 to 3.2 are."
        )
    return version


def _what_it_is(root: dict[str, Any]) -> str:
    for key, kind in (("asyncapi", "an AsyncAPI document"), ("arazzo", "an Arazzo document"),
                      ("swaggerVersion", "a Swagger 1 document"), ("__schema", "a GraphQL schema"),
                      ("overlay", "an OpenAPI overlay")):  # fmt: skip
        if key in root:
            return f"This is {kind}; it has neither `openapi` nor `swagger` at its top."
    if "_postman_id" in as_dict(root.get("info")):
        return "This is a Postman collection; it has neither `openapi` nor `swagger` at its top."
    return "The document has neither `openapi` nor `swagger` at its top."


class _Import:
    """One import: the parts that read, and what they share."""

    def __init__(self, root: dict[str, Any], version: str, names: set[str], source_url: str | None) -> None:
        old = version.startswith("2")
        minor = int(found[2]) if (found := _RELEASE.match(version)) else 0
        self.report = Report()
        self._root, self._version, self._source_url = root, version, source_url
        references = References(root, names)
        self._paths = paths.Paths(root, references, self.report, query_methods=not old and minor >= 2)
        self._securities = securities.Securities(root, references, self.report, old=old)
        self._servers = servers.Servers(source_url, self.report)
        siblings = not old and minor >= 1
        going_in = Converter(references, self.report, siblings=siblings, direction="input")
        self._coming_out = Converter(references, self.report, siblings=siblings, direction="output")
        body_builder = bodies.Bodies(going_in, references, self.report)
        self._arguments = arguments.ArgumentBuilder(going_in, body_builder, self._securities, self.report)
        self._answers = answers.Answers(self._coming_out, self.report)
        self._names = naming.OperationNames()
        reader = swagger2.Swagger2 if old else openapi3.OpenApi3
        self._reader = reader(root, self._paths, references, self.report)

    def imported(self) -> Imported:
        """Everything, with the report."""
        operations: list[catalog.Operation] = []
        for found in self._paths.operations():
            if len(operations) >= MOST_OPERATIONS:
                self.report.operation = None
                self.report.warning(f"A tool holds {MOST_OPERATIONS:,} operations; the rest is left out.")
                continue
            operations.append(self._operation(self._reader.read(found)))
        self.report.operation = None
        self._tell_left_out()
        operations = effects.pair(operations)
        if not operations:
            self._servers.template(self._reader.servers())
        return Imported(
            manifest=self._manifest(operations),
            notes=self.report.notes(),
            source_version=self._version,
            auth_kinds=self._securities.kinds,
            defined_operations=self._paths.defined,
        )

    def _operation(self, read: ReadOperation) -> catalog.Operation:
        node = read.node
        operation_id, summary = (
            wording.text(node.get("operationId")),
            wording.one_line(node.get("summary"), 200),
        )
        name = self._names.choose(operation_id, read.method, read.path, summary)
        self.report.operation = name
        built = self._arguments.build(read)
        output = self._answers.schema(read)
        self._tell_unused(read)
        description = node.get("description") or read.shared.get("description")
        told = summary or wording.one_line(read.shared.get("summary"), 200)
        return catalog.Operation(
            name=name,
            title=told if " " in told else _spoken(told or name),
            description=wording.described(told, description, 1_024) or _told_otherwise(name, read),
            human_description=wording.clean(description, 8_000),
            tags=[tag[:60] for tag in as_list(node.get("tags")) if isinstance(tag, str)][:20],
            input_schema=built.schema,
            output_schema=output,
            fixed_inputs=built.fixed,
            implementation=catalog.HttpImplementation(
                method=read.method, server=self._servers.template(read.servers), path=built.path,
                parameters=built.parameters, body=built.body, accept=self._answers.accept(read),
                security=built.security, pagination=self._answers.pagination(read, built.parameters, output),
            ),
            effects=effects.propose(read.method, read.path, operation_id, told),
            deprecated=node.get("deprecated") is True,
            examples=examples.from_document(built),
        )  # fmt: skip

    def _tell_unused(self, read: ReadOperation) -> None:
        if as_dict(read.node.get("callbacks")):
            self.report.info(
                "Callbacks are left out: calls that the service makes are not received here.",
                f"{read.pointer}/callbacks", kind="callbacks",
            )  # fmt: skip
        if any(
            as_dict(as_dict(response).get("links"))
            for response in as_dict(read.node.get("responses")).values()
        ):
            self.report.info(
                "Links between operations are left out.", f"{read.pointer}/responses", kind="links"
            )

    def _tell_left_out(self) -> None:
        webhooks = as_dict(self._root.get("webhooks") or self._root.get("x-webhooks"))
        if webhooks:
            self.report.info(
                f"{len(webhooks)} webhooks are left out: they are calls to you, not by you.", "/webhooks"
            )

    def _manifest(self, operations: list[catalog.Operation]) -> catalog.Manifest:
        info = as_dict(self._root.get("info"))
        title = wording.one_line(info.get("title"), 120) or self._fallback_title()
        description = wording.clean(info.get("description"), 40_000)
        summary = wording.one_line(info.get("summary"), 100) or _first_sentence(description)
        licence = as_dict(info.get("license"))
        hosts = self._servers.hosts()
        return catalog.Manifest(
            name=f"{NAMESPACE}/{naming.slug(title)}",
            title=title,
            summary=summary,
            description=description,
            domains=sorted({host.split(":")[0].removeprefix("*.") for host in hosts if "{" not in host}),
            tags=_tags(self._root),
            licence=wording.one_line(licence.get("identifier") or licence.get("name"), 100) or None,
            auth=catalog.Auth(schemes=self._securities.schemes),
            egress=catalog.Egress(hosts=hosts),
            config_schema=self._servers.config_schema(),
            operations=operations,
        )

    def _fallback_title(self) -> str:
        return urlsplit(self._source_url or "").hostname or "Imported API"


def _told_otherwise(name: str, read: ReadOperation) -> str:
    """What an operation without summary and description does: its name, route and answer."""
    good = (node for status, node in as_dict(read.node.get("responses")).items() if status[:1] == "2")
    answer = wording.one_line(as_dict(next(good, None)).get("description"), 300)
    returned = f" Returns: {answer}" if len(answer.split()) > 2 else ""
    return f"{_spoken(name)} ({read.method} {read.path[:500]}).{returned}"


def _first_sentence(description: str) -> str:
    line = " ".join(description.split("\n\n", 1)[0].lstrip("#* ").split())
    end = line.find(". ")
    return wording.shorten(line[: end + 1] if 0 < end < 100 else line, 100)


def _tags(root: dict[str, Any]) -> list[str]:
    names = (wording.one_line(as_dict(tag).get("name"), 60) for tag in as_list(root.get("tags")))
    return list(dict.fromkeys(name for name in names if name))[:20]


def _spoken(name: str) -> str:
    """An identifier as a title."""
    return " ".join(naming.words(name)).capitalize() or name
