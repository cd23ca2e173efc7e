"""What somebody has typed survives reload, ended sessions, lost connections and other people."""

from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import SignIn, credentials
from tests.requirements import requirement

WITHOUT_ADDRESS = b'{"openapi": "3.1.0", "info": {"title": "Probe"}, "paths": '


def _draft(context: BrowserContext, title: str) -> tuple[str, dict[str, str]]:
    """Make a draft over the API, as the person of the context."""
    session = context.request.get("/v1/session").json()
    headers = {"X-CSRF-Token": session["csrf_token"]}
    name = f"{session['organisation']['slug']}/{title.lower().replace(' ', '-')}"
    answer = context.request.post("/v1/drafts", data={"name": name, "title": title}, headers=headers)
    assert answer.ok, answer.text()
    return str(answer.json()["id"]), headers


def _write_elsewhere(context: BrowserContext, draft_id: str, headers: dict[str, str], **change: str) -> None:
    draft = context.request.get(f"/v1/drafts/{draft_id}").json()
    answer = context.request.put(
        f"/v1/drafts/{draft_id}",
        data={"manifest": {**draft["manifest"], **change}},
        headers={**headers, "If-Match": f'"{draft["revision"]}"'},
    )
    assert answer.ok, answer.text()


def _saved(page: Page) -> None:
    expect(page.get_by_text("Saved", exact=False).first).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()


@requirement("6.1.a/autosave")
def test_a_draft_is_written_while_typing_and_taken_back_by_undo(signed_in: SignIn) -> None:
    context = signed_in()
    draft_id, _ = _draft(context, "Autosave probe")
    page = context.new_page()
    page.goto(f"/build/tool/{draft_id}")

    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        page.get_by_label("Summary").fill("Written while typing")
    _saved(page)
    assert (
        context.request.get(f"/v1/drafts/{draft_id}").json()["manifest"]["summary"] == "Written while typing"
    )

    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_label("Summary")).to_have_value("")


@requirement("6.1.a/conflict")
def test_changes_of_two_people_go_together_and_a_shared_place_is_chosen(signed_in: SignIn) -> None:
    context = signed_in()
    draft_id, headers = _draft(context, "Conflict probe")
    page = context.new_page()
    page.goto(f"/build/tool/{draft_id}")
    page.route("**/v1/events*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Conflict probe")

    _write_elsewhere(context, draft_id, headers, title="Theirs", description="Only they wrote this.")
    page.get_by_label("Title").fill("Mine")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("changed this draft meanwhile")
    dialog.get_by_role("region", name="/title").get_by_text("Mine", exact=True).click()
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        dialog.get_by_role("button", name="Keep both").click()

    manifest = context.request.get(f"/v1/drafts/{draft_id}").json()["manifest"]
    assert (manifest["title"], manifest["description"]) == ("Mine", "Only they wrote this.")


def test_an_ended_session_asks_over_the_page_and_sends_what_waited(
    signed_in: SignIn, demo: dict[str, Any]
) -> None:
    context = signed_in("builder")
    draft_id, _ = _draft(context, "Session probe")
    page = context.new_page()
    page.goto(f"/build/tool/{draft_id}")
    expect(page.get_by_label("Title")).to_have_value("Session probe")

    context.clear_cookies()
    page.get_by_label("Summary").fill("Typed after the session ended")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Password").fill(credentials(demo, "builder", "acme")["password"])
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Summary")).to_have_value("Typed after the session ended")
    _saved(page)


def test_answers_of_the_import_survive_reload(page: Page, acme_document: bytes) -> None:
    page.goto("/build/import")
    page.get_by_label("OpenAPI or Swagger file").set_input_files(
        {"name": "acme.json", "mimeType": "application/json", "buffer": acme_document}
    )
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Title").fill("Kept across reload")

    page.reload()

    expect(page.get_by_label("Title")).to_have_value("Kept across reload")


def test_continue_is_never_greyed_and_leads_to_what_is_missing(page: Page) -> None:
    page.goto("/build/import")

    page.get_by_role("button", name="Continue", exact=True).click()

    expect(page.get_by_label("OpenAPI or Swagger file")).to_be_focused()
    expect(page.get_by_text("Choose a file, or drop it here.")).to_be_visible()


def test_a_broken_description_is_refused_with_its_place(page: Page) -> None:
    page.goto("/build/import")
    page.get_by_text("Paste", exact=True).click()
    page.get_by_label("OpenAPI or Swagger text").fill(WITHOUT_ADDRESS.decode())
    page.get_by_role("button", name="Continue", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("could not be read")
    expect(page.get_by_role("alert")).to_contain_text("Line 1, column 59")
    expect(page.get_by_label("OpenAPI or Swagger text")).to_have_value(WITHOUT_ADDRESS.decode())


@requirement("10.2.a/live-runs-wait")
def test_new_runs_wait_while_the_list_is_read(page: Page, demo: dict[str, Any]) -> None:
    page.goto("/runs")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.get_by_role("row").nth(3).get_by_role("link").focus()

    installation = next(each for each in demo["installations"] if each["organisation"] == "acme")
    operation = installation["operations"][0]
    httpx.post(
        f"{demo['base_url']}/v1/installations/{installation['id']}/operations/{operation['name']}/runs",
        json=operation["example_input"],
        headers={"Authorization": f"Bearer {demo['api_keys'][0]['key']}"},
        timeout=20,
    ).raise_for_status()

    expect(page.get_by_role("button", name="1 new run")).to_be_visible()
    page.get_by_role("button", name="1 new run").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text(operation["name"])


def test_a_lost_connection_is_said_once_over_the_page(page: Page) -> None:
    page.route("**/v1/events*", lambda route: route.abort())
    page.goto("/runs")
    expect(page.get_by_role("alert")).to_contain_text("The connection to the server is lost")

    page.unroute("**/v1/events*")

    expect(page.get_by_text("live", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_be_hidden()
