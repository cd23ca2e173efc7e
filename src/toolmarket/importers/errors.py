"""Refusals of the importers."""

from http import HTTPStatus

from toolmarket.kit.problems import BadGateway, Problem, TooLarge, Unprocessable


class DocumentBroken(Problem):
    """The document cannot be read; `extra` holds the 1-based `line` and `column` of the place."""

    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "document-broken",
        "The document cannot be read.",
    )

    def __init__(self, message: str, *, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}: {message}", extra={"line": line, "column": column})


class NotOpenApi(Unprocessable):
    code, title = "not-openapi", "The document is no OpenAPI description."


class DescriptionUnusable(Unprocessable):
    """Readable, but nothing in it can be called; the pointer names the place, `extra` may hold the line."""

    code, title = "description-unusable", "The description holds nothing that can be imported."


class NotRecognised(Unprocessable):
    code, title = "not-recognised", "The content is none of the descriptions that can be imported."


class DocumentTooLarge(TooLarge):
    code, title = "document-too-large", "The document is larger than an import takes."


class McpServerUnusable(BadGateway):
    code, title = "mcp-server-unusable", "The MCP server cannot be imported."
