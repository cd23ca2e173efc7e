"""Every list and search of the product finds its rows by an index, at the size of some months of use.

The statements are those that the rooms send, explained under the role that sends them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from tests.conftest import TEMPLATE, at_database
from tests.filled import LOOKED_UP, Filled, filled
from tests.requirements import requirement

from toolmarket.analytics import queries as analytics
from toolmarket.audit import queries as audit
from toolmarket.builder import queries as builder
from toolmarket.catalog import queries as catalog
from toolmarket.events import queries as events
from toolmarket.events.positions import Position
from toolmarket.identity import queries as identity
from toolmarket.installs import queries as installs
from toolmarket.kit import migrations
from toolmarket.marketplace import queries as marketplace
from toolmarket.runtime import queries as runtime
from toolmarket.runtime.models import Run
from toolmarket.runtime.record import CHANNELS
from toolmarket.vault import queries as vault

BIG = 400
"""Rows above which a table may not be read whole."""
MOST_TOUCHED = 16_000
"""Rows that a question may take into its hands: counting goes up to 10,001 that match."""

Ask = Callable[[AsyncSession, Filled, UUID], Awaitable[Any]]
SINCE = datetime.now(UTC) - timedelta(days=3)
NEWER = UUID(int=2**128 - 1)
OPERATION = (
    "select operation_id from runtime_runs where operation_name = 'get_order' and org_id = :org limit 1"
)
KEY = "select principal_id from runtime_runs where org_id = :org group by 1 order by count(*) limit 1"
RUN = "select id from runtime_runs where org_id = :org order by id limit 1"


@pytest.fixture(scope="module")
async def world(postgres_url: str) -> AsyncIterator[Filled]:
    """One filled database for all tests of this file, which only read."""
    admin = at_database(postgres_url, "postgres")
    name = f"test_{uuid4().hex}"
    migrations.create_database(admin, name, template=TEMPLATE)
    async with filled(at_database(postgres_url, name)) as world:
        yield world
    migrations.drop_database(admin, name)


def list_runs(**filters: Any) -> Ask:
    return lambda session, _, org_id: runtime.list_runs(
        session, org_id=org_id, conditions=runtime.matching(**filters), before=NEWER, limit=51
    )


def count_runs(**filters: Any) -> Ask:
    return lambda session, _, org_id: runtime.count_runs(
        session, org_id=org_id, conditions=runtime.matching(**filters), cap=10_001
    )


def by_value(ask: Callable[..., Ask], name: str, statement: str) -> Ask:
    """Ask with a filter whose value is looked up in the data."""

    async def asked(session: AsyncSession, world: Filled, org_id: UUID) -> Any:
        value = await world.one(statement, org=org_id)
        assert value is not None
        return await ask(**{name: [value] if name.endswith("s") else value})(session, world, org_id)

    return asked


def run_filters(ask: Callable[..., Ask], name: str) -> dict[str, Ask]:
    """A question about runs with each of the filters."""
    rare = {"channels": [CHANNELS.index("try")], "operation_name": "seldom_called", "outcomes": [3, 5]}
    common = {"channels": [1], "operation_name": "get_order", "outcomes": [0], "since": SINCE, "demo": False}
    looked_up = {
        "installation_id": "select installation_id from runtime_runs where org_id = :org "
        "group by 1 order by count(*) limit 1",
        "operation_ids": OPERATION,
        "principal_id": KEY,
        "user_id": KEY.replace("principal_id", "user_id"),
    }
    return {
        f"{name}": ask(),
        **{f"{name} by rare {by}": ask(**{by: value}) for by, value in rare.items()},
        **{f"{name} by {by}": ask(**{by: value}) for by, value in common.items()},
        **{f"{name} by {by}": by_value(ask, by, value) for by, value in looked_up.items()},
        f"{name} by principal of old": by_value(
            lambda principal_id: ask(principal_id=principal_id, until=SINCE), "principal_id", KEY
        ),
    }


def actions(counted: bool, **filters: Any) -> Ask:
    names = ("action", "target", "principal_id", "outcome", "since", "until")
    wanted: dict[str, Any] = dict.fromkeys(names) | {"runs": False} | filters
    if counted:
        return lambda session, _, org_id: audit.count_events(
            session, org_id=org_id, conditions=audit.matching(**wanted)
        )
    return lambda session, _, org_id: audit.list_events(
        session, org_id=org_id, conditions=audit.matching(**wanted), before=NEWER, limit=51
    )


def audit_filters() -> dict[str, Ask]:
    filters: dict[str, dict[str, Any]] = {
        "": {},
        " by action": {"action": "thing-3.changed"},
        " by actions": {"action": "thing-3.*"},
        " by target": {"target": "target-7"},
        " by principal": {"principal_id": UUID("7".zfill(32))},
        " by outcome": {"outcome": "denied"},
        " by time": {"since": SINCE},
        " with runs": {"runs": True},
    }
    return {
        f"{'number' if counted else 'list'} of events{name}": actions(counted, **values)
        for name, values in filters.items()
        for counted in (False, True)
    }


async def the_run(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    run_id = await world.one(RUN, org=org_id)
    assert await runtime.get_run(session, org_id=org_id, run_id=run_id) is not None
    await runtime.get_detail(session, org_id=org_id, run_id=run_id)


def market(**wanted: Any) -> dict[str, Ask]:
    name = f"market {' '.join(str(value) for value in wanted.values())}".strip()
    values: dict[str, Any] = {"words": "", "category": None} | wanted
    return {
        name: lambda session, _, org_id: marketplace.list_listings(
            session, org_id=org_id, before=NEWER, limit=51, **values
        ),
        f"number in {name}": lambda session, _, org_id: marketplace.count_listings(
            session, org_id=org_id, cap=10_001, **values
        ),
    }


async def the_listing(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    tool_id = await world.one("select id from catalog_tools where org_id = :org limit 1", org=org_id)
    listing = await marketplace.get_listing(session, org_id=org_id, tool_id=tool_id)
    assert listing is not None
    assert await marketplace.list_reviews(session, org_id=org_id, listing_id=listing.id)
    tool = await catalog.get_tool(session, org_id=org_id, tool_id=tool_id)
    assert tool is not None
    assert await catalog.find_tool(session, org_id=org_id, namespace=tool.namespace, slug=tool.slug)
    assert await catalog.versions_of(session, org_id=org_id, tool_id=tool_id)
    assert await catalog.find_version(session, org_id=org_id, tool_id=tool_id, version="1.0.0")
    assert await catalog.newest_versions(session, org_id=org_id, tool_ids=[tool_id])
    assert await catalog.summaries(session, org_id=org_id, version_ids=[tool.latest_version_id or tool_id])


async def named(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    installation_id, connection_id, user_id, key_id = [
        await world.one(f"select {column} from {table} where org_id = :org limit 1", org=org_id)
        for column, table in (
            ("id", "installs_installations"),
            ("id", "vault_connections"),
            ("user_id", "identity_members"),
            ("id", "identity_api_keys"),
        )
    ]
    assert await installs.aliases(session, org_id=org_id, installation_ids=[installation_id])
    await installs.personal_bindings(session, org_id=org_id, installation_id=installation_id, user_id=user_id)
    assert await vault.users_of(session, org_id=org_id, connection_ids=[connection_id])
    assert await identity.user_names(session, org_id=org_id, ids=[user_id])
    assert await identity.key_names(session, org_id=org_id, ids=[key_id])


async def read_events(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    tx, event_id = await world.one(
        "select array[tx::text, id::text] from events_outbox order by tx desc, id desc offset 1000 limit 1"
    )
    position = Position(int(tx), UUID(event_id))
    assert (await events.read_after(session, org_id=org_id, position=position, limit=100)).rows
    async with world.database.system_transaction() as system:
        assert (await events.system_read_after(system, position=position, limit=100)).rows


async def who_calls(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    async with world.database.system_transaction() as system:
        await identity.system_key_bearer(system, key_sha256=b"x" * 32)
        await identity.system_session_bearer(system, token_sha256=b"x" * 32)
        await identity.system_user_by_email(system, email="Person-7@example.test")


async def next_runs(session: AsyncSession, world: Filled, org_id: UUID) -> None:
    async with world.database.system_transaction() as system:
        position = await analytics.system_position(system)
        await analytics.system_next_runs(system, after=position, limit=1_000)


def hours(**filters: UUID) -> Ask:
    return lambda session, _, org_id: analytics.list_hours(
        session, org_id=org_id, since=SINCE, until=SINCE + timedelta(days=4), **filters
    )


ASKED: dict[str, Ask] = {
    **run_filters(list_runs, "list of runs"),
    **run_filters(count_runs, "number of runs"),
    "run": the_run,
    "latest run tried": lambda session, _, org_id: runtime.latest_run(
        session, org_id=org_id, conditions=runtime.matching(channels=[CHANNELS.index("try")])
    ),
    "runs of today": lambda session, _, org_id: runtime.summary_since(
        session, org_id=org_id, since=datetime.now(UTC) - timedelta(hours=4)
    ),
    **audit_filters(),
    **market(),
    **market(words="orders"),
    **market(category="finance"),
    **market(words="no such words", category="data"),
    "listing": the_listing,
    "drafts": lambda session, _, org_id: builder.list_drafts(session, org_id=org_id, before=NEWER, limit=51),
    "number of drafts": lambda session, _, org_id: builder.count_drafts(session, org_id=org_id, cap=10_001),
    "installations": lambda session, _, org_id: installs.list_installations(
        session, org_id=org_id, before=NEWER, limit=51
    ),
    "number of installations": lambda session, _, org_id: installs.count_installations(
        session, org_id=org_id, cap=10_001
    ),
    "installed tools": lambda session, _, org_id: installs.installed_tools(session, org_id=org_id),
    "alias": lambda session, _, org_id: installs.alias_in_use(
        session, org_id=org_id, alias="tool-1", besides=org_id
    ),
    "toolset": lambda session, _, org_id: installs.find_toolset(session, org_id=org_id, slug="set-7"),
    "toolsets": lambda session, _, org_id: installs.list_toolsets(session, org_id=org_id),
    "connections": lambda session, _, org_id: vault.connections(
        session, org_id=org_id, user_id=org_id, after=NEWER, limit=51
    ),
    "number of connections": lambda session, _, org_id: vault.count_connections(
        session, org_id=org_id, user_id=org_id
    ),
    "keys": lambda session, _, org_id: identity.keys(
        session, org_id=org_id, user_id=None, after=NEWER, limit=51
    ),
    "own keys": by_value(
        lambda user_id: (
            lambda session, _, org_id: identity.keys(
                session, org_id=org_id, user_id=user_id, after=NEWER, limit=51
            )
        ),
        "user_id",
        "select user_id from identity_api_keys where org_id = :org limit 1",
    ),
    "number of keys": lambda session, _, org_id: identity.count_keys(session, org_id=org_id, user_id=None),
    "members": lambda session, _, org_id: identity.members(
        session, org_id=org_id, after=UUID(int=0), limit=51
    ),
    "number of members": lambda session, _, org_id: identity.count_members(session, org_id=org_id),
    "names in lists": named,
    "events": read_events,
    "callers": who_calls,
    "hours": hours(),
    "hours of a version": hours(version_id=NEWER),
    "hours of an operation": hours(operation_id=NEWER),
    "hours of an installation": hours(installation_id=NEWER),
    "runs to count": next_runs,
}


async def plans(world: Filled, ask: Ask, org_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """The statements of a question, each with the plan that it was carried out by."""
    sent: list[tuple[Any, str, Any]] = []

    def remember(connection: Any, _: Any, statement: str, parameters: Any, *__: Any) -> None:
        if "set_config" not in statement and LOOKED_UP not in statement and parameters is not None:
            sent.append((connection.engine, statement, parameters))

    engines = (world.database.app.sync_engine, world.database.system.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", remember)
    try:
        async with world.database.transaction(org_id) as session:
            await ask(session, world, org_id)
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", remember)
    return [await explained(world, org_id, *statement) for statement in sent]


async def explained(
    world: Filled, org_id: UUID, engine: Any, statement: str, parameters: Any
) -> tuple[str, dict[str, Any]]:
    """The statement and what its plan did, under the role and in the organisation of the question."""
    across = engine is world.database.system.sync_engine
    transaction = world.database.system_transaction() if across else world.database.transaction(org_id)
    async with transaction as session:
        connection = await session.connection()
        explain = f"explain (analyze, costs off, format json) {statement}"
        found = (await connection.exec_driver_sql(explain, parameters)).scalar_one()
    document = orjson.loads(found) if isinstance(found, str) else found
    return statement, document[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def touched(plan: dict[str, Any]) -> int:
    """The rows that a plan took into its hands."""
    return sum(
        int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
        for node in nodes(plan)
        if "Relation Name" in node
    )


@pytest.fixture(scope="module")
async def sizes(world: Filled) -> dict[str, int]:
    """Rows of each table and partition."""
    rows = await world.one("select json_object_agg(relname, reltuples) from pg_class where relkind = 'r'")
    return {name: int(count) for name, count in rows.items()}


def flaws(plan: dict[str, Any], sizes: dict[str, int]) -> list[str]:
    """Why a plan is too slow for a large table."""
    whole = [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    found = [f"reads all of {name}" for name in whole if sizes[name] > BIG]
    return [*found, f"touches {rows} rows"] if (rows := touched(plan)) > MOST_TOUCHED else found


@requirement("12.2.a/indexed")
@pytest.mark.parametrize("name", ASKED)
async def test_a_question_is_answered_by_an_index(world: Filled, sizes: dict[str, int], name: str) -> None:
    for tenant in world.tenants[:2]:
        asked = await plans(world, ASKED[name], tenant.org_id)

        assert asked
        for statement, plan in asked:
            assert flaws(plan, sizes) == [], statement


@requirement("12.2.a/indexed")
async def test_a_question_without_an_index_is_noticed(world: Filled, sizes: dict[str, int]) -> None:
    def ask(session: AsyncSession, _: Filled, org_id: UUID) -> Awaitable[Any]:
        return runtime.list_runs(
            session, org_id=org_id, conditions=[Run.http_status == 418], before=None, limit=51
        )

    [(_, plan)] = await plans(world, ask, world.tenants[0].org_id)

    assert flaws(plan, sizes)
