"""Input that is unknown, malformed, oversized, foreign, expired, replayed or concurrent, at the highest door.

What is covered where; each answer has a stable code:

========== ======================================================================================
unknown    ids, names, methods, topics: `test_permission_matrix.py`, `test_mcp_matrix.py`,
           `test_hostile_input.py`; members of a body that no shape has: `test_api_fuzz.py`
malformed  JSON, text, headers, addresses: `test_hostile_input.py`, `test_naughty_strings.py`; by the
           description: `test_api_fuzz.py`; keys and tokens: `test_keys.py`, `test_sign_in.py`; documents:
           `unit/importers`; addresses of services: `test_ssrf.py`; cursors of events: `test_events.py`
oversized  bodies: `test_hostile_input.py`, `test_sign_in.py`, `test_mcp_doors.py`; answers of services:
           `test_egress.py`, `test_http_executor.py`; jq: `test_shaping.py`
foreign    every route and method: the matrices; every table: `test_second_wall.py`; here: cursors, runs,
           toolsets, credentials of colleagues
expired    keys and sessions: `test_keys.py`, `test_sign_in.py`; open streams: `test_streams.py`,
           `test_event_streams.py`, `test_mcp_doors.py`; cursors: `test_events.py`
replayed   idempotency keys: `test_main_path.py`, here by somebody else; MCP state: `test_mcp_doors.py`;
           sessions: `test_sign_in.py`
concurrent drafts, idempotency keys: `test_main_path.py`; owners, connections, limits: their tests; here:
           aliases, versions, changes of an installation, revocations, quotas through both doors
========== ======================================================================================
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.many_runs import Tenant, run_row
from tests.people import People
from tests.requirements import requirement
from tests.security.stage import send_mcp
from tests.upstream import Upstream
from tests.workshop import Workshop, description, workshop_of, workshops_of

from toolmarket.audit import schemas as audit_schemas
from toolmarket.audit import service as audit
from toolmarket.runtime import copying, spool
from toolmarket.runtime.gateway.rest import MOST_LATER
from toolmarket.runtime.record import DetailRow, Record
from toolmarket.runtime.recorder import RecordDelayed, Recorder


@pytest.fixture(scope="module")
async def premises(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, Upstream]]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        yield premises


@pytest.fixture
async def workshop(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


@pytest.fixture
async def stranger(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


def counted(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    """How often each status and code was answered."""
    return Counter((answer.status_code, _code(answer)) for answer in answers)


def _code(answer: httpx.Response) -> str:
    return str(answer.json().get("code", "")) if answer.content else ""


async def colleague(workshop: Workshop, role: str = "member") -> httpx.AsyncClient:
    person = await workshop.people.person(role, slug=workshop.slug)
    return workshop.people.client(await workshop.people.key(person))


@requirement("3.3.a/one-alias-once")
async def test_of_many_who_install_under_one_alias_one_succeeds(workshop: Workshop) -> None:
    await workshop.published()
    wish = {"tool": f"{workshop.slug}/echo", "alias": "same"}

    answers = await asyncio.gather(*(workshop.client.post("/v1/installations", json=wish) for _ in range(6)))

    assert counted(answers) == {(201, ""): 1, (409, "alias-taken"): 5}


@requirement("3.3.a/one-alias-once")
async def test_of_two_who_take_one_alias_at_the_same_time_one_is_refused(workshop: Workshop) -> None:
    await workshop.published()
    tool = f"{workshop.slug}/echo"
    made = [
        (await workshop.client.post("/v1/installations", json={"tool": tool, "alias": alias})).json()["id"]
        for alias in ("a", "b", "c", "d")
    ]

    answers = await asyncio.gather(
        *(workshop.client.patch(f"/v1/installations/{each}", json={"alias": "wanted"}) for each in made)
    )

    assert counted(answers) == {(200, ""): 1, (409, "alias-taken"): 3}


@requirement("3.2.a/one-number-once")
async def test_of_many_who_publish_one_number_one_succeeds(workshop: Workshop) -> None:
    draft = await workshop.draft()
    path = f"/v1/drafts/{draft['id']}/publication"

    answers = await asyncio.gather(*(workshop.client.post(path, json={"version": "1.0.0"}) for _ in range(6)))

    assert counted(answers) == {(201, ""): 1, (409, "version-exists"): 5}
    tool = (await workshop.client.get(f"/v1/tools/{workshop.slug}/echo")).json()
    assert [version["version"] for version in tool["versions"]] == ["1.0.0"]


@requirement("3.3.a/nobody-overwrites-unseen")
async def test_of_two_who_change_what_both_read_one_is_told(workshop: Workshop) -> None:
    installation = await workshop.installed(bind=False)
    path = f"/v1/installations/{installation['id']}"
    seen = (await workshop.client.get(path)).headers["etag"]

    answers = await asyncio.gather(
        *(
            workshop.client.patch(path, json={"alias": alias}, headers={"If-Match": seen})
            for alias in ("mine", "yours")
        )
    )
    broken = await workshop.client.patch(path, json={"state": "paused"}, headers={"If-Match": "x"})

    assert counted(answers) == {(200, ""): 1, (412, "changed-meanwhile"): 1}
    assert (broken.status_code, _code(broken)) == (400, "bad-request")
    assert (await workshop.client.get(path)).headers["etag"] != seen


async def test_of_many_who_revoke_one_key_one_does(workshop: Workshop) -> None:
    made = (await workshop.client.post("/v1/keys", json={"name": "short"})).json()

    answers = await asyncio.gather(*(workshop.client.delete(f"/v1/keys/{made['id']}") for _ in range(6)))

    assert counted(answers) == {(204, ""): 1, (404, "key-not-found"): 5}
    refused = await workshop.people.client(made["key"]).get("/v1/runs")
    assert refused.status_code == 401


@requirement("1.d/a-key-is-its-callers")
async def test_an_idempotency_key_of_somebody_else_gives_nothing_away(workshop: Workshop) -> None:
    installation = await workshop.installed()
    headers = {"Idempotency-Key": "order-1"}
    mine = await workshop.call(installation["id"], "create_echo", {"body": {"for": "me"}}, headers=headers)
    path = f"/v1/installations/{installation['id']}/operations/create_echo/runs"
    other = await colleague(workshop)

    theirs = await other.post(path, json={"body": {"for": "them"}}, headers=headers)

    assert theirs.status_code == 200
    assert theirs.json()["id"] != mine.json()["id"]
    assert "idempotent-replayed" not in theirs.headers


async def test_cursors_and_ids_of_another_organisation_lead_nowhere(
    workshop: Workshop, stranger: Workshop
) -> None:
    installation = await workshop.installed()
    run = (await workshop.call(installation["id"], "read_echo", {"q": "x"})).json()["id"]
    await workshop.client.get("/v1/runs")
    await workshop.client.post("/v1/toolsets", json={"name": "Ours", "slug": "ours"})
    connection = await workshop.connection("one-more-secret")
    await stranger.installed()

    pages = [
        (await stranger.client.get(path, params={"cursor": cursor})).json()
        for path in ("/v1/runs", "/v1/installations", "/v1/connections", "/v1/drafts", "/v1/keys")
        for cursor in (run, installation["id"], "ffffffff-ffff-ffff-ffff-ffffffffffff")
    ]
    refused = {
        "run": await stranger.client.get(f"/v1/runs/{run}"),
        "call": await stranger.call(installation["id"], "read_echo", {"q": "x"}),
        "export": await stranger.client.get(f"/v1/installations/{installation['id']}/exports/mcp"),
    }
    toolset = await stranger.client.post(
        "/mcp/ours", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    )
    theirs = (await stranger.client.get("/v1/installations")).json()["items"][0]["id"]
    bound = await stranger.client.put(f"/v1/installations/{theirs}/own-bindings", json={"Key": connection})

    assert workshop.slug not in str(pages)
    assert installation["id"] not in str(pages)
    assert {name: (answer.status_code, _code(answer)) for name, answer in refused.items()} == {
        "run": (404, "run-not-found"),
        "call": (404, "installation-not-found"),
        "export": (404, "installation-not-found"),
    }
    assert (toolset.status_code, _code(toolset)) == (404, "toolset-not-found")
    assert (bound.status_code, _code(bound)) == (404, "connection-not-found")


async def test_the_last_call_of_a_colleague_is_not_shown_to_who_sees_own_runs_only(
    workshop: Workshop,
) -> None:
    installation = await workshop.installed()
    member = await colleague(workshop)
    await workshop.call(installation["id"], "read_echo", {"q": "x"})
    assert len(await recorded(workshop)) == 1

    seen, told = [await each.get("/v1/connect") for each in (member, workshop.client)]

    assert seen.json()["last_call"] is None
    assert told.json()["last_call"] is not None


async def bind_own(workshop: Workshop, client: httpx.AsyncClient, installation_id: str, key: str) -> str:
    wish = {
        "name": key,
        "kind": "api_key",
        "scope": "personal",
        "secret": {"key": key},
        "hosts": [workshop.upstream.host],
    }
    connection = (await client.post("/v1/connections", json=wish)).json()["id"]
    bound = await client.put(f"/v1/installations/{installation_id}/own-bindings", json={"Key": connection})
    assert bound.status_code == 204, bound.text
    return str(connection)


async def per_user(workshop: Workshop) -> str:
    """An installation whose calls carry the caller's own credential."""
    draft = await workshop.draft("personal")
    draft["manifest"]["auth"]["binding"] = "per_user"
    path = f"/v1/drafts/{draft['id']}"
    saved = await workshop.client.put(path, json={"manifest": draft["manifest"]}, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    await workshop.client.post(f"{path}/publication", json={"version": "1.0.0"})
    wish = {"tool": f"{workshop.slug}/personal", "alias": "own"}
    return str((await workshop.client.post("/v1/installations", json=wish)).json()["id"])


@requirement("3.3.b/own-credential-only")
async def test_calls_of_colleagues_never_carry_each_others_credential(workshop: Workshop) -> None:
    installation_id = await per_user(workshop)
    path = f"/v1/installations/{installation_id}/operations/read_echo/runs"
    clients = {f"secret-of-person-{number}": await colleague(workshop) for number in range(3)}
    for key, client in clients.items():
        await bind_own(workshop, client, installation_id, key)
    without = await colleague(workshop)

    async def call(key: str, client: httpx.AsyncClient, turn: int) -> None:
        answer = await client.post(path, json={"q": f"{key} {turn}"})
        assert answer.status_code == 200, answer.text
        params = {"name": "own_read_echo", "arguments": {"q": f"{key} mcp {turn}"}}
        assert (await send_mcp(client, "tools/call", params)).json()["result"]["isError"] is False

    await asyncio.gather(*(call(key, client, turn) for turn in range(10) for key, client in clients.items()))
    refused = await without.post(path, json={"q": "nobody"})

    asked = [(seen.query.get("q", "").split(" ")[0], seen.headers) for seen in workshop.upstream.seen]
    own = [(key, headers["X-Key"]) for key, headers in asked if key in clients]
    assert len(own) == 60
    assert all(key == carried for key, carried in own)
    assert (refused.status_code, _code(refused)) == (409, "connection-missing")


@requirement("3.3.b/changes-hold-within-a-second")
async def test_a_changed_credential_or_right_holds_within_a_second(workshop: Workshop) -> None:
    installation = await workshop.installed()
    path = f"/v1/installations/{installation['id']}"
    other = await workshop.connection("the-second-secret")

    async def carried() -> str:
        answer = await workshop.call(installation["id"], "read_echo", {"q": "x"})
        return workshop.upstream.seen[-1].headers["X-Key"] if answer.status_code == 200 else _code(answer)

    async def until(expected: str) -> float:
        began = time.monotonic()
        async with asyncio.timeout(5):
            while await carried() != expected:
                pass
        return time.monotonic() - began

    assert await carried() == "secret-of-echo-upstream"
    await workshop.client.patch(path, json={"bindings": {"Key": other}})
    rebound = await until("the-second-secret")
    await workshop.client.put(
        f"/v1/connections/{other}/secret", json={"secret": {"key": "the-rotated-secret"}}
    )
    rotated = await until("the-rotated-secret")
    await workshop.client.delete(f"/v1/connections/{other}")
    deleted = await until("connection-unusable")
    await workshop.client.patch(path, json={"state": "paused"})
    paused = await until("installation-paused")

    assert max(rebound, rotated, deleted, paused) < 1


async def test_a_draft_is_not_tried_with_a_credential_that_the_key_may_not_use(workshop: Workshop) -> None:
    draft = await workshop.draft("tried")
    connection = await workshop.connection("not-for-this-key")
    narrow = await workshop.people.key(workshop.owner, verbs=["drafts:try", "drafts:read"])
    path = f"/v1/drafts/{draft['id']}/operations/read_echo/runs"
    before = len(workshop.upstream.seen)

    answer = await workshop.people.client(narrow).post(
        path, json={"arguments": {"q": "x"}, "connections": {"Key": connection}}
    )

    assert (answer.status_code, _code(answer)) == (403, "forbidden")
    assert len(workshop.upstream.seen) == before


@requirement("10.3.a/quota-is-hard")
async def test_a_quota_is_never_exceeded_through_both_doors(workshop: Workshop) -> None:
    installation = await workshop.installed()
    limits = {"limits": [{"scope": "organisation", "quota_per_month": 50}]}
    assert (await workshop.client.put("/v1/limits", json=limits)).status_code == 200
    before = len(workshop.upstream.seen)
    params = {"name": "echo_read_echo", "arguments": {"q": "mcp"}}

    rest, mcp = (
        asyncio.gather(*(workshop.call(installation["id"], "read_echo", {"q": "rest"}) for _ in range(100))),
        asyncio.gather(*(send_mcp(workshop.client, "tools/call", params) for _ in range(100))),
    )
    called, asked = await rest, [answer.json()["result"] for answer in await mcp]

    good = [answer for answer in called if answer.status_code == 200]
    refused = [answer for answer in called if answer.status_code != 200]
    denied = [result["_meta"]["toolmarket/problem"] for result in asked if result["isError"]]
    made = len(workshop.upstream.seen) - before
    assert made == len(good) + len(asked) - len(denied) == 50
    assert counted(refused).keys() <= {(429, "quota-reached")}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert {(problem["status"], problem["code"]) for problem in denied} <= {(429, "quota-reached")}
    runs = (await workshop.client.get("/v1/runs", params={"outcome": "denied"})).json()
    assert runs["total"] == 150
    assert {run["problem_code"] for run in runs["items"]} == {"quota-reached"}


@requirement("12.3.a/nobody-fills-the-memory")
async def test_calls_that_nobody_waits_for_are_bounded(workshop: Workshop) -> None:
    document = description(workshop.upstream.origin)
    document["paths"] = {
        "/slow": {"get": {"operationId": "slow", "responses": {"200": {"description": "ok"}}}}
    }
    brought = await workshop.imported(document)
    wish = {"import_id": brought["id"], "name": f"{workshop.slug}/slow"}
    draft = (await workshop.client.post("/v1/drafts", json=wish)).json()
    await workshop.client.post(f"/v1/drafts/{draft['id']}/publication", json={"version": "1.0.0"})
    bindings = {"Key": await workshop.connection()}
    wanted = {"tool": f"{workshop.slug}/slow", "alias": "slow", "bindings": bindings}
    installation = (await workshop.client.post("/v1/installations", json=wanted)).json()

    answers = await asyncio.gather(
        *(
            workshop.call(installation["id"], "slow", {}, headers={"Prefer": "respond-async"})
            for _ in range(MOST_LATER + 5)
        )
    )
    workshop.upstream.held.set()
    workshop.upstream.held = asyncio.Event()

    assert counted(answers) == {(202, ""): MOST_LATER, (429, "too-many-requests"): 5}


async def record(workshop: Workshop, operation: str, *, strict: bool = False) -> Record:
    """What a run of this operation leaves behind."""
    actor = workshop.owner.actor
    run = run_row(Tenant(org_id=actor.org_id), operation_name=operation)
    key = await audit.person_key(workshop.people.database, actor)
    told = audit_schemas.RunEvent(run.id, "target", operation, "ok", "rest")
    return Record(
        run=run,
        detail=DetailRow(run.id, run.org_id, b"{}", b"{}", "application/json", b"{}"),
        audit=audit.encode_run(key, actor, told),
        strict=strict,
    )


async def recorded(workshop: Workshop) -> list[str]:
    return [run["operation"] for run in (await workshop.client.get("/v1/runs")).json()["items"]]


@requirement("1.d/one-bad-record-stops-nothing")
async def test_a_record_that_the_database_refuses_holds_up_no_other(workshop: Workshop) -> None:
    recorder = workshop.people.parts.recorder
    for operation in ("one", "a\0b", "two"):
        await recorder.append(copying.encode(await record(workshop, operation)))
    await recorder.drain()

    ended = await asyncio.gather(
        *[recorder.finish(await record(workshop, name, strict=True)) for name in ("three", "a\0b", "four")],
        return_exceptions=True,
    )

    assert sorted(await recorded(workshop)) == ["four", "one", "three", "two"]
    assert [type(each) for each in ended] == [type(None), RecordDelayed, type(None)]


@requirement("1.d/one-bad-record-stops-nothing")
async def test_a_refused_record_in_an_old_spool_does_not_keep_a_process_from_starting(
    workshop: Workshop, tmp_path: Path
) -> None:
    dead = spool.Spool(tmp_path)
    for operation in ("left", "a\0b", "behind"):
        dead.append(copying.encode(await record(workshop, operation)))
    os.close(dead._file)

    fresh = Recorder(workshop.people.database, tmp_path, lambda _: None)
    await fresh.start()
    await fresh.stop()

    assert sorted(await recorded(workshop)) == ["behind", "left"]
    assert not list(spool.orphans(tmp_path))
