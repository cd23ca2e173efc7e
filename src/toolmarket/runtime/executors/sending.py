"""One request with its retries, as the trace and the outcome tell it."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from toolmarket.kit.egress import Egress
from toolmarket.kit.problems import Problem
from toolmarket.kit.redaction import Redactor
from toolmarket.kit.upstream import ConnectionLost, Request, UpstreamUnreachable
from toolmarket.runtime.executors.prepared import Outgoing, Prepared
from toolmarket.runtime.schemas import Attempt, Call

_FOLLOW = 3
_LONGEST_PAUSE_SECONDS = 60.0


@dataclass(slots=True)
class Received:
    """What came of a request: an answer, or the problem in its place."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""
    problem: Problem | None = None

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Sends the requests of one call and keeps its account: attempts, retries, bytes, time."""

    def __init__(self, egress: Egress, call: Call, prepared: Prepared, redactor: Redactor) -> None:
        self._egress = egress
        self._call = call
        self._redactor = redactor
        self._clock = egress.clock
        self._began = time.perf_counter()
        self._retry = prepared.implementation.retry
        self.repeatable = prepared.repeatable or call.idempotency_key is not None
        self.attempts: list[Attempt] = []
        self.retries = 0
        self.bytes_out = 0
        self.bytes_in = 0
        self.upstream_milliseconds = 0.0

    async def send(self, outgoing: Outgoing) -> Received:
        """Send a request, again where that is safe, allowed and within the deadline."""
        tries = self._retry.attempts if self.repeatable else 1
        number = 0
        while True:
            received = await self._once(outgoing)
            number += 1
            if number >= tries or not self._is_passing(received):
                return received
            pause = self._pause_seconds(received, number)
            if self._clock() + pause >= self._call.deadline:
                return received
            await asyncio.sleep(pause)
            self.retries += 1

    async def _once(self, outgoing: Outgoing) -> Received:
        call = self._call
        url, headers = outgoing.with_credential(call.injection)
        request = Request(
            outgoing.method,
            url,
            call.deadline,
            headers,
            outgoing.body,
            call.hosts,
            call.limits.response_bytes,
            _FOLLOW,
        )
        started = time.perf_counter()
        try:
            response = await self._egress.request(request)
            received = Received(response.status, response.headers, response.body, response.url)
            self.bytes_in += response.received_bytes
        except Problem as problem:
            received = Received(problem=problem)
        self._note(outgoing, received, started)
        return received

    def _note(self, outgoing: Outgoing, received: Received, started: float) -> None:
        duration = (time.perf_counter() - started) * 1000
        self.upstream_milliseconds += duration
        self.bytes_out += len(outgoing.body)
        clean = self._redactor
        self.attempts.append(
            Attempt(
                method=outgoing.method,
                url=clean.clean_text(outgoing.full_url()),
                request_headers=outgoing.shown_headers(),
                request_body=outgoing.body,
                status=received.status,
                response_headers=clean.clean_headers(received.headers),
                started_milliseconds=(started - self._began) * 1000,
                duration_milliseconds=duration,
                error=clean.clean_text(received.problem.detail) if received.problem else "",
            )
        )

    def _is_passing(self, received: Received) -> bool:
        if received.problem is not None:
            return isinstance(received.problem, ConnectionLost | UpstreamUnreachable)
        return received.status in self._retry.statuses

    def _pause_seconds(self, received: Received, number: int) -> float:
        asked = retry_after_seconds(received.headers.get("Retry-After", ""))
        backoff = self._retry.backoff_seconds * 2.0 ** (number - 1) * random.uniform(0.5, 1.0)
        return min(max(asked, backoff), max(asked, _LONGEST_PAUSE_SECONDS))


def retry_after_seconds(value: str) -> float:
    """How long a `Retry-After` header, seconds or a date, asks to wait; 0.0 where it says nothing."""
    value = value.strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
