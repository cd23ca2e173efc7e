"""What the documentation names exists: files, headings, targets, commands, settings, routes."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from tests.architecture.sources import ROOT, committed

from toolmarket.app.web import create_framework

ELSEWHERE = ("tests/data/", "src/toolmarket/demo/documents/")
OF_EXAMPLES = {"TOOLMARKET_KEY", "TOOLMARKET_URL", "TOOLMARKET_MCP_URL", "TOOLMARKET_DEV_SERVER"}
"""What examples and the web's development server read, not the product."""
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)>\s]+)>?\)")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/v1/[A-Za-z0-9_/{}.-]*[A-Za-z0-9}])")


def pages() -> list[Path]:
    """Every Markdown page of ours."""
    return [
        path
        for path in committed()
        if path.suffix == ".md" and not str(path.relative_to(ROOT)).startswith(ELSEWHERE)
    ]


def shown(path: Path) -> str:
    """A page's place as a test names it."""
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """The text of a page without its code blocks."""
    return FENCE.sub("", path.read_text())


def scripts(path: Path) -> list[str]:
    """The shell blocks of a page."""
    return [body for _, language, body in FENCE.findall(path.read_text()) if language == "sh"]


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as they are made where sources are shown."""
    headings = re.findall(r"^#{1,6} (.+)$", prose(path), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def links(path: Path) -> list[str]:
    """The places within the checkout that a page links to."""
    return [link for link in LINK.findall(prose(path)) if not re.match(r"[a-z]+:", link)]


def missing(path: Path) -> bool:
    """Whether nothing at a place is under version control."""
    return not any(each == path or each.is_relative_to(path) for each in committed())


def broken(page: Path, link: str) -> bool:
    """Whether a link leads nowhere."""
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if missing(target):
        return True
    return bool(anchor) and anchor not in anchors(target)


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if broken(page, link)] == []


def test_every_page_is_linked_from_another() -> None:
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in pages() for link in links(page)}
    alone = [
        shown(page)
        for page in pages()
        if page.is_relative_to(ROOT / "docs") and page not in linked and page.parent not in linked
    ]

    assert alone == []


def named(text: str, program: str) -> set[str]:
    """The first words after a program in a script."""
    return set(re.findall(rf"(?:^|[\s|&;(/]){program} ((?:[a-z-]+)(?: [a-z-]+)?)", text, re.MULTILINE))


def known_targets() -> set[str]:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.split()[1] for line in told.splitlines()} | {"help"}


def known_commands() -> set[str]:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text()
    return set(re.findall(r"^## toolmarket ([a-z -]+)$", text, re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in pages() if scripts(page)], ids=shown)
def test_scripts_use_targets_and_commands_that_exist(page: Path) -> None:
    text = "\n".join(scripts(page))
    targets = {words.split()[0] for words in named(text, "make")}
    commands = known_commands()
    unknown = {
        words
        for words in named(text, r"\.venv/bin/toolmarket")
        if words not in commands and words.split()[0] not in commands
    }

    assert targets - known_targets() == set()
    assert unknown == set()


def test_the_readme_names_every_target_and_the_test_command() -> None:
    text = (ROOT / "README.md").read_text()

    assert {
        name for name in known_targets() if f"`make {name}`" not in text and f"`{name}`" not in text
    } == set()
    assert "`make test`" in text


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_files_in_scripts_exist(page: Path) -> None:
    files = re.findall(r"(?:examples|src|tests|deploy)/[\w./-]*\w", "\n".join(scripts(page)))

    assert [file for file in files if missing(ROOT / file)] == []


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_settings_exist(page: Path) -> None:
    known = set(re.findall(r"TOOLMARKET_[A-Z_]+", (ROOT / "docs" / "reference" / "settings.md").read_text()))
    named_here = set(re.findall(r"TOOLMARKET_[A-Z_]*[A-Z]", page.read_text()))

    assert named_here - known - OF_EXAMPLES == set()


def test_routes_exist() -> None:
    paths = create_framework().openapi()["paths"]
    known = {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path)) for path, item in paths.items() for method in item
    }
    missing = [
        f"{shown(page)}: {method} {path}"
        for page in pages()
        for method, path in ROUTE.findall(page.read_text())
        if (method, re.sub(r"\{[^}]*\}|(?<=/)\$[A-Z]+", "{}", path)) not in known
    ]

    assert missing == []
