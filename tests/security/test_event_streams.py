"""A live stream ends with the right to it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from tests.people import BASE_URL, People, people_of
from tests.requirements import requirement
from tests.streams import happen, running_hub

from toolmarket.events import router
from toolmarket.events import service as events
from toolmarket.identity import middleware
from toolmarket.identity import service as identity
from toolmarket.kit.database import Database


@pytest.fixture
async def people(database: Database, tmp_path: Path) -> AsyncIterator[People]:
    async with people_of(database, tmp_path) as people:
        yield people


class Browser:
    """An open request for the stream, with a key."""

    def __init__(self, people: People, hub: events.Hub, key: str) -> None:
        app = FastAPI()
        app.include_router(router.router)
        app.state.parts = SimpleNamespace(hub=hub)
        door = middleware.Doorkeeper(app, authenticator=people.authenticator, base_url=BASE_URL)
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/events",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {key}".encode())],
            "client": ("192.0.2.1", 4000),
            "asgi": {"spec_version": "2.3"},
        }
        self._forever = asyncio.Event()
        self.serving = asyncio.create_task(door(scope, self._receive, self.sent.put))

    async def _receive(self) -> dict[str, Any]:
        await self._forever.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            return await self.sent.get()


@requirement("10.1.a/revocation")
async def test_revoking_a_key_ends_its_stream_within_a_second_and_no_other(
    database: Database, people: People
) -> None:
    ann, bob = await people.person("builder"), await people.person("builder")
    async with running_hub(database) as hub:
        browsers = [Browser(people, hub, await people.key(person)) for person in (ann, bob)]
        for browser in browsers:
            assert (await browser.next())["status"] == 200
            assert (await browser.next())["body"].startswith(b"retry: ")

        async with database.transaction(ann.actor.org_id) as session:
            [key] = (await identity.list_keys(session, ann.actor)).items
            await identity.revoke_key(session, ann.actor, key.id)
        async with asyncio.timeout(1):
            await browsers[0].serving
        await happen(database, ann.actor.org_id, "after")

        last = [browsers[0].sent.get_nowait() for _ in range(browsers[0].sent.qsize())][-1]
        assert last == {"type": "http.response.body", "body": b"", "more_body": False}
        assert b'"subject":"after"' in (await browsers[1].next())["body"]
        assert not browsers[1].serving.done()
        browsers[1].serving.cancel()
