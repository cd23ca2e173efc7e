"""HTTP of recorded runs. Calls themselves come in through gateway/rest.py, ahead of the framework."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from toolmarket.installs import errors as install_errors
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Database, Session
from toolmarket.kit.problems import BadRequest, Forbidden, TooLarge, TooManyRequests, Unauthorized, problems
from toolmarket.kit.schemas import Page
from toolmarket.runtime import errors, reading
from toolmarket.runtime.gateway.rest import CallAnswer

router = APIRouter(prefix="/v1", tags=["runtime"])
REFUSED = (Unauthorized, Forbidden)


@router.post(
    "/installations/{installation_id}/operations/{name}/runs",
    tags=["calls"],
    responses={
        202: {"description": "With `Prefer: respond-async`: follow the run at `Location`."},
        **problems(
            *REFUSED,
            BadRequest,
            TooLarge,
            TooManyRequests,
            install_errors.InstallationNotFound,
            install_errors.OperationNotFound,
            errors.ArgumentsInvalid,
            errors.KeyReused,
            errors.KeyInProgress,
            errors.ConnectionMissing,
            errors.VersionQuarantined,
            errors.InstallationPaused,
        ),
    },
)
async def call(
    actor: CurrentActor, installation_id: UUID, name: str, arguments: dict[str, Any]
) -> CallAnswer:
    """Call an operation; the body is its arguments.

    Answered by the raw door in front of this route; what it does not take is no operation's address.
    """
    del actor, installation_id, name, arguments
    raise install_errors.OperationNotFound("No operation has this name.")


@router.get("/runs", responses=problems(*REFUSED))
async def list_runs(
    request: Request,
    actor: CurrentActor,
    wanted: Annotated[reading.RunFilter, Query()],
) -> Page[reading.RunItem]:
    """Runs, the newest first. Totals are exact to 10,000."""
    parts = request.app.state.parts
    await parts.recorder.settle()
    database: Database = parts.database
    async with database.transaction(actor.org_id) as session:
        return await reading.list_runs(session, actor, wanted)


@router.get("/runs/{run_id}", responses=problems(*REFUSED, errors.RunNotFound))
async def get_run(request: Request, actor: CurrentActor, run_id: UUID) -> reading.RunDetail:
    """A run with what was asked, sent and answered."""
    parts = request.app.state.parts
    await parts.recorder.settle()
    database: Database = parts.database
    async with database.transaction(actor.org_id) as session:
        return await reading.get_run(session, actor, run_id)


@router.get("/connect", responses=problems(*REFUSED))
async def connect(request: Request, session: Session, actor: CurrentActor) -> reading.Connect:
    """What an agent needs to connect, and whether one has called."""
    return await reading.connect(session, actor, request.app.state.parts.settings.base_url)
