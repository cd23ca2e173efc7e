"""The main job in a browser: an API description becomes a tool that is called and seen."""

from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import credentials, watch
from tests.requirements import requirement

API_KEY = "acme-demo-key"


def _continue(page: Page) -> None:
    page.get_by_role("button", name="Continue", exact=True).click()


def _import(page: Page, document: bytes, *, name: str, operations: list[str]) -> None:
    page.get_by_role("link", name="Bring in an API").first.click()
    page.get_by_label("OpenAPI or Swagger file").set_input_files(
        {"name": "acme.json", "mimeType": "application/json", "buffer": document}
    )
    _continue(page)
    expect(page.get_by_role("heading", level=1, name="Choose operations")).to_be_visible()
    clear = page.get_by_role("button", name="Clear all shown")
    if clear.is_visible():
        clear.click()
    for operation in operations:
        page.get_by_label("Search operations").fill(operation)
        page.get_by_role("checkbox", name=operation).first.check()
    _continue(page)
    page.get_by_label("Title").fill(name.replace("-", " ").capitalize())
    page.get_by_label("Name", exact=True).fill(name)
    _continue(page)
    expect(page.get_by_role("region", name="Operations")).to_contain_text(operations[0])
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()


def _new_credential(page: Page, name: str) -> None:
    page.get_by_role("button", name="New credential for AcmeKey").click()
    dialog = page.get_by_role("dialog", name="New credential for AcmeKey")
    dialog.get_by_label("Key", exact=True).fill(API_KEY)
    dialog.get_by_label("Name in the vault").fill(name)
    dialog.get_by_role("button", name="Store in the vault").click()
    expect(dialog).to_be_hidden()


def _try(page: Page, upstream: str) -> None:
    page.get_by_role("button", name="Try it", exact=True).click()
    panel = page.get_by_role("region", name="Try it")
    panel.get_by_label("Server URL").press_sequentially(upstream)
    _new_credential(page, "Journey, test")
    panel.get_by_role("button", name="Run", exact=True).click()
    result = panel.get_by_role("region", name="Result of the try")
    expect(result).to_contain_text("ok")
    expect(panel.get_by_role("region", name="Request as sent")).to_contain_text("/acme/orders")
    expect(panel).not_to_contain_text(API_KEY)


def _publish_and_install(page: Page, upstream: str, *, alias: str) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Version")).to_have_value("1.0.0")
    dialog.get_by_role("button", name="Publish 1.0.0").click()
    dialog.get_by_role("link", name="Install it").click()

    page.get_by_label("Alias").fill(alias)
    _continue(page)
    page.get_by_label("Server URL").fill(upstream)
    _continue(page)
    _new_credential(page, "Journey, production")
    _continue(page)
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_role("button", name=f"Try {alias}_list_orders")).to_be_visible()


@requirement("10.2.a/main-job")
def test_an_api_becomes_a_tool_that_is_called_and_seen(
    demo: dict[str, Any], browser: Browser, complaints: list[str], acme_document: bytes
) -> None:
    context = browser.new_context(base_url=demo["base_url"])
    page = context.new_page()
    watch(page, complaints)
    account = credentials(demo, "owner", "acme")

    page.goto("/build")
    page.get_by_label("E-mail address").fill(account["email"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Build")).to_be_visible()

    _import(page, acme_document, name="journey-orders", operations=["list_orders", "get_order"])
    _try(page, demo["upstream_url"])
    _publish_and_install(page, demo["upstream_url"], alias="journey")
    installation_id = page.url.rsplit("/", 1)[-1]

    page.get_by_role("link", name="Connect an agent").click()
    page.get_by_label("Name of the key").fill("Journey agent")
    page.get_by_role("button", name="Create the key").click()
    key = page.get_by_role("region", name="API key").inner_text().strip()
    configuration = page.get_by_role("region", name="Configuration for Claude Code")
    expect(configuration).to_contain_text(demo["mcp_url"])
    expect(configuration).to_contain_text(key)

    page.get_by_role("navigation", name="Main").first.get_by_role("link", name="Runs").click()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    answer = httpx.post(
        f"{demo['base_url']}/v1/installations/{installation_id}/operations/list_orders/runs",
        json={"limit": 3},
        headers={"Authorization": f"Bearer {key}"},
        timeout=20,
    )
    assert answer.json()["outcome"] == "ok", answer.text

    row = page.get_by_role("row").filter(has_text="journey_list_orders").filter(has_text="Journey agent")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("journey_list_orders")
    expect(page.get_by_role("button", name="GET /acme/orders")).to_be_visible()
    expect(page.get_by_role("region", name="Request")).to_contain_text("/acme/orders?limit=3")
    expect(page.get_by_role("main")).not_to_contain_text(API_KEY)
    context.close()


def test_a_wrong_password_is_told_plainly_and_nothing_typed_is_lost(
    demo: dict[str, Any], browser: Browser
) -> None:
    context = browser.new_context(base_url=demo["base_url"])
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("nobody@acme.example")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("E-mail address")).to_have_value("nobody@acme.example")
    context.close()


def test_signing_out_forgets_the_person_and_asks_before_the_page_that_was_wanted(page: Page) -> None:
    page.goto("/runs")
    page.evaluate("localStorage.setItem('toolmarket:call:x', '{}')")
    page.get_by_role("button", name="Maren Okafor").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.evaluate("localStorage.getItem('toolmarket:call:x')") is None

    page.goto("/runs?outcome=ok")

    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_the_connect_page_says_by_itself_when_an_agent_has_called(page: Page, demo: dict[str, Any]) -> None:
    page.goto("/connect")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    installation = next(each for each in demo["installations"] if each["organisation"] == "acme")
    operation = installation["operations"][0]

    answer = httpx.post(
        f"{demo['base_url']}/v1/installations/{installation['id']}/operations/{operation['name']}/runs",
        json=operation["example_input"],
        headers={"Authorization": f"Bearer {demo['api_keys'][0]['key']}"},
        timeout=20,
    )
    run_id = answer.raise_for_status().json()["id"]

    expect(page.get_by_text("An agent has called.")).to_be_visible()
    run = page.get_by_role("link", name="See the run")
    expect(run).to_have_attribute("href", f"/runs/{run_id}")
    run.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(operation["mcp_name"])
