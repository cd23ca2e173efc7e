"""What all runs of the official tools share."""

from collections.abc import AsyncIterator

import pytest

from tests.conformance.serving import started
from tests.conformance.suite import environment, install


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
async def standalone(upstream: str) -> AsyncIterator[str]:
    """The origin of a gateway over a core in memory, with the fixture behind it; the key is `test-key`."""
    async with started("tests.conformance.standalone", upstream) as origin:
        yield origin


@pytest.fixture(scope="session")
async def gateway(standalone: str) -> AsyncIterator[str]:
    """That gateway's address behind a hop that adds the key."""
    async with started("tests.conformance.hop", standalone, "test-key") as hop:
        yield f"{hop}/mcp"
