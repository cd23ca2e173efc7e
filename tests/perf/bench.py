"""`make bench`: us beside the bare parts, in one run and one table, with the promises at its end.

Rounds of floors and product alternate and the best round of each counts, so that a machine that is
busy or changes its speed disturbs them alike. Results also go to `test-results/bench.json`.
"""

import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.perf import report
from tests.perf.machines import ROOT, Machine, Watch, drive, free_port, machine
from tests.perf.targets import Target, floors, http_target, products
from tests.perf.world import World, found, settings_of
from toolmarket.audit import service as audit
from toolmarket.kit import migrations
from toolmarket.kit.database import Database
from toolmarket.kit.postgres import EmbeddedPostgres

SECONDS = float(os.environ.get("BENCH_SECONDS", "0.7"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MEMORY_CALLS = int(os.environ.get("BENCH_MEMORY_CALLS", "100000"))
BLOCKS = (("fast", 1), ("fast", 16), ("fast", 64), ("slow", 1), ("slow", 16), ("slow", 64))
TOOLMARKET = "toolmarket.cli"


@dataclass
class Stage:
    """All that runs, and what was measured of it."""

    world: World
    database: Database
    environment: dict[str, str]
    machines: dict[str, Machine] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    rows: list[report.Row] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    async def measure(self, target: Target, speed: str, callers: int, owner: str) -> report.Row:
        """Drive one target, and keep its row."""
        server, watch = self.machines[owner], Watch(psutil.Process())
        before = server.cpu_seconds()
        lagging = asyncio.create_task(self._watch_lag())
        told = await drive(target, speed, callers, seconds=SECONDS)
        lagging.cancel()
        row = report.Row(
            target=target.name,
            upstream_milliseconds=20 if speed == "slow" else 0,
            callers=callers,
            cpu_milliseconds=(server.cpu_seconds() - before) / max(told["calls"], 1) * 1e3,
            memory_mib=server.memory_mib(),
            others=watch.others(),
            **{name: told[name] for name in ("rate", "p50", "p95", "p99", "calls", "errors", "first_error")},
        )
        self.rows.append(row)
        sys.stdout.write(report.line(row) + "\n")
        sys.stdout.flush()
        return row

    async def _watch_lag(self) -> None:
        while True:
            await asyncio.sleep(0.4)
            lag = await audit.lag_seconds(self.database)
            self.facts["audit_lag_seconds"] = max(self.facts.get("audit_lag_seconds", 0.0), lag)


@contextmanager
def database_of(folder: Path) -> Iterator[str]:
    """A migrated database of the bench alone."""
    with EmbeddedPostgres(folder) as url:
        migrations.upgrade(url)
        yield url


async def compare(stage: Stage) -> None:
    """Every block in rounds: floors, product, floors, product, ..."""
    ours = products(stage.ports["web"], stage.world)
    theirs = floors(stage.ports)
    owners = ("upstream", "proxy", "sdk", "sdk")
    for (speed, callers), _ in itertools.product(BLOCKS, range(ROUNDS)):
        for target, owner in zip(theirs, owners, strict=True):
            await stage.measure(target, speed, callers, owner)
        for target in ours:
            await stage.measure(target, speed, callers, "web")
    for target in ours:
        await stage.measure(target, "fast", 256, "web")


async def govern(stage: Stage) -> None:
    """All checks on beside all checks off, in turns."""
    port = free_port()
    environment = {**stage.environment, "TOOLMARKET_PORT": str(port)}
    path = f"/v1/installations/{stage.world.installation_id}/operations/spooled_fast/runs"
    bare = http_target("REST, checks off", port, {"fast": path})
    full = http_target("REST, checks on", stage.ports["web"], {"fast": path}, stage.world.key)
    async with machine(["tests.perf.unchecked", stage.world.key], port, environment=environment) as server:
        stage.machines["unchecked"] = server
        for _ in range(2 * ROUNDS):
            await stage.measure(bare, "fast", 16, "unchecked")
            await stage.measure(full, "fast", 16, "web")


async def remember(stage: Stage, owner: str) -> None:
    """Resident memory after half of the calls, and after all of them."""
    target = products(stage.ports[owner], stage.world)[2]
    server = stage.machines[owner]
    for part in ("half", "whole"):
        told = await drive(target, "fast", 16, calls=MEMORY_CALLS // 2)
        stage.facts[f"{owner}_{part}_mib"] = server.memory_mib()
        if told["errors"]:
            raise SystemExit(f"{owner}: {told['errors']} errors: {told['first_error']}")
    stage.facts[f"{owner}_ready_seconds"] = server.ready_seconds


async def start(
    stage: Stage, stack: AsyncExitStack, owner: str, arguments: list[str], ready: str = ""
) -> None:
    """Start a server on a port of its own."""
    port = stage.ports.get(owner) or free_port()
    stage.ports[owner] = port
    environment = {**stage.environment, "TOOLMARKET_PORT": str(port)}
    running = machine(arguments, port, ready=ready, environment=environment)
    stage.machines[owner] = await stack.enter_async_context(running)


async def perform(stage: Stage, stack: AsyncExitStack, upstream: str) -> None:
    """The whole bench, in order."""
    await stack.enter_async_context(
        machine([TOOLMARKET, "worker"], stage.ports["upstream"], environment=stage.environment)
    )
    await start(stage, stack, "proxy", ["tests.perf.floors", "proxy", *_place(stage, "proxy"), upstream])
    await start(stage, stack, "sdk", ["tests.perf.floors", "sdk", *_place(stage, "sdk"), upstream])
    async with AsyncExitStack() as serving:
        await start(stage, serving, "web", [TOOLMARKET, "web"], "/health/ready")
        await compare(stage)
        await govern(stage)
        await remember(stage, "web")
    async with AsyncExitStack() as serving:
        await start(stage, serving, "gateway", [TOOLMARKET, "gateway"], "/health/ready")
        await remember(stage, "gateway")


def _place(stage: Stage, owner: str) -> tuple[str]:
    stage.ports[owner] = free_port()
    return (str(stage.ports[owner]),)


async def bench(folder: Path, database_url: str) -> Stage:
    """Set everything up, and measure."""
    port = free_port()
    upstream = f"http://127.0.0.1:{port}"
    environment = {
        "TOOLMARKET_DATA_DIR": str(folder),
        "TOOLMARKET_DATABASE_URL": database_url,
        "TOOLMARKET_EGRESS_ALLOW": upstream,
        "TOOLMARKET_AUDIT_KEY_FILE": str(folder / "keys" / "audit.key"),
    }
    os.environ.update(environment)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(machine(["tests.perf.upstream", str(port)], port))
        world = await found(settings_of(folder, free_port()), database_url, upstream)
        database = Database(database_url)
        stack.push_async_callback(database.close)
        stage = Stage(world, database, environment, {"upstream": served}, {"upstream": port})
        await perform(stage, stack, upstream)
    return stage


def main() -> int:
    """Measure, print, keep, and tell by the exit code whether the promises hold."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="toolmarket-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with database_of(folder) as url:
            stage = asyncio.run(bench(folder, url))
    promises = report.promises(stage.rows, stage.facts)
    results: dict[str, Any] = {
        "seconds": time.perf_counter() - began,
        "facts": stage.facts,
        "rows": [asdict(row) for row in stage.rows],
        "promises": [asdict(promise) for promise in promises],
    }
    place = ROOT / "test-results"
    place.mkdir(exist_ok=True)
    (place / "bench.json").write_text(json.dumps(results, indent=1))
    sys.stdout.write(report.table(stage.rows) + report.verdict(promises, stage.rows, stage.facts))
    return int(not all(promise.kept for promise in promises))


if __name__ == "__main__":
    sys.exit(main())
