"""What holds for every page: no barrier that a machine can see, and room on the narrowest screen."""

import gzip
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.conftest import ROOT, SignIn
from tests.e2e.places import every_place
from tests.requirements import requirement

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
FIRST_LOAD_BYTES = 250_000
TABLES_TOO_WIDE = """() => [...document.querySelectorAll(".card table")]
    .filter(table => !table.closest(".table-scroll"))
    .filter(table => {
        const card = table.closest(".card").getBoundingClientRect()
        return table.getBoundingClientRect().right > card.right + 1
    })
    .map(table => table.className)"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def _open(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def _barriers(page: Page, name: str) -> list[str]:
    page.evaluate(Path(AXE).read_text())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(r => r.violations)", TAGS
    )
    return [
        f"{name}: {violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


@requirement("10.2.a/accessible")
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_no_page_has_a_barrier(
    theme: Literal["light", "dark"], width: int, signed_in: SignIn, demo: dict[str, Any]
) -> None:
    size = {"width": width, "height": 900}
    context = signed_in(color_scheme=theme, viewport=size, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()

    barriers = []
    for name, address in every_place(demo).items():
        _open(page, address)
        barriers += _barriers(page, f"{name} {theme}")

    assert not barriers, "\n".join(barriers)


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_no_page_scrolls_sideways(width: int, signed_in: SignIn, demo: dict[str, Any]) -> None:
    page = signed_in(viewport={"width": width, "height": 800}).new_page()

    wide = []
    for name, address in every_place(demo).items():
        _open(page, address)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide.append(f"{name} needs {needed} px")
        wide += [f"{name}: {table} leaves its card" for table in page.evaluate(TABLES_TOO_WIDE)]

    assert not wide


def test_every_page_begins_with_a_link_that_skips_to_the_content(page: Page) -> None:
    _open(page, "/runs")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()


@requirement("10.2.a/navigation-follows-rights")
def test_navigation_shows_only_what_the_role_allows(signed_in: SignIn) -> None:
    member = signed_in("member").new_page()
    _open(member, "/")
    navigation = member.get_by_role("navigation", name="Main").first

    expect(navigation.get_by_role("link", name="Runs")).to_be_visible()
    expect(navigation.get_by_role("link", name="Build")).to_have_count(0)
    expect(member.get_by_role("link", name="Bring in an API")).to_have_count(0)


def test_an_address_that_leads_nowhere_says_so_and_leads_home(page: Page) -> None:
    _open(page, "/nowhere")

    page.get_by_role("link", name="Go home").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Maren")


@requirement("10.2.a/accessible")
def test_nothing_that_opens_over_a_page_has_a_barrier(signed_in: SignIn, demo: dict[str, Any]) -> None:
    page = signed_in(reduced_motion="reduce", bypass_csp=True).new_page()
    places = every_place(demo)

    barriers = []
    _open(page, places["draft-basics"])
    page.get_by_role("button", name="Try it", exact=True).click()
    barriers += _barriers(page, "try-it panel")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("dialog").get_by_label("Version")).to_be_visible()
    barriers += _barriers(page, "publish dialog")
    _open(page, places["connections"])
    page.get_by_role("button", name="New connection").first.click()
    barriers += _barriers(page, "connection dialog")
    _open(page, places["installation"])
    page.get_by_role("button", name="Try ").first.click()
    barriers += _barriers(page, "call panel")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("listbox", name="Results")).to_be_visible()
    barriers += _barriers(page, "palette")
    _open(page, places["home"])
    page.get_by_role("button", name="Maren Okafor").click()
    barriers += _barriers(page, "menu")

    assert not barriers, "\n".join(barriers)


def test_the_first_load_is_small(page: Page) -> None:
    loaded: list[Response] = []
    page.on("response", lambda answer: loaded.append(answer))

    _open(page, "/")

    files = [answer for answer in loaded if answer.request.resource_type in {"script", "stylesheet"}]
    assert sum(len(gzip.compress(answer.body())) for answer in files) <= FIRST_LOAD_BYTES


def test_the_policy_allows_nothing_inline(page: Page) -> None:
    answer = page.goto("/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]

    assert "unsafe" not in policy
    assert page.locator("script:not([src]), style").count() == 0
