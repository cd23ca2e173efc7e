"""The official suite's servers against our client of MCP servers."""

import sys
from pathlib import Path

import pytest

from tests.conformance.serving import started
from tests.conformance.suite import HERE, required, run_suite


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
async def test_our_client_passes_every_scored_scenario_of_a_revision(
    env: dict[str, str], revision: str, tmp_path: Path
) -> None:
    async with started("tests.conformance.client") as client:
        port = client.rsplit(":", 1)[1]
        command = f"{sys.executable} -I {HERE / 'knock.py'} {port}"
        arguments = ["--command", command, "--requirements", revision]
        report = await run_suite("client", arguments, tmp_path, env)

    assert report.bad(required(revision, "client")) == []
