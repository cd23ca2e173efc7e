"""What all runs of the official tools share."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.serving import served, started
from tests.conformance.suite import environment, install
from tests.conftest import TEMPLATE, at_database
from tests.people import People
from toolmarket.app.web import create_app
from toolmarket.composition.parts import open_parts
from toolmarket.kit import migrations
from toolmarket.kit.settings import KitSettings


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


async def _made(client: httpx.AsyncClient, path: str, wish: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _install(client: httpx.AsyncClient, upstream: str) -> None:
    """Import the server, publish and install it, and offer it under an address without a prefix."""
    brought = await _made(client, "/v1/imports", {"kind": "mcp", "url": upstream})
    draft = await _made(client, "/v1/drafts", {"import_id": brought["id"], "name": "acme/suite"})
    await _made(client, f"/v1/drafts/{draft['id']}/publication", {"version": "1.0.0"})
    wish = {"tool": "acme/suite", "alias": "suite", "bindings": {}}
    installation = await _made(client, "/v1/installations", wish)
    items = [{"installation_id": installation["id"]}]
    await _made(client, "/v1/toolsets", {"name": "Suite", "slug": "suite", "prefix": False, "items": items})


@asynccontextmanager
async def _product(postgres_url: str, folder: Path) -> AsyncIterator[People]:
    """The whole application on a database of its own."""
    name, admin = f"suite_{secrets.token_hex(8)}", at_database(postgres_url, "postgres")
    migrations.create_database(admin, name, template=TEMPLATE)
    async with open_parts(KitSettings(data_dir=folder), at_database(postgres_url, name)) as parts:
        app = create_app(parts)
        yield People(parts.database, app, parts)
        await app.close()
    migrations.drop_database(admin, name)


@pytest.fixture(scope="session")
async def product(
    postgres_url: str, upstream: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The address of a toolset of the whole product, behind a hop that adds the key."""
    async with _product(postgres_url, tmp_path_factory.mktemp("product")) as people:
        people.parts.egress.policy.open(upstream.removesuffix("/mcp"))
        key = await people.key(await people.person("owner"))
        async with people.client(key) as client:
            await _install(client, upstream)
        async with (
            served(people.app) as origin,
            started("tests.conformance.hop", origin, key) as hop,
        ):
            yield f"{hop}/mcp/suite"
