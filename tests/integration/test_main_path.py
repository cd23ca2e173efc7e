"""The main job: a description comes in, an operation is called with a credential, the call is seen."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.people import People
from tests.requirements import requirement
from tests.upstream import Upstream
from tests.workshop import Workshop, workshop_of, workshops_of


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


@requirement("1.a/from-description-to-recorded-call", "3.3.a/install", "2.2.c/auth-setup")
async def test_an_imported_operation_is_called_with_its_credential_and_seen(workshop: Workshop) -> None:
    installation = await workshop.installed()

    answer = await workshop.call(installation["id"], "read_echo", {"q": "hi there"})

    assert answer.status_code == 200
    ended = answer.json()
    assert ended["outcome"] == "ok"
    assert ended["value"]["target"] == "/echo?q=hi%20there"
    assert ["X-Key", "[redacted]"] in ended["value"]["headers"]
    assert workshop.upstream.seen[-1].headers["X-Key"] == "secret-of-echo-upstream"
    run = await workshop.run(ended["id"])
    assert run["mcp_name"] == "echo_read_echo"
    assert run["principal"]["label"] == "test"
    assert run["durability"] == "spooled"
    assert run["arguments"] == {"q": "hi there"}
    assert "secret-of-echo-upstream" not in str(run)


@requirement("2.2.c/effects-decide-durability")
async def test_a_call_that_changes_something_is_recorded_strictly(workshop: Workshop) -> None:
    installation = await workshop.installed()

    answer = await workshop.call(installation["id"], "create_echo", {"body": {"a": 1}})

    run = await workshop.run(answer.json()["id"])
    assert run["durability"] == "strict"
    assert run["attempts"][0]["method"] == "POST"


@requirement("1.d/one-outcome-for-a-key")
async def test_a_repeated_key_calls_once_and_answers_the_same(workshop: Workshop) -> None:
    installation = await workshop.installed()
    headers = {"Idempotency-Key": "order-17"}
    before = len(workshop.upstream.seen)

    first = await workshop.call(installation["id"], "create_echo", {"body": {"a": 1}}, headers=headers)
    again = await workshop.call(installation["id"], "create_echo", {"body": {"a": 1}}, headers=headers)
    other = await workshop.call(installation["id"], "create_echo", {"body": {"a": 2}}, headers=headers)

    assert len(workshop.upstream.seen) == before + 1
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["value"] == first.json()["value"]
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency-key-reused"


@requirement("1.d/one-outcome-for-a-key")
async def test_many_at_once_with_one_key_call_once(workshop: Workshop) -> None:
    installation = await workshop.installed()
    headers = {"Idempotency-Key": "order-18"}
    before = len(workshop.upstream.seen)

    answers = await asyncio.gather(
        *(
            workshop.call(installation["id"], "create_echo", {"body": {"a": 1}}, headers=headers)
            for _ in range(20)
        )
    )

    assert len(workshop.upstream.seen) == before + 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 200} != set()
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1


async def test_wrong_arguments_are_refused_with_their_place_and_recorded(workshop: Workshop) -> None:
    installation = await workshop.installed()
    before = len(workshop.upstream.seen)

    answer = await workshop.call(installation["id"], "read_echo", {"q": 7})

    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "arguments-invalid"
    assert problem["pointer"] == "/q"
    assert len(workshop.upstream.seen) == before
    run = await workshop.run(problem["run_id"])
    assert run["outcome"] == "tool_error"


@requirement("3.3.b/missing-connection-is-told")
async def test_a_call_without_its_connection_says_what_is_missing(workshop: Workshop) -> None:
    installation = await workshop.installed(bind=False)

    answer = await workshop.call(installation["id"], "read_echo", {"q": "x"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "connection-missing"
    assert "Key" in answer.json()["detail"]


async def test_a_connection_of_another_host_is_not_sent(workshop: Workshop) -> None:
    installation = await workshop.installed(bind=False)
    foreign = await workshop.connection("foreign-secret-value", hosts=["api.elsewhere.example"])
    path = f"/v1/installations/{installation['id']}"
    await workshop.client.patch(path, json={"bindings": {"Key": foreign}})
    await workshop.news()
    before = len(workshop.upstream.seen)

    answer = await workshop.call(installation["id"], "read_echo", {"q": "x"})

    assert answer.status_code in {403, 409}
    assert len(workshop.upstream.seen) == before


async def test_asked_to_respond_later_the_run_can_be_followed(workshop: Workshop) -> None:
    installation = await workshop.installed()
    headers = {"Prefer": "respond-async"}

    answer = await workshop.call(installation["id"], "read_echo", {"q": "later"}, headers=headers)

    assert answer.status_code == 202
    async with asyncio.timeout(5):
        while True:
            followed = await workshop.client.get(answer.headers["location"])
            if followed.status_code == 200 and followed.json()["ended"]:
                break
    assert followed.json()["outcome"] == "ok"


@requirement("3.2.d/quarantine-stops-runs")
async def test_a_quarantined_version_runs_nowhere_until_it_is_restored(workshop: Workshop) -> None:
    installation = await workshop.installed()
    state = f"/v1/tools/{workshop.slug}/echo/versions/1.0.0/state"

    await workshop.client.post(state, json={"state": "quarantined", "message": "It leaks"})
    await workshop.news()
    stopped = await workshop.call(installation["id"], "read_echo", {"q": "x"})
    await workshop.client.post(state, json={"state": "published"})
    await workshop.news()
    again = await workshop.call(installation["id"], "read_echo", {"q": "x"})

    assert stopped.status_code == 409
    assert stopped.json()["code"] == "version-quarantined"
    assert "It leaks" in stopped.json()["detail"]
    assert again.json()["outcome"] == "ok"


async def test_a_draft_is_tried_through_the_same_path(workshop: Workshop) -> None:
    draft = await workshop.draft()
    connection = await workshop.connection()

    answer = await workshop.client.post(
        f"/v1/drafts/{draft['id']}/operations/read_echo/runs",
        json={"arguments": {"q": "try"}, "connections": {"Key": connection}},
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] == "ok"
    run = await workshop.run(answer.json()["id"])
    assert run["channel"] == "try"
    assert run["installation_id"] is None


@requirement("3.2.a/publication-is-checked")
async def test_publishing_refuses_a_number_that_hides_a_breaking_change(workshop: Workshop) -> None:
    published = await workshop.published()
    url = f"/v1/drafts/{published['draft_id']}"
    draft = (await workshop.client.get(url)).json()
    draft["manifest"]["operations"] = draft["manifest"]["operations"][1:]
    saved = await workshop.client.put(
        url, json={"manifest": draft["manifest"]}, headers={"If-Match": f'"{draft["revision"]}"'}
    )
    assert saved.status_code == 200, saved.text

    seen = (await workshop.client.get(f"{url}/publication")).json()
    refused = await workshop.client.post(f"{url}/publication", json={"version": "1.0.1"})
    accepted = await workshop.client.post(f"{url}/publication", json={"version": seen["suggested_version"]})

    assert seen["suggested_version"] == "2.0.0"
    assert seen["changes"][0]["kind"] == "breaking"
    assert refused.status_code == 409
    assert refused.json()["code"] == "version-too-small"
    assert accepted.status_code == 201


async def test_two_who_save_the_same_draft_are_told_of_each_other(workshop: Workshop) -> None:
    draft = await workshop.draft()
    url = f"/v1/drafts/{draft['id']}"
    body = {"manifest": {**draft["manifest"], "title": "Mine"}}

    answers = await asyncio.gather(
        *(workshop.client.put(url, json=body, headers={"If-Match": '"1"'}) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    refused = next(answer for answer in answers if answer.status_code == 412)
    assert refused.json()["current"]["manifest"]["title"] == "Mine"


async def test_a_deleted_draft_and_a_removed_installation_come_back(workshop: Workshop) -> None:
    installation = await workshop.installed()
    draft = await workshop.draft("other")
    drafts, installations = f"/v1/drafts/{draft['id']}", f"/v1/installations/{installation['id']}"

    await workshop.client.delete(drafts)
    await workshop.client.delete(installations)
    await workshop.news()
    gone = await workshop.call(installation["id"], "read_echo", {"q": "x"})
    await workshop.client.post(f"{drafts}/restore")
    await workshop.client.post(f"{installations}/restore")
    await workshop.news()
    back = await workshop.call(installation["id"], "read_echo", {"q": "x"})

    assert gone.status_code == 404
    assert (await workshop.client.get(drafts)).status_code == 200
    assert back.json()["outcome"] == "ok"


@requirement("1.c/review-needs-use")
async def test_a_review_needs_a_run_first(workshop: Workshop) -> None:
    installation = await workshop.installed()
    mine = f"/v1/tools/{workshop.slug}/echo/reviews/mine"

    early = await workshop.client.put(mine, json={"stars": 4})
    await workshop.call(installation["id"], "read_echo", {"q": "x"})
    await workshop.people.parts.recorder.drain()
    written = await workshop.client.put(mine, json={"stars": 4, "text": "Good"})
    rewritten = await workshop.client.put(mine, json={"stars": 2})

    assert early.status_code == 403
    assert early.json()["code"] == "review-needs-use"
    assert written.status_code == 200
    assert rewritten.json()["stars"] == 2
    listed = (await workshop.client.get("/v1/tools")).json()["items"][0]
    assert (listed["rating"], listed["rating_count"], listed["installed"]) == (2.0, 1, True)


@requirement("1.f/filters")
async def test_runs_are_filtered_and_paged(workshop: Workshop) -> None:
    installation = await workshop.installed()
    for word in ("a", "b", "c"):
        await workshop.call(installation["id"], "read_echo", {"q": word})
    await workshop.call(installation["id"], "read_echo", {"q": 1})

    first = (await workshop.client.get("/v1/runs", params={"limit": 2})).json()
    second = (
        await workshop.client.get("/v1/runs", params={"limit": 2, "cursor": first["next_cursor"]})
    ).json()
    failed = (await workshop.client.get("/v1/runs", params={"outcome": "tool_error"})).json()

    assert first["total"] == 4
    assert len({run["id"] for run in first["items"] + second["items"]}) == 4
    assert second["next_cursor"] is None
    assert [run["problem_code"] for run in failed["items"]] == ["arguments-invalid"]


async def test_toolsets_without_a_prefix_refuse_names_that_collide(workshop: Workshop) -> None:
    one = await workshop.installed("one", slug="one")
    two = await workshop.installed("two", slug="two")
    items = [{"installation_id": one["id"]}, {"installation_id": two["id"]}]

    bare = await workshop.client.post(
        "/v1/toolsets", json={"name": "All", "slug": "all", "prefix": False, "items": items}
    )
    prefixed = await workshop.client.post("/v1/toolsets", json={"name": "All", "slug": "all", "items": items})

    assert bare.status_code == 409
    assert bare.json()["code"] == "names-collide"
    assert prefixed.status_code == 201


@requirement("2.1.a/manifest")
@pytest.mark.parametrize("form", ["openai", "anthropic", "gemini", "mcp", "openapi"])
async def test_an_installation_is_exported_for_every_provider(workshop: Workshop, form: str) -> None:
    installation = await workshop.installed()

    answer = await workshop.client.get(f"/v1/installations/{installation['id']}/exports/{form}")

    assert answer.status_code == 200
    assert "read_echo" in answer.text


async def test_a_jq_program_that_does_not_compile_is_refused_before_publishing(workshop: Workshop) -> None:
    draft = await workshop.draft()
    url = f"/v1/drafts/{draft['id']}"
    draft["manifest"]["operations"][0]["implementation"]["shape"] = ".method | ("
    await workshop.client.put(url, json={"manifest": draft["manifest"]}, headers={"If-Match": '"1"'})

    refused = await workshop.client.post(f"{url}/publication", json={"version": "1.0.0"})

    assert refused.status_code == 409
    assert refused.json()["pointer"] == "/operations/0/implementation/shape"


@requirement("2.1.a/answers-are-shaped")
async def test_an_answer_is_shaped_by_the_program_of_its_operation(workshop: Workshop) -> None:
    draft = await workshop.draft()
    connection = await workshop.connection()
    url = f"/v1/drafts/{draft['id']}"
    for operation in draft["manifest"]["operations"]:
        operation["implementation"]["shape"] = "{verb: .method}"
    await workshop.client.put(url, json={"manifest": draft["manifest"]}, headers={"If-Match": '"1"'})

    answer = await workshop.client.post(
        f"{url}/operations/read_echo/runs",
        json={"arguments": {"q": "x"}, "connections": {"Key": connection}},
    )

    assert answer.json()["value"] == {"verb": "GET"}


@requirement("3.3.b/health-from-real-use")
async def test_a_connection_shows_whether_the_service_takes_it(workshop: Workshop) -> None:
    installation = await workshop.installed()
    verdicts = workshop.people.parts.runtime.verdicts

    async def state() -> str:
        await verdicts.settle()
        return str((await workshop.client.get("/v1/connections")).json()["items"][0]["state"])

    before = await state()
    await workshop.call(installation["id"], "read_echo", {"q": "x"})
    taken = await state()
    await workshop.call(installation["id"], "refused", {})
    refused = await state()

    assert (before, taken, refused) == ("unused", "ok", "failing")
