"""Open streams end with the right to them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from tests.people import BASE_URL, People, people_of
from tests.requirements import requirement

from toolmarket.identity import service
from toolmarket.identity.middleware import Doorkeeper


@pytest.fixture
async def people(database, tmp_path) -> AsyncIterator[People]:
    async with people_of(database, tmp_path) as people:
        yield people


class Listener:
    """A client that reads a stream which never ends by itself."""

    def __init__(self, people: People, key: str) -> None:
        self.messages: list = []
        self.begun = asyncio.Event()
        app = Doorkeeper(_silent_stream, authenticator=people.authenticator, base_url=BASE_URL)
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/events",
            "headers": [(b"authorization", f"Bearer {key}".encode())],
            "client": ("192.0.2.1", 1),
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self):
        await asyncio.Event().wait()

    async def _send(self, message):
        self.messages.append(message)
        self.begun.set()


async def _silent_stream(scope, receive, send):
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
    async with asyncio.TaskGroup() as group:
        group.create_task(receive())


@requirement("10.2.d/revocation-of-streams")
async def test_an_open_stream_ends_within_a_second_of_the_revocation(people):
    ann = await people.person()
    revoked, kept = Listener(people, await people.key(ann)), Listener(people, await people.key(ann))
    await asyncio.gather(revoked.begun.wait(), kept.begun.wait())
    first = (await (await people.signed_in(ann)).get("/v1/keys")).json()["items"][-1]

    async with people.database.transaction(ann.actor.org_id) as session:
        await service.revoke_key(session, ann.actor, first["id"])

    await asyncio.wait_for(revoked.task, 1)
    assert revoked.messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert not kept.task.done()
    kept.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await kept.task


async def test_an_open_stream_ends_when_the_key_expires(people):
    ann = await people.person()
    key = await people.key(ann)
    async with people.database.system_transaction() as session:
        await session.execute(
            text("update identity_api_keys set expires_at = clock_timestamp() + interval '0.3 seconds'")
        )

    listener = Listener(people, key)

    await asyncio.wait_for(listener.task, 2)
    assert listener.messages[-1]["more_body"] is False
