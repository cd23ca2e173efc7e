"""Rows as bytes: what COPY made of them is what was meant."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.many_runs import Tenant, run_row

from toolmarket.audit import service as audit
from toolmarket.audit.keys import PersonKey
from toolmarket.audit.schemas import RunEvent
from toolmarket.catalog.schemas import Effects, HttpImplementation, Limits, Operation
from toolmarket.kit.actor import Actor
from toolmarket.kit.copying import whole
from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.runtime import copying, evidence
from toolmarket.runtime.plans import Plan, compiled
from toolmarket.runtime.record import RUN_COLUMNS
from toolmarket.runtime.schemas import Answer, Attempt, Channel, ClientInfo, Outcome, Request, Timing
from toolmarket.runtime.standing import Encoder
from toolmarket.vault.schemas import Injection

RARE = {
    "installation_id": None,
    "http_status": None,
    "answer_tokens": None,
    "demo": True,
    "operation_name": "Größe_\N{SNOWMAN}",
    "client_name": None,
    "problem_code": "upstream-failed",
    "on_behalf_of_id": new_id(),
    "chain_id": new_id(),
    "cost_micros": 2**40,
    "worker_peak_mib": 12,
    "step": "one",
    "cost_parts": '{"call": 3}',
    "started_at": datetime(1999, 12, 31, 23, 59, 59, 123_456, tzinfo=UTC),
}


@pytest.mark.parametrize("values", [{}, RARE], ids=["usual", "rare"])
async def test_a_run_comes_back_as_it_was_written(database: Database, values: dict[str, Any]) -> None:
    row = run_row(Tenant(), **values)
    async with (await database.recorder()).acquire() as connection:
        source = whole([copying.run(row)])
        await connection.copy_to_table("runtime_runs", source=source, columns=RUN_COLUMNS, format="binary")

    async with database.system.connect() as connection:
        found = (await connection.exec_driver_sql("select * from runtime_runs")).mappings().one()

    expected = row._asdict() | ({"cost_parts": {"call": 3}} if values else {})
    assert {name: found[name] for name in RUN_COLUMNS} == expected


def taken_of(plan: Plan, actor: Actor, channel: Channel = Channel.mcp) -> evidence.Taken:
    now = time.perf_counter_ns()
    return evidence.Taken(
        actor=actor,
        plan=plan,
        request=Request({"q": "oak"}, channel, ClientInfo("agent\x00", "1.2")),
        timing=Timing(at=datetime.now(UTC), began=now, queued=now + 5_000, upstream=17),
        strict=False,
        person=PersonKey(new_id(), actor.org_id, actor.user_id, bytes(32)),
        run_id=new_id(),
        trace_id=uuid4(),
        session_key="session",
    )


def plan_of(actor: Actor, **more: Any) -> Plan:
    http = HttpImplementation(method="GET", server="https://api.test", path="/")
    operation = Operation(name="read", implementation=http, effects=Effects(kind="read"))
    return Plan(
        org_id=actor.org_id,
        operation=operation,
        operation_id=new_id(),
        limits=Limits(),
        server="https://api.test",
        hosts=frozenset(),
        injection=Injection(),
        validator=compiled(operation),
        strict=False,
        **more,
    )


def actor_of(**more: Any) -> Actor:
    facts = {"principal_id": new_id(), "kind": "key", "org_id": new_id(), "user_id": new_id()}
    return Actor(**{**facts, "role": "member", "label": "Ann", "verbs": frozenset(), **more})


OK = Answer(
    Outcome.ok,
    b'{"n":1}',
    status=200,
    bytes_in=7,
    attempts=(Attempt("GET", "https://api.test/", {"Accept": "*/*"}, b"", 200, {}, 0.1, 0.2),),
)
BROKEN = replace(OK, outcome=Outcome.upstream_error, problem_code="upstream-failed", upstream_code="E\n17")


@pytest.mark.parametrize("answer", [OK, BROKEN, evidence.NOTHING], ids=["ok", "broken", "nothing"])
@pytest.mark.parametrize("channel", [Channel.mcp, Channel.try_it])
def test_what_stands_and_what_is_added_make_the_same_record(answer: Answer, channel: Channel) -> None:
    actor = actor_of(address="192.0.2.1", on_behalf_of_id=new_id())
    taken = taken_of(plan_of(actor, installation_id=new_id(), version_id=new_id()), actor, channel)
    ended = evidence.result(taken, answer)
    facts = ((new_id(), "call"),)

    made = Encoder().encode(taken, answer, ended, facts)

    expected = copying.encode(evidence.record(taken, answer, ended, facts))
    assert (made.run, made.rows[:2], made.facts) == (expected.run, expected.rows[:2], expected.facts)
    sealed = len(audit.encode_run(taken.person, actor, _event(taken, answer))[-1])
    assert made.rows[2][:-sealed] == expected.rows[2][:-sealed]
    assert taken.person.open(taken.run_id, made.rows[2][-sealed:]) is not None


def _event(taken: evidence.Taken, answer: Answer) -> RunEvent:
    return RunEvent(
        taken.run_id, str(taken.plan.installation_id), "read", answer.outcome, taken.request.channel
    )


def test_another_address_of_the_same_key_is_written_down() -> None:
    encoder, actor = Encoder(), actor_of(address="192.0.2.1")
    plan = plan_of(actor)
    moved = replace(actor, address="198.51.100.7")

    bodies = []
    for each in (actor, moved, actor):
        taken = taken_of(plan, each)
        row = encoder.encode(taken, OK, evidence.result(taken, OK), ()).rows[2]
        event = audit.encode_run(taken.person, each, _event(taken, OK))
        bodies.append(taken.person.open(taken.run_id, row[-len(event[-1]) :]))

    assert [b"198.51.100.7" in (body or b"") for body in bodies] == [False, True, False]
