"""The first thing a request meets: who it comes from, whether it may come at all, and the headers
that every answer carries. Plain ASGI, so that streams pass through untouched.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from toolmarket.identity import credentials, errors
from toolmarket.identity.authentication import Authenticator, Headers, read_credential
from toolmarket.identity.streams import Attendance
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import LOST, database_down
from toolmarket.kit.problems import CONTENT_TYPE, Problem, TooLarge, Unauthorized

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SIGN_IN_PATH = "/v1/session"
STRANGERS_BYTES = 65_536
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SECURITY_HEADERS: dict[bytes, bytes] = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
HTTPS_ONLY = {b"strict-transport-security": b"max-age=31536000; includeSubDomains"}


def header(headers: Headers, name: bytes) -> str | None:
    """The first value of a header, or None."""
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


def client_address(scope: Scope) -> str:
    """Where a request comes from; the server in front sets it from its trusted proxies."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def refuse_foreign_origin(headers: Headers, base_url: str) -> None:
    """Refuse a change that a page of another site asks for.

    A request without `Origin` and `Sec-Fetch-Site` does not come from a browser's page.

    Raises:
        ForeignOrigin: another site, or one that hides its name.
    """
    origin = header(headers, b"origin")
    if origin is None:
        if header(headers, b"sec-fetch-site") in {"cross-site", "same-site"}:
            raise errors.ForeignOrigin
        return
    host = header(headers, b"host") or ""
    if origin != base_url and urlsplit(origin).netloc.lower() != host.lower():
        raise errors.ForeignOrigin(f"Changes are taken from pages of {base_url} only.")


def refuse_forged(scope: Scope, base_url: str) -> None:
    """Refuse a change that carries a session's cookie but was not made by its page.

    Requests with an `Authorization` header are free of this: a browser never adds one by itself.

    Raises:
        ForeignOrigin: a page of another site.
        CsrfTokenInvalid: `X-CSRF-Token` is missing, or of another session.
    """
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return
    headers: Headers = scope["headers"]
    if any(name == b"authorization" for name, _ in headers):
        return
    refuse_foreign_origin(headers, base_url)
    credential = read_credential(headers)
    signs_in = scope["path"] == SIGN_IN_PATH and scope.get("method") == "POST"
    if credential is None or signs_in or scope["type"] != "http":
        return
    if not credentials.csrf_matches(credential.text, header(headers, b"x-csrf-token") or ""):
        raise errors.CsrfTokenInvalid("Read `csrf_token` from GET /v1/session and send it as `X-CSRF-Token`.")


class Doorkeeper:
    """ASGI middleware: sets `scope["actor"]`, refuses forged and oversized requests, adds the headers.

    Args:
        app: what comes next.
        authenticator: finds the actor.
        base_url: the public address; https makes browsers stay with it.
    """

    def __init__(self, app: App, *, authenticator: Authenticator, base_url: str) -> None:
        self._app = app
        self._authenticator = authenticator
        self._attendance = Attendance(authenticator)
        self._base_url = base_url
        self._most_bytes = authenticator.settings.request_bytes
        headers = SECURITY_HEADERS | (HTTPS_ONLY if base_url.startswith("https://") else {})
        self._headers = list(headers.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        visit = _Visit(self._attendance, scope, receive, send, self._headers)
        try:
            refuse_forged(scope, self._base_url)
            visit.bound(self._most_bytes)
            scope["actor"] = await self._authenticator.authenticate(
                scope["headers"], client_address=client_address(scope)
            )
            if scope["actor"] is None:
                self._bound_nobody(visit, scope)
        except Problem as problem:
            await visit.refuse(problem)
            return
        except LOST as error:
            await visit.refuse(database_down(error))
            return
        await visit.run(self._app)

    def _bound_nobody(self, visit: "_Visit", scope: Scope) -> None:
        """Strangers only sign in, so that they cannot fill the memory with what nobody reads."""
        try:
            visit.bound(min(self._most_bytes, STRANGERS_BYTES))
        except TooLarge:
            if scope["path"] == SIGN_IN_PATH:
                raise
            raise Unauthorized from None


class _Visit:
    """One request on its way through."""

    __slots__ = (
        "_attendance",
        "_ended",
        "_headers",
        "_left_bytes",
        "_receive",
        "_revoked",
        "_scope",
        "_send",
        "_started",
        "_task",
        "_too_large",
    )

    def __init__(
        self,
        attendance: Attendance,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._attendance = attendance
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = headers
        self._left_bytes = 0
        self._too_large = self._started = self._ended = self._revoked = False
        self._task: asyncio.Task[Any] | None = None

    def bound(self, most_bytes: int) -> None:
        """Refuse what says that it is too large, and stop reading what turns out to be."""
        self._left_bytes = most_bytes
        length = header(self._scope["headers"], b"content-length")
        if length is not None and length.isdecimal() and int(length) > most_bytes:
            raise TooLarge(f"A request may have {most_bytes} bytes.")

    async def run(self, app: App) -> None:
        """Let the request in; ends its stream when the right to it ends."""
        self._task = asyncio.current_task()
        try:
            await app(self._scope, self.receive, self.send)
        except TooLarge as problem:
            if not self._too_large or self._started:
                raise
            await self.refuse(problem)
        except asyncio.CancelledError:
            if not self._revoked or self._task is None:
                raise
            self._task.uncancel()
            if not self._ended:
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._attendance.leave(self)

    async def receive(self) -> Message:
        """The next message of the request, within its bound."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left_bytes -= len(message.get("body", b""))
            if self._left_bytes < 0:
                self._too_large = True
                raise TooLarge("The request is larger than is allowed.")
        return message

    async def send(self, message: Message) -> None:
        """The next message of the answer, with the headers of every answer."""
        kind = message["type"]
        if kind == "http.response.start":
            if self._too_large and message["status"] < 500:
                await self.refuse(TooLarge("The request is larger than is allowed."))
                return
            self._started = True
            self._add_headers(message)
        elif kind == "http.response.body":
            if self._too_large:
                return
            self._ended = not message.get("more_body", False)
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        headers = list(message.get("headers", ()))
        present = {name.lower(): value for name, value in headers}
        headers += [pair for pair in self._headers if pair[0] not in present]
        if b"cache-control" not in present and self._scope["path"].startswith("/v1"):
            headers.append((b"cache-control", b"no-store"))
        message["headers"] = headers
        if present.get(b"content-type", b"").startswith(b"text/event-stream"):
            self._attendance.attend(self)

    @property
    def actor(self) -> Actor | None:
        """Who came in."""
        return self._scope.get("actor")

    @property
    def headers(self) -> Headers:
        """What the visitor showed."""
        headers: Headers = self._scope["headers"]
        return headers

    def end(self) -> None:
        """Break off the stream: the right to it has ended."""
        if self._task is not None and not self._task.done():
            self._revoked = True
            self._task.cancel()

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem instead of letting the request in."""
        if self._scope["type"] == "websocket":
            await self._send({"type": "websocket.close", "code": 4403, "reason": problem.code})
            return
        body = orjson.dumps(problem.document())
        headers = [
            (b"content-type", CONTENT_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *self._headers,
            *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
        ]
        self._started = self._ended = True
        await self._send({"type": "http.response.start", "status": int(problem.status), "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
