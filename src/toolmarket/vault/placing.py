"""A credential becomes headers, query, cookies; and where it may go. Pure functions."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

import orjson

from toolmarket.kit.addresses import HostInvalid as AddressInvalid
from toolmarket.kit.addresses import normalise_host
from toolmarket.kit.problems import Problem
from toolmarket.kit.urls import split_url
from toolmarket.vault import errors
from toolmarket.vault.schemas import Injection, Kind, Placement, Secret

PARTS: dict[str, tuple[str, ...]] = {
    "api_key": ("key",),
    "basic": ("username", "password"),
    "bearer": ("token",),
}
SECRET_CHARACTERS = 8_192
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def secret_parts(kind: Kind, secret: Secret) -> dict[str, str]:
    """The parts of a secret, checked.

    Raises:
        SecretInvalid: missing or foreign parts, or characters that cannot travel in a header.
    """
    given = {name: value.get_secret_value() for name, value in secret if value is not None}
    if set(given) != set(PARTS[kind]):
        raise errors.SecretInvalid(f"A {kind} secret has: {', '.join(PARTS[kind])}.", pointer="/secret")
    for name, value in given.items():
        pointer = f"/secret/{name}"
        if not value and name != "password":
            raise errors.SecretInvalid("The secret is empty.", pointer=pointer)
        if len(value) > SECRET_CHARACTERS:
            raise errors.SecretInvalid(f"At most {SECRET_CHARACTERS} characters.", pointer=pointer)
        if _CONTROL.search(value) or any("\ud800" <= character <= "\udfff" for character in value):
            raise errors.SecretInvalid("The secret holds a line break or control character.", pointer=pointer)
    if ":" in given.get("username", ""):
        raise errors.SecretInvalid("A user name of HTTP basic has no colon.", pointer="/secret/username")
    return given


def hint(kind: Kind, parts: dict[str, str]) -> str:
    """The last four characters, where enough others stay unknown.

    Of basic the user's name: services that take a key as the name leave the password empty.
    """
    value = parts[PARTS[kind][0]]
    return "…" + value[-4:] if len(value) >= 12 else "…"


def encode(parts: dict[str, str]) -> bytes:
    """The parts as they are sealed."""
    return orjson.dumps(parts)


def decode(plain: bytes) -> dict[str, str]:
    """What `encode` wrote."""
    parts: dict[str, str] = orjson.loads(plain)
    return parts


def place(kind: Kind, parts: dict[str, str], placement: Placement) -> Injection:
    """Put a credential where the service wants it.

    Raises:
        PlacementUnfit: the service wants another kind.
    """
    if placement.type == "http" and placement.scheme == "basic":
        return _basic(kind, parts)
    if kind == "basic":
        raise errors.PlacementUnfit("The service wants a single key or token, not a name and a password.")
    value = parts[PARTS[kind][0]]
    secrets = _forms(value)
    if placement.type == "apiKey" and placement.location and placement.parameter:
        spot = {placement.parameter: value}
        return Injection(
            headers=spot if placement.location == "header" else {},
            query=spot if placement.location == "query" else {},
            cookies=spot if placement.location == "cookie" else {},
            secrets=secrets,
        )
    if placement.type in {"oauth2", "openIdConnect"} or placement.scheme == "bearer":
        return Injection(headers={"Authorization": f"Bearer {value}"}, secrets=secrets)
    raise errors.PlacementUnfit(f"A {kind} credential does not fit {placement.scheme or placement.type}.")


def _basic(kind: Kind, parts: dict[str, str]) -> Injection:
    if kind != "basic":
        raise errors.PlacementUnfit("The service wants a name and a password.")
    pair = base64.b64encode(f"{parts['username']}:{parts['password']}".encode()).decode()
    # With an empty password the name is the key.
    forms = _forms(parts["password"] or parts["username"])
    return Injection(headers={"Authorization": f"Basic {pair}"}, secrets=(*forms, pair))


def _forms(value: str) -> tuple[str, ...]:
    """A secret in every spelling in which an upstream may echo it."""
    json_text = orjson.dumps(value).decode()[1:-1]
    return tuple(dict.fromkeys((value, quote(value, safe=""), quote_plus(value), json_text)))


def normalise_pattern(pattern: str) -> str:
    """A host pattern in the one form that is compared.

    Raises:
        HostInvalid: not `host`, `host:port` or `*.host`.
    """
    match = _PORT.fullmatch(pattern.strip().lower())
    wild = match is not None and match[1].startswith("*.")
    try:
        host, address = normalise_host(match[1][2:] if wild else match[1]) if match else ("", None)
    except AddressInvalid:
        host, address = "", None
    if match is None or not host or (wild and (address is not None or "." not in host)):
        raise errors.HostInvalid(f"{pattern} is not `host`, `host:port` or `*.host`.", pointer="/hosts")
    shown = f"[{host}]" if ":" in host else host
    return ("*." if wild else "") + shown + (f":{int(match[2])}" if match[2] else "")


def host_allowed(hosts: Iterable[str], url: str) -> bool:
    """Whether a credential that is bound to these hosts may be sent to this URL.

    Args:
        hosts: patterns `host`, `host:port`, `*.host` (any depth below, not the host itself); without
            a port, every port.
        url: an absolute http or https URL; everything else is refused.
    """
    try:
        scheme, authority, _ = split_url(url)
        match = _PORT.fullmatch(authority)
        if match is None:
            return False
        host, _ = normalise_host(match[1])
    except (Problem, AddressInvalid):
        return False
    port = int(match[2]) if match[2] else _DEFAULT_PORTS[scheme]
    return any(_matches(pattern, host, port) for pattern in hosts)


def _matches(pattern: str, host: str, port: int) -> bool:
    match = _PORT.fullmatch(pattern.lower())
    if match is None or (match[2] and int(match[2]) != port):
        return False
    name = match[1].strip("[]")
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
