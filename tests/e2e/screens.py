"""Shoot every page in both themes and three widths, to be looked at.

`python -m tests.e2e.screens [--pictures FOLDER]` starts the product with its demo, writes the pictures
with an index into `web/screens`, and, if asked, those of the documentation into a folder.
"""

import argparse
import html
import tempfile
from itertools import product as combinations
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsers import launch
from tests.e2e.conftest import ROOT, credentials
from tests.e2e.places import every_place
from tests.product import running

FOLDER = ROOT / "web/screens"
THEMES = ("light", "dark")
DOCUMENTATION = {"home.png": "home", "draft.png": "draft-parameters", "run.png": "run-failed"}
SIZES = {1440: 900, 768: 1024, 390: 844}


def main() -> None:
    """Shoot."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pictures", type=Path, help="Also write those of the documentation there.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        # PostgreSQL runs under another account where root starts it.
        Path(name).chmod(0o755)
        with running(Path(name), demo=True) as product, sync_playwright() as playwright:
            browser = launch(playwright)
            pictures = _shoot_all(browser, product.described(), wanted.pictures)
            browser.close()
    (FOLDER / "index.html").write_text(_index(pictures))
    print(f"{len(pictures)} pictures: {FOLDER / 'index.html'}")


def _signed_in(browser: Browser, demo: dict[str, Any], theme: Any, width: int) -> Page:
    size: Any = {"width": width, "height": SIZES[width]}
    context = browser.new_context(base_url=demo["base_url"], viewport=size, color_scheme=theme)
    context.request.post("/v1/session", data=credentials(demo, "owner", "acme"))
    page = context.new_page()
    _settle(page, "/")
    return page


def _settle(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    page.get_by_role("status", name="Loading").first.wait_for(state="hidden")


def _shoot_all(browser: Browser, demo: dict[str, Any], documentation: Path | None) -> list[str]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    places, pictures = every_place(demo), []
    if documentation:
        page = _signed_in(browser, demo, "light", 1440)
        for file, name in DOCUMENTATION.items():
            _settle(page, places[name])
            page.screenshot(path=documentation / file)
    for theme, width in combinations(THEMES, SIZES):
        page = _signed_in(browser, demo, theme, width)
        for name, address in places.items():
            _settle(page, address)
            pictures.append(f"{name}-{width}-{theme}.png")
            page.screenshot(path=FOLDER / pictures[-1])
        page.context.close()
    return pictures


def _index(pictures: list[str]) -> str:
    figures = "".join(
        f'<figure><a href="{html.escape(file)}"><img loading="lazy" src="{html.escape(file)}" width="360">'
        f"</a><figcaption>{html.escape(file)}</figcaption></figure>"
        for file in sorted(pictures)
    )
    style = "body{font:13px sans-serif;display:flex;flex-wrap:wrap;gap:12px}figure{margin:0}"
    return f"<!doctype html><title>Screens</title><style>{style}</style>{figures}"


if __name__ == "__main__":
    main()
