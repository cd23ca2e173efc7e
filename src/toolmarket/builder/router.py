"""HTTP of the builder."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, status

from toolmarket.builder import errors, imports, schemas, service, trying
from toolmarket.catalog import errors as catalog_errors
from toolmarket.catalog.schemas import Operation
from toolmarket.importers import errors as importer_errors
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import BadGateway, BadRequest, Forbidden, TooManyRequests, Unauthorized, problems
from toolmarket.kit.schemas import Page
from toolmarket.kit.upstream import UpstreamTimeout
from toolmarket.kit.urls import EgressRefused
from toolmarket.runtime import errors as runtime_errors
from toolmarket.runtime import service as runtime
from toolmarket.vault import errors as vault_errors

router = APIRouter(prefix="/v1", tags=["builder"])
REFUSED = (Unauthorized, Forbidden)
IfMatch = Annotated[str | None, Header(description='The `ETag` of the draft that was read, such as `"3"`.')]


@router.post(
    "/imports",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *REFUSED,
        errors.ImportNeedsSource,
        importer_errors.DocumentBroken,
        importer_errors.NotOpenApi,
        importer_errors.DescriptionUnusable,
        importer_errors.NotRecognised,
        importer_errors.DocumentTooLarge,
        vault_errors.ConnectionNotFound,
        vault_errors.HostNotBound,
        BadGateway,
        UpstreamTimeout,
        EgressRefused,
    ),
)
async def bring_in(request: Request, actor: CurrentActor, wish: schemas.ImportCreate) -> schemas.Import:
    """Read an API description or an MCP server; nothing is saved as a draft yet."""
    parts = request.app.state.parts
    tools = imports.Tools(parts.database, parts.egress, parts.keyring)
    return await imports.bring_in(tools, actor, wish)


@router.get("/imports/{import_id}", responses=problems(*REFUSED, errors.ImportNotFound))
async def get_import(session: Session, actor: CurrentActor, import_id: UUID) -> schemas.Import:
    """An import whole."""
    return await imports.get_import(session, actor, import_id)


@router.get(
    "/imports/{import_id}/operations/{name}",
    responses=problems(*REFUSED, errors.ImportNotFound, errors.OperationUnknown),
)
async def get_import_operation(
    session: Session, actor: CurrentActor, import_id: UUID, name: str
) -> Operation:
    """One operation of an import as the manifest would hold it."""
    return await imports.get_operation(session, actor, import_id, name)


@router.post(
    "/drafts",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REFUSED, errors.ImportNotFound, errors.OperationUnknown, errors.NameForeign),
)
async def create_draft(
    session: Session, actor: CurrentActor, response: Response, wish: schemas.DraftCreate
) -> schemas.Draft:
    """Begin a draft."""
    return _tagged(response, await service.create_draft(session, actor, wish))


@router.get("/drafts", responses=problems(*REFUSED))
async def list_drafts(
    session: Session,
    actor: CurrentActor,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[schemas.DraftItem]:
    """The organisation's drafts."""
    return await service.list_drafts(session, actor, cursor=cursor, limit=limit)


@router.get("/drafts/{draft_id}", responses=problems(*REFUSED, errors.DraftNotFound))
async def get_draft(
    session: Session, actor: CurrentActor, response: Response, draft_id: UUID
) -> schemas.Draft:
    """A draft whole, with an `ETag` for saving it."""
    return _tagged(response, await service.get_draft(session, actor, draft_id))


@router.put(
    "/drafts/{draft_id}",
    responses=problems(*REFUSED, BadRequest, errors.DraftNotFound, errors.DraftChanged, errors.NameForeign),
)
async def save_draft(
    session: Session,
    actor: CurrentActor,
    response: Response,
    draft_id: UUID,
    save: schemas.DraftSave,
    if_match: IfMatch = None,
) -> schemas.Draft:
    """Save a draft if nobody else did since it was read."""
    revision = _revision(if_match)
    return _tagged(response, await service.save_draft(session, actor, draft_id, revision, save))


@router.delete(
    "/drafts/{draft_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*REFUSED, errors.DraftNotFound, errors.DraftChanged),
)
async def delete_draft(session: Session, actor: CurrentActor, draft_id: UUID) -> None:
    """Put a draft away."""
    await service.delete_draft(session, actor, draft_id)


@router.post(
    "/drafts/{draft_id}/restore", responses=problems(*REFUSED, errors.DraftNotFound, errors.DraftChanged)
)
async def restore_draft(session: Session, actor: CurrentActor, draft_id: UUID) -> schemas.Draft:
    """Undo a deletion."""
    return await service.restore_draft(session, actor, draft_id)


@router.get(
    "/drafts/{draft_id}/operations/{name}/preview",
    responses=problems(
        *REFUSED, errors.DraftNotFound, errors.OperationUnknown, catalog_errors.ManifestInvalid
    ),
)
async def preview(session: Session, actor: CurrentActor, draft_id: UUID, name: str) -> schemas.Preview:
    """What an agent sees."""
    return await trying.preview(session, actor, draft_id, name)


@router.post(
    "/drafts/{draft_id}/operations/{name}/runs",
    response_model=dict[str, Any],
    responses=problems(
        *REFUSED,
        errors.DraftNotFound,
        errors.OperationUnknown,
        catalog_errors.ManifestInvalid,
        runtime_errors.ArgumentsInvalid,
        runtime_errors.ConnectionMissing,
        runtime_errors.ConnectionUnusable,
        TooManyRequests,
    ),
)
async def try_operation(
    request: Request, actor: CurrentActor, draft_id: UUID, name: str, wish: schemas.Try
) -> Response:
    """Call an operation of a draft, recorded like any run."""
    parts = request.app.state.parts
    result = await trying.try_operation(parts.runtime, parts.keyring, actor, (draft_id, name), wish)
    if result.refused is not None:
        raise result.refused
    return Response(runtime.envelope(result), media_type="application/json")


def _tagged(response: Response, draft: schemas.Draft) -> schemas.Draft:
    response.headers["ETag"] = f'"{draft.revision}"'
    return draft


def _revision(if_match: str | None) -> int:
    text = (if_match or "").removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadRequest('Send `If-Match` with the `ETag` that you read, such as `"3"`.', pointer="If-Match")
    return int(text)
