"""What pages say before somebody does in vain what cannot work."""

import gzip
import shlex
from itertools import pairwise
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn


def test_a_first_call_is_waited_for_with_the_key_that_was_just_made(page: Page, demo: dict[str, Any]) -> None:
    installation = next(each for each in demo["installations"] if each["organisation"] == "acme")
    operation = installation["operations"][0]
    address = f"{demo['base_url']}/v1/installations/{installation['id']}/operations/{operation['name']}/runs"

    def call(key: str) -> str:
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.post(address, json=operation["example_input"], headers=headers, timeout=20)
        return str(answer.raise_for_status().json()["id"])

    call(demo["api_keys"][0]["key"])
    page.goto("/connect")
    expect(page.get_by_role("region", name="Last call")).to_contain_text("An agent has called.")
    page.get_by_label("Name of the key").fill("Waited for")
    page.get_by_role("button", name="Create the key").click()
    card = page.get_by_role("region", name="First call")
    expect(card).to_contain_text("Waiting for the first call with the key “Waited for”.")
    expect(page.get_by_text("live", exact=True)).to_be_visible()

    run_id = call(page.get_by_role("region", name="API key").inner_text().strip())

    expect(card).to_contain_text("The key “Waited for” has called.")
    expect(card.get_by_role("link", name="See the run")).to_have_attribute("href", f"/runs/{run_id}")


def test_the_call_to_paste_succeeds_as_it_stands(page: Page) -> None:
    page.goto("/connect")
    page.get_by_label("Name of the key").fill("Pasted")
    page.get_by_role("button", name="Create the key").click()
    page.get_by_role("tab", name="curl").click()
    command = shlex.split(page.get_by_role("region", name="Configuration for curl").inner_text())

    assert command[:3] == ["curl", "-X", "POST"]
    headers = dict(value.split(": ") for flag, value in pairwise(command) if flag == "-H")
    answer = httpx.post(command[3], content=command[-1], headers=headers, timeout=20)

    assert answer.status_code == 200
    assert answer.json()["outcome"] == "ok", answer.text


def test_a_packed_description_is_unpacked_and_a_picture_is_not_sent(page: Page, acme_document: bytes) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/imports") else None)
    page.goto("/build/import")
    file = page.get_by_label("OpenAPI or Swagger file")

    file.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n\0"})
    expect(page.get_by_role("alert")).to_have_text(
        "This is not a text file. Choose a JSON or YAML description."
    )
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(file).to_be_focused()
    assert not sent

    file.set_input_files(
        {"name": "acme.json.gz", "mimeType": "application/gzip", "buffer": gzip.compress(acme_document)}
    )
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Choose operations")).to_be_visible()


def test_names_that_are_there_already_are_told_at_once(
    page: Page, demo: dict[str, Any], acme_document: bytes
) -> None:
    installed = page.request.get("/v1/installations").json()["items"]
    tool = next(each for each in installed if each["tool"] == "acme/acme-orders")
    page.goto("/build/import")
    page.get_by_label("OpenAPI or Swagger file").set_input_files(
        {"name": "acme.json", "mimeType": "application/json", "buffer": acme_document}
    )
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Search operations").fill("list_orders")
    page.get_by_role("checkbox", name="list_orders").first.check()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Name", exact=True).fill(tool["tool"].split("/")[1])
    expect(page.get_by_text(f"{tool['tool']} exists; this will be its next version.")).to_be_visible()

    page.goto(f"/market/t/{tool['tool']}/install")
    page.get_by_label("Alias").fill(tool["alias"])
    expect(page.get_by_text(f"{tool['title']} has this alias already.")).to_be_visible()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_label("Alias")).to_be_focused()
    page.get_by_label("Alias").fill("not-taken")
    page.get_by_role("button", name="Continue", exact=True).click()
    side = page.get_by_role("complementary").last
    expect(side).to_contain_text("Server address")
    page.get_by_label("Server address").fill(f"{demo['upstream_url']}/v1")
    expect(side).to_contain_text(demo["upstream_url"].split("//")[1])


@pytest.mark.parametrize("address", ["/build", "/build/import"])
def test_who_may_not_build_is_told_who_can_grant_it(address: str, signed_in: SignIn) -> None:
    page = signed_in("member").new_page()
    page.goto(address)

    expect(page.get_by_role("main")).to_contain_text("An owner or admin of")
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
