"""Shapes of requests to outside services, and what can go wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from toolmarket.kit.problems import BadGateway

USER_AGENT = "toolmarket"
_KEPT_ACROSS_ORIGINS = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "user-agent", "traceparent"}
)


class UpstreamTimeout(BadGateway):
    status, code, title = (
        HTTPStatus.GATEWAY_TIMEOUT,
        "upstream-timeout",
        "The outside service did not answer in time.",
    )


class UpstreamUnreachable(BadGateway):
    """Nothing was sent: the name, the connection or its encryption failed."""

    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-unreachable",
        "The outside service cannot be reached.",
    )


class ConnectionLost(BadGateway):
    """The request was sent, perhaps in part, and no whole answer came: its effect is not known."""

    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-connection-lost",
        "The connection was lost before the outside service had answered.",
    )


class ResponseTooLarge(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "response-too-large",
        "The answer of the outside service is larger than allowed.",
    )


class ResponseUnreadable(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "response-unreadable",
        "The answer of the outside service cannot be read.",
    )


@dataclass(slots=True)
class Request:
    """One request to an outside service.

    `hosts` are the patterns that every hop must match (None: any public host), `deadline` is a
    `loop.time()` moment, `response_bytes` bounds the body as sent and as unpacked, `follow` is how
    many redirects are followed.
    """

    method: str
    url: str
    deadline: float
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hosts: frozenset[str] | None = None
    response_bytes: int = 4_194_304
    follow: int = 0


@dataclass(slots=True)
class Response:
    """A whole answer: its body unpacked, its `url` that of the last hop."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    received_bytes: int


@dataclass(slots=True)
class Message:
    """What is sent at one hop."""

    method: str
    headers: Mapping[str, str]
    body: bytes

    def redirected(self, status: int, *, same_origin: bool) -> "Message":
        """What is sent to the place that a redirect names; other origins get harmless headers only."""
        headers = self.headers if same_origin else _harmless(self.headers)
        if self.method != "HEAD" and (status == 303 or (status < 303 and self.method == "POST")):
            return Message("GET", headers, b"")
        return Message(self.method, headers, self.body)


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in _KEPT_ACROSS_ORIGINS}
