"""Addresses of a tool with the configuration of an installation filled in."""

import re
from typing import Any
from urllib.parse import urlsplit

from toolmarket.catalog import schemas as catalog

_FIELD = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_-]*)\}")


def fill(template: str, config: dict[str, Any], schema: dict[str, Any]) -> str:
    """Put the configuration into a URL template; a field without a value takes its default."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        default = schema.get("properties", {}).get(name, {}).get("default", "")
        return str(config.get(name, default))

    return _FIELD.sub(value, template).rstrip("/")


def allowed_hosts(manifest: catalog.Manifest, config: dict[str, Any]) -> frozenset[str]:
    """The manifest's hosts with the configuration filled in, as `host` or `host:port`."""
    return frozenset(_host_of(fill(host, config, manifest.config_schema)) for host in manifest.egress.hosts)


def _host_of(value: str) -> str:
    return urlsplit(value).netloc.rpartition("@")[2].lower() if "://" in value else value.lower()
