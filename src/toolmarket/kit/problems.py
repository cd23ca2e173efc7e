"""Refusals that the caller can act on, rendered as RFC 9457 problem details."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal with a stable code.

    Subclasses set `status`, `code` and `title`; an instance adds what happened here.

    Args:
        detail: what happened and what to do, for a person.
        pointer: JSON pointer or parameter name of the place that is wrong.
        extra: further members of the document, JSON values.
        headers: response headers, such as `Retry-After`.
    """

    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = ""
    title: ClassVar[str] = ""

    def __init__(
        self,
        detail: str = "",
        *,
        pointer: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.pointer = pointer
        self.extra = extra or {}
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        """The RFC 9457 members of this refusal."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": int(self.status),
            "code": self.code,
            "detail": self.detail,
        }
        if self.pointer is not None:
            body["pointer"] = self.pointer
        return {**body, **self.extra}


class BadRequest(Problem):
    status, code, title = HTTPStatus.BAD_REQUEST, "bad-request", "The request cannot be understood."


class Unauthorized(Problem):
    status, code, title = HTTPStatus.UNAUTHORIZED, "unauthorized", "Sign in, or send a valid key."


class Forbidden(Problem):
    status, code, title = HTTPStatus.FORBIDDEN, "forbidden", "Your role does not allow this."


class NotFound(Problem):
    status, code, title = (
        HTTPStatus.NOT_FOUND,
        "not-found",
        "There is nothing here that you may see.",
    )


class Conflict(Problem):
    status, code, title = HTTPStatus.CONFLICT, "conflict", "The present state does not allow this."


class PreconditionFailed(Problem):
    status, code, title = (
        HTTPStatus.PRECONDITION_FAILED,
        "changed-meanwhile",
        "Somebody changed this meanwhile.",
    )


class TooLarge(Problem):
    status, code, title = (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        "The content is too large.",
    )


class TooSlow(Problem):
    status, code, title = (
        HTTPStatus.REQUEST_TIMEOUT,
        "too-slow",
        "The request did not arrive in time.",
    )


class Unprocessable(Problem):
    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-input",
        "The input is not valid.",
    )


class TooManyRequests(Problem):
    status, code, title = HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", "A limit is reached."


class BadGateway(Problem):
    status, code, title = HTTPStatus.BAD_GATEWAY, "upstream-failed", "The outside service failed."


class Unavailable(Problem):
    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Not available right now."


def every_problem(base: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """All refusals that are loaded, for the reference pages."""
    for problem in base.__subclasses__():
        if problem.code:
            yield problem
        yield from every_problem(problem)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these problems."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = by_status.setdefault(
            int(kind.status),
            {
                "description": "",
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
        entry["description"] = (entry["description"] + f" `{kind.code}`: {kind.title}").strip()
    return by_status
