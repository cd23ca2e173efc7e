"""The browser application's files, the pages of problems, and the shape of a problem in the API."""

import html
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from toolmarket.app import answers
from toolmarket.app.assets import Assets
from toolmarket.kit.json_text import JsonInvalid
from toolmarket.kit.problems import (
    BadRequest,
    Forbidden,
    TooLarge,
    TooSlow,
    Unauthorized,
    every_problem,
    problems,
)

FILES = Path(__file__).parents[3] / "web" / "dist"
NOT_BUILT = "<!doctype html><title>toolmarket</title><p>The web application is not built: run make web.</p>"
NOT_PAGES = ("v1/", "health/", "schemas/", "mcp", "assets/")
GENERAL = (BadRequest, Unauthorized, answers.DatabaseDown)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "pointer": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "additionalProperties": True,
}


def describe_problems(app: FastAPI) -> None:
    """Put the shape of a problem into the API's description, in place of the framework's own."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = original()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            if "Problem" in schemas:
                raise RuntimeError("a room has a shape named as the problem document is")
            schemas["Problem"] = PROBLEM
            for path in document["paths"].values():
                for method, operation in path.items():
                    _replace_validation(operation)
                    _add_general(method, operation)
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _replace_validation(operation: dict[str, Any]) -> None:
    answer = operation.get("responses", {}).get("422")
    if answer is not None and "application/json" in answer.get("content", {}):
        answer["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _add_general(method: str, operation: dict[str, Any]) -> None:
    """Declare what any address may answer, before its own rules are asked."""
    changing = (Forbidden,) if method != "get" else ()
    bodies = (TooLarge, TooSlow, JsonInvalid) if "requestBody" in operation else ()
    for status, answer in problems(*GENERAL, *changing, *bodies).items():
        operation["responses"].setdefault(str(status), answer)


def add_pages(app: FastAPI) -> None:
    """Serve the browser application for every address that is no other route."""
    if (FILES / "assets").is_dir():
        app.mount("/assets", Assets(directory=FILES / "assets"), name="assets")
    app.add_api_route("/problems/{code}", problem_page, include_in_schema=False)
    app.add_api_route("/{path:path}", application_page, include_in_schema=False)


async def problem_page(code: str) -> Response:
    """What a problem's `type` address leads to."""
    kind = next((kind for kind in every_problem() if kind.code == code), None)
    if kind is None:
        return answers.render(answers.RouteUnknown())
    title = html.escape(kind.title)
    return HTMLResponse(
        f"<!doctype html><title>{title}</title><h1>{title}</h1>"
        f"<p>Code <code>{kind.code}</code>, status {int(kind.status)}.</p>"
    )


async def application_page(path: str) -> Response:
    """A file of the browser application, or its first page, which finds its way by the address."""
    if path.startswith(NOT_PAGES):
        return answers.render(answers.RouteUnknown())
    file = _file_at(path) if path else None
    if file is not None:
        return FileResponse(file)
    index = FILES / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, 503)
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _file_at(path: str) -> Path | None:
    """The file of the browser application at a path, where there is one."""
    try:
        file = (FILES / path).resolve()
        return file if file.is_relative_to(FILES.resolve()) and file.is_file() else None
    except (OSError, ValueError):
        # The path is none that a file could have: too long, for example.
        return None
