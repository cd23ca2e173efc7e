"""Which addresses and host names no call may reach, judged without touching the network.

The table is our own and does not follow the standard library's classification, which differs
between Python versions and misses NAT64, 6to4 and the metadata services of some clouds.

Source:
    IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6052 (NAT64), RFC 3056 (6to4),
    RFC 4380 (Teredo), RFC 5214 (ISATAP); the WHATWG URL standard, "host parsing".
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache

import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORBIDDEN_V4 = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_FORBIDDEN_V6 = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = {0x00005EFE, 0x02005EFE}
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.169.253",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
    )
)

_INTERNAL_SUFFIXES = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
)
# Public names that exist to point at, or to redirect to, whatever address the URL names.
_POINTING_ELSEWHERE = (
    "nip.io",
    "sslip.io",
    "xip.io",
    "1u.ms",
    "rbndr.us",
    "r3dir.me",
    "nicob.net",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "localh.st",
    "127-0-0-1.org.uk",
)
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


class HostInvalid(ValueError):
    """The text is not a host that a call may name; says why."""


def forbidden_reason(address: Address) -> str | None:
    """Why no call may reach this address, or None where it is an ordinary public one.

    An IPv4 address inside an IPv6 one (mapped, NAT64, ISATAP) is judged as itself.
    """
    if address in METADATA:
        return "cloud metadata"
    if isinstance(address, ipaddress.IPv4Address):
        return next((reason for network, reason in _FORBIDDEN_V4 if address in network), None)
    return _forbidden_v6(address)


def _forbidden_v6(address: ipaddress.IPv6Address) -> str | None:
    embedded = embedded_v4(address)
    if embedded is not None:
        return forbidden_reason(embedded)
    for network, reason in _FORBIDDEN_V6:
        if address in network:
            return reason
    return None if address in _GLOBAL_UNICAST else "not global"


def embedded_v4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a packet to this IPv6 address ends at, where the form carries one."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    number = int(address)
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return None


@lru_cache(maxsize=4096)
def address_reason(text: str) -> str | None:
    """`forbidden_reason` of an address as the resolver or a socket gives it, zone id included."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return "link-local zone" if "%" in text else forbidden_reason(address)


def name_reason(host: str, *, inner_names: bool = False) -> str | None:
    """Why a normalised host name is not asked of the resolver, or None.

    Names without a dot, and names below the suffixes of private networks, mean a neighbour of the
    server that runs this product, whatever the resolver says. They are only looked up where the
    operator opened a private network (`inner_names`).
    """
    if not inner_names and ("." not in host or _below(host, _INTERNAL_SUFFIXES)):
        return "a name of the inner network"
    if _below(host, _POINTING_ELSEWHERE):
        return "a name that points at other addresses"
    return None


def _below(host: str, suffixes: tuple[str, ...]) -> bool:
    return any(host == suffix or host.endswith("." + suffix) for suffix in suffixes)


def normalise_host(host: str) -> tuple[str, Address | None]:
    """Read a host as a browser would, so that no spelling of an address hides it.

    Brackets, octal, hexadecimal, decimal and shortened IPv4, full-width and circled digits,
    ideographic dots, upper case and one trailing dot are read; everything else that is not a
    plain name or address is refused.

    Returns:
        The canonical text (an IPv6 address without brackets) and the address if it is one.

    Raises:
        HostInvalid: empty, percent-encoded, with a zone id, or not a valid name.
    """
    if host.startswith("["):
        return _bracketed(host)
    name = unicodedata.normalize("NFKC", host).translate(_DOTS).lower()
    name = name.removesuffix(".")
    if not name or len(name) > 253:
        raise HostInvalid("The host is empty or too long.")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        address = _numeric(labels)
        return str(address), address
    return _domain(name), None


def _bracketed(host: str) -> tuple[str, Address]:
    inner = host[1:-1] if host.endswith("]") and "%" not in host else ""
    try:
        address = ipaddress.IPv6Address(inner)
    except ValueError:
        raise HostInvalid("The address in brackets is not a plain IPv6 address.") from None
    return str(address), address


def _numeric(labels: list[str]) -> ipaddress.IPv4Address:
    numbers = [_number(label) for label in labels]
    *heads, last = numbers
    if len(numbers) > 4 or any(head > 255 for head in heads) or last >= 256 ** (5 - len(numbers)):
        raise _no_address()
    return ipaddress.IPv4Address(last + sum(head << (24 - 8 * place) for place, head in enumerate(heads)))


def _number(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise _no_address()
    if label[:2] in {"0x", "0X"}:
        return int(label[2:] or "0", 16)
    try:
        return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)
    except ValueError:
        raise _no_address() from None


def _no_address() -> HostInvalid:
    return HostInvalid("The host ends in a number but is no IPv4 address.")


def _domain(name: str) -> str:
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise HostInvalid("The host is not a valid international name.") from None
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise HostInvalid("The host holds characters that no name has.")
    return name
