"""The REST door of a call: one raw ASGI callable ahead of the framework."""

import asyncio
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
import structlog

from toolmarket.identity import service as identity
from toolmarket.kit import json_text
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import LOST, database_down
from toolmarket.kit.ids import new_id
from toolmarket.kit.problems import BadRequest, Problem, TooManyRequests, Unauthorized
from toolmarket.kit.schemas import Schema
from toolmarket.runtime import rendering
from toolmarket.runtime.gateway.doors import (
    ClientGone,
    Receive,
    Scope,
    Send,
    answer,
    read_body,
    refuse,
)
from toolmarket.runtime.schemas import Channel, ClientInfo, Outcome, Request, RunResult
from toolmarket.runtime.service import Runtime

log = structlog.get_logger("runtime.rest")
PATH = re.compile(r"^/v1/installations/([0-9a-fA-F-]{36})/operations/([A-Za-z0-9_.-]{1,64})/runs$")
# Nobody waits for these, so that nothing but this bounds how many one caller keeps in memory.
MOST_LATER = 200
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_TRACE = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


class InternalError(Problem):
    status, code, title = (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "A defect on our side; it was logged with its trace.",
    )


class CallAnswer(Schema):
    """How a call ended. `value` is the answer: JSON as it came, text, or `{media_type, base64}`."""

    id: UUID
    outcome: Outcome
    status: int | None
    content_type: str
    duration_milliseconds: float
    problem: dict[str, Any] | None
    value: Any


class RestDoor:
    """`POST /v1/installations/{id}/operations/{name}/runs`, the body being the arguments."""

    def __init__(self, runtime: Runtime, authenticator: identity.Authenticator, base_url: str) -> None:
        self._runtime = runtime
        self._authenticator = authenticator
        self._base_url = base_url
        self._background: dict[asyncio.Task[RunResult], UUID] = {}

    def match(self, scope: Scope) -> re.Match[str] | None:
        """Whether this request is a call."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        return PATH.match(scope["path"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send, match: re.Match[str]) -> None:
        """Answer a request that matched."""
        try:
            actor = await self._actor(scope)
            headers = dict(scope["headers"])
            arguments = _arguments(await read_body(receive, self._runtime.settings.request_bytes))
            request = _request(headers, arguments)
            installation_id = _installation_id(match.group(1))
            if b"respond-async" in headers.get(b"prefer", b""):
                await self._later(send, actor, (installation_id, match.group(2)), request)
                return
            result = await self._runtime.run(actor, installation_id, match.group(2), request)
            if result.refused is not None:
                raise result.refused
            await answer(send, 200, rendering.envelope(result), _headers(result))
        except Problem as problem:
            await refuse(send, problem)
        except ClientGone:
            return
        except LOST as error:
            await refuse(send, database_down(error))
        except Exception:
            log.exception("call failed", path=scope["path"])
            await refuse(send, InternalError())

    async def _actor(self, scope: Scope) -> Actor:
        identity.refuse_forged(scope, self._base_url)
        client = scope.get("client") or ("",)
        actor = await self._authenticator.authenticate(scope["headers"], client_address=str(client[0]))
        if actor is None:
            raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})
        return actor

    async def _later(self, send: Send, actor: Actor, target: tuple[UUID, str], request: Request) -> None:
        """Answer as soon as the intent is committed; the run goes on."""
        if sum(caller == actor.principal_id for caller in self._background.values()) >= MOST_LATER:
            raise TooManyRequests(
                f"{MOST_LATER} calls that you asked to answer later are going on.",
                headers={"Retry-After": "1"},
            )
        accepted = asyncio.Event()
        run_id = new_id()
        request = replace(request, run_id=run_id, accepted=accepted.set)
        task = asyncio.create_task(self._runtime.run(actor, *target, request))
        self._background[task] = actor.principal_id
        task.add_done_callback(self._background.pop)
        waiting = asyncio.create_task(accepted.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            refused = task.result().refused
            if refused is not None:
                raise refused
            run_id = task.result().id
        address = f"/v1/runs/{run_id}"
        body = orjson.dumps({"id": str(run_id), "href": address})
        await answer(
            send, 202, body, [(b"content-type", b"application/json"), (b"location", address.encode())]
        )

    async def drain(self) -> None:
        """Wait for the runs that nobody waits for."""
        if self._background:
            await asyncio.wait(list(self._background), timeout=10)


def _headers(result: RunResult) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"application/json"),
        (b"x-run-id", str(result.id).encode()),
        (b"cache-control", b"no-store"),
    ]
    if result.repeated:
        headers.append((b"idempotent-replayed", b"true"))
    return headers


def _arguments(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    arguments = json_text.read(body)
    if not isinstance(arguments, dict):
        raise BadRequest("The body must be a JSON object: the arguments by name.", pointer="")
    return arguments


def _request(headers: dict[bytes, bytes], arguments: dict[str, Any]) -> Request:
    key = headers.get(b"idempotency-key")
    text = key.decode("latin-1") if key is not None else None
    if text is not None and not _KEY.match(text):
        raise BadRequest(
            "An Idempotency-Key has 1 to 200 visible ASCII characters.", pointer="Idempotency-Key"
        )
    session = headers.get(b"x-session")
    name, _, version = headers.get(b"user-agent", b"").decode("latin-1").partition(" ")[0].partition("/")
    trace = _TRACE.match(headers.get(b"traceparent", b"").decode("latin-1"))
    return Request(
        arguments=arguments,
        channel=Channel.rest,
        client=ClientInfo(name, version),
        session_key=session.decode("latin-1") if session else None,
        idempotency_key=text,
        trace_id=UUID(trace.group(1)) if trace else None,
    )


def _installation_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("The installation's id is a UUID.", pointer="installation_id") from None
