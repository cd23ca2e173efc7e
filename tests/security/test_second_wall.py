"""Row-level security holds where the application's own filter is missing."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from tests.people import People, people_of
from tests.requirements import requirement

from toolmarket.kit.database import APP, RECORDER

# Everything that can be read: tables, partitioned tables and each partition by its own name, views.
RELATIONS = """
    select relation.oid::regclass::text as name, relation.relkind, relation.relispartition,
        relation.relrowsecurity, relation.relforcerowsecurity,
        exists (select from pg_attribute
            where attrelid = relation.oid and attname = 'org_id' and not attisdropped) as tenant
    from pg_class relation join pg_namespace space on space.oid = relation.relnamespace
    where relation.relkind in ('r', 'p', 'v', 'm') and space.nspname = 'public'
    order by 1
"""

# What the recorder must read back to keep its promise of one outcome for one key.
JOURNAL = {"runtime_intents", "runtime_idempotency"}


@pytest.fixture
async def people(database, tmp_path) -> AsyncIterator[People]:
    async with people_of(database, tmp_path) as people:
        yield people


async def _relations(people):
    async with people.database.system_transaction() as session:
        return (await session.execute(text(RELATIONS))).all()


async def _readable(people, name, org_id):
    """The rows that the application role gets without any filter; None where it may not read."""
    async with people.database._app_sessions() as session, session.begin():
        await session.execute(text("select set_config('toolmarket.org_id', :id, true)"), {"id": org_id})
        columns = (
            await session.execute(
                text(
                    "select attname from pg_attribute where attrelid = cast(:name as regclass) "
                    "and attnum > 0 and not attisdropped "
                    "and has_column_privilege(:role, attrelid, attnum, 'select')"
                ),
                {"name": name, "role": APP},
            )
        ).scalars()
        listed = ", ".join(f'"{column}"' for column in columns)
        if not listed:
            return None
        return (await session.execute(text(f"select {listed} from {name}"))).mappings().all()


async def _fill(people):
    """Two organisations with a row in every tenant table that this test knows how to reach."""
    for slug in ("acme", "globex"):
        owner = await people.signed_in(await people.person("owner", slug=slug))
        await owner.post("/v1/keys", json={"name": "k"})
        made = await owner.post(
            "/v1/connections",
            json={"name": "c", "kind": "bearer", "secret": {"token": "t" * 20}, "hosts": ["x.test"]},
        )
        assert made.status_code == 201
    return people.organisations["acme"], people.organisations["globex"]


@requirement("10.2.b/second-wall")
async def test_the_application_role_reads_no_row_of_another_organisation(people):
    acme, globex = await _fill(people)
    seen = set()

    for relation in await _relations(people):
        rows = await _readable(people, relation.name, str(acme))
        for row in rows or ():
            assert globex not in row.values(), relation.name
            if relation.tenant:
                assert row["org_id"] == acme, relation.name
                seen.add(relation.name)

    assert {"identity_members", "identity_api_keys", "vault_connections"} <= seen


async def test_without_an_organisation_nothing_is_readable(people):
    await _fill(people)

    for relation in await _relations(people):
        if relation.tenant:
            assert not await _readable(people, relation.name, ""), relation.name


async def test_every_tenant_table_is_behind_the_wall_and_partitions_are_not_granted(people):
    for relation in await _relations(people):
        if relation.relispartition:
            assert await _readable(people, relation.name, "") is None, relation.name
        elif relation.tenant and relation.relkind in {b"r", b"p", "r", "p"}:
            granted = await _readable(people, relation.name, "") is not None
            walled = relation.relrowsecurity and relation.relforcerowsecurity
            assert walled or not granted, relation.name


async def test_the_application_role_writes_no_row_of_another_organisation(people):
    acme, globex = await _fill(people)

    for statement in (
        "update identity_members set role = 'member'",
        "delete from vault_connections",
        "update identity_api_keys set revoked_at = now()",
    ):
        async with people.database.transaction(acme) as session:
            await session.execute(text(statement))
    async with people.database.system_transaction() as session:
        roles = await session.scalar(
            text("select role from identity_members where org_id = :id"), {"id": globex}
        )
        left = await session.scalar(
            text("select count(*) from vault_connections where org_id = :id"), {"id": globex}
        )
        live = await session.scalar(
            text("select count(*) from identity_api_keys where org_id = :id and revoked_at is null"),
            {"id": globex},
        )

    assert (roles, left, live) == ("owner", 1, 1)


async def test_password_hashes_and_sessions_are_out_of_reach_of_the_application_role(people):
    await _fill(people)

    for statement in (
        "select password_hash from identity_users",
        "select * from identity_sessions",
        "select * from identity_signin_attempts",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with people.database.transaction(people.organisations["acme"]) as session:
                await session.execute(text(statement))


async def test_the_recorder_reads_nothing_but_its_own_journal(people):
    await _fill(people)
    recorder = await people.database.recorder()

    for relation in await _relations(people):
        async with recorder.acquire() as connection:
            assert await connection.fetchval("select current_user") == RECORDER
            if relation.tenant and relation.name not in JOURNAL:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"select * from {relation.name}")
