"""The official suite against an upstream of ours, and against the product with that upstream behind it."""

from pathlib import Path

import pytest

from tests.conformance.suite import required, run_suite

REVISIONS = ("2025-11-25", "2026-07-28")


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_fixture_alone_passes_every_scored_scenario(
    upstream: str, env: dict[str, str], revision: str, tmp_path: Path
) -> None:
    report = await run_suite("server", ["--url", upstream, "--requirements", revision], tmp_path, env)

    assert report.bad(required(revision, "server")) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_product_passes_every_scored_scenario_of_a_revision(
    product: str, env: dict[str, str], revision: str, tmp_path: Path
) -> None:
    report = await run_suite("server", ["--url", product, "--requirements", revision], tmp_path, env)

    assert report.bad(required(revision, "server")) == []
    assert report.code == 0, report.output
