"""The official suite against an upstream of ours, and against the gateway with that upstream behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.serving import started
from tests.conformance.suite import environment, install, required, run_suite

REVISIONS = ("2025-11-25", "2026-07-28")


@pytest.fixture(scope="session")
async def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with Node.js and the pinned tools."""
    env = environment(tmp_path_factory.mktemp("node"))
    await install(env)
    return env


@pytest.fixture(scope="session")
async def upstream() -> AsyncIterator[str]:
    """The fixture server's address."""
    async with started("tests.conformance.fixture") as origin:
        yield f"{origin}/mcp"


@pytest.fixture(scope="session")
async def gateway(upstream: str) -> AsyncIterator[str]:
    """The gateway's address, behind a hop that adds the key."""
    async with (
        started("tests.conformance.standalone", upstream) as origin,
        started("tests.conformance.hop", origin, "test-key") as hop,
    ):
        yield f"{hop}/mcp"


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_fixture_alone_passes_every_scored_scenario(
    upstream: str, env: dict[str, str], revision: str, tmp_path: Path
) -> None:
    report = await run_suite("server", ["--url", upstream, "--requirements", revision], tmp_path, env)

    assert report.bad(required(revision, "server")) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_gateway_passes_every_scored_scenario_of_a_revision(
    gateway: str, env: dict[str, str], revision: str, tmp_path: Path
) -> None:
    report = await run_suite("server", ["--url", gateway, "--requirements", revision], tmp_path, env)

    assert report.bad(required(revision, "server")) == []
    assert report.code == 0, report.output
