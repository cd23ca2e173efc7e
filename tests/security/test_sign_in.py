"""Attacks on sign-in and sessions."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from tests.people import BASE_URL, People, people_of
from tests.requirements import requirement

from toolmarket.identity import service


@pytest.fixture
async def people(database, tmp_path) -> AsyncIterator[People]:
    async with people_of(database, tmp_path, signin_account_attempts=5, signin_address_attempts=12) as people:
        yield people


async def _try(people, email, password, address="192.0.2.1"):
    client = people.client(address=address)
    return await client.post("/v1/session", json={"email": email, "password": password})


@requirement("10.2.a/brute-force")
async def test_many_guesses_at_once_are_counted_before_they_are_checked(people):
    ann = await people.person()

    answers = await asyncio.gather(
        *(_try(people, ann.email, f"guess {n}", f"192.0.2.{n}") for n in range(20))
    )

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too-many-attempts"
    assert 1 <= int(refused.headers["Retry-After"]) <= 901
    assert (await _try(people, ann.email, ann.password)).status_code == 429


async def test_one_address_cannot_try_many_accounts(people):
    ann = await people.person()

    answers = [await _try(people, f"nobody{n}@x.test", "x") for n in range(13)]

    assert [answer.status_code for answer in answers] == [401] * 12 + [429]
    assert (await _try(people, ann.email, ann.password, "192.0.2.9")).status_code == 200


async def test_a_right_sign_in_ends_the_count_of_its_account(people):
    ann = await people.person()

    for _ in range(3):
        for _ in range(3):
            assert (await _try(people, ann.email, "wrong")).status_code == 401
        assert (await _try(people, ann.email, ann.password)).status_code == 200


async def test_the_count_ends_with_its_window(people):
    ann = await people.person()
    for _ in range(6):
        await _try(people, ann.email, "wrong")
    async with people.database.system_transaction() as session:
        await session.execute(text("update identity_signin_attempts set window_ends_at = now()"))

    assert (await _try(people, ann.email, ann.password)).status_code == 200


@requirement("10.2.a/no-account-enumeration")
async def test_an_unknown_account_answers_like_a_known_one(database, tmp_path):
    settings = {"signin_refusal_milliseconds": 400, "signin_account_attempts": 99}
    async with people_of(database, tmp_path, **settings) as people:
        ann = await people.person()
        times, bodies = {}, {}
        for email in (ann.email, "nobody@acme.test"):
            samples = []
            for _ in range(5):
                started = time.perf_counter()
                answer = await _try(people, email, "wrong")
                samples.append(time.perf_counter() - started)
            times[email], bodies[email] = min(samples), answer.content

        assert len(set(bodies.values())) == 1
        assert abs(times[ann.email] - times["nobody@acme.test"]) < 0.1


@requirement("10.2.a/session-fixation")
async def test_a_planted_session_is_not_taken_over(people):
    ann, mallory = await people.person(), await people.person("member")
    attacker = await people.signed_in(mallory)
    planted = attacker.cookies["toolmarket_session"]
    victim = people.client()
    victim.cookies.set("toolmarket_session", planted, domain="toolmarket.test")

    answer = await victim.post("/v1/session", json={"email": ann.email, "password": ann.password})

    assert answer.status_code == 200
    assert planted not in answer.headers["set-cookie"]
    assert (await attacker.get("/v1/session")).status_code == 401


async def test_a_made_up_token_is_never_taken_as_a_session(people):
    ann = await people.person()
    victim = people.client()
    victim.cookies.set("toolmarket_session", "A" * 43, domain="toolmarket.test")

    await victim.post("/v1/session", json={"email": ann.email, "password": ann.password})

    attacker = people.client()
    attacker.cookies.set("toolmarket_session", "A" * 43)
    assert (await attacker.get("/v1/session")).status_code == 401


@requirement("10.2.a/csrf")
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-CSRF-Token": ""}, "csrf-token-invalid"),
        ({"X-CSRF-Token": "guess"}, "csrf-token-invalid"),
        ({"Origin": "https://evil.test"}, "foreign-origin"),
        ({"Origin": "null"}, "foreign-origin"),
        ({"Origin": f"{BASE_URL}.evil.test"}, "foreign-origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "foreign-origin"),
        ({"Sec-Fetch-Site": "same-site"}, "foreign-origin"),
    ],
)
async def test_a_forged_change_is_refused(people, headers, code):
    client = await people.signed_in(await people.person())
    wish = {"name": "forged"}

    refused = await client.post("/v1/keys", json=wish, headers=headers)
    taken = await client.post("/v1/keys", json=wish, headers={"Origin": BASE_URL})

    assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert taken.status_code == 201


async def test_the_csrf_token_of_another_session_is_refused(people):
    ann = await people.person()
    one, two = await people.signed_in(ann), await people.signed_in(ann)

    answer = await one.post(
        "/v1/keys", json={"name": "x"}, headers={"X-CSRF-Token": two.headers["X-CSRF-Token"]}
    )

    assert answer.json()["code"] == "csrf-token-invalid"


async def test_a_page_of_another_site_cannot_sign_somebody_in(people):
    ann = await people.person()

    answer = await people.client().post(
        "/v1/session",
        json={"email": ann.email, "password": ann.password},
        headers={"Origin": "https://evil.test"},
    )

    assert answer.json()["code"] == "foreign-origin"
    assert "set-cookie" not in answer.headers


async def test_a_session_ends_when_it_is_not_used(people, tmp_path):
    client = await people.signed_in(await people.person())
    async with people.database.system_transaction() as session:
        await session.execute(text("update identity_sessions set expires_at = now()"))
    async with people_of(people.database, tmp_path) as elsewhere:
        other = elsewhere.client()
        other.cookies.set("toolmarket_session", client.cookies["toolmarket_session"])

        assert (await other.get("/v1/session")).status_code == 401


@requirement("10.2.a/security-headers")
async def test_every_answer_carries_the_security_headers(people):
    client = await people.signed_in(await people.person())

    for answer in (
        await client.get("/v1/session"),
        await client.get("/nowhere"),
        await _try(people, "x", "y"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in answer.headers


async def test_a_body_over_the_bound_is_refused_however_it_comes(database, tmp_path):
    async with people_of(database, tmp_path, request_bytes=1_000) as people:
        client = await people.signed_in(await people.person())

        async def pieces():
            for _ in range(20):
                yield b" " * 100

        told = await client.post("/v1/keys", content=b"x" * 2_000)
        hidden = await client.post("/v1/keys", content=pieces())
        fitting = await client.post("/v1/keys", json={"name": "x"})

    assert (told.status_code, told.json()["code"]) == (413, "too-large")
    assert (hidden.status_code, hidden.json()["code"]) == (413, "too-large")
    assert fitting.status_code == 201


@requirement("10.2.a/https")
async def test_over_https_the_cookie_and_the_browser_stay_there(database, tmp_path):
    async with people_of(database, tmp_path, public_url="https://toolmarket.test") as people:
        ann = await people.person()
        answer = await people.client().post(
            "/v1/session", json={"email": ann.email, "password": ann.password}
        )

    assert "; secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@requirement("5.3.a/sessions-are-audited")
async def test_sign_in_refusal_and_sign_out_leave_audit_events(people):
    ann = await people.person()

    client = await people.signed_in(ann)
    await _try(people, ann.email, "wrong")
    await _try(people, "nobody@acme.test", "wrong")
    await client.delete("/v1/session")

    async with people.database.system_transaction() as session:
        statement = text("select action from audit_events where org_id = :id order by id")
        actions = (await session.scalars(statement, {"id": ann.actor.org_id})).all()
    assert actions[-3:] == ["session.opened", "session.refused", "session.closed"]


async def test_sessions_that_ended_long_ago_are_swept(people):
    for _ in range(2):
        await people.signed_in(await people.person())
    async with people.database.system_transaction() as session:
        await session.execute(
            text("""update identity_sessions set expires_at = now() - interval '31 days'
                where id = (select min(id::text)::uuid from identity_sessions)""")
        )
        await session.execute(
            text("update identity_signin_attempts set window_ends_at = now() - interval '1 second'")
        )

        await service.sweep(session)

        assert await session.scalar(text("select count(*) from identity_sessions")) == 1
        assert await session.scalar(text("select count(*) from identity_signin_attempts")) == 0
