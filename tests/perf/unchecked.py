"""The product's REST door with every check left out, to tell what the checks cost.

The same server, door, plan, executor and answer; without authentication, permission, schema check,
credential, limits, record and audit. Assembled here: the product has no such mode.

`python -m tests.perf.unchecked KEY`
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from toolmarket.app.serving import run_loop, serve
from toolmarket.cli.serving import database_url
from toolmarket.composition.parts import open_parts
from toolmarket.kit.actor import Actor
from toolmarket.kit.ids import new_id
from toolmarket.kit.settings import KitSettings
from toolmarket.runtime import evidence
from toolmarket.runtime.gateway.rest import RestDoor
from toolmarket.runtime.plans import Plan
from toolmarket.runtime.schemas import Request, RunResult, Timing
from toolmarket.runtime.service import Runtime
from toolmarket.vault.schemas import Injection


class AnybodyIs:
    """Takes every caller for the same one without a look at what it shows."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    async def authenticate(self, _headers: Any, *, client_address: str) -> Actor:
        del client_address
        return self._actor


class UncheckedRuntime(Runtime):
    """Goes straight from the plan to the executor."""

    bare: dict[str, Plan] = {}

    async def run(
        self, actor: Actor, installation_id: UUID, operation_name: str, request: Request
    ) -> RunResult:
        plan = self.bare.get(operation_name)
        if plan is None:
            loaded = await self.plans.load(actor, installation_id, operation_name)
            plan = self.bare[operation_name] = replace(loaded, injection=Injection())
        taken = evidence.Taken(
            actor=actor,
            plan=plan,
            request=request,
            timing=Timing(at=datetime.now(UTC), began=time.perf_counter_ns()),
            strict=False,
            person=None,
            run_id=new_id(),
            trace_id=uuid4(),
            session_key="",
        )
        return evidence.result(taken, await self._call(taken))


class Application:
    """Calls over REST, and health."""

    def __init__(self, door: RestDoor) -> None:
        self._door = door

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = self._door.match(scope)
        if match is not None:
            await self._door(scope, receive, send, match)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


async def main(key: str) -> None:
    """Serve on the address that the settings name."""
    settings = KitSettings()
    async with open_parts(settings, database_url(settings)) as parts:
        headers = [(b"authorization", f"Bearer {key}".encode())]
        actor = await parts.authenticator.authenticate(headers, client_address="127.0.0.1")
        if actor is None:
            raise SystemExit("the key is not known")
        whole = parts.runtime
        runtime = UncheckedRuntime(
            parts.database,
            whole.plans,
            parts.recorder,
            parts.limits,
            executors=whole._executors,
            shaper=whole._shaper,
        )
        anybody: Any = AnybodyIs(actor)
        await serve(Application(RestDoor(runtime, anybody, settings.base_url)), settings)


if __name__ == "__main__":
    run_loop(main(sys.argv[1]))
