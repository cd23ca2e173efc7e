"""A Postman collection of format 2.0 or 2.1 becomes a manifest: each request is an operation.

Source:
    https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toolmarket.importers import (
    documents,
    errors,
    exchanges,
    postman_auth,
    postman_bodies,
    sampled,
    secrecy,
    wording,
)
from toolmarket.importers.exchanges import Exchange
from toolmarket.importers.reading import ReadServer, as_dict, as_list
from toolmarket.importers.schemas import Imported

MOST_LEVELS = 30
_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_SCHEME = re.compile(r"^\{\{[^{}]+\}\}(?=://)")
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


def import_postman(content: bytes) -> Imported:
    """Turn a collection into a manifest: folders are tags, variables of addresses are configuration.

    Raises:
        DocumentBroken: it is no JSON; with line and column.
        DescriptionUnusable: it is no collection of format 2, or holds no request.
        DocumentTooLarge: over the limits of `documents.read_document`.
    """
    root = documents.read_document(content).root
    root = as_dict(root.get("collection")) or root
    if not isinstance(root.get("item"), list):
        old = "requests" in root and "order" in root
        told = "Format 1 is not read; export it as Collection v2.1." if old else "It has no list `item`."
        raise errors.DescriptionUnusable(
            f"This is no Postman collection of format 2. {told}", pointer="/item"
        )
    return _Import(root).imported()


def is_postman(root: dict[str, Any]) -> bool:
    """Whether the document is a Postman collection, of any format."""
    node = as_dict(root.get("collection")) or root
    info = as_dict(node.get("info"))
    named = "_postman_id" in info or "getpostman.com" in wording.text(info.get("schema"))
    named = named or "postman.com" in wording.text(info.get("schema"))
    return ((named or "name" in info) and "item" in node) or ("requests" in node and "order" in node)


@dataclass(frozen=True, slots=True)
class _Place:
    """A request, with the folders it stands in."""

    node: dict[str, Any]
    pointer: str
    folders: tuple[str, ...]
    auth: Any


class _Import:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._sampled = sampled.Sampled()
        self._report, self._credentials = self._sampled.report, self._sampled.credentials
        self._scripts = 0
        self._fields: dict[str, str] = {}
        self._variables = dict(self._read_variables(root))

    def imported(self) -> Imported:
        places = list(self._places())[: sampled.MOST_OPERATIONS + 1]
        if len(places) > sampled.MOST_OPERATIONS:
            self._report.warning(
                f"A tool holds {sampled.MOST_OPERATIONS:,} operations; the rest is left out."
            )
        found = [
            exchange
            for place in places[: sampled.MOST_OPERATIONS]
            if (exchange := self._exchange(place)) is not None
        ]
        if self._scripts:
            self._report.info(f"{self._scripts} scripts are left out: code of a collection is not run.")
        self._sampled.forget(found)
        self._name_fields(found)
        operations = []
        for exchange in found:
            server = self._server(exchange)
            group = self._sampled.group_of(exchange)
            operations.append(self._sampled.operation(group, server))
        info = as_dict(self._root.get("info"))
        told = _description(info.get("description") or self._root.get("description"))
        title = wording.text(info.get("name")) or "Postman collection"
        version = "postman 2.0" if "v2.0" in wording.text(info.get("schema")) else "postman 2.1"
        return self._sampled.imported(operations, title=title, description=told, source_version=version)

    def _read_variables(self, root: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for entry in map(as_dict, as_list(root.get("variable"))):
            name = wording.text(entry.get("key") or entry.get("id"))
            value = wording.text(entry.get("value"))
            if (
                entry.get("type") == "secret"
                or secrecy.is_secret_name(name)
                or secrecy.is_secret_value(value)
            ):
                self._credentials.secrets.add(value)
            elif name:
                yield name, value

    def _places(self) -> Iterator[_Place]:
        """The requests in their order; each with the auth helper nearest to it."""
        self._count_scripts(self._root)
        stack: list[tuple[Any, str, tuple[str, ...], Any]] = [(self._root, "", (), self._root.get("auth"))]
        while stack:
            node, pointer, folders, auth = stack.pop()
            if len(folders) > MOST_LEVELS:
                raise errors.DocumentTooLarge(f"More than {MOST_LEVELS} folders are nested in each other.")
            if "request" in node:
                yield _Place(node, pointer, folders, auth)
                continue
            for position, child in reversed(list(enumerate(as_list(node.get("item"))))):
                if not isinstance(child, dict):
                    continue
                self._count_scripts(child)
                name = wording.one_line(child.get("name"), 60)
                inner = (*folders, name) if "request" not in child else folders
                stack.append((child, f"{pointer}/item/{position}", inner, child.get("auth") or auth))

    def _count_scripts(self, node: dict[str, Any]) -> None:
        for event in map(as_dict, as_list(node.get("event"))):
            code = as_dict(event.get("script")).get("exec")
            self._scripts += bool("".join(map(wording.text, code)) if isinstance(code, list) else code)

    def _exchange(self, place: _Place) -> Exchange | None:
        told = place.node.get("request")
        request = told if isinstance(told, dict) else {"url": told}
        pointer = f"{place.pointer}/request"
        url = request.get("url")
        try:
            exchange = exchanges.exchange_of(
                wording.text(request.get("method")) or "GET", self._address(_raw(url)), place.pointer
            )
        except ValueError as error:
            self._report.warning(
                f"A request is left out: {error}.", f"{pointer}/url", kind="requests without URL"
            )
            return None
        if not re.fullmatch(r"[A-Z][A-Z-]*", exchange.method):
            self._report.warning("A request is left out: its method is none.", pointer, kind="methods")
            return None
        exchange.title = wording.text(place.node.get("name"))
        exchange.description = _description(request.get("description") or place.node.get("description"))
        exchange.tags = [name for name in place.folders if name]
        self._url(exchange, as_dict(url))
        exchange.headers = self._headers(request.get("header"), exchange)
        exchange.content = postman_bodies.content(request.get("body"), exchange, self._report)
        exchange.answers = postman_bodies.answers(place.node.get("response"))
        auth = request.get("auth") or place.auth
        exchange.schemes = postman_auth.scheme_names(auth, self._credentials, self._report, pointer)
        return exchange

    def _address(self, raw: str) -> str:
        """The URL with the variables of its scheme resolved, the others as they are."""
        raw = _SCHEME.sub(lambda match: self._resolved(match[0]) or "https", raw.strip())
        return raw if "{{" not in raw.split("://", 1)[0] or raw.startswith("{{") else f"https://{raw}"

    def _resolved(self, text: str) -> str:
        """The text with the values of its variables; nothing where one has none."""
        for _ in range(5):
            text = _VARIABLE.sub(lambda match: self._variables.get(match[1]) or match[0], text)
        return "" if "{{" in text else text

    def _url(self, exchange: Exchange, node: dict[str, Any]) -> None:
        """What the object form of a URL adds: path variables, disabled parameters, descriptions."""
        for entry in map(as_dict, as_list(node.get("variable"))):
            name = wording.text(entry.get("key") or entry.get("id"))
            exchange.variables[name] = wording.text(entry.get("value"))
            exchange.told["path", name] = _description(entry.get("description"))
        exchange.variables |= {name: value for name, value in self._variables.items() if value}
        listed = [entry for entry in map(as_dict, as_list(node.get("query"))) if entry.get("key")]
        if listed:
            exchange.query = [(wording.text(e["key"]), wording.text(e.get("value"))) for e in listed]
        for entry in listed:
            exchange.told["query", wording.text(entry["key"])] = _description(entry.get("description"))

    def _headers(self, node: Any, exchange: Exchange) -> list[tuple[str, str]]:
        if isinstance(node, str):
            pairs = (line.partition(":") for line in node.splitlines())
            return [(name.strip(), value.strip()) for name, _, value in pairs if name.strip()]
        found: list[tuple[str, str]] = []
        for entry in map(as_dict, as_list(node)):
            name = wording.text(entry.get("key")).strip()
            if name and not entry.get("disabled"):
                found.append((name, wording.text(entry.get("value"))))
                exchange.told["header", name] = _description(entry.get("description"))
        return found

    def _name_fields(self, found: list[Exchange]) -> None:
        """The configuration fields of addresses that are one variable; the commonest is `server_url`."""
        counted = Counter(exchange.base for exchange in found if _VARIABLE.fullmatch(exchange.base))
        for position, (base, _) in enumerate(counted.most_common()):
            match = _VARIABLE.fullmatch(base)
            own = _UNFIT.sub("_", match[1] if match else "").strip("_")[:48] or "address"
            self._fields[base] = "server_url" if position == 0 else own

    def _server(self, exchange: Exchange) -> str:
        """The URL to call; leading path variables with a value belong to it."""
        servers = self._sampled.servers
        field = self._fields.get(exchange.base)
        if field is None:
            names = {
                name: {"default": self._variables.get(name, "")} for name in _VARIABLE.findall(exchange.base)
            }
            url = _VARIABLE.sub(lambda match: "{" + match[1] + "}", exchange.base)
            return servers.template([ReadServer(url, names)])
        default = self._resolved(exchange.base).rstrip("/")
        if default and "://" not in default:
            default = f"https://{default}"
        default = self._credentials.secrets.cleaned(default)
        if secrecy.MASK in default or "@" in default:
            default = ""
        return servers.configured(
            field, default, f"Address of the service: {exchange.base.strip('{}')[:80]}."
        )


def _raw(url: Any) -> str:
    """A URL as text, also where it is only given in parts."""
    if isinstance(url, str):
        return url
    node = as_dict(url)
    if raw := wording.text(node.get("raw")):
        return raw
    host, path = node.get("host"), node.get("path")
    authority = ".".join(map(wording.text, host)) if isinstance(host, list) else wording.text(host)
    port = f":{node['port']}" if node.get("port") else ""
    parts = [wording.text(as_dict(part).get("value") or part) for part in as_list(path)]
    joined = "/".join(parts) if isinstance(path, list) else wording.text(path).lstrip("/")
    scheme = wording.text(node.get("protocol"))
    return f"{scheme}://{authority}{port}/{joined}" if scheme else f"{authority}{port}/{joined}"


def _description(node: Any) -> str:
    """A description, which may be an object with `content`."""
    return wording.clean(node.get("content") if isinstance(node, dict) else node, 8_000)
