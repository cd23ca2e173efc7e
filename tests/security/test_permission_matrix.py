"""Every route, MCP method and event topic, asked by every role, nobody, and another organisation."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.people import ROLES, People
from tests.requirements import requirement
from tests.security.matrix import ENDLESS, OPEN, ROUTES, SHARED, Params, Row, Things
from tests.security.stage import echo, stage_of

from toolmarket.events import schemas as events
from toolmarket.identity.permissions import ROLES as VERBS

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
FORMS = {"form": "openai"}


@dataclass
class Stage:
    """Two organisations with somebody of every role."""

    people: People
    things: Things
    keys: dict[str, httpx.AsyncClient]
    sessions: dict[str, httpx.AsyncClient]
    nobody: httpx.AsyncClient
    stranger: httpx.AsyncClient
    kept: dict[Any, Params] = field(default_factory=dict)

    async def made(self, row: Row) -> Params:
        """Something to ask about that nobody changes: made once."""
        if row.make not in self.kept:
            self.kept[row.make] = await row.make(self.things)
        return self.kept[row.make]

    async def ask(self, client: httpx.AsyncClient, route: str, made: Params, row: Row) -> httpx.Response:
        """Send the route's request."""
        method, path = route.split(" ", 1)
        body = row.body(made) if row.body else None
        return await client.request(method, path.format(**FORMS | made), json=body, headers=row.headers)

    async def audit_events(self) -> int:
        """How many audit events the organisation has, with those of the spool."""
        await self.people.parts.recorder.settle()
        async with self.people.database.system_transaction() as session:
            statement = text("select count(*) from audit_events where org_id = :id")
            return await session.scalar(statement, {"id": self.people.organisations["acme"]}) or 0


@pytest.fixture(scope="module")
async def stage(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with (
        echo() as (upstream, _),
        stage_of(postgres_url, tmp_path_factory.mktemp("matrix"), upstream=upstream) as people,
    ):
        persons = {role: await people.person(role) for role in ROLES}
        stranger = await people.person("owner", slug="globex")
        for _ in range(2):
            await people.person("owner")
        keys = {role: people.client(await people.key(person)) for role, person in persons.items()}
        sessions = {role: await people.signed_in(person) for role, person in persons.items()}
        yield Stage(
            people,
            Things(keys["owner"], "acme", upstream),
            keys,
            sessions,
            people.client(),
            people.client(await people.key(stranger)),
        )


def routes_of(router: Any) -> Iterator[str]:
    """`METHOD /path` of everything that a framework application serves."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner)
            continue
        for method in (getattr(route, "methods", None) or {"*"}) - {"HEAD"}:
            yield f"{method} {route.path}"


@requirement("10.2.a/matrix-is-complete")
async def test_every_route_stands_in_the_matrix(stage):
    framework = stage.people.app.framework
    served = set(routes_of(framework))
    described = {
        f"{method.upper()} {path}" for path, item in framework.openapi()["paths"].items() for method in item
    }

    assert described <= served
    assert served - set(ROUTES) - OPEN == set(), "say in tests/security/matrix.py who may use these"
    assert set(ROUTES) - served == set(), "these are gone"


def test_every_verb_of_the_matrix_exists():
    named = {verb for row in ROUTES.values() for verb in (*row.verbs, row.beyond) if verb}

    assert named <= VERBS["owner"]


@requirement("10.2.c/matrix")
@pytest.mark.parametrize("route", sorted(set(ROUTES) - ENDLESS))
async def test_every_role_gets_the_expected_answer(stage, route):
    row = ROUTES[route]
    if row.public or row.session:
        pytest.fail("has a test of its own") if row.verbs else None
        return
    answers = {}

    for role, client in stage.keys.items():
        changes = row.changes and expected(row, role) == row.good
        made = await row.make(stage.things) if changes else await stage.made(row)
        answers[role] = await stage.ask(client, route, made, row)

    wrong = {
        role: f"{answer.status_code} {answer.text[:300]}"
        for role, answer in answers.items()
        if answer.status_code not in expected(row, role)
    }
    assert wrong == {}


def expected(row: Row, role: str) -> frozenset[int]:
    """The statuses that a role may get."""
    verbs = VERBS[role]
    if not set(row.verbs) <= verbs:
        return frozenset({403})
    if row.beyond and row.beyond not in verbs:
        return frozenset({404})
    return row.good


@requirement("10.2.a/nobody")
@pytest.mark.parametrize("route", sorted(ROUTES))
async def test_nobody_is_asked_to_sign_in(stage, route):
    row = ROUTES[route]
    made = await stage.made(row)

    answer = await stage.ask(stage.nobody, route, made, row)

    if not row.public:
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@requirement("10.2.b/matrix-across-organisations")
@pytest.mark.parametrize("route", sorted(set(ROUTES) - ENDLESS))
async def test_another_organisation_finds_and_changes_nothing(stage, route):
    row = ROUTES[route]
    made = await stage.made(row)
    before = await stage.audit_events()

    answer = await stage.ask(stage.stranger, route, made, row)

    if made and route not in SHARED:
        assert answer.status_code in {404} | row.strange, answer.text
    assert str(stage.people.organisations["acme"]) not in answer.text
    shown = [value for name, value in made.items() if name.endswith("_id") and value in answer.text]
    assert shown == [] or answer.status_code == 404
    assert await stage.audit_events() == before


@requirement("5.3.a/every-change-is-audited")
@pytest.mark.parametrize("route", sorted(route for route, row in ROUTES.items() if row.changes))
async def test_every_change_leaves_an_audit_event(stage, route):
    row = ROUTES[route]
    made = await row.make(stage.things)
    before = await stage.audit_events()

    answer = await stage.ask(stage.keys["owner"], route, made, row)

    assert answer.status_code in row.good, answer.text
    assert await stage.audit_events() > before


def test_every_changing_route_is_marked_as_one():
    unmarked = {
        route
        for route, row in ROUTES.items()
        if route.split(" ")[0] in CHANGING and not row.changes and "/session" not in route
    }

    assert unmarked == set()


async def test_a_session_is_read_by_its_own_person_and_not_by_a_key(stage):
    for role, client in stage.sessions.items():
        answer = await client.get("/v1/session")
        assert answer.json()["role"] == role
        assert answer.json()["verbs"] == sorted(VERBS[role])
    assert (await stage.keys["owner"].get("/v1/session")).status_code == 401
    chosen = {"organisation_id": str(stage.people.organisations["globex"])}
    assert (await stage.keys["owner"].put("/v1/session/organisation", json=chosen)).status_code == 403
    assert (await stage.sessions["owner"].put("/v1/session/organisation", json=chosen)).status_code == 404


async def test_session_and_key_of_a_person_may_the_same(stage):
    for role in ROLES:
        for route in ("GET /v1/audit", "GET /v1/drafts", "GET /v1/connections"):
            by_key = await stage.ask(stage.keys[role], route, {}, ROUTES[route])
            by_session = await stage.ask(stage.sessions[role], route, {}, ROUTES[route])
            assert by_key.status_code == by_session.status_code


@requirement("10.2.c/matrix-of-topics")
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_sees_the_topics_of_its_verbs(stage, role):
    shown = (await stage.keys[role].get("/v1/events/types")).json()

    expected_types = {kind.type for kind in events.CATALOGUE.values() if kind.audience in VERBS[role]}
    assert {kind["type"] for kind in shown} == expected_types
    assert {kind.audience for kind in events.CATALOGUE.values()} <= VERBS["owner"]
