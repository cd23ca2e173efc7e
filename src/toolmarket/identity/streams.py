"""Open streams end with the right to them: within a second of a revocation, on time at an expiry."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

import structlog

from toolmarket.identity.authentication import Authenticator, Headers
from toolmarket.kit.actor import Actor

log = structlog.get_logger("identity.streams")
LONGEST_TIMER_SECONDS = 86_400.0


class Stream(Protocol):
    """An answer that stays open."""

    @property
    def actor(self) -> Actor | None: ...

    @property
    def headers(self) -> Headers: ...

    def end(self) -> None:
        """Break it off."""


class Attendance:
    """The open streams of a process, by organisation."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._open: defaultdict[UUID, set[Stream]] = defaultdict(set)
        self._timers: dict[Stream, asyncio.TimerHandle] = {}
        self._checks: set[asyncio.Task[None]] = set()
        authenticator.changes.subscribe(self._note)

    def attend(self, stream: Stream) -> None:
        """Watch over a stream until `leave`; one that nobody stands behind is left alone."""
        if stream.actor is not None:
            self._open[stream.actor.org_id].add(stream)
            self._set_timer(stream)

    def leave(self, stream: Stream) -> None:
        """The stream has ended."""
        timer = self._timers.pop(stream, None)
        if timer is not None:
            timer.cancel()
        if stream.actor is not None:
            streams = self._open[stream.actor.org_id]
            streams.discard(stream)
            if not streams:
                del self._open[stream.actor.org_id]

    def _set_timer(self, stream: Stream) -> None:
        seconds = min(self._authenticator.seconds_left(stream.headers), LONGEST_TIMER_SECONDS)
        loop = asyncio.get_running_loop()
        self._timers[stream] = loop.call_later(seconds + 0.05, self._check, [stream])

    def _note(self, org_id: UUID | None) -> None:
        if org_id is not None:
            self._check(list(self._open.get(org_id, ())))
        else:
            self._check([stream for streams in self._open.values() for stream in streams])

    def _check(self, streams: list[Stream]) -> None:
        if streams:
            task = asyncio.create_task(self._end_unlawful(streams))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _end_unlawful(self, streams: Iterable[Stream]) -> None:
        for stream in streams:
            try:
                lawful = await self._still_lawful(stream)
            except Exception:
                # Who cannot be asked about is not let go on.
                log.exception("stream check failed")
                lawful = False
            if not lawful:
                stream.end()
            elif stream in self._timers:
                self._timers[stream].cancel()
                self._set_timer(stream)

    async def _still_lawful(self, stream: Stream) -> bool:
        before = stream.actor
        if before is None:
            return True
        now = await self._authenticator.authenticate(stream.headers, client_address=before.address)
        return now is not None and now.org_id == before.org_id and now.verbs >= before.verbs
