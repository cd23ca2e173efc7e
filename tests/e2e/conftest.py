"""A browser on the running product."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.browsers import launch
from tests.product import Product

ROOT = Path(__file__).parents[2]
SignIn = Callable[..., BrowserContext]

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def demo(live_product: Product) -> dict[str, Any]:
    """What the demo tells about itself: accounts, keys, installations."""
    assert (ROOT / "web/dist/index.html").exists(), "The web application is not built."
    return live_product.described()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each gets a context of its own."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained about: errors, and everything that the content policy refused."""
    found: list[str] = []
    yield found
    assert not found, found


@pytest.fixture
def signed_in(demo: dict[str, Any], browser: Browser, complaints: list[str]) -> Iterator[SignIn]:
    """Open contexts that are signed in as somebody."""
    opened: list[BrowserContext] = []

    def open_context(role: str = "owner", organisation: str = "acme", **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=demo["base_url"], **options)
        opened.append(context)
        context.on("page", lambda page: watch(page, complaints))
        answer = context.request.post("/v1/session", data=credentials(demo, role, organisation))
        assert answer.ok, answer.text()
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(signed_in: SignIn) -> Page:
    """A page of the owner of the first organisation."""
    return signed_in().new_page()


@pytest.fixture(scope="session")
def acme_document(demo: dict[str, Any]) -> bytes:
    """The description of the demo's outside service, as somebody would have it in a file."""
    answer = httpx.get(f"{demo['upstream_url']}/acme/openapi.json", timeout=10)
    return answer.raise_for_status().content


def credentials(demo: dict[str, Any], role: str, organisation: str) -> dict[str, str]:
    """How somebody of a role signs in."""
    account = next(
        each for each in demo["accounts"] if (each["role"], each["organisation"]) == (role, organisation)
    )
    return {"email": account["email"], "password": account["password"]}


def watch(page: Page, complaints: list[str]) -> None:
    """Note what goes wrong in a page. Refused requests are the tests' business, not a complaint."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
