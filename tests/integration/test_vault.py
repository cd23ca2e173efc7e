"""Connections, through HTTP on a real database and against a real service on loopback."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiohttp import web
from sqlalchemy import text
from tests.people import People, people_of
from tests.requirements import requirement

from toolmarket.kit.egress import Egress
from toolmarket.kit.urls import EgressSettings
from toolmarket.vault import schemas, service
from toolmarket.vault.schemas import Placement, Use

SECRET = "s3cr3t-0123456789-abcdef"
BEARER = Use(Placement("http", scheme="bearer"), "https://api.example.com/v1")


def wish(name: str = "Acme", **changes):
    """A connection to be."""
    return {
        "name": name,
        "kind": "bearer",
        "scope": "shared",
        "secret": {"token": SECRET},
        "hosts": ["api.example.com"],
        **changes,
    }


@pytest.fixture
async def upstream() -> AsyncIterator[str]:
    """A service that takes one token, at an origin of its own."""

    async def answer(request: web.Request) -> web.Response:
        known = SECRET in str(request.headers) + request.query_string
        return web.Response(status=200 if known else 401, text="hello")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def people(database, tmp_path, upstream) -> AsyncIterator[People]:
    async with (
        Egress(EgressSettings(allow=(f"http://{upstream}",))) as egress,
        people_of(database, tmp_path, egress=egress) as people,
    ):
        yield people


def _keyring(people: People) -> service.KeyRing:
    return people.parts.keyring


async def _open(people, actor, connection_id, use=BEARER):
    async with people.database.transaction(actor.org_id) as session:
        return await service.open_injection(session, _keyring(people), actor, connection_id, use)


@requirement("10.2.d/connections")
async def test_a_connection_is_kept_sealed_and_shown_without_its_secret(people):
    owner = await people.signed_in(await people.person())

    made = await owner.post("/v1/connections", json=wish())
    listed = await owner.get("/v1/connections")

    assert made.status_code == 201
    assert made.json() == listed.json()["items"][0]
    assert made.json()["hint"] == "…cdef"
    assert made.json()["state"] == "unused"
    assert made.json()["host"] == "api.example.com"
    assert SECRET not in made.text + listed.text
    async with people.database.system_transaction() as session:
        row = (await session.execute(text("select * from vault_connections"))).mappings().one()
        assert SECRET not in str(dict(row))


async def test_a_credential_is_opened_for_its_hosts_only(people):
    ann = await people.person()
    made = (await (await people.signed_in(ann)).post("/v1/connections", json=wish())).json()

    injection, refusal = await _open(people, ann.actor, made["id"])
    _, elsewhere = await _open(people, ann.actor, made["id"], Use(BEARER.placement, "https://evil.test/"))

    assert refusal is None
    assert injection.headers == {"Authorization": f"Bearer {SECRET}"}
    assert elsewhere is not None
    assert elsewhere[0] == "connection-host-mismatch"
    listed = (await (await people.signed_in(ann)).get("/v1/connections")).json()["items"]
    assert listed[0]["last_used_at"] is not None


@requirement("10.2.b/personal-connections")
async def test_a_personal_connection_is_its_owners_only(people):
    ann, bob = await people.person("member"), await people.person("owner")
    mine, theirs = await people.signed_in(ann), await people.signed_in(bob)

    made = (await mine.post("/v1/connections", json=wish(scope="personal"))).json()

    assert made["scope"] == "personal"
    assert (await _open(people, ann.actor, made["id"]))[1] is None
    assert (await _open(people, bob.actor, made["id"]))[1] is not None
    assert (await theirs.get("/v1/connections")).json()["total"] == 0
    assert (await theirs.delete(f"/v1/connections/{made['id']}")).status_code == 404
    assert (await mine.delete(f"/v1/connections/{made['id']}")).status_code == 204


async def test_a_member_keeps_no_shared_connection(people):
    member, owner = (
        await people.signed_in(await people.person("member")),
        await people.signed_in(await people.person("owner")),
    )
    made = (await owner.post("/v1/connections", json=wish())).json()

    assert (await member.post("/v1/connections", json=wish("other"))).status_code == 403
    assert (await member.delete(f"/v1/connections/{made['id']}")).status_code == 403
    assert (
        await member.put(f"/v1/connections/{made['id']}/secret", json={"secret": {"token": "x"}})
    ).status_code == 403
    assert (await member.get("/v1/connections")).json()["total"] == 1


@requirement("10.2.b/foreign-connection")
async def test_a_connection_of_another_organisation_does_not_exist(people):
    ann, eve = await people.person(slug="acme"), await people.person(slug="globex")
    made = (await (await people.signed_in(ann)).post("/v1/connections", json=wish())).json()
    other = await people.signed_in(eve)

    answers = [
        await other.delete(f"/v1/connections/{made['id']}"),
        await other.put(f"/v1/connections/{made['id']}/secret", json={"secret": {"token": "x"}}),
        await other.post(f"/v1/connections/{made['id']}/test"),
        await other.delete(f"/v1/connections/{uuid4()}"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (404, "connection-not-found")
    }
    assert (await _open(people, eve.actor, made["id"]))[1] is not None


async def test_a_rotated_secret_is_the_one_that_calls_carry(people):
    ann = await people.person()
    owner = await people.signed_in(ann)
    made = (await owner.post("/v1/connections", json=wish())).json()

    rotated = await owner.put(
        f"/v1/connections/{made['id']}/secret", json={"secret": {"token": "new-0123456789-wxyz"}}
    )

    assert rotated.json()["hint"] == "…wxyz"
    injection, _ = await _open(people, ann.actor, made["id"])
    assert injection.headers == {"Authorization": "Bearer new-0123456789-wxyz"}
    wrong_kind = await owner.put(f"/v1/connections/{made['id']}/secret", json={"secret": {"key": "x"}})
    assert wrong_kind.json()["code"] == "secret-invalid"


async def test_a_deleted_connection_leaves_nothing_behind(people):
    ann = await people.person()
    owner = await people.signed_in(ann)
    made = (await owner.post("/v1/connections", json=wish())).json()

    assert (await owner.delete(f"/v1/connections/{made['id']}")).status_code == 204

    async with people.database.system_transaction() as session:
        assert await session.scalar(text("select count(*) from vault_connections")) == 0
    assert (await _open(people, ann.actor, made["id"]))[1] is not None


async def test_two_connections_with_one_name_made_at_once_store_one(people):
    owner = await people.signed_in(await people.person())

    answers = await asyncio.gather(*(owner.post("/v1/connections", json=wish()) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_what_uses_a_connection_is_shown(people):
    ann = await people.person()
    owner = await people.signed_in(ann)
    made = (await owner.post("/v1/connections", json=wish())).json()
    ids = {"org_id": ann.actor.org_id, "user_key": str(uuid4())}

    async with people.database.transaction(ann.actor.org_id) as session:
        await service.set_bindings(session, **ids, label="orders", connection_ids=[made["id"], made["id"]])
    shown = (await owner.get("/v1/connections")).json()["items"][0]["used_by"]
    async with people.database.transaction(ann.actor.org_id) as session:
        await service.set_bindings(session, **ids, label="orders", connection_ids=[])

    assert shown == ["orders"]
    assert (await owner.get("/v1/connections")).json()["items"][0]["used_by"] == []


@requirement("10.2.d/connection-test")
async def test_a_connection_is_tried_against_its_service(people, upstream):
    owner = await people.signed_in(await people.person())
    url = {"url": f"http://{upstream}/orders"}
    right = (await owner.post("/v1/connections", json=wish("right", hosts=[upstream]))).json()
    wrong = (
        await owner.post("/v1/connections", json=wish("wrong", hosts=[upstream], secret={"token": "nope"}))
    ).json()

    taken = await owner.post(f"/v1/connections/{right['id']}/test", json=url)
    refused = await owner.post(f"/v1/connections/{wrong['id']}/test", json=url)

    assert taken.json() == {"ok": True, "status": 200, "detail": "The service did not refuse it."}
    assert refused.json()["ok"] is False
    states = {item["name"]: item["state"] for item in (await owner.get("/v1/connections")).json()["items"]}
    assert states == {"right": "ok", "wrong": "failing"}


@pytest.mark.parametrize("place", ["header", "query", "cookie"])
async def test_an_api_key_is_tried_where_it_belongs(people, upstream, place):
    owner = await people.signed_in(await people.person())
    made = await owner.post(
        "/v1/connections", json=wish(kind="api_key", secret={"key": SECRET}, hosts=[upstream])
    )

    answer = await owner.post(
        f"/v1/connections/{made.json()['id']}/test",
        json={"url": f"http://{upstream}/?a=b", "location": place, "parameter": "key"},
    )

    assert answer.json()["ok"] is True


async def test_a_test_sends_the_credential_nowhere_else(people, upstream):
    owner = await people.signed_in(await people.person())
    made = (await owner.post("/v1/connections", json=wish(hosts=[upstream]))).json()

    elsewhere = await owner.post(
        f"/v1/connections/{made['id']}/test", json={"url": "http://169.254.169.254/latest"}
    )
    broken = await owner.post(f"/v1/connections/{made['id']}/test", json={"url": "nonsense"})

    assert elsewhere.json()["code"] == "connection-host-mismatch"
    assert broken.json()["code"] == "connection-host-mismatch"


async def test_an_inner_address_is_refused_even_where_it_is_bound(people):
    owner = await people.signed_in(await people.person())
    made = (await owner.post("/v1/connections", json=wish(hosts=["169.254.169.254"]))).json()

    answer = await owner.post(
        f"/v1/connections/{made['id']}/test", json={"url": "http://169.254.169.254/latest"}
    )

    assert answer.json()["ok"] is False
    assert answer.json()["status"] is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": {"token": "a\r\nX: y"}}, "secret-invalid"),
        ({"secret": {}}, "secret-invalid"),
        ({"hosts": ["https://api.example.com"]}, "host-invalid"),
        ({"hosts": ["*"]}, "host-invalid"),
    ],
)
async def test_bad_input_is_told(people, changes, code):
    owner = await people.signed_in(await people.person())

    answer = await owner.post("/v1/connections", json=wish(**changes))

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_sealed_row_moved_to_another_organisation_does_not_open(people):
    ann, eve = await people.person(slug="acme"), await people.person(slug="globex")
    for person in (ann, eve):
        made = await (await people.signed_in(person)).post("/v1/connections", json=wish())
    async with people.database.system_transaction() as session:
        await session.execute(
            text("""update vault_connections mine
                set sealed = theirs.sealed, wrapped_key = theirs.wrapped_key
                from vault_connections theirs
                where mine.org_id = :mine and theirs.org_id = :theirs"""),
            {"mine": eve.actor.org_id, "theirs": ann.actor.org_id},
        )

    _, refusal = await _open(people, eve.actor, made.json()["id"])

    assert refusal is not None
    assert refusal[0] == "vault-key-missing"


async def test_a_credential_of_the_wrong_kind_is_refused_not_sent(people):
    ann = await people.person()
    made = (await (await people.signed_in(ann)).post("/v1/connections", json=wish())).json()

    injection, refusal = await _open(
        people, ann.actor, made["id"], Use(Placement("http", scheme="basic"), BEARER.url)
    )

    assert injection == schemas.Injection()
    assert refusal is not None
    assert refusal[0] == "connection-kind-mismatch"
