"""While the database is away callers are told so, and when it is back everything goes on."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.conftest import TEMPLATE, at_database
from tests.requirements import requirement
from tests.workshop import Workshop, workshop_of, workshops_of

from toolmarket.kit import migrations
from toolmarket.kit.postgres import EmbeddedPostgres

MESSAGE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
MODERN = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/list",
}


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A database server that can be stopped, with the schema and its template."""
    with tempfile.TemporaryDirectory(prefix="toolmarket-test-") as name:
        Path(name).chmod(0o755)
        postgres = EmbeddedPostgres(Path(name))
        url = postgres.start()
        migrations.upgrade(url)
        migrations.create_database(at_database(url, "postgres"), TEMPLATE, template=url.rsplit("/", 1)[1])
        yield postgres
        postgres.stop()


@pytest.fixture
async def workshop(server: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with (
        workshops_of(server.start(), tmp_path) as premises,
        workshop_of(*premises) as workshop,
    ):
        yield workshop


@requirement("12.3.c/database-away-is-told")
async def test_every_door_says_that_the_database_is_away_and_goes_on_when_it_is_back(
    workshop: Workshop, server: EmbeddedPostgres
) -> None:
    installation = await workshop.installed()
    before = len(workshop.upstream.seen)

    server.stop()
    refused = [
        await workshop.call(installation["id"], "read_echo", {"q": "x"}),
        await workshop.call(installation["id"], "create_echo", {"body": {}}),
        await workshop.client.get("/v1/runs"),
        await workshop.client.post("/mcp", json=MESSAGE, headers=MODERN),
    ]
    server.start()
    back = 0
    async with asyncio.timeout(20):
        while back != 200:
            back = (await workshop.call(installation["id"], "read_echo", {"q": "x"})).status_code

    assert [answer.status_code for answer in refused] == [503] * 4
    assert {answer.json()["code"] for answer in refused} == {"database-down"}
    assert all(answer.headers["retry-after"] for answer in refused)
    assert len(workshop.upstream.seen) == before + 1
