"""The bare client against servers that keep, bend and break the protocol."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.requirements import requirement
from tests.upstream import Upstream, upstream_server

from toolmarket.kit.egress import Egress
from toolmarket.kit.upstream import (
    ConnectionLost,
    Request,
    ResponseTooLarge,
    ResponseUnreadable,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from toolmarket.kit.urls import EgressRefused, EgressSettings

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSE = b"\0close"


class Scripted:
    """Answers its requests with the given bytes, one after the other; counts connections."""

    def __init__(self, answers: tuple[bytes, ...]) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.requests: list[bytes] = []
        self.origin = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                answer = self.answers.pop(0)
                writer.write(answer.removesuffix(CLOSE))
                await writer.drain()
                if answer.endswith(CLOSE):
                    break
        writer.close()


@asynccontextmanager
async def scripted(*answers: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    script = Scripted(answers)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    script.origin = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    yield script
    server.close()


@asynccontextmanager
async def client_of(script: Scripted) -> AsyncIterator[Egress]:
    async with Egress(EgressSettings(allow=(script.origin,))) as client:
        yield client


def asked(origin: str, **changes: object) -> Request:
    request = Request("GET", origin + "/", asyncio.get_running_loop().time() + 5, response_bytes=100_000)
    for name, value in changes.items():
        setattr(request, name, value)
    return request


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end" + CLOSE, 200, b"to the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" + CLOSE, 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK, 200, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2;x=y\r\nok\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n",
            200,
            b"ok!",
        ),
    ],
)
async def test_answers_of_every_framing_are_read(answer: bytes, status: int, body: bytes) -> None:
    async with scripted(answer, OK) as script, client_of(script) as client:
        response = await client.request(asked(script.origin))
        again = await client.request(asked(script.origin))

    assert (response.status, response.body) == (status, body)
    assert "X-A" not in response.headers
    assert again.body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_told(answer: bytes) -> None:
    async with scripted(answer) as script, client_of(script) as client:
        with pytest.raises(ResponseUnreadable):
            await client.request(asked(script.origin))


@requirement("12.1.d/endless-headers-cut-off")
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 900_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: " + b"a" * 900_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 200_000,
    ],
)
async def test_answers_without_end_are_cut_off(answer: bytes) -> None:
    async with scripted(answer) as script, client_of(script) as client:
        with pytest.raises(ResponseTooLarge):
            await client.request(asked(script.origin))


async def test_one_byte_chunks_are_a_body_like_any_other() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n"
    async with scripted(answer) as script, client_of(script) as client:
        response = await client.request(asked(script.origin))

    assert response.body == b"a" * 50_000


@requirement("12.1.d/answers-cannot-be-smuggled")
async def test_an_extra_answer_is_not_taken_for_the_next() -> None:
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    async with scripted(OK + extra, OK, OK) as script, client_of(script) as client:
        answers = [await client.request(asked(script.origin)) for _ in range(3)]

    assert [answer.body for answer in answers] == [b"ok"] * 3
    assert script.connections == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_closed_while_idle_is_replaced(method: str) -> None:
    async with scripted(OK + CLOSE, OK, OK) as script, client_of(script) as client:
        await client.request(asked(script.origin))
        async with scripted(OK) as other:
            client.policy.open(other.origin)
            await client.request(asked(other.origin))
        response = await client.request(asked(script.origin, method=method))

    assert response.body == b"ok"
    assert script.connections == 2


async def test_only_a_harmless_request_is_sent_again_on_its_own() -> None:
    for method, outcome in (("GET", b"ok"), ("DELETE", ConnectionLost)):
        async with scripted(OK, CLOSE, OK) as script, client_of(script) as client:
            await client.request(asked(script.origin))
            if isinstance(outcome, bytes):
                assert (await client.request(asked(script.origin, method=method))).body == outcome
            else:
                with pytest.raises(outcome):
                    await client.request(asked(script.origin, method=method))
            assert len(script.requests) == (3 if method == "GET" else 2)


async def test_a_header_cannot_begin_another_one() -> None:
    async with scripted(OK) as script, client_of(script) as client:
        for headers in ({"X": "a\r\nY: b"}, {"X": "a\nb"}, {"X\r\nY": "a"}, {"X": "\0"}):
            with pytest.raises(EgressRefused):
                await client.request(asked(script.origin, headers=headers))
        await client.request(asked(script.origin, headers={"Host": "evil", "Content-Length": "9"}))

    (head,) = script.requests
    assert b"evil" not in head
    assert b"Content-Length" not in head


async def test_calls_queue_where_a_host_has_no_room() -> None:
    async with upstream_server() as upstream:
        settings = EgressSettings(allow=(upstream.origin,), connections_per_host=2)
        async with Egress(settings) as client:
            answers = await asyncio.gather(*(client.request(asked(upstream.origin)) for _ in range(20)))
            await queue_times_out(upstream, client)

        assert [answer.status for answer in answers] == [200] * 20
        assert len({request.transport for request in upstream.seen if request.path == "/"}) == 2


async def queue_times_out(upstream: Upstream, client: Egress) -> None:
    """A call behind slow ones ends at its deadline, and leaves the queue in order."""
    now = asyncio.get_running_loop().time()
    slow = [asked(upstream.origin, url=upstream.origin + "/slow", deadline=now + 0.3) for _ in range(2)]
    quick = asked(upstream.origin, deadline=now + 0.1)

    ends = await asyncio.gather(*map(client.request, [*slow, quick]), return_exceptions=True)

    assert [type(end) for end in ends] == [UpstreamTimeout] * 3
    assert (await client.request(asked(upstream.origin))).status == 200


async def test_a_cancelled_call_leaves_no_answer_behind() -> None:
    async with upstream_server() as upstream, Egress(EgressSettings(allow=(upstream.origin,))) as client:
        await client.request(asked(upstream.origin))
        slow = asyncio.ensure_future(client.request(asked(upstream.origin, url=upstream.origin + "/slow")))
        while len(upstream.seen) < 2:
            await client.request(asked(upstream.origin + "/more"))
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        upstream.held.set()

        answer = await client.request(asked(upstream.origin, url=upstream.origin + "/echo/mine"))
        assert b"/echo/mine" in answer.body


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that nobody knows, and a server context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


async def test_encrypted_connections_need_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    path, context = certificate(tmp_path)
    async with scripted(OK, OK, tls=context) as script, client_of(script) as client:
        with pytest.raises(UpstreamUnreachable):
            await client.request(asked(script.origin))

        client.tls.load_verify_locations(path)
        answers = [await client.request(asked(script.origin)) for _ in range(2)]

    assert [answer.body for answer in answers] == [b"ok", b"ok"]
    assert script.connections == 1
