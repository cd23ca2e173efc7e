"""The `http` executor against a real service."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from tests.requirements import requirement
from tests.upstream import Upstream, upstream_server

from toolmarket.catalog.schemas import (
    Body,
    Effects,
    HttpImplementation,
    Limits,
    Operation,
    Pagination,
    Parameter,
    Retry,
)
from toolmarket.kit.egress import Egress
from toolmarket.kit.urls import EgressSettings
from toolmarket.runtime.executors.errors import ArgumentsUnserialisable
from toolmarket.runtime.executors.http import HttpExecutor
from toolmarket.runtime.rendering import as_json
from toolmarket.runtime.schemas import Answer, Call, Outcome
from toolmarket.vault.schemas import Injection

READ = Effects(kind="read", read_only=True, destructive=False, idempotent=True)
CREATE = Effects(kind="create", destructive=False)
SECRET = "s3cr/t+k\u00e9y=="
QUICK = Retry(attempts=3, backoff_seconds=0)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with upstream_server() as server:
        yield server


@pytest.fixture
async def executor(upstream: Upstream) -> AsyncIterator[HttpExecutor]:
    async with Egress(EgressSettings(allow=(upstream.origin,))) as client:
        yield HttpExecutor(client)


def operation(path: str, *, method: str = "GET", effects: Effects = READ, **more: Any) -> Operation:
    return Operation(
        name="call",
        implementation=HttpImplementation(method=method, server="", path=path, **{"retry": QUICK, **more}),
        effects=effects,
    )


def call(upstream: Upstream, operation: Operation, **more: Any) -> Call:
    given: dict[str, Any] = {
        "operation": operation,
        "server": upstream.origin,
        "hosts": frozenset({upstream.host}),
        "limits": Limits(),
        "arguments": {},
        "injection": Injection(),
        "deadline": asyncio.get_running_loop().time() + 5,
    }
    return Call(**{**given, **more})


def echoed(answer: Answer) -> dict[str, Any]:
    assert answer.outcome is Outcome.ok, answer.detail
    document: dict[str, Any] = orjson.loads(answer.body)
    return document


def place(name: str, location: str, **more: Any) -> Parameter:
    styles = {"path": "simple", "header": "simple"}
    return Parameter(
        argument=name, name=name, location=location, **{"style": styles.get(location, "form"), **more}
    )


async def test_every_place_of_a_request_is_filled(upstream: Upstream, executor: HttpExecutor) -> None:
    made = operation(
        "/v1/users/{id}/notes?fixed=1",
        method="POST",
        parameters=[
            place("id", "path"),
            place("q", "query", explode=True),
            place("X-Trace", "header"),
            place("theme", "cookie"),
        ],
        body=Body(),
    )

    arguments = {"id": "a/b c", "q": ["1", "2"], "X-Trace": "t", "theme": "dark", "body": {"n": None}}
    answer = await executor.execute(
        call(upstream, made, server=upstream.origin + "/api/", arguments=arguments, trace_parent="00-abc")
    )

    got = echoed(answer)
    headers = dict(got["headers"])
    assert got["method"] == "POST"
    assert got["target"] == "/api/v1/users/a%2Fb%20c/notes?fixed=1&q=1&q=2"
    assert base64.b64decode(got["body"]) == b'{"n":null}'
    assert (headers["X-Trace"], headers["Cookie"], headers["traceparent"]) == ("t", "theme=dark", "00-abc")
    assert headers["Content-Type"] == "application/json"
    assert answer.content_type.startswith("application/json")
    assert answer.bytes_out == len(b'{"n":null}')


@pytest.mark.parametrize(
    "value",
    [
        "..",
        ".",
        "../admin",
        "x/../../admin",
        "..%2fadmin",
        "%2e%2e",
        "%252e%252e%252fx",
        "a\\..\\b",
        "",
        None,
        [],
    ],
)
async def test_an_argument_cannot_leave_its_place_in_the_path(
    value: Any, upstream: Upstream, executor: HttpExecutor
) -> None:
    made = operation("/items/{id}/notes", parameters=[place("id", "path")])

    answer = await executor.execute(call(upstream, made, arguments={"id": value}))

    assert answer.outcome is Outcome.tool_error
    assert answer.problem_code == "arguments-unserialisable"
    assert upstream.seen == []


@pytest.mark.parametrize(
    "value", ["//evil.example", "a?b=c#d", "@evil.example", "..a", "a..", "%2F", ".hidden", "\r\nX: y"]
)
async def test_a_strange_argument_stays_one_segment(
    value: str, upstream: Upstream, executor: HttpExecutor
) -> None:
    made = operation("/items/{id}/notes", parameters=[place("id", "path")])

    got = echoed(await executor.execute(call(upstream, made, arguments={"id": value})))

    assert got["target"].count("/") == 3
    assert "?" not in got["target"]


async def test_owned_headers_cannot_be_set_by_arguments(upstream: Upstream, executor: HttpExecutor) -> None:
    names = [
        "Host",
        "Connection",
        "Transfer-Encoding",
        "Content-Length",
        "Authorization",
        "Cookie",
        "Proxy-X",
    ]
    made = operation("/echo", parameters=[place(name, "header") for name in [*names, "bad name", "X-Good"]])

    got = echoed(
        await executor.execute(
            call(upstream, made, arguments=dict.fromkeys([*names, "bad name", "X-Good"], "evil"))
        )
    )

    headers = dict(got["headers"])
    assert [name for name, value in headers.items() if value == "evil"] == ["X-Good"]
    assert headers["Host"] == upstream.host


async def test_a_line_break_in_a_header_is_refused(upstream: Upstream, executor: HttpExecutor) -> None:
    made = operation("/echo", parameters=[place("X-A", "header")])

    answer = await executor.execute(call(upstream, made, arguments={"X-A": "a\r\nX-B: b"}))

    assert answer.outcome is Outcome.tool_error
    assert upstream.seen == []


@requirement("3.3.b/credential-injected-and-unseen")
async def test_the_credential_is_injected_and_not_recorded(
    upstream: Upstream, executor: HttpExecutor
) -> None:
    injection = Injection(
        headers={"X-Key": "header-secret"},
        query={"api key": "query/secret"},
        cookies={"sid": "cookie-secret"},
        secrets=("header-secret", "query/secret", "cookie-secret"),
    )
    made = operation(
        "/echo",
        parameters=[
            place("api key", "query"),
            place("x-key", "header"),
            place("sid", "cookie"),
            place("theme", "cookie"),
        ],
    )
    arguments = {"api key": "mine", "x-key": "mine", "sid": "mine", "theme": "dark"}

    answer = await executor.execute(call(upstream, made, injection=injection, arguments=arguments))

    request = upstream.seen[0]
    assert request.raw_path == "/echo?api%20key=query%2Fsecret"
    assert request.headers.getall("X-Key") == ["header-secret"]
    assert request.headers["Cookie"] == "theme=dark; sid=cookie-secret"
    assert "secret" not in repr(answer)
    assert answer.attempts[0].url == upstream.origin + "/echo?api%20key=mine"


@pytest.mark.parametrize("status", [200, 418])
async def test_an_echoed_credential_is_taken_out(
    status: int, upstream: Upstream, executor: HttpExecutor
) -> None:
    injection = Injection(headers={"X-Key": SECRET}, secrets=(SECRET,))

    answer = await executor.execute(
        call(upstream, operation(f"/secret?status={status}"), injection=injection)
    )

    document = orjson.loads(answer.body)
    assert {name: document[name] for name in ("plain", "percent", "base64", "hex")} == dict.fromkeys(
        ("plain", "percent", "base64", "hex"), "[redacted]"
    )
    assert "[redacted]" in document["inner"]
    told = repr(answer)
    assert not any(form in told for form in (SECRET, "s3cr", base64.b64encode(SECRET.encode()).decode()[:12]))
    assert "Set-Cookie" not in answer.attempts[0].response_headers


async def test_bytes_pass_through_untouched(upstream: Upstream, executor: HttpExecutor) -> None:
    answer = await executor.execute(call(upstream, operation("/binary")))

    assert answer.body == bytes(range(256))
    assert orjson.loads(as_json(answer.body, answer.content_type)) == {
        "media_type": "image/png",
        "base64": base64.b64encode(bytes(range(256))).decode(),
    }


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        (b"", "application/json", None),
        (b'{"a": 1}', "application/problem+json; charset=utf-8", {"a": 1}),
        (b"{broken", "application/json", "{broken"),
        ("h\u00e9".encode("latin-1"), "text/plain; charset=iso-8859-1", "h\u00e9"),
        (b"<a/>", "application/atom+xml", "<a/>"),
        (b"\xff", "text/plain; charset=nonsense", "\ufffd"),
        (b"x", "text/plain; charset=undefined", "x"),
        (b"\\ud800", "text/plain; charset=unicode_escape", "?"),
        (b"\xef\xbb\xbf[1]", "application/json", [1]),
    ],
)
def test_an_answer_becomes_one_json_value(body: bytes, content_type: str, value: Any) -> None:
    assert json.loads(as_json(body, content_type)) == value


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "upstream-rejected"),
        (401, "upstream-unauthorized"),
        (403, "upstream-unauthorized"),
        (404, "upstream-rejected"),
        (429, "upstream-rate-limited"),
        (500, "upstream-failed"),
        (503, "upstream-failed"),
        (304, "upstream-redirected"),
    ],
)
async def test_errors_of_the_service_are_named(
    status: int, code: str, upstream: Upstream, executor: HttpExecutor
) -> None:
    made = operation(f"/status/{status}", retry=Retry(attempts=1))

    answer = await executor.execute(call(upstream, made))

    assert (answer.outcome, answer.status, answer.problem_code) == (Outcome.upstream_error, status, code)
    assert answer.upstream_code == (None if status == 304 else "not_today")


@requirement("12.1.d/retries-only-where-safe")
async def test_a_busy_service_is_asked_again_where_safe(upstream: Upstream, executor: HttpExecutor) -> None:
    read = await executor.execute(call(upstream, operation("/busy/read")))
    create = await executor.execute(call(upstream, operation("/busy/create", method="POST", effects=CREATE)))
    keyed = await executor.execute(
        call(upstream, operation("/busy/keyed", method="POST", effects=CREATE), idempotency_key="k1")
    )

    assert (read.outcome, read.retries, [a.status for a in read.attempts]) == (Outcome.ok, 1, [429, 200])
    assert (create.outcome, create.retries) == (Outcome.upstream_error, 0)
    assert (keyed.outcome, keyed.retries) == (Outcome.ok, 1)
    keys = [request.headers.get("Idempotency-Key") for request in upstream.seen]
    assert keys == [None, None, None, "k1", "k1"]


async def test_a_wait_beyond_the_deadline_is_not_begun(upstream: Upstream, executor: HttpExecutor) -> None:
    answer = await executor.execute(call(upstream, operation("/busy/long?after=60")))

    assert (answer.status, answer.retries) == (429, 0)
    assert answer.problem_code == "upstream-rate-limited"


@requirement("12.1.d/unknown-outcome-told")
async def test_a_connection_lost_after_an_effect_is_unknown(
    upstream: Upstream, executor: HttpExecutor
) -> None:
    create = await executor.execute(call(upstream, operation("/drop", method="POST", effects=CREATE)))
    delete = Effects(kind="delete")
    delete_answer = await executor.execute(
        call(upstream, operation("/drop/2", method="DELETE", effects=delete))
    )
    read = await executor.execute(call(upstream, operation("/drop/once")))

    assert (create.outcome, len(create.attempts)) == (Outcome.unknown, 1)
    assert (delete_answer.outcome, len(delete_answer.attempts)) == (Outcome.unknown, 1)
    assert create.problem_code == "upstream-connection-lost"
    assert (read.outcome, read.retries) == (Outcome.ok, 1)


async def test_a_slow_service_is_a_timeout(upstream: Upstream, executor: HttpExecutor) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    answer = await executor.execute(call(upstream, operation("/slow"), deadline=began + 0.2))

    assert (answer.outcome, answer.problem_code) == (Outcome.timeout, "upstream-timeout")
    assert loop.time() - began < 0.6
    assert len(upstream.seen) == 1


async def test_redirects_inside_are_denied(upstream: Upstream, executor: HttpExecutor) -> None:
    made = operation("/redirect?to=http://169.254.169.254/latest")

    answer = await executor.execute(call(upstream, made, hosts=frozenset({upstream.host, "169.254.169.254"})))

    assert (answer.outcome, answer.problem_code) == (Outcome.denied, "egress-refused")


async def test_a_host_outside_of_the_list_is_denied(upstream: Upstream, executor: HttpExecutor) -> None:
    answer = await executor.execute(call(upstream, operation("/echo"), hosts=frozenset({"api.example.com"})))

    assert answer.outcome is Outcome.denied
    assert upstream.seen == []


@pytest.mark.parametrize("path", ["/bomb", "/gzip/50000000"])
async def test_a_huge_answer_is_an_error(path: str, upstream: Upstream, executor: HttpExecutor) -> None:
    answer = await executor.execute(call(upstream, operation(path), limits=Limits(response_bytes=100_000)))

    assert (answer.outcome, answer.problem_code) == (Outcome.upstream_error, "response-too-large")


@pytest.mark.parametrize(
    ("path", "rule", "arguments"),
    [
        ("/pages", Pagination(kind="cursor", items="/data/list", next="/next", parameter="cursor"), {}),
        ("/pages", Pagination(kind="page", items="/data/list", parameter="page"), {}),
        ("/pages", Pagination(kind="offset", items="/data/list", parameter="offset"), {}),
        ("/pages/bare", Pagination(kind="link"), {}),
    ],
    ids=["cursor", "page", "offset", "link"],
)
async def test_pages_are_joined(
    path: str, rule: Pagination, arguments: dict[str, Any], upstream: Upstream, executor: HttpExecutor
) -> None:
    names = ("cursor", "page", "offset")
    made = operation(path, parameters=[place(name, "query") for name in names], pagination=rule)

    answer = await executor.execute(call(upstream, made, arguments=arguments))

    document = orjson.loads(answer.body)
    joined = document if rule.kind == "link" else document["data"]["list"]
    assert (answer.outcome, joined) == (Outcome.ok, [0, 1, 2, 3, 4])
    assert len(answer.attempts) in {3, 4}


async def test_joining_stops_at_the_bound_and_tells_where_to_go_on(
    upstream: Upstream, executor: HttpExecutor
) -> None:
    rule = Pagination(kind="cursor", items="/data/list", next="/next", parameter="cursor", max_pages=2)
    made = operation("/pages", parameters=[place("cursor", "query")], pagination=rule)

    first = orjson.loads((await executor.execute(call(upstream, made))).body)
    rest = orjson.loads(
        (await executor.execute(call(upstream, made, arguments={"cursor": first["next"]}))).body
    )

    assert (first["data"]["list"], first["next"], first["total"]) == ([0, 1, 2, 3], 4, 5)
    assert rest["data"]["list"] == [4]


async def test_a_next_page_elsewhere_is_not_followed(upstream: Upstream, executor: HttpExecutor) -> None:
    answer = await executor.execute(
        call(upstream, operation("/elsewhere", pagination=Pagination(kind="link")))
    )

    assert (answer.outcome, answer.problem_code) == (Outcome.upstream_error, "pages-unreadable")
    assert len(upstream.seen) == 1


@requirement("3.3.b/credential-stays-with-its-origin")
async def test_a_page_behind_a_redirect_does_not_draw_the_credential_elsewhere(upstream: Upstream) -> None:
    async with upstream_server() as other:
        made = operation(
            f"/redirect?to={quote(other.origin + '/pages/bare', safe='')}", pagination=Pagination(kind="link")
        )
        asked = call(
            upstream,
            made,
            hosts=frozenset({upstream.host, other.host}),
            injection=Injection(headers={"X-Key": SECRET}, secrets=(SECRET,)),
        )
        async with Egress(EgressSettings(allow=(upstream.origin, other.origin))) as client:
            answer = await HttpExecutor(client).execute(asked)

        assert (answer.outcome, answer.problem_code) == (Outcome.upstream_error, "pages-unreadable")
        assert ["X-Key" in seen.headers for seen in (*upstream.seen, *other.seen)] == [True, False]


async def test_a_preview_sends_nothing(upstream: Upstream, executor: HttpExecutor) -> None:
    made = operation("/items/{id}", parameters=[place("id", "path"), place("q", "query")])

    shown = executor.preview(call(upstream, made, arguments={"id": 5, "q": "x"}))

    assert shown.url == upstream.origin + "/items/5?q=x"
    assert upstream.seen == []
    with pytest.raises(ArgumentsUnserialisable):
        executor.preview(call(upstream, made, arguments={"id": ".."}))


async def test_a_hundred_calls_at_once_are_each_answered_with_their_own(
    upstream: Upstream, executor: HttpExecutor
) -> None:
    made = operation("/echo/{id}", parameters=[place("id", "path")])

    answers = await asyncio.gather(
        *(executor.execute(call(upstream, made, arguments={"id": number})) for number in range(100))
    )

    assert [echoed(answer)["target"] for answer in answers] == [f"/echo/{number}" for number in range(100)]
