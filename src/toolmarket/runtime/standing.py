"""The record of a spooled call, encoded at once from what stands and what this call adds."""

import struct
from functools import lru_cache
from typing import Any
from uuid import UUID

from toolmarket.audit import service as audit
from toolmarket.kit.copying import NULL, UUID_SIZE, count, data, identifier, micros, text
from toolmarket.runtime import copying, evidence
from toolmarket.runtime.record import DetailRow, Encoded, News, RunRow, clean
from toolmarket.runtime.schemas import Answer, RunResult

MOST_STANDING = 512
_RUN_ID = count(len(RunRow._fields)) + UUID_SIZE
_DETAIL_ID = count(len(DetailRow._fields)) + UUID_SIZE
# Each behind its size: the moment, six counters and the tokens, retries and status, six
# enumerations, and whether it is the demo's.
_numbers = struct.Struct(">iq" + "ii" * 7 + "ih" * 8 + "i?").pack
_USUAL = tuple(RunRow._field_defaults.values())


class Standing:
    """What the records of one caller's calls of one operation through one door have in common.

    `encode` gives the bytes of `copying.encode(evidence.record(...))` at a third of its cost.
    """

    def __init__(self, taken: evidence.Taken) -> None:
        plan, actor, channel = taken.plan, taken.actor, taken.request.channel
        self._plan, self._actor = plan, actor
        sample = evidence.run_row(taken, evidence.NOTHING, evidence.result(taken, evidence.NOTHING))
        self._ids = b"".join(map(identifier, sample[1:7])) + UUID_SIZE
        self._org = identifier(plan.org_id)
        self._name = text(plan.operation.name)
        self._channel, self._environment = sample.channel, sample.environment
        self._token_counter, self._principal_kind = sample.token_counter, sample.principal_kind
        self._rest = copying.rest((actor.on_behalf_of_id, *_USUAL[1:]))
        self._events = audit.RunEvents(
            actor,
            target=str(plan.installation_id or plan.operation_id),
            operation=plan.operation.name,
            channel=channel,
        )

    def is_for(self, taken: evidence.Taken) -> bool:
        """Whether plan and actor are still the same, by whom and for which this was found."""
        return self._plan is taken.plan and (self._actor is taken.actor or self._actor == taken.actor)

    def encode(
        self, taken: evidence.Taken, answer: Answer, ended: RunResult, facts: tuple[tuple[Any, ...], ...]
    ) -> Encoded:
        """Everything that is written about a spooled call."""
        run_id = taken.run_id.bytes
        outcome = evidence.OUTCOME[answer.outcome]
        rows = (
            self._run(taken, answer, ended, outcome),
            self._detail(taken, answer, run_id),
            self._events.row(taken.person, taken.run_id, taken.trace_id, answer.outcome),
        )
        return Encoded(News(taken.run_id, taken.plan.org_id, outcome), rows, facts)

    def _run(self, taken: evidence.Taken, answer: Answer, ended: RunResult, outcome: int) -> bytes:
        if answer.status is None:
            return copying.run(evidence.run_row(taken, answer, ended))
        timing, total = taken.timing, ended.total_micros
        queue = timing.queue_micros()
        own = max(total - timing.upstream - queue, 0)
        client = taken.request.client
        return b"".join(
            (
                _RUN_ID,
                taken.run_id.bytes,
                self._ids,
                taken.trace_id.bytes,
                _numbers(
                    *(8, micros(timing.at), 4, queue, 4, own, 4, timing.upstream, 4, total),
                    *(4, answer.bytes_in, 4, answer.bytes_out, 4, len(answer.body) // 4),
                    *(2, answer.retries, 2, answer.status, 2, outcome, 2, self._channel),
                    *(2, self._environment, 2, 0, 2, self._token_counter, 2, self._principal_kind),
                    *(1, taken.request.at is not None),
                ),
                self._name,
                _client(client.name, client.version),
                text(clean(taken.session_key)),
                NULL if answer.problem_code is None else text(clean(answer.problem_code)),
                NULL if answer.upstream_code is None else text(clean(answer.upstream_code)),
                self._rest,
            )
        )

    def _detail(self, taken: evidence.Taken, answer: Answer, run_id: bytes) -> bytes:
        arguments, body, trace = evidence.told(taken, answer)
        return b"".join(
            (
                _DETAIL_ID,
                run_id,
                self._org,
                data(arguments),
                data(body),
                text(answer.content_type),
                data(trace),
            )
        )


class Encoder:
    """Encodes the records of a process, and keeps what stands."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, UUID, str, str], Standing] = {}

    def encode(
        self, taken: evidence.Taken, answer: Answer, ended: RunResult, facts: tuple[tuple[Any, ...], ...]
    ) -> Encoded:
        """Everything that is written about a spooled call, as COPY takes it."""
        actor = taken.actor
        key = (id(taken.plan), actor.principal_id, actor.address, taken.request.channel)
        standing = self._known.get(key)
        if standing is None or not standing.is_for(taken):
            while len(self._known) >= MOST_STANDING:
                self._known.pop(next(iter(self._known)))
            standing = self._known[key] = Standing(taken)
        return standing.encode(taken, answer, ended, facts)


@lru_cache(maxsize=1024)
def _client(name: str, version: str) -> bytes:
    return text(clean(name) or None) + text(clean(version, 40) or None)
