"""No spelling of an inner address gets a socket."""

import asyncio
import ipaddress
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.requirements import requirement

from toolmarket.kit.addresses import HostInvalid, forbidden_reason, normalise_host
from toolmarket.kit.egress import Egress
from toolmarket.kit.transports import guarded_transport
from toolmarket.kit.upstream import Request
from toolmarket.kit.urls import EgressRefused, EgressSettings, UrlPolicy

CORPUS = Path(__file__).parents[1] / "data" / "security" / "ssrf_urls.jsonl"
HOSTILE = [json.loads(line)["url"] for line in CORPUS.read_text().splitlines()]


class Resolver(AbstractResolver):
    """Names of the test's own; counts what it is asked."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.names.get(host, ["127.0.0.1"])
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    async with Egress(EgressSettings()) as client:
        yield client


@contextmanager
def sockets_counted() -> Iterator[list[Any]]:
    """Every socket that anything in this process makes meanwhile."""
    made: list[Any] = []
    original = socket.socket.__init__

    def counted(self: socket.socket, *arguments: Any, **named: Any) -> None:
        made.append(arguments)
        original(self, *arguments, **named)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "__init__", counted)
    try:
        yield made
    finally:
        patch.undo()


def asked(url: str) -> Request:
    return Request("GET", url, asyncio.get_running_loop().time() + 5)


def test_the_corpus_is_whole() -> None:
    assert len(HOSTILE) == 92


@requirement("5.2.c/hostile-urls-open-no-socket")
@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_url_is_refused_before_a_socket_opens(url: str, egress: Egress) -> None:
    with sockets_counted() as made, pytest.raises(EgressRefused):
        await egress.request(asked(url))

    assert made == []


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_url_is_refused_to_other_clients_as_well(url: str, egress: Egress) -> None:
    async with httpx2.AsyncClient(transport=guarded_transport(egress), trust_env=False) as client:
        with (
            sockets_counted() as made,
            pytest.raises((EgressRefused, httpx2.UnsupportedProtocol, httpx2.InvalidURL)),
        ):
            await client.get(url)

    assert made == []


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["93.184.216.34", "10.0.0.7"], ["::1"], ["::ffff:169.254.169.254"], ["fe80::1%eth0"]],
)
async def test_a_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    resolver = Resolver(api_example_com=addresses)
    async with Egress(EgressSettings(), resolver=resolver) as client:
        with sockets_counted() as made, pytest.raises(EgressRefused) as refusal:
            await client.request(asked("https://api.example.com/"))

    assert resolver.asked == ["api.example.com"]
    assert made == []
    assert not any(address in refusal.value.detail for address in addresses)


async def test_a_name_that_leads_inside_is_refused_to_other_clients_as_well() -> None:
    async with Egress(EgressSettings(), resolver=Resolver()) as client:
        transport = guarded_transport(client)
        async with httpx2.AsyncClient(transport=transport, trust_env=False) as other:
            with sockets_counted() as made, pytest.raises(EgressRefused):
                await other.get("http://api.example.com/")

    assert made == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "64:ff9b::7f00:1"])
def test_the_socket_itself_is_the_last_wall(address: str, egress: Egress) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    info: aiohttp.AddrInfoType = (family, socket.SOCK_STREAM, 6, "", (address, 80))

    with sockets_counted() as made, pytest.raises(EgressRefused):
        egress.guarded_socket(info)

    assert made == []


async def test_opening_one_port_opens_no_other() -> None:
    async with Egress(EgressSettings(allow=("http://127.0.0.1:9000",))) as client:
        for url in (
            "http://127.0.0.1:9001/",
            "http://127.0.0.1/",
            "http://127.0.0.2:9000/",
            "http://localhost:9000/",
        ):
            with sockets_counted() as made, pytest.raises(EgressRefused):
                await client.request(asked(url))
            assert made == []


async def test_opening_a_network_does_not_open_the_metadata_in_it() -> None:
    policy = UrlPolicy(EgressSettings(allow=("169.254.0.0/16", "10.0.0.0/8")))

    assert policy.check("http://10.0.0.5:8080/x", None)[0].host == "10.0.0.5"
    assert policy.check("http://169.254.1.1/x", None)[0].host == "169.254.1.1"
    assert policy.check("http://crm.internal:8080/", None)[0].host == "crm.internal"
    with pytest.raises(EgressRefused):
        policy.check("http://169.254.169.254/latest", None)


FORBIDDEN = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.1.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "100.100.100.200",
    "169.254.170.2",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:c0a8:101::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2600:1f00::5efe:10.0.0.1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "191.255.255.255",
    "192.0.1.1",
    "192.167.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_special_addresses_are_forbidden(address: str) -> None:
    assert forbidden_reason(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert forbidden_reason(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize(
    "spelling",
    [
        *(
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
        ),
        *(
            "127.0.0.1.",
            "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
            "127\u30020\u30020\u30021",
            "\uff11\uff12\uff17.0.0.1",
            "0X7F.0.0.1",
        ),
    ],
)
def test_every_spelling_of_an_address_is_read(spelling: str) -> None:
    assert normalise_host(spelling) == ("127.0.0.1", ipaddress.IPv4Address("127.0.0.1"))


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "a..b",
        "1.2.3.4.5",
        "1.2.3.256",
        "0x100000000",
        "[::1",
        "[fe80::1%25eth0]",
        "a%2eb",
        "a b",
        "-a.com",
        "a/b",
        "1.2.3.08",
    ],
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(HostInvalid):
        normalise_host(host)


@pytest.mark.parametrize(
    ("pattern", "url", "listed"),
    [
        ("api.example.com", "https://api.example.com/", True),
        ("API.example.com", "https://api.EXAMPLE.com:8443/", True),
        ("api.example.com:443", "https://api.example.com/", True),
        ("api.example.com:443", "https://api.example.com:8443/", False),
        ("*.example.com", "https://api.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://evilexample.com/", False),
        ("api.example.com", "https://api.example.com.evil.com/", False),
        ("b\u00fccher.example", "https://xn--bcher-kva.example/", True),
    ],
)
def test_the_list_of_a_tool_is_kept(pattern: str, url: str, listed: bool) -> None:
    policy = UrlPolicy(EgressSettings())

    if listed:
        assert policy.check(url, frozenset({pattern}))
    else:
        with pytest.raises(EgressRefused):
            policy.check(url, frozenset({pattern}))


@pytest.mark.parametrize(
    "url",
    [
        "https://user@api.example.com/",
        "https://api.example.com:22/",
        "https://api.example.com:0/",
        "https://api.example.com:99999/",
        "https://api.example.com/a b",
        "https://api.example.com/\r\nX: y",
        "//api.example.com/",
        "api.example.com",
        "https:///x",
        "https://api.example.com\\@127.0.0.1/",
    ],
)
def test_a_doubtful_url_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused):
        UrlPolicy(EgressSettings()).check(url, None)
