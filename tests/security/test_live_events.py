"""Who hears what on the live stream of the whole application, and for how long."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from tests.people import People
from tests.requirements import requirement
from tests.security.matrix import connection
from tests.security.stage import stage_of

EVENT = re.compile(r'"type":"([a-z.]+\.v[0-9]+)"')


@pytest.fixture
async def people(postgres_url: str, tmp_path) -> AsyncIterator[People]:
    async with stage_of(postgres_url, tmp_path, upstream="http://127.0.0.1:9") as people:
        yield people


class Listener:
    """A client on `GET /v1/events`."""

    def __init__(self, people: People, key: str) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.begun = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/events",
            "raw_path": b"/v1/events",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"toolmarket.test"), (b"authorization", f"Bearer {key}".encode())],
            "client": ("192.0.2.1", 1),
            "server": ("toolmarket.test", 80),
        }
        self.task = asyncio.create_task(people.app(scope, self._receive, self._send))

    async def _receive(self):
        await asyncio.Event().wait()

    async def _send(self, message):
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        else:
            for name in EVENT.findall(message["body"].decode()):
                self.heard.put_nowait(name)
            self.begun.set()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


@requirement("10.2.b/live-events")
async def test_everybody_hears_what_is_theirs_and_nothing_else(people):
    owner, member, stranger = (
        await people.person("owner"),
        await people.person("member"),
        await people.person("owner", slug="globex"),
    )
    keys = [await people.key(person) for person in (owner, member, stranger)]
    theirs, few, foreign = (Listener(people, key) for key in keys)
    await asyncio.gather(*(each.begun.wait() for each in (theirs, few, foreign)))

    client = people.client(keys[0])
    assert (await client.post("/v1/keys", json={"name": "x"})).is_success
    assert (await client.post("/v1/connections", json=connection())).is_success
    assert (await people.client(keys[2]).post("/v1/keys", json={"name": "x"})).is_success

    async with asyncio.timeout(5):
        assert await theirs.heard.get() == "identity.key.created.v1"
        assert await theirs.heard.get() == "vault.connection.created.v1"
        assert await few.heard.get() == "vault.connection.created.v1"
        assert await foreign.heard.get() == "identity.key.created.v1"
    assert theirs.heard.empty()
    assert few.heard.empty()
    assert foreign.heard.empty()
    for listener in (theirs, few, foreign):
        await listener.stop()


@requirement("10.2.d/revocation-of-live-events")
async def test_a_revoked_key_hears_nothing_more_within_a_second(people):
    owner = await people.person("owner")
    listener = Listener(people, await people.key(owner))
    await listener.begun.wait()
    client = people.client(await people.key(owner))
    page = (await client.get("/v1/keys")).json()

    assert (await client.delete(f"/v1/keys/{page['items'][-1]['id']}")).status_code == 204

    await asyncio.wait_for(listener.task, 1)
