"""What can go wrong with one call of an outside service."""

from http import HTTPStatus

from toolmarket.kit.problems import BadGateway, Problem, Unprocessable


class ArgumentsUnserialisable(Unprocessable):
    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "arguments-unserialisable",
        "An argument has no form in the request.",
    )


class UpstreamUnauthorized(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-unauthorized",
        "The outside service does not accept the credential.",
    )


class UpstreamRateLimited(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-rate-limited",
        "The outside service asks to call less often.",
    )


class UpstreamRejected(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-rejected",
        "The outside service rejected the request.",
    )


class UpstreamRedirected(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "upstream-redirected",
        "The outside service redirects further than calls follow.",
    )


class PagesUnreadable(BadGateway):
    status, code, title = (
        HTTPStatus.BAD_GATEWAY,
        "pages-unreadable",
        "The pages of the answer are not where the tool says.",
    )


def of_status(status: int) -> type[Problem] | None:
    """The problem that an answer's status means, or None where it is a success."""
    if 200 <= status < 300:
        return None
    if status in {401, 403, 407}:
        return UpstreamUnauthorized
    if status == 429:
        return UpstreamRateLimited
    if status < 400:
        return UpstreamRedirected
    return UpstreamRejected if status < 500 else BadGateway
