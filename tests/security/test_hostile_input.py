"""Hostile text, JSON and headers at every door: kept as they were, or refused with a code and a place.

Beside this: naughty strings through names, descriptions and reviews (`test_naughty_strings.py`), every
route by its own description (`test_api_fuzz.py`), addresses of services (`test_ssrf.py`), passwords and
sessions (`test_sign_in.py`), keys (`test_keys.py`); foreign, expired, replayed and concurrent input in
`test_bad_input.py`.
"""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from tests.people import People
from tests.requirements import requirement
from tests.security.stage import MODERN, PREFIX, send_mcp
from tests.upstream import Upstream
from tests.workshop import Workshop, description, workshop_of, workshops_of

from toolmarket.kit import json_text
from toolmarket.kit.problems import TooSlow
from toolmarket.runtime.gateway import doors

DATA = Path(__file__).parents[1] / "data" / "json"
SUITE = [
    json.loads(line) for line in gzip.decompress((DATA / "jsontestsuite.jsonl.gz").read_bytes()).splitlines()
]
NAUGHTY: list[str] = json.loads((DATA / "naughty_strings.json").read_text())
JSON = {"Content-Type": "application/json"}
# As JSON texts, for some of them are no strings that Python could encode.
NUL, SURROGATE = rb'"a\u0000b"', rb'"\ud800"'
STRANGE = [
    rb'"\u202egnp.exe"',
    rb'"\u200b\u2060\ufeff"',
    rb'"\ud83d\udc69\u200d\ud83d\udcbb"',
    rb'"\u0001\u001f\u007f\u0085\u2028"',
    rb'"\uffff\ufdd0"',
    '"' + "e\u0301" * 20 + '"',
]
HOSTILE = [text if isinstance(text, bytes) else text.encode() for text in STRANGE]
DEEP = 100_000


@pytest.fixture(scope="module")
async def premises(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, Upstream]]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        yield premises


@pytest.fixture(scope="module")
async def workshop(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


@pytest.fixture(scope="module")
async def installation(workshop: Workshop) -> str:
    return str((await workshop.installed())["id"])


def refused(answer: httpx.Response, *codes: str) -> None:
    """It is a problem that the caller can act on, with the place."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert not codes or problem["code"] in codes, problem
    assert "pointer" in problem, problem


def nested(levels: int, inner: bytes = b"1") -> bytes:
    return b'{"a":' * levels + inner + b"}" * levels


def door(installation: str, operation: str = "read_echo") -> str:
    return f"/v1/installations/{installation}/operations/{operation}/runs"


@requirement("1.f/json-as-the-suite-says")
async def test_doors_take_and_refuse_json_as_the_suite_says(workshop: Workshop, installation: str) -> None:
    for case in SUITE:
        body = base64.b64decode(case["base64"])
        called = await workshop.client.post(door(installation), content=b'{"q":%s}' % body, headers=JSON)
        stored = await workshop.client.post("/v1/keys", content=b'{"name":%s}' % body, headers=JSON)

        nul = case["expect"] == "accept" and json_text.place_of_nul(orjson.loads(body)) is not None
        for answer, refusing in (
            (called, case["expect"] == "reject"),
            (stored, case["expect"] == "reject" or nul),
        ):
            assert answer.status_code < 500, f"{case['name']}: {answer.text}"
            if case["expect"] != "either":
                code = answer.json().get("code")
                assert (code == "json-invalid") is refusing, f"{case['name']}: {answer.text}"


async def test_documents_of_the_suite_are_refused_as_descriptions(workshop: Workshop) -> None:
    for case in SUITE:
        content = base64.b64decode(case["base64"]).decode("utf-8", "replace")
        answer = await workshop.client.post("/v1/imports", json={"kind": "openapi", "content": content})
        assert 400 <= answer.status_code < 500, f"{case['name']}: {answer.text}"
        assert answer.json()["code"], case["name"]


@requirement("1.f/naughty-arguments")
async def test_arguments_reach_the_service_and_come_back_as_they_were(
    workshop: Workshop, installation: str
) -> None:
    texts = [*NAUGHTY, *(orjson.loads(each) for each in HOSTILE), "x\0y", "z" * 100_000]
    for begin in range(0, len(texts), 40):
        body = {text: text for text in texts[begin : begin + 40]}

        answer = await workshop.call(installation, "create_echo", {"body": body})

        assert answer.status_code == 200, answer.text
        assert orjson.loads(base64.b64decode(answer.json()["value"]["body"])) == body
        kept = (await workshop.run(answer.json()["id"]))["arguments"]
        assert kept == {"body": body} or "z" * 100 in str(kept)


def places(draft: dict[str, Any]) -> dict[str, tuple[str, str, str, bytes]]:
    """Where texts are kept: method, path, the member that gives the text back, the body around it."""
    path = f"/v1/drafts/{draft['id']}"
    manifest = orjson.dumps({**draft["manifest"], "description": "@"})
    connection = b'{"kind":"bearer","secret":{"token":"tttttttt"},"hosts":["x.test"],"name":"@"}'
    return {
        "key": ("POST", "/v1/keys", "name", b'{"name":"@"}'),
        "connection": ("POST", "/v1/connections", "name", connection),
        "toolset": ("POST", "/v1/toolsets", "name", b'{"slug":"SLUG","name":"@"}'),
        "draft": ("PUT", path, "manifest/description", b'{"manifest":%s}' % manifest),
    }


@pytest.mark.parametrize(
    "text", [*HOSTILE, NUL, SURROGATE], ids=lambda text: text.decode("ascii", "replace")[:24]
)
async def test_a_text_is_kept_as_it_is_or_refused_with_its_place(workshop: Workshop, text: bytes) -> None:
    draft = await workshop.draft(f"t{abs(hash(text)) % 10**9}")

    for name, (method, path, member, body) in places(draft).items():
        filled = body.replace(b'"@"', text).replace(b"SLUG", f"s{abs(hash(text)) % 10**9}".encode())
        headers = {**JSON, "If-Match": '"1"'}
        answer = await workshop.client.request(method, path, content=filled, headers=headers)
        if text in {NUL, SURROGATE}:
            refused(answer, "json-invalid")
            assert text == SURROGATE or answer.json()["pointer"] == f"/{member}", name
        else:
            value = answer.json()
            for part in member.split("/"):
                value = value[part]
            assert value == orjson.loads(text), name


async def test_nul_inside_a_description_does_not_break_its_import(workshop: Workshop) -> None:
    document = description(workshop.upstream.origin)
    document["info"]["description"] = "before\0after"
    document["paths"]["/echo"]["get"]["description"] = "before\0after"
    document["paths"]["/e\0cho"] = document["paths"]["/echo"]

    answer = await workshop.client.post(
        "/v1/imports", json={"kind": "openapi", "content": json.dumps(document)}
    )

    assert answer.status_code in {201, 422}, answer.text
    if answer.status_code == 201:
        wish = {"import_id": answer.json()["id"], "name": f"{workshop.slug}/nul"}
        assert (await workshop.client.post("/v1/drafts", json=wish)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"[" * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        nested(DEEP),
        nested(1000),
        nested(300),
        b'{"name":' + nested(300) + b"}",
        b'{"q":' + nested(240) + b"}",
        b'{"name":NaN}',
        b'{"name":Infinity}',
        b'{"name":1e400}',
        b'{"name":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"\x00",
        b"name=x",
        b'{"name":"a"}{"name":"b"}',
    ],
    ids=range(15),
)
async def test_bodies_that_break_parsers_are_refused(
    workshop: Workshop, installation: str, body: bytes
) -> None:
    draft = (await workshop.client.get("/v1/drafts")).json()["items"]
    save = f"/v1/drafts/{draft[0]['id']}" if draft else "/v1/drafts/018f0000-0000-7000-8000-000000000000"
    for method, path in (
        ("POST", "/v1/keys"),
        ("POST", "/v1/session"),
        ("POST", "/v1/imports"),
        ("PUT", "/v1/limits"),
        ("PUT", save),
        ("POST", door(installation)),
    ):
        answer = await workshop.client.request(
            method, path, content=body, headers={**JSON, "If-Match": '"1"'}
        )
        refused(answer, "json-invalid")


@pytest.mark.parametrize("levels", [150, 250, 1000, DEEP])
async def test_deep_nesting_is_carried_or_refused_over_mcp(workshop: Workshop, levels: int) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo_create_echo",'
    meta = orjson.dumps({PREFIX + "protocolVersion": MODERN, PREFIX + "clientCapabilities": {}})
    body = call + b'"_meta":' + meta + b',"arguments":{"body":' + nested(levels) + b"}}}"
    headers = {
        **JSON,
        "Accept": "application/json, text/event-stream",
        "Mcp-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "echo_create_echo",
    }
    before = len(workshop.upstream.seen)

    answer = await workshop.client.post("/mcp", content=body, headers=headers)

    if levels == 150:
        assert answer.json()["result"]["isError"] is False, answer.text
    else:
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] in {-32602, -32700}
        assert len(workshop.upstream.seen) == before


async def test_an_answer_nested_too_deeply_is_shown_as_text(workshop: Workshop, installation: str) -> None:
    workshop.upstream.answers["/echo"] = nested(300)
    try:
        called = await workshop.call(installation, "read_echo", {"q": "x"})
    finally:
        del workshop.upstream.answers["/echo"]

    assert called.status_code == 200
    run = await workshop.client.get(f"/v1/runs/{called.headers['x-run-id']}")
    assert run.status_code == 200
    assert run.json()["answer"] == nested(300).decode()


async def test_numbers_beyond_64_bits_break_nothing(workshop: Workshop, installation: str) -> None:
    draft = await workshop.draft("numbers")
    text = orjson.dumps(draft["manifest"]).replace(
        b'"description":""', b'"description":"","x":123456789012345678901234567890', 1
    )
    saved = await workshop.client.put(
        f"/v1/drafts/{draft['id']}",
        content=b'{"manifest":%s}' % text,
        headers={**JSON, "If-Match": '"1"'},
    )
    called = await workshop.client.post(
        door(installation, "create_echo"), content=b'{"body":{"n":' + b"9" * 400 + b"}}", headers=JSON
    )

    assert saved.status_code == 200, saved.text
    refused(called, "json-invalid")


async def test_of_names_given_twice_the_last_counts(workshop: Workshop, installation: str) -> None:
    answer = await workshop.client.post(door(installation), content=b'{"q":"one","q":"two"}', headers=JSON)

    assert answer.json()["value"]["target"] == "/echo?q=two"


@pytest.mark.parametrize("path", ["call", "mcp", "/v1/imports", "/v1/keys", "/v1/session"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "endless"])
async def test_a_body_without_end_is_refused_and_not_kept(
    workshop: Workshop, installation: str, path: str, *, announced: bool
) -> None:
    paths = {"call": door(installation), "mcp": "/mcp"}
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(40_000 if not announced else 480):
            taken += 65_536
            yield b"[" * 65_536

    headers = {**JSON, "Content-Length": str(60_000_000)} if announced else JSON
    answer = await workshop.client.post(paths.get(path, path), content=chunks(), headers=headers)

    assert answer.status_code == 413, answer.text
    assert answer.json()["code"] == "too-large"
    assert taken <= 35_000_000


@pytest.mark.parametrize(("path", "status"), [("/v1/imports", 401), ("/v1/session", 413)])
async def test_a_stranger_cannot_fill_the_memory(workshop: Workshop, path: str, status: int) -> None:
    nobody = workshop.people.client()
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 65_536
            yield b"[" * 65_536

    announced = await nobody.post(path, content=b" " * 1_000_000, headers=JSON)
    endless = await nobody.post(path, content=chunks(), headers=JSON)

    assert (announced.status_code, endless.status_code) == (status, 413)
    assert taken <= 3 * 65_536


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.Event().wait()
        waits.append(1)
        return {"type": "http.request", "body": b"{", "more_body": True}

    waits: list[int] = []
    with pytest.raises(TooSlow):
        await doors.read_body(receive, 1_000, seconds=0.01)


@pytest.mark.parametrize(
    ("header", "value", "status", "code"),
    [
        ("Idempotency-Key", b"\x00", 400, "bad-request"),
        ("Idempotency-Key", b"k" * 201, 400, "bad-request"),
        ("Idempotency-Key", b"", 400, "bad-request"),
        ("Idempotency-Key", "caf\u00e9".encode(), 400, "bad-request"),
        ("X-Session", b"\x00\xff", 200, None),
        ("X-Session", b"s" * 60_000, 200, None),
        ("User-Agent", b"\x00\x01/\x02" + b"u" * 60_000, 200, None),
        ("User-Agent", "\U0001f4a9/\u202e1".encode(), 200, None),
        ("traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00", 200, None),
        ("traceparent", b"ff-zz\x00", 200, None),
        ("Prefer", b"\xff" * 1000, 200, None),
        ("Content-Type", b"text/plain; charset=\xff", 200, None),
    ],
    ids=range(12),
)
async def test_header_values_of_a_call_are_taken_or_refused(
    workshop: Workshop, installation: str, header: str, value: bytes, status: int, code: str | None
) -> None:
    answer = await workshop.client.post(
        door(installation), content=b'{"q":"x"}', headers=[(header.encode(), value)]
    )

    assert answer.status_code == status, answer.text
    assert answer.json().get("code") == code
    if status == 200:
        run = await workshop.run(answer.json()["id"])
        assert len(run["session_key"] or "") <= 120
        assert all(len(str(run[name] or "")) <= 120 for name in ("client_name", "client_version"))


@pytest.mark.parametrize("key", ["", "k" * 201, "a\0b", "caf\u00e9", 7, "k" * 100_000])
async def test_a_strange_idempotency_key_over_mcp_holds_up_nobody(
    workshop: Workshop, installation: str, key: object
) -> None:
    meta = {PREFIX + "protocolVersion": MODERN, PREFIX + "clientCapabilities": {}}
    meta["toolmarket/idempotency-key"] = key
    params = {"name": "echo_read_echo", "arguments": {"q": "x"}, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "Accept": "application/json, text/event-stream",
        "Mcp-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "echo_read_echo",
    }

    answer = await workshop.client.post("/mcp", json=message, headers=headers)
    after = await workshop.call(installation, "create_echo", {"body": {}})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32602
    assert after.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/tools?q=%00", 400),
        ("/v1/tools?q=%ff%fe", 200),
        ("/v1/tools?q=" + "%27%3B--" * 60, 422),
        ("/v1/tools?cursor=%00", 400),
        ("/v1/tools?cursor=1", 422),
        ("/v1/runs?cursor=00000000-0000-0000-0000-000000000000", 200),
        ("/v1/runs?limit=99999999999999999999", 422),
        ("/v1/runs?since=0001-01-01T00:00:00Z", 200),
        ("/v1/runs?until=9999-12-31T23:59:59Z", 200),
        ("/v1/runs?operation=%00", 400),
        ("/v1/runs?outcome=ok&outcome=none", 422),
        ("/v1/runs?unknown=1", 422),
        ("/v1/audit?cursor=999999999999999999999999", 422),
        ("/v1/audit/verification?head_block=99999999999999999999&head_hash=" + "0" * 64, 200),
        ("/v1/audit?since=9999-12-31T23:59:59Z&target=" + "%F0%9F%92%A9" * 20, 200),
        ("/v1/events?topics=" + "*a" * 5_000, 422),
        ("/v1/events?topics=nothing.like.this", 400),
        ("/v1/tools/%00/x", 400),
        ("/v1/tools/a%2Fb/..%2F..", 404),
        ("/v1/tools/x/y%F0%9F%92%A9/reviews", 404),
        ("/v1/runs/not-a-uuid", 422),
        ("/v1/events/types?x=%00", 400),
        ("/problems/%3Cscript%3E", 404),
        ("/" + "a" * 5_000, 200),
        ("/..%2f..%2fetc%2fpasswd", 200),
    ],
)
async def test_addresses_are_answered_with_a_page_or_a_problem(
    workshop: Workshop, path: str, status: int
) -> None:
    answer = await workshop.client.get(path)

    assert answer.status_code in {status, *({503} if "v1" not in path and status == 200 else ())}, answer.text
    assert "root:" not in answer.text


async def test_header_with_nul_is_refused_by_routes(workshop: Workshop) -> None:
    for name in (b"If-Match", b"Last-Event-ID", b"User-Agent", b"X-CSRF-Token"):
        answer = await workshop.client.get("/v1/keys", headers=[(name, b"a\x00b")])
        refused(answer, "bad-request")


async def test_messages_about_huge_arguments_stay_short(workshop: Workshop, installation: str) -> None:
    answer = await workshop.call(installation, "read_echo", {"q": ["y" * 2_000_000]})

    assert answer.status_code == 422
    assert len(answer.content) < 5_000


async def test_mcp_refuses_what_is_no_message(workshop: Workshop) -> None:
    for body in (
        b"",
        b"[]",
        b"[" * DEEP,
        b"null",
        b'"x"',
        b'{"jsonrpc":"2.0"}',
        b'{"jsonrpc":"2.0","id":{},"method":"tools/call"}',
    ):
        answer = await workshop.client.post(
            "/mcp", content=body, headers={**JSON, "Accept": "application/json, text/event-stream"}
        )
        assert 400 <= answer.status_code < 500, f"{body[:40]!r}: {answer.status_code} {answer.text}"
    good = await send_mcp(workshop.client, "tools/list", {})
    assert good.status_code == 200
