"""Events of runs, encoded for COPY when the run ends: by far the most frequent events there are."""

from uuid import UUID

import orjson

from toolmarket.audit import chain, queries
from toolmarket.audit.keys import PersonKey
from toolmarket.kit.actor import Actor
from toolmarket.kit.copying import NULL, UUID_SIZE, count, data, fields, text

_ID = count(len(chain.Link._fields)) + UUID_SIZE


def body(actor: Actor, operation: str, channel: str) -> bytes:
    """What is sealed: who called, from where, and what."""
    details = {"operation": operation, "channel": channel}
    return orjson.dumps({"label": actor.label, "address": actor.address, "details": details})


class RunEvents:
    """The events of an actor's runs of one operation: what they share is encoded once.

    Args:
        target: the id of the installation.
    """

    def __init__(self, actor: Actor, *, target: str, operation: str, channel: str) -> None:
        self._body = body(actor, operation, channel)
        who = (actor.org_id, actor.principal_id, actor.user_id, actor.on_behalf_of_id)
        self._who = fields(who) + UUID_SIZE
        self._what = NULL + fields((actor.kind, queries.RUN, target))

    def row(self, key: PersonKey, run_id: UUID, trace_id: UUID, outcome: str) -> bytes:
        """The event as a row for COPY of `service.COLUMNS`, as `service.encode_run` gives it in values."""
        return b"".join(
            (
                _ID,
                run_id.bytes,
                self._who,
                trace_id.bytes,
                UUID_SIZE,
                key.id.bytes,
                self._what,
                text(outcome),
                NULL,
                NULL,
                data(key.seal(run_id, self._body)),
            )
        )
