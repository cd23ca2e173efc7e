"""The guarded client against a real service."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.requirements import requirement
from tests.upstream import Upstream, upstream_server

from toolmarket.kit.egress import Egress
from toolmarket.kit.transports import guarded_transport
from toolmarket.kit.upstream import (
    ConnectionLost,
    Request,
    ResponseTooLarge,
    ResponseUnreadable,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from toolmarket.kit.urls import EgressRefused, EgressSettings


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with upstream_server() as server:
        yield server


@pytest.fixture
async def egress(upstream: Upstream) -> AsyncIterator[Egress]:
    async with Egress(EgressSettings(allow=(upstream.origin,))) as client:
        yield client


def asked(upstream: Upstream, path: str, **changes: object) -> Request:
    request = Request("GET", upstream.origin + path, asyncio.get_running_loop().time() + 5)
    for name, value in changes.items():
        setattr(request, name, value)
    return request


async def streamed(egress: Egress, request: Request) -> bytes:
    async with egress.stream(request) as answer:
        return b"".join([chunk async for chunk in answer.chunks()])


async def test_a_request_returns_status_headers_and_body(upstream: Upstream, egress: Egress) -> None:
    answer = await egress.request(
        asked(upstream, "/echo?x=%2F", method="PUT", body=b"hello", headers={"X-One": "1"})
    )

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert upstream.seen[0].raw_path == "/echo?x=%2F"
    assert upstream.bodies == [b"hello"]
    assert upstream.seen[0].headers["X-One"] == "1"
    assert "Cookie" not in upstream.seen[0].headers


async def test_connections_are_reused(upstream: Upstream, egress: Egress) -> None:
    for _ in range(3):
        await egress.request(asked(upstream, "/echo"))

    assert len({request.transport for request in upstream.seen}) == 1


@requirement("3.3.b/private-service-opened-by-operator")
async def test_only_the_opened_origin_is_reachable(upstream: Upstream) -> None:
    async with Egress(EgressSettings()) as closed, Egress(EgressSettings(allow=("127.0.0.0/8",))) as opened:
        with pytest.raises(EgressRefused):
            await closed.request(asked(upstream, "/echo"))
        assert upstream.seen == []

        assert (await opened.request(asked(upstream, "/echo"))).status == 200


async def test_a_host_outside_of_the_list_is_refused(upstream: Upstream, egress: Egress) -> None:
    with pytest.raises(EgressRefused):
        await egress.request(asked(upstream, "/echo", hosts=frozenset({"api.example.com"})))

    answer = await egress.request(asked(upstream, "/echo", hosts=frozenset({upstream.host})))
    assert answer.status == 200


async def test_the_deadline_holds(upstream: Upstream, egress: Egress) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    with pytest.raises(UpstreamTimeout):
        await egress.request(asked(upstream, "/slow", deadline=began + 0.15))

    assert 0.14 <= loop.time() - began < 0.6


async def test_a_passed_deadline_sends_nothing(upstream: Upstream, egress: Egress) -> None:
    with pytest.raises(UpstreamTimeout):
        await egress.request(asked(upstream, "/echo", deadline=0.0))

    assert upstream.seen == []


@pytest.mark.parametrize("path", ["/drop", "/cut"])
async def test_a_lost_connection_is_told_apart(path: str, upstream: Upstream, egress: Egress) -> None:
    with pytest.raises(ConnectionLost):
        await egress.request(asked(upstream, path, method="DELETE"))

    assert len(upstream.seen) == 1


async def test_nobody_listening_is_unreachable(upstream: Upstream) -> None:
    async with upstream_server() as gone:
        origin = gone.origin
    async with Egress(EgressSettings(allow=(origin,))) as client:
        with pytest.raises(UpstreamUnreachable):
            await client.request(Request("GET", origin, asyncio.get_running_loop().time() + 5))


@pytest.mark.parametrize("path", ["/bomb", "/announced", "/gzip/50000000"])
async def test_a_body_beyond_the_bound_is_cut_off(path: str, upstream: Upstream, egress: Egress) -> None:
    with pytest.raises(ResponseTooLarge):
        await egress.request(asked(upstream, path, response_bytes=100_000))


async def test_a_packed_body_is_unpacked(upstream: Upstream, egress: Egress) -> None:
    answer = await egress.request(asked(upstream, "/gzip/5000"))

    assert answer.body == b"0" * 5000
    assert answer.received_bytes < 100


async def test_an_unknown_packing_is_told(upstream: Upstream, egress: Egress) -> None:
    with pytest.raises(ResponseUnreadable):
        await egress.request(asked(upstream, "/brotli"))


async def test_a_head_answer_has_no_body(upstream: Upstream, egress: Egress) -> None:
    answer = await egress.request(asked(upstream, "/announced", method="HEAD"))
    again = await egress.request(asked(upstream, "/echo"))

    assert (answer.status, answer.body) == (200, b"")
    assert again.status == 200


async def test_redirects_are_followed_as_far_as_asked(upstream: Upstream, egress: Egress) -> None:
    path = "/redirect?status=303&to=/echo"

    stayed = await egress.request(asked(upstream, path, method="POST", body=b"x"))
    followed = await egress.request(asked(upstream, path, method="POST", body=b"x", follow=1))

    assert stayed.status == 303
    assert followed.status == 200
    assert followed.url == upstream.origin + "/echo"
    assert (upstream.seen[-1].method, upstream.bodies[-1]) == ("GET", b"")


async def test_a_307_repeats_method_and_body(upstream: Upstream, egress: Egress) -> None:
    await egress.request(asked(upstream, "/redirect?status=307&to=/echo", method="POST", body=b"x", follow=3))

    assert (upstream.seen[-1].method, upstream.bodies[-1]) == ("POST", b"x")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://127.0.0.1:1/", "http://localhost/", "file:///etc/passwd"]
)
async def test_a_redirect_to_a_private_address_is_refused(
    target: str, upstream: Upstream, egress: Egress
) -> None:
    with pytest.raises(EgressRefused):
        await egress.request(asked(upstream, f"/redirect?to={target}", follow=3))

    assert len(upstream.seen) == 1


async def test_credentials_do_not_follow_to_another_origin(upstream: Upstream, egress: Egress) -> None:
    async with upstream_server() as other:
        egress.policy.open(other.origin)
        headers = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Cookie": "a=b", "Accept": "x/y"}
        await egress.request(asked(upstream, f"/redirect?to={other.origin}/echo", headers=headers, follow=3))

        got = other.seen[0].headers
        assert got["Accept"] == "x/y"
        assert not {"Authorization", "X-Api-Key", "Cookie"} & set(got)


async def test_a_stream_is_read_as_it_comes(upstream: Upstream, egress: Egress) -> None:
    text = await streamed(egress, asked(upstream, "/events"))

    assert text == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"


async def test_a_stream_is_bounded_in_time_and_size(upstream: Upstream, egress: Egress) -> None:
    loop = asyncio.get_running_loop()

    with pytest.raises(UpstreamTimeout):
        await streamed(egress, asked(upstream, "/slow", deadline=loop.time() + 0.1))
    with pytest.raises(ResponseTooLarge):
        await streamed(egress, asked(upstream, "/bomb", response_bytes=100_000))


class TwoAddresses(AbstractResolver):
    """A name with two addresses; nothing listens on the first."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in ("127.0.0.9", "127.0.0.1")
        ]

    async def close(self) -> None:
        pass


async def test_a_name_with_a_dead_address_is_reached_and_remembered(upstream: Upstream) -> None:
    port = upstream.host.rpartition(":")[2]
    resolver = TwoAddresses()
    async with Egress(EgressSettings(allow=("127.0.0.0/8",)), resolver=resolver) as client:
        urls = [f"http://api.example.com:{port}/echo/{number}" for number in range(5)]
        answers = await asyncio.gather(*(client.request(asked(upstream, "", url=url)) for url in urls))
        answers.append(await client.request(asked(upstream, "", url=urls[0])))
        async with client.stream(asked(upstream, "", url=urls[0])) as stream:
            assert stream.status == 200

    assert [answer.status for answer in answers] == [200] * 6
    assert resolver.asked <= 6
    assert upstream.seen[0].headers["Host"] == f"api.example.com:{port}"


async def test_fifty_calls_at_once_all_arrive(upstream: Upstream, egress: Egress) -> None:
    answers = await asyncio.gather(
        *(egress.request(asked(upstream, f"/echo/{number}")) for number in range(50))
    )

    assert [f'"/echo/{number}"' in answer.body.decode() for number, answer in enumerate(answers)] == [
        True
    ] * 50


async def test_the_transport_of_other_clients_obeys_the_same_rules(
    upstream: Upstream, egress: Egress
) -> None:
    transport = guarded_transport(egress, hosts=frozenset({upstream.host}), response_bytes=100_000)
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
        assert (await client.get(upstream.origin + "/echo")).status_code == 200
        for url in ("http://169.254.169.254/", "http://localhost/", "http://api.example.com/"):
            with pytest.raises(EgressRefused):
                await client.get(url)
        with pytest.raises(EgressRefused):
            await client.get(upstream.origin + "/redirect?to=http://169.254.169.254/", follow_redirects=True)
        with pytest.raises(ResponseTooLarge):
            await client.get(upstream.origin + "/bomb")
