"""Everything can be done without a mouse."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import SignIn
from tests.requirements import requirement

STOPS = 80


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    expect(target).to_be_visible()
    for _ in range(STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by {STOPS} presses of Tab.")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Walk to the target and press a key on it."""
    reach(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str) -> None:
    """Walk to a field, empty it, and type."""
    reach(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


@requirement("10.2.a/keyboard")
def test_an_api_is_brought_in_tried_and_published_by_keyboard(
    signed_in: SignIn, demo: dict[str, Any], acme_document: bytes
) -> None:
    page = signed_in("owner", "lindqvist").new_page()
    page.goto("/")

    press(page, page.get_by_role("link", name="Bring in an API").first)
    expect(page.get_by_role("heading", level=1, name="Bring in an API")).to_be_visible()
    reach(page, page.get_by_role("radio", name="File"))
    page.keyboard.press("ArrowRight")
    write(page, page.get_by_label("OpenAPI or Swagger text"), acme_document.decode())
    press(page, page.get_by_role("button", name="Continue", exact=True))

    expect(page.get_by_role("heading", level=1, name="Choose operations")).to_be_focused()
    write(page, page.get_by_label("Search operations"), "list_cities")
    chosen = page.get_by_role("checkbox", name="list_cities")
    if not chosen.is_checked():
        press(page, chosen, "Space")
    page.get_by_label("Search operations").press("Escape")
    press(page, page.get_by_role("button", name="Continue", exact=True))
    write(page, page.get_by_label("Name", exact=True), "keyboard-weather")
    press(page, page.get_by_role("button", name="Continue", exact=True))
    press(page, page.get_by_role("button", name="Create the draft"))

    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    press(
        page,
        page.get_by_role("navigation", name="Parts of the draft")
        .get_by_role("button", name="list_cities")
        .first,
    )
    press(page, page.get_by_role("button", name="Try it", exact=True))
    panel = page.get_by_role("region", name="Try it")
    write(page, panel.get_by_label("Server URL"), demo["upstream_url"])
    press(page, panel.get_by_role("button", name="Run", exact=True))
    expect(panel.get_by_role("region", name="Result of the try")).to_contain_text("Oslo")

    press(page, page.get_by_role("button", name="Publish", exact=True))
    dialog = page.get_by_role("dialog")
    press(page, dialog.get_by_role("button", name="Publish 1.0.0"))
    expect(dialog).to_contain_text("is in the market")
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_focused()


def test_the_palette_finds_a_page_and_opens_it(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    page.keyboard.type("connections")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name="Connections")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_single_letters_lead_to_pages_and_to_the_list_of_keys(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1, name="Runs")).to_be_visible()
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
