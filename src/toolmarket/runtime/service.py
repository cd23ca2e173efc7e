"""The one path of a call: who, what, may it, can it, with what, do it, check it, record it."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from toolmarket.audit import service as audit
from toolmarket.billing import service as billing
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database
from toolmarket.kit.egress import Egress
from toolmarket.kit.ids import new_id
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.problems import Problem, TooManyRequests
from toolmarket.runtime import errors, evidence, remembering
from toolmarket.runtime import reading as reading
from toolmarket.runtime.executors.http import HttpExecutor
from toolmarket.runtime.executors.mcp import McpExecutor
from toolmarket.runtime.housekeeping import end_interrupted as end_interrupted
from toolmarket.runtime.housekeeping import forget_keys as forget_keys
from toolmarket.runtime.housekeeping import make_partitions as make_partitions
from toolmarket.runtime.plans import Plan
from toolmarket.runtime.plans import Plans as Plans
from toolmarket.runtime.plans import draft_plan as draft_plan
from toolmarket.runtime.record import OUTCOMES as OUTCOMES
from toolmarket.runtime.record import Encoded as Encoded
from toolmarket.runtime.record import Record as Record
from toolmarket.runtime.recorder import Recorder as Recorder
from toolmarket.runtime.recorder import Told as Told
from toolmarket.runtime.rendering import envelope as envelope
from toolmarket.runtime.schemas import (
    MOST_MICROS,
    Answer,
    Call,
    Executor,
    Outcome,
    Request,
    RunResult,
    Timing,
)
from toolmarket.runtime.session_keys import SessionKeys
from toolmarket.runtime.settings import RuntimeSettings
from toolmarket.runtime.shaping import Shaper as Shaper
from toolmarket.runtime.shaping import ShapeRefused as ShapeRefused
from toolmarket.runtime.standing import Encoder
from toolmarket.runtime.verdicts import Verdicts


def executors(egress: Egress, upstreams: Upstreams) -> Mapping[str, Executor]:
    """The executor of each kind of implementation."""
    return {"http": HttpExecutor(egress), "mcp": McpExecutor(upstreams)}


class Runtime:
    """Calls operations. One a process; every door leads here."""

    def __init__(
        self,
        database: Database,
        plans: Plans,
        recorder: Recorder,
        limits: billing.Limits,
        *,
        executors: Mapping[str, Executor],
        shaper: Shaper,
    ) -> None:
        self.database = database
        self.plans = plans
        self.recorder = recorder
        self.limits = limits
        self.settings = RuntimeSettings()
        self._executors = executors
        self._shaper = shaper
        self._sessions = SessionKeys()
        self._encoder = Encoder()
        self.verdicts = Verdicts(database)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(
        self, actor: Actor, installation_id: UUID, operation_name: str, request: Request
    ) -> RunResult:
        """Call an installed operation and record it.

        Raises:
            Forbidden: the actor may not call anything.
            InstallationNotFound, OperationNotFound: nothing of that name in the actor's organisation.
            KeyReused, KeyInProgress: about the idempotency key.
            CallNotMade, RecordDelayed: the database cannot record the call.
        """
        actor.require("runs:create")
        plan = self.plans.known(actor, installation_id, operation_name)
        if plan is None:
            plan = await self.plans.load(actor, installation_id, operation_name)
        return await self.run_plan(actor, plan, request)

    async def run_plan(self, actor: Actor, plan: Plan, request: Request) -> RunResult:
        """Call what a plan describes; `run` for an installation, directly for a draft."""
        timing = Timing(at=request.at or datetime.now(UTC), began=time.perf_counter_ns())
        run_id = request.run_id or new_id(int(timing.at.timestamp() * 1000))
        taken = evidence.Taken(
            actor=actor,
            plan=plan,
            request=request,
            timing=timing,
            strict=self._strict(plan, request),
            person=await audit.person_key(self.database, actor),
            run_id=run_id,
            trace_id=request.trace_id or run_id,
            session_key=request.session_key or self._sessions.of(actor.principal_id),
        )

        refusal = self._refusal(plan, request)
        if refusal is not None:
            return await self._refuse(taken, refusal)
        try:
            hold = await self.limits.reserve(
                actor.org_id, key_id=actor.principal_id, installation_id=plan.installation_id
            )
        except TooManyRequests as problem:
            return await self._refuse(taken, problem)
        try:
            if taken.strict:
                begun = await self.recorder.begin(evidence.intent(taken, self._digest(plan, request)))
                if not begun.fresh:
                    self.limits.release(hold)
                    return remembering.recall(begun)
                if request.accepted is not None:
                    request.accepted()
            answer = await self._call(taken)
        except BaseException:
            self.limits.release(hold)
            raise
        facts = self.limits.settle(hold, run_id=taken.run_id)
        result = evidence.result(taken, answer)
        await self._record(taken, answer, result, facts)
        return result

    def _strict(self, plan: Plan, request: Request) -> bool:
        asked = request.idempotency_key is not None or request.accepted is not None
        return plan.strict or asked or self.settings.strict

    def _refusal(self, plan: Plan, request: Request) -> Problem | None:
        if plan.refusal is not None:
            code, sentence = plan.refusal
            return errors.REFUSALS.get(code, errors.ConnectionUnusable)(sentence)
        if not plan.validator.accepts(request.arguments):
            mistakes = plan.validator.mistakes(request.arguments)
            return errors.ArgumentsInvalid(
                mistakes[0]["message"], pointer=mistakes[0]["pointer"], extra={"errors": mistakes}
            )
        return None

    def _digest(self, plan: Plan, request: Request) -> bytes:
        if request.idempotency_key is None:
            return b""
        asked = (str(plan.installation_id), plan.operation.name, request.arguments)
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).digest()

    async def _call(self, taken: evidence.Taken) -> Answer:
        plan, request, timing = taken.plan, taken.request, taken.timing
        arguments = request.arguments
        if plan.operation.fixed_inputs:
            arguments = {**arguments, **plan.operation.fixed_inputs}
        call = Call(
            operation=plan.operation,
            server=plan.server,
            hosts=plan.hosts,
            limits=plan.limits,
            arguments=arguments,
            injection=plan.injection,
            deadline=self._now() + plan.limits.timeout_seconds,
            trace_parent=taken.trace_parent,
            idempotency_key=request.idempotency_key,
            client=request.back_channel,
            tenant=plan.org_id,
        )
        timing.queued = time.perf_counter_ns()
        answer = await self._executors[plan.operation.implementation.kind].execute(call)
        if answer.status is not None and plan.injection.connection_ids:
            self.verdicts.note(plan, answer.status)
        timing.upstream = min(int(answer.upstream_milliseconds * 1000), MOST_MICROS)
        shape = plan.operation.implementation.shape
        if shape and answer.outcome is Outcome.ok:
            return await self._shaped(answer, shape)
        return answer

    def _now(self) -> float:
        """The time of the loop; asking for the running loop is a system call on Python 3.11, so once."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def _shaped(self, answer: Answer, program: str) -> Answer:
        try:
            return replace(answer, body=await self._shaper.shape(program, answer.body))
        except ShapeRefused as problem:
            return replace(
                answer, outcome=Outcome.tool_error, problem_code=problem.code, detail=problem.detail, body=b""
            )

    async def _refuse(self, taken: evidence.Taken, problem: Problem) -> RunResult:
        """Record that nothing was called, and why."""
        invalid = isinstance(problem, errors.ArgumentsInvalid)
        answer = Answer(
            outcome=Outcome.tool_error if invalid else Outcome.denied,
            problem_code=problem.code,
            detail=problem.detail,
        )
        problem.extra.setdefault("run_id", str(taken.run_id))
        result = replace(evidence.result(taken, answer), refused=problem)
        await self.recorder.append(self._encoder.encode(replace(taken, strict=False), answer, result, ()))
        return result

    async def _record(
        self, taken: evidence.Taken, answer: Answer, result: RunResult, facts: tuple[tuple[Any, ...], ...]
    ) -> None:
        if not taken.strict:
            await self.recorder.append(self._encoder.encode(taken, answer, result, facts))
            return
        record = evidence.record(taken, answer, result, facts)
        key = taken.request.idempotency_key
        if key is not None:
            record = replace(record, remembered=remembering.remember(taken, key, result))
        await self.recorder.finish(record)
