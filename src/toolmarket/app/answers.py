"""How refusals and defects of the framework's routes are answered, and health."""

from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from toolmarket.kit.database import LOST, database_down
from toolmarket.kit.database import DatabaseDown as DatabaseDown
from toolmarket.kit.problems import CONTENT_TYPE, BadRequest, Problem, Unprocessable
from toolmarket.runtime.gateway.rest import InternalError

log = structlog.get_logger("app")


class RouteUnknown(Problem):
    status, code, title = 404, "route-unknown", "There is nothing at this address."


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This address does not take that method."


def render(problem: Problem) -> Response:
    """A problem as an answer."""
    return JSONResponse(
        problem.document(), int(problem.status), headers=problem.headers, media_type=CONTENT_TYPE
    )


def install_handlers(app: FastAPI) -> None:
    """Answer every refusal as a problem document, and every defect without a word about its inside."""
    handlers: dict[Any, Callable[[Request, Any], Response]] = {
        Problem: lambda _, problem: render(problem),
        RequestValidationError: lambda _, error: render(_invalid(error)),
        HTTPException: lambda _, error: render(_framework(error)),
        **dict.fromkeys(LOST, _database_failed),
        DBAPIError: _defect,
        Exception: _defect,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _invalid(error: RequestValidationError) -> Problem:
    mistakes = [
        {"pointer": "/" + "/".join(str(part) for part in mistake["loc"][1:]), "message": mistake["msg"]}
        for mistake in error.errors()
    ]
    first = mistakes[0] if mistakes else {"pointer": "", "message": ""}
    return Unprocessable(first["message"], pointer=first["pointer"], extra={"errors": mistakes})


def _framework(error: HTTPException) -> Problem:
    if error.status_code == RouteUnknown.status:
        return RouteUnknown()
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers=dict(error.headers or {}))
    return BadRequest(str(error.detail))


def _database_failed(_request: Request, error: Exception) -> Response:
    return render(database_down(error))


def _defect(request: Request, error: Exception) -> Response:
    log.error("defect", path=request.url.path, exc_info=error)
    return render(InternalError())
