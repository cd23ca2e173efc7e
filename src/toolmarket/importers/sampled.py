"""Recorded requests become a manifest, whatever they were recorded with."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import (
    credentials,
    effects,
    errors,
    examples,
    graphql_requests,
    inference,
    naming,
    path_templates,
    wording,
)
from toolmarket.importers.exchanges import Exchange, header, host_of
from toolmarket.importers.path_templates import Group
from toolmarket.importers.reading import ReadServer
from toolmarket.importers.reports import Report
from toolmarket.importers.sampled_arguments import SampledArguments
from toolmarket.importers.schemas import Imported
from toolmarket.importers.servers import Servers
from toolmarket.kit.json_schema import SchemaBroken, Validator
from toolmarket.kit.redaction import redactor

NAMESPACE = "imported"
MOST_OPERATIONS = 2_000
_LARGEST_SCHEMA = 100_000
_VERSION = re.compile(r"^(?:/api)?(?:/v\d{1,3})?(?=/[^/])")


class Sampled:
    """One import of recorded requests; `report` and `credentials` are for who reads them, too."""

    def __init__(self) -> None:
        self.report = Report()
        self.credentials = credentials.Credentials(self.report)
        self.servers = Servers(None, self.report)
        self._names = naming.OperationNames()

    def groups(self, exchanges: Sequence[Exchange], *, clusters: bool) -> list[Group]:
        """Take the credentials out of all exchanges, then join those of one operation."""
        self.forget(exchanges)
        return path_templates.group(exchanges, self._document_of, clusters=clusters)

    def forget(self, exchanges: Sequence[Exchange]) -> None:
        """Take the credentials out of all exchanges."""
        for exchange in exchanges:
            self.credentials.take(exchange)
        for exchange in exchanges:
            credentials.mask(exchange, self.credentials.secrets)

    def group_of(self, exchange: Exchange) -> Group:
        """The operation that one exchange alone shows; its credentials are taken out before."""
        return path_templates.group([exchange], self._document_of, clusters=False)[0]

    def _document_of(self, exchange: Exchange) -> str | None:
        document = graphql_requests.document_of(exchange)
        return None if document is None else self.credentials.secrets.cleaned(document)

    def operation(self, group: Group, server: str) -> catalog.Operation:
        """One operation.

        Args:
            server: the URL to call, as the manifest writes it.
        """
        first = group.exchanges[0]
        title = wording.one_line(first.title, 200)
        path = group.text()
        named = _VERSION.sub("", path) or path
        name = self._names.choose(_graphql_name(group) or title, group.method, named, title)
        self.report.operation = name
        built = SampledArguments(group, self.report, self.credentials.secrets.cleaned_value).build()
        spoken = " ".join(naming.words(name)).capitalize()
        made = catalog.Operation(
            name=name,
            title=title or spoken,
            description=wording.described(title, first.description, 1_024) or _described(spoken, group),
            human_description=wording.clean(first.description, 8_000),
            tags=first.tags[:20],
            input_schema=built.schema,
            output_schema=self._output(group),
            fixed_inputs=built.fixed,
            implementation=catalog.HttpImplementation(
                method=group.method, server=server, path=path, parameters=built.parameters, body=built.body,
                accept=_accept(group), security=_security(group),
            ),
            effects=self._effects(group, title),
            examples=examples.from_document(built),
        )  # fmt: skip
        self.report.operation = None
        return made

    def _effects(self, group: Group, title: str) -> catalog.Effects:
        if group.query is not None and (operation := graphql_requests.operation_of(group.query)) is not None:
            return graphql_effects(operation.operation.value, _graphql_name(group))
        return effects.propose(group.method, group.text(), title, title)

    def _output(self, group: Group) -> dict[str, Any] | None:
        clean = self.credentials.secrets.cleaned_value
        found = [
            clean(answer.content.json())
            for exchange in group.exchanges
            for answer in exchange.answers
            if 200 <= answer.status < 300 and answer.content is not None and answer.content.is_json()
        ]
        if not found:
            return None
        schema = inference.infer(found)
        try:
            Validator(schema)
        except SchemaBroken:
            return None
        return schema if len(str(schema)) <= _LARGEST_SCHEMA else {"type": schema["type"]}

    def imported(
        self, operations: list[catalog.Operation], *, title: str, description: str = "", source_version: str
    ) -> Imported:
        """The manifest with the report; no credential that was met is in it.

        Raises:
            DescriptionUnusable: there is no operation.
        """
        if not operations:
            raise errors.DescriptionUnusable("There is no request in it that a tool could make.")
        hosts = self.servers.hosts()
        title = wording.one_line(self.credentials.secrets.cleaned(title), 120) or "Imported API"
        description = wording.clean(self.credentials.secrets.cleaned(description), 40_000)
        manifest = catalog.Manifest(
            name=f"{NAMESPACE}/{naming.slug(title)}",
            title=title,
            summary=wording.one_line(description.split("\n\n", 1)[0], 100),
            description=description,
            domains=sorted({host.split(":")[0].removeprefix("*.") for host in hosts if "{" not in host}),
            auth=catalog.Auth(schemes=self.credentials.schemes),
            egress=catalog.Egress(hosts=hosts),
            config_schema=self.servers.config_schema(),
            operations=effects.pair(operations),
        )
        made = Imported(
            manifest=manifest,
            notes=self.report.notes(),
            source_version=source_version,
            auth_kinds=self.credentials.kinds(),
            defined_operations=len(operations),
        )
        return sealed(made, self.credentials.secrets.strong())


def sealed(imported: Imported, secrets: tuple[str, ...]) -> Imported:
    """What is imported, with credentials masked wherever they might still stand, in any encoding.

    Raises:
        DescriptionUnusable: a credential stands where a name is needed.
    """
    text = imported.model_dump_json().encode()
    clean = redactor(secrets).clean(text)
    if clean == text:
        return imported
    try:
        return Imported.model_validate_json(clean)
    except ValueError:
        raise errors.DescriptionUnusable("A credential stands in a name or an address.") from None


def graphql_effects(kind: str, name: str) -> catalog.Effects:
    """Queries read; mutations do what their name says."""
    if kind == "query":
        return effects.propose("QUERY", "/graphql")
    return effects.propose("POST", f"/{name}", name)


def server_of(servers: Servers, base: str) -> str:
    """The URL to call, and its host into the allow-list."""
    return servers.template([ReadServer(base)])


def title_of(bases: Sequence[str]) -> str:
    """A tool's title from the hosts that it calls: `Example` for api.example.com."""
    hosts = [urlsplit(base).hostname or host_of(base) for base in bases]
    common = max(hosts, key=hosts.count) if hosts else ""
    labels = [label for label in common.split(".") if label not in {"api", "www", "rest", "app"}]
    name = labels[-2] if len(labels) >= 2 else next(iter(labels), "")
    return f"{name.capitalize()} API" if name and not name.isdecimal() else "Imported API"


def _graphql_name(group: Group) -> str:
    """The name of a GraphQL operation, or of its first field."""
    operation = graphql_requests.operation_of(group.query) if group.query else None
    return "" if operation is None else graphql_requests.name_of(operation)


def _described(spoken: str, group: Group) -> str:
    return f"{spoken} ({group.method} {group.text()[:500]})."


def _accept(group: Group) -> str:
    told = header(group.exchanges[0].headers, "accept")
    for exchange in group.exchanges:
        for answer in exchange.answers:
            if 200 <= answer.status < 300 and answer.content is not None:
                return answer.content.content_type.split(";")[0].strip() or told or "application/json"
    return told or "application/json"


def _security(group: Group) -> list[dict[str, list[str]]]:
    """The credentials together; without one too, where a request had none and was answered well."""
    sets = list(dict.fromkeys(tuple(exchange.schemes) for exchange in group.exchanges))
    ordered = sorted(sets, key=len, reverse=True)
    found: list[dict[str, list[str]]] = [{name: [] for name in names} for names in ordered]
    return [] if found == [{}] else found
