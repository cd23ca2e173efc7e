"""The check of a URL before anything opens: scheme, host, port, and the allow-lists.

Pure: names are not resolved here; `kit.egress` judges the addresses they resolve to.
"""

import ipaddress
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, TypeVar
from urllib.parse import quote

from pydantic import Field, PositiveInt, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from toolmarket.kit.addresses import (
    METADATA,
    Address,
    HostInvalid,
    Network,
    forbidden_reason,
    name_reason,
    normalise_host,
)
from toolmarket.kit.problems import Forbidden

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5})?)?")
_KEPT = "!$%&'()*+,/:;=?@[]~"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CACHE_SIZE = 4096
Key = TypeVar("Key")
Value = TypeVar("Value")


class EgressRefused(Forbidden):
    status, code, title = (
        HTTPStatus.FORBIDDEN,
        "egress-refused",
        "Calls to this address are not allowed.",
    )


class EgressSettings(BaseSettings):
    """What outgoing calls may reach, and how many at once."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_EGRESS_", frozen=True)

    allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private targets that calls may reach all the same: exact origins "
        "(`http://127.0.0.1:9000`) or networks (`10.1.0.0/16`), separated by commas.",
    )
    ports: str = Field(
        "80,443,1024-65535", description="Ports of public hosts that calls may reach: numbers and ranges."
    )
    connections: PositiveInt = Field(512, description="Open connections to outside services, per process.")
    connections_per_host: PositiveInt = Field(128, description="Open connections to one host, per process.")

    @field_validator("allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


@dataclass(frozen=True, slots=True)
class Origin:
    """A checked scheme, host and port; `base` is their URL without a path."""

    scheme: str
    host: str
    port: int
    address: Address | None
    base: str
    opened: bool


class UrlPolicy:
    """The installation's rules for URLs; keeps its verdicts, since calls repeat their origins."""

    def __init__(self, settings: EgressSettings) -> None:
        self._ports = _read_ports(settings.ports)
        self._networks: list[Network] = []
        self._opened: set[tuple[str, int]] = set()
        self._origins: dict[str, Origin] = {}
        self._listed: dict[tuple[str, int, frozenset[str]], bool] = {}
        for entry in settings.allow:
            self.open(entry)

    def open(self, entry: str) -> None:
        """Let calls reach a private origin (`http://127.0.0.1:9000`) or network (`10.1.0.0/16`).

        Raises:
            ValueError: it is neither.
        """
        if "://" in entry:
            scheme, authority, rest = split_url(entry)
            if rest.strip("/"):
                raise ValueError(f"{entry} is not an origin: leave out the path.")
            host, port, _ = _read_authority(scheme, authority)
            self._opened.add((host, port))
        else:
            self._networks.append(ipaddress.ip_network(entry))
        self._origins.clear()

    def check(self, url: str, hosts: frozenset[str] | None) -> tuple[Origin, str]:
        """Split a URL into its checked origin and the rest, or refuse it.

        Args:
            hosts: patterns `host`, `host:port`, `*.host`; a pattern without a port means every
                port. None lets every public host pass.

        Raises:
            EgressRefused: scheme, user, host, port or the allow-list forbid it.
        """
        scheme, authority, rest = split_url(url)
        prefix = f"{scheme}://{authority}"
        origin = self._origins.get(prefix)
        if origin is None:
            origin = self._judge(scheme, authority)
            _remember(self._origins, prefix, origin)
        if hosts is not None and not self._is_listed(origin, hosts):
            raise EgressRefused(f"{origin.host}:{origin.port} is not among the hosts of this tool.")
        return origin, rest

    def is_opened(self, host: str, port: int) -> bool:
        """Whether the operator opened exactly this host (normalised) and port."""
        return (host, port) in self._opened

    def address_refusal(self, address: Address, port: int) -> str | None:
        """Why no connection may go to this address, or None."""
        reason = forbidden_reason(address)
        if reason is None or (str(address), port) in self._opened:
            return None
        # A network opened by the operator does not open the cloud's credentials that lie in it.
        if address not in METADATA and any(address in network for network in self._networks):
            return None
        return reason

    def _judge(self, scheme: str, authority: str) -> Origin:
        host, port, address = _read_authority(scheme, authority)
        opened = self.is_opened(host, port)
        if not opened and (refusal := self._refusal(host, port, address)):
            raise EgressRefused(f"{host}:{port} is not reachable from here: {refusal}.")
        shown = f"[{host}]" if ":" in host else host
        suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
        return Origin(scheme, host, port, address, f"{scheme}://{shown}{suffix}", opened)

    def _refusal(self, host: str, port: int, address: Address | None) -> str | None:
        reason = (
            name_reason(host, inner_names=bool(self._networks))
            if address is None
            else self.address_refusal(address, port)
        )
        if reason is None and not any(port in ports for ports in self._ports):
            return "the port is not open"
        return reason

    def _is_listed(self, origin: Origin, hosts: frozenset[str]) -> bool:
        key = (origin.host, origin.port, hosts)
        listed = self._listed.get(key)
        if listed is None:
            listed = any(_matches(origin, pattern.lower()) for pattern in hosts)
            _remember(self._listed, key, listed)
        return listed


def split_url(url: str) -> tuple[str, str, str]:
    """Scheme, authority, and path with query (percent-encoded, without fragment) of a URL.

    Raises:
        EgressRefused: not absolute, another scheme than http and https, or holding characters
            on which parsers disagree.
    """
    match = _URL.match(url)
    if match is None or _UNSAFE.search(url):
        raise EgressRefused("The URL is not a plain absolute URL.")
    scheme, authority, rest = match[1].lower(), match[2], match[3]
    if scheme not in _DEFAULT_PORTS:
        raise EgressRefused(f"Calls go to http and https only, not {scheme}.")
    if "@" in authority:
        raise EgressRefused("A URL with a user name in it is not called.")
    if not rest.isascii():
        rest = quote(rest, safe=_KEPT, errors="replace")
    return scheme, authority, rest if rest[:1] == "/" else "/" + rest


def _read_authority(scheme: str, authority: str) -> tuple[str, int, Address | None]:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise EgressRefused("The host of the URL cannot be read.")
    port = int(match[2] or _DEFAULT_PORTS[scheme])
    try:
        host, address = normalise_host(match[1])
    except HostInvalid as invalid:
        raise EgressRefused(str(invalid)) from None
    if isinstance(address, ipaddress.IPv4Address) and match[1].rstrip(".") != host:
        raise EgressRefused(f"Write the address as {host}.")
    if not 0 < port < 65_536:
        raise EgressRefused("There is no such port.")
    return host, port, address


def _matches(origin: Origin, pattern: str) -> bool:
    host, port = pattern, None
    head, colon, tail = pattern.rpartition(":")
    if colon and tail.isdigit() and (head.endswith("]") or ":" not in head):
        host, port = head, int(tail)
    if port not in {None, origin.port}:
        return False
    if host.startswith("*."):
        return origin.host.endswith(host[1:]) and len(origin.host) > len(host) - 1
    try:
        return normalise_host(host)[0] == origin.host
    except HostInvalid:
        return host.strip("[]") == origin.host


def _read_ports(text: str) -> tuple[range, ...]:
    ranges = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        ranges.append(range(int(first), int(last or first) + 1))
    return tuple(ranges)


def _remember(cache: dict[Key, Value], key: Key, value: Value) -> None:
    if len(cache) >= _CACHE_SIZE:
        cache.clear()
    cache[key] = value
