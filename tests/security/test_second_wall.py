"""Row-level security holds where the application's own filter is missing."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.people import People
from tests.requirements import requirement
from tests.security.matrix import Things
from tests.security.stage import echo, stage_of

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

REFUSED = re.compile("row-level security|permission denied|append-only")
# Where the organisations of this test have left rows.
LIVED = {
    *("audit_events", "billing_limits", "builder_drafts", "builder_imports", "catalog_tools"),
    *("catalog_versions", "catalog_operations", "events_outbox", "identity_api_keys", "identity_members"),
    *("installs_installations", "installs_toolsets", "marketplace_reviews", "runtime_details"),
    *("runtime_idempotency", "runtime_runs", "vault_connections"),
}
# What the recorder must read back to keep its promise of one outcome for one key.
JOURNAL = {"runtime_intents", "runtime_idempotency"}


@pytest.fixture(scope="module")
async def people(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[People]:
    """Two organisations that have done all that leaves rows behind."""
    async with (
        echo() as (upstream, _),
        stage_of(postgres_url, tmp_path_factory.mktemp("wall"), upstream=upstream) as people,
    ):
        for slug in ("acme", "globex"):
            await _live(people, slug, upstream)
        yield people


async def _live(people: People, slug: str, upstream: str) -> None:
    owner = await people.person("owner", slug=slug)
    client = people.client(await people.key(owner))
    things = Things(client, slug, upstream)
    made = await things.run()
    await things.key()
    await things.toolset()
    await things.connection()
    bound = await client.put(f"/v1/installations/{made['installation_id']}/own-bindings", json={})
    path = f"/v1/installations/{made['installation_id']}/operations/{made['name']}/runs"
    strict = await client.post(path, json={}, headers={"Idempotency-Key": "once"})
    limits = [{"scope": "organisation", "rate_per_minute": 1_000}]
    limited = await client.put("/v1/limits", json={"limits": limits})
    review = await client.put(f"/v1/tools/{made['tool']}/reviews/mine", json={"stars": 5})
    for answer in (bound, strict, limited, review):
        assert answer.is_success, answer.text


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


@requirement("10.2.b/second-wall")
async def test_the_application_role_reads_no_row_of_another_organisation(people):
    acme, globex = people.organisations["acme"], people.organisations["globex"]
    seen = set()

    for relation in await _relations(people):
        rows = await _readable(people, relation.name, str(acme))
        for row in rows or ():
            assert globex not in row.values(), relation.name
            if relation.tenant:
                assert row["org_id"] == acme, relation.name
                seen.add(relation.name)

    assert seen >= LIVED


async def test_without_an_organisation_nothing_is_readable(people):
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


async def _as_acme(people, statement):
    """What a statement touches, as the application role in one organisation; nothing is kept."""
    acme, globex = people.organisations["acme"], people.organisations["globex"]
    values = {"globex": globex} if ":globex" in statement else {}
    async with people.database._app_sessions() as session:
        await session.execute(text("select set_config('toolmarket.org_id', :id, true)"), {"id": str(acme)})
        try:
            rows = await session.execute(text(statement), values)
            return rows.scalars().all()
        except DBAPIError as error:
            return str(error.orig)
        finally:
            await session.rollback()


@requirement("10.2.b/second-wall-for-writing")
async def test_the_application_role_writes_no_row_of_another_organisation(people):
    acme = people.organisations["acme"]
    written = set()

    for relation in await _relations(people):
        if relation.tenant and not relation.relispartition:
            touched = await _as_acme(people, f"update {relation.name} set org_id = org_id returning org_id")
            moved = await _as_acme(people, f"update {relation.name} set org_id = :globex returning org_id")
            gone = await _as_acme(people, f"delete from {relation.name} returning org_id")
            for rows in (touched, gone):
                assert isinstance(rows, str) or set(rows) <= {acme}, relation.name
            assert moved == [] or REFUSED.search(moved), relation.name
            written |= {relation.name} if touched == [acme] * len(touched) else set()

    assert "vault_connections" in written


async def test_password_hashes_and_sessions_are_out_of_reach_of_the_application_role(people):
    for statement in (
        "select password_hash from identity_users",
        "select * from identity_sessions",
        "select * from identity_signin_attempts",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with people.database.transaction(people.organisations["acme"]) as session:
                await session.execute(text(statement))


async def test_the_recorder_reads_nothing_but_its_own_journal(people):
    recorder = await people.database.recorder()

    for relation in await _relations(people):
        async with recorder.acquire() as connection:
            assert await connection.fetchval("select current_user") == RECORDER
            if relation.tenant and relation.name not in JOURNAL:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"select * from {relation.name}")
