"""Server URLs: what is fixed, what an installation configures, and which hosts calls may reach."""

import itertools
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from toolmarket.importers import wording
from toolmarket.importers.reading import ReadServer, as_list
from toolmarket.importers.reports import Report

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(
    r"^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_](?:[a-z0-9_-]{0,62})$", re.IGNORECASE
)
_BARE_HOST = re.compile(r"^[a-z0-9][a-z0-9.-]*\.[a-z]{2,}(?::\d+)?(?:/|$)", re.IGNORECASE)
_MOST_HOSTS = 60


class Servers:
    """Turns server URLs into templates over the configuration, and collects configuration and hosts.

    Args:
        base: the URL that the document came from; relative servers belong to it.
    """

    def __init__(self, base: str | None, report: Report) -> None:
        self._base = base if base and urlsplit(base).scheme in {"http", "https"} else None
        self._report = report
        self._properties: dict[str, dict[str, Any]] = {}
        self._required: list[str] = []
        self._hosts: dict[str, None] = {}
        self._known: dict[str, str] = {}

    def config_schema(self) -> dict[str, Any]:
        """What an installation has to configure."""
        schema: dict[str, Any] = {
            "type": "object", "properties": dict(self._properties), "additionalProperties": False,
        }  # fmt: skip
        return {**schema, "required": list(self._required)} if self._required else schema

    def hosts(self) -> list[str]:
        """The egress allow-list."""
        return list(self._hosts)

    def template(self, servers: list[ReadServer]) -> str:
        """The URL to call, of the first server that is given."""
        server = next((s for s in servers if _is_absolute(s.url)), servers[0] if servers else ReadServer("/"))
        key = f"{server.url}|{server.variables!r}"
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._template(server)
            others = [entry.url for entry in servers if entry.url != server.url and _is_absolute(entry.url)]
            if others:
                shown = ", ".join(url[:120] for url in others[:3])
                self._report.info(f"Of several servers the first is used, {server.url[:120]}; not {shown}.")
        return known

    def _template(self, server: ReadServer) -> str:
        url = _whole(server.url.strip())
        if not _is_absolute(url) and self._base is not None and "{" not in url:
            url = urljoin(self._base, url or "/")
        for name, raw in server.variables.items():
            values = _values(raw)
            if len(values) == 1:
                url = url.replace("{" + name + "}", values[0])
        url = url.split("#", 1)[0].split("?", 1)[0].rstrip("/")
        if not _is_absolute(url):
            return self._configured_url(url if url.startswith("/") and "{" not in url else "", "")
        names = {
            name: self._variable(name, server.variables.get(name))
            for name in dict.fromkeys(_VARIABLE.findall(url))
        }
        hosts = self._hosts_of(url, server.variables)
        if not hosts:
            return self._configured_url("", _filled(url, server.variables))
        self._hosts.update(dict.fromkeys(hosts))
        for name, (field, schema) in names.items():
            self._declare(field, schema)
            url = url.replace("{" + name + "}", "{" + field + "}")
        return url

    def configured(self, field: str, default: str, description: str) -> str:
        """The URL of a server that each installation may choose."""
        schema: dict[str, Any] = {
            "type": "string", "format": "uri", "title": field.replace("_", " ").capitalize(),
            "description": description,
        }  # fmt: skip
        if default:
            schema["default"] = default
        self._declare(field, schema)
        self._hosts["{" + field + "}"] = None
        return "{" + field + "}"

    def _configured_url(self, path: str, default: str) -> str:
        beyond = f", without the path {path}" if path else ""
        schema: dict[str, Any] = {
            "type": "string",
            "format": "uri",
            "title": "Server URL",
            "description": f"Address of the service{beyond}, such as https://api.example.com",
        }
        if default and "{" not in default:
            schema["examples"] = [default]
        if "server_url" not in self._properties:
            self._properties["server_url"] = schema
            self._required.append("server_url")
            self._report.info(
                "The document names no address to call: each installation configures `server_url`."
            )
        self._hosts["{server_url}"] = None
        return "{server_url}" + path

    def _variable(self, name: str, raw: Any) -> tuple[str, dict[str, Any]]:
        node = raw if isinstance(raw, dict) else {}
        field = re.sub(r"[^a-zA-Z0-9_]+", "_", name).strip("_")[:48] or "variable"
        schema: dict[str, Any] = {"type": "string", "title": field.replace("_", " ").capitalize()}
        description = wording.clean(node.get("description"), 500)
        if description:
            schema["description"] = description
        values = [wording.text(value) for value in as_list(node.get("enum")) if wording.text(value)]
        default = wording.text(node.get("default"))
        if values:
            schema["enum"] = list(dict.fromkeys([*values, default] if default else values))
        if default:
            schema["default"] = default
        number, base = 2, field
        while field in self._properties and self._properties[field] != schema:
            field, number = f"{base}_{number}", number + 1
        return field, schema

    def _declare(self, field: str, schema: dict[str, Any]) -> None:
        self._properties.setdefault(field, schema)
        if "default" not in schema and field not in self._required:
            self._required.append(field)

    def _hosts_of(self, url: str, variables: dict[str, Any]) -> list[str]:
        """Every host that the URL can mean, or none where that cannot be told."""
        authority = url.split("://", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1]
        names = list(dict.fromkeys(_VARIABLE.findall(authority)))
        choices = [_values(variables.get(name)) for name in names]
        count = 1
        for values in choices:
            count *= len(values)
        if not names:
            return [authority.lower()] if _is_host(authority) else []
        if 0 < count <= _MOST_HOSTS:
            return self._each(authority, names, choices)
        if names and authority == "{" + names[0] + "}":
            return ["{" + self._variable(names[0], variables.get(names[0]))[0] + "}"]
        return _wildcard(authority)

    def _each(self, authority: str, names: list[str], choices: list[list[str]]) -> list[str]:
        found: list[str] = []
        for values in itertools.product(*choices):
            host = authority
            for name, value in zip(names, values, strict=True):
                host = host.replace("{" + name + "}", value)
            if _is_host(host):
                found.append(host.lower())
        return list(dict.fromkeys(found))


def _values(raw: Any) -> list[str]:
    """All values of a closed variable; none of an open one."""
    node = raw if isinstance(raw, dict) else {}
    values = [wording.text(value) for value in as_list(node.get("enum"))]
    default = wording.text(node.get("default"))
    return list(dict.fromkeys([*values, *([default] if default else [])])) if values else []


def _wildcard(authority: str) -> list[str]:
    """`*.example.com` for `{team}.example.com`: the labels after the last variable, two at least."""
    tail = authority.rsplit("}", 1)[1]
    if authority.endswith("}") and ":{" in authority:
        host = authority.rsplit(":", 1)[0]
        return [host.lower()] if _is_host(host) else []
    labels = tail.split(".", 1)[1] if "." in tail else ""
    name = labels.split(":", 1)[0]
    return [f"*.{labels.lower()}"] if "." in name and _is_host(name) else []


def _is_host(authority: str) -> bool:
    host, _, port = authority.partition(":")
    if authority.startswith("["):
        return True
    return bool(_HOST.match(host)) and (not port or port.isdecimal())


def _is_absolute(url: str) -> bool:
    scheme, separator, rest = _whole(url.strip()).partition("://")
    return bool(separator and rest) and (scheme.lower() in {"http", "https"} or scheme.startswith("{"))


def _whole(url: str) -> str:
    """The URL with the scheme that its writer left out."""
    if url.startswith("//"):
        return "https:" + url
    return "https://" + url if _BARE_HOST.match(url) else url


def _filled(url: str, variables: dict[str, Any]) -> str:
    for name, raw in variables.items():
        default = wording.text(raw.get("default")) if isinstance(raw, dict) else ""
        if default:
            url = url.replace("{" + name + "}", default)
    return url
