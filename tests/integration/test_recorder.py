"""The recorder when the database is slow, or commits without saying so."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.requirements import requirement

from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.runtime import journal, recorder
from toolmarket.runtime.recorder import CallNotMade, Recorder


def intent(key: str | None = None) -> journal.Intent:
    return journal.Intent(
        run_id=new_id(),
        org_id=uuid4(),
        principal_id=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(minutes=1),
        row=b"row",
        key=key,
        digest=b"digest",
    )


async def kept(database: Database) -> tuple[int, int]:
    """How many intents and claims of keys there are."""
    async with database.system_transaction() as session:
        intents = await session.scalar(text("select count(*) from runtime_intents"))
        claims = await session.scalar(text("select count(*) from runtime_idempotency"))
    return int(intents or 0), int(claims or 0)


@pytest.fixture
async def writer(database: Database, tmp_path: Path) -> AsyncIterator[Recorder]:
    writer = Recorder(database, tmp_path, lambda _: None)
    await writer.start()
    yield writer
    await writer.stop()


@requirement("1.d/no-call-no-record")
async def test_an_intent_that_is_committed_too_late_is_withdrawn(
    writer: Recorder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE_SECONDS", 0.2)
    async with database.system_transaction() as session:
        await session.execute(text("lock table runtime_intents in exclusive mode"))
        with pytest.raises(CallNotMade):
            await writer.begin(intent("late"))

    await writer.begin(intent())

    assert await kept(database) == (1, 0)


@pytest.mark.parametrize("key", [None, "twice"])
async def test_an_intent_whose_first_commit_was_not_heard_of_is_fresh_all_the_same(
    writer: Recorder, database: Database, key: str | None
) -> None:
    wanted = intent(key)
    await journal.write(await database.recorder(), [wanted])

    begun = await writer.begin(wanted)

    assert begun.fresh
    assert await kept(database) == (1, int(key is not None))
