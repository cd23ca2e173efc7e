"""A database as it looks after some months of use by several organisations, for tests of plans and sizes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text

from tests.many_runs import Tenant, record_runs, run_row, runs
from toolmarket.kit.database import Database
from toolmarket.runtime.record import CHANNELS

LOOKED_UP = "/* a fact for the test */"
RUNS, TOOLS, ACTIONS = 100_000, 3_000, 4_000
EVERY = "generate_series(1, {count}) n cross join lateral (select cast(:orgs as uuid[]) as orgs) o"
ORG = "orgs[1 + n % 20]"
STATEMENTS = (
    """insert into identity_organisations (id, slug, name)
        select org, 'org-' || n, 'Org' from unnest(cast(:orgs as uuid[])) with ordinality as o (org, n)""",
    f"""with people as (
            insert into identity_users (id, email, name, password_hash)
            select uuidv7(), 'person-' || n || '@example.test', 'Person', ''
            from {EVERY.format(count=TOOLS)} returning id, substr(email, 8, strpos(email, '@') - 8)::int as n
        ), members as (
            insert into identity_members (id, org_id, user_id, role)
            select uuidv7(), {ORG}, id, 'member' from people, (select cast(:orgs as uuid[]) as orgs) o
        )
        insert into identity_api_keys (id, org_id, user_id, name, role, prefix, key_sha256, expires_at)
        select uuidv7(), {ORG}, id, 'key', 'member', 'tm', sha256(id::text::bytea || key::text::bytea),
            now() + interval '30 days'
        from people, generate_series(1, 2) key, (select cast(:orgs as uuid[]) as orgs) o""",
    """insert into catalog_namespaces
        select 'space-' || n, org from unnest(cast(:orgs as uuid[])) with ordinality as o (org, n)""",
    f"""insert into catalog_tools (id, org_id, namespace, slug, latest_version_id)
        select uuidv7(), org_id, (select name from catalog_namespaces s where s.org_id = made.org_id),
            'tool-' || n, uuidv7()
        from (select {ORG} as org_id, n from {EVERY.format(count=TOOLS)}) made""",
    """insert into catalog_versions (id, org_id, tool_id, version, title, summary, categories,
            operation_count, effects, state, definition_digest, artifact_digest, manifest, published_by)
        select latest_version_id, org_id, id, '1.0.0', 'Tool', 'A tool', '{data}', 3, '{read}', 'published',
            '', '', '{}', org_id from catalog_tools""",
    """insert into catalog_operations (version_id, id, org_id, tool_id, position, name, title, description,
            effect)
        select latest_version_id, uuidv7(), org_id, id, n, 'get_order', 'Get an order', 'Reads it.', 'read'
        from catalog_tools, generate_series(1, 3) n""",
    """insert into marketplace_listings (id, org_id, tool_id, visibility, title, summary, categories, domains,
            tags)
        select uuidv7(), org_id, id, 'organisation', 'Orders ' || slug, 'Reads orders of a shop',
            case when right(slug, 2) = '42' then '{finance}' else '{data}' end::text[], '{}', '{}'
        from catalog_tools""",
    """insert into marketplace_reviews (id, org_id, listing_id, author_id, stars, text)
        select uuidv7(), org_id, id, org_id, 4, 'Good.' from marketplace_listings""",
    """insert into installs_installations (id, org_id, tool_id, version_id, alias, config, bindings,
            created_by, removed_at)
        select uuidv7(), org_id, id, latest_version_id, slug, '{}', '{}', org_id,
            case when right(slug, 1) = '7' then now() end
        from catalog_tools where right(slug, 1) < '8'""",
    f"""insert into installs_toolsets (id, org_id, slug, name, prefix, items, created_by)
        select uuidv7(), {ORG}, 'set-' || n, 'Set', true, '[]', uuidv7() from {EVERY.format(count=600)}""",
    f"""insert into builder_drafts (id, org_id, name, manifest, notes, created_by, updated_by, deleted_at)
        select uuidv7(), {ORG}, 'a/b', '{{"title": "Draft", "operations": []}}', '[]', uuidv7(), uuidv7(),
            case when n % 7 = 0 then now() end
        from {EVERY.format(count=TOOLS)}""",
    f"""insert into vault_connections (id, org_id, name, kind, hosts, hint, sealed, wrapped_key, key_id,
            created_by)
        select uuidv7(), {ORG}, 'connection ' || n, 'bearer', '{{example.test}}', '', '', '', '', uuidv7()
        from {EVERY.format(count=TOOLS)}""",
    """insert into vault_bindings (org_id, connection_id, user_key, label)
        select org_id, id, 'installation', 'an installation' from vault_connections""",
    f"""insert into events_outbox (id, org_id, tx, type, subject, data)
        select uuidv7(), {ORG}, (n / 50 + 1)::text::xid8, 'catalog.version.published.v1', 'a', '{{}}'
        from {EVERY.format(count=20_000)}""",
)
AUDIT = """insert into audit_events (id, org_id, principal_id, person_id, key_id, principal_kind, action,
        target, outcome, body)
    select id, org_id, principal_id, user_id, uuidv7(), 'key', 'run.finished', installation_id::text, 'ok', ''
    from runtime_runs"""
# What people did lies among what was called.
ACTED = f"""insert into audit_events (id, org_id, principal_id, person_id, key_id, principal_kind, action,
        target, outcome, body)
    select uuidv7(- make_interval(mins => 9 * n)), {ORG}, lpad((n % 91)::text, 32, '0')::uuid, uuidv7(),
        uuidv7(), 'user', 'thing-' || n % 21 || '.changed', 'target-' || n % 301,
        case when n % 41 = 0 then 'denied' else 'ok' end, ''
    from {EVERY.format(count=ACTIONS)}"""
HOURS = """insert into analytics_hours (org_id, hour, installation_id, operation_id, version_id, calls,
        bytes_in, bytes_out, cost_micros, outcomes, own_histogram, upstream_histogram, total_histogram)
    select org_id, date_trunc('hour', started_at, 'UTC'), installation_id, operation_id, version_id, count(*),
        0, 0, 0, '{}', '', '', ''
    from runtime_runs group by 1, 2, 3, 4, 5"""
COUNTED = """update analytics_progress set (tx, run_id) =
    (select tx, id from runtime_runs order by tx desc, id desc offset 2000 limit 1)"""


@dataclass(frozen=True)
class Filled:
    """The database and its organisations; most runs are of the first two, all else is shared out evenly."""

    database: Database
    tenants: tuple[Tenant, ...]

    async def one(self, statement: str, **values: Any) -> Any:
        """A single value, read across organisations."""
        async with self.database.system_transaction() as session:
            return await session.scalar(text(f"{LOOKED_UP} {statement}"), values)


@asynccontextmanager
async def filled(url: str) -> AsyncIterator[Filled]:
    """Fill an empty database."""
    database = Database(url, pool_size=5)
    tenants = tuple(Tenant(weight=weight) for weight in (300, 250, *[25] * 18))
    await _record(database, tenants)
    orgs: list[UUID] = [tenant.org_id for tenant in tenants]
    async with database.system_transaction() as session:
        for statement in (*STATEMENTS, AUDIT, ACTED, HOURS, COUNTED):
            await session.execute(text(statement), {"orgs": orgs} if ":orgs" in statement else {})
    owner = await asyncpg.connect(url)
    await owner.execute("vacuum analyze")
    await owner.close()
    yield Filled(database, tenants)
    await database.close()


async def _record(database: Database, tenants: tuple[Tenant, ...]) -> None:
    await record_runs(database, runs(tenants, RUNS, over=timedelta(days=28)), together=500)
    rare = [
        run_row(tenants[0], channel=CHANNELS.index("try"), principal_kind=0, operation_name="seldom_called")
        for _ in range(20)
    ]
    await record_runs(database, iter(rare), together=500)
