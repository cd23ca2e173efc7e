"""Refusals of the event stream."""

from http import HTTPStatus

from toolmarket.kit.problems import BadRequest, Problem


class CursorExpired(Problem):
    status, code, title = (
        HTTPStatus.GONE,
        "events-cursor-expired",
        "Events after that one have been dropped. Read the present state and follow from now.",
    )


class CursorInvalid(BadRequest):
    code, title = "events-cursor-invalid", "This is not the id of an event."


class UnknownTopic(BadRequest):
    code, title = "events-unknown-topic", "No type of event that you may see matches."
