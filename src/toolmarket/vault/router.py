"""HTTP of the vault."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, status

from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import Forbidden, Unauthorized, Unprocessable, problems
from toolmarket.kit.schemas import Page
from toolmarket.vault import errors, schemas, service

router = APIRouter(prefix="/v1/connections", tags=["vault"])


@router.get("", responses=problems(Unauthorized, Forbidden))
async def list_connections(
    session: Session,
    actor: CurrentActor,
    cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[schemas.Connection]:
    """The shared connections and one's own."""
    return await service.list_connections(session, actor, cursor=cursor, limit=limit)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Unauthorized,
        Forbidden,
        errors.ConnectionNameTaken,
        errors.SecretInvalid,
        errors.HostInvalid,
        Unprocessable,
    ),
)
async def create_connection(
    request: Request, session: Session, actor: CurrentActor, wish: schemas.ConnectionCreate
) -> schemas.Connection:
    """Keep a credential, sealed; nobody can read it again."""
    return await service.create_connection(session, request.app.state.parts.keyring, actor, wish)


@router.put(
    "/{connection_id}/secret",
    responses=problems(
        Unauthorized, Forbidden, errors.ConnectionNotFound, errors.SecretInvalid, Unprocessable
    ),
)
async def rotate_secret(
    request: Request,
    session: Session,
    actor: CurrentActor,
    connection_id: UUID,
    change: schemas.SecretChange,
) -> schemas.Connection:
    """Replace the secret of a connection."""
    keyring: service.KeyRing = request.app.state.parts.keyring
    return await service.rotate_secret(session, keyring, actor, connection_id, change)


@router.delete(
    "/{connection_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Unauthorized, Forbidden, errors.ConnectionNotFound),
)
async def delete_connection(session: Session, actor: CurrentActor, connection_id: UUID) -> None:
    """Destroy a credential."""
    await service.delete_connection(session, actor, connection_id)


@router.post(
    "/{connection_id}/test",
    responses=problems(
        Unauthorized, Forbidden, errors.ConnectionNotFound, errors.HostNotBound, Unprocessable
    ),
)
async def try_connection(
    request: Request,
    actor: CurrentActor,
    connection_id: UUID,
    wish: schemas.ConnectionTest | None = None,
) -> schemas.ConnectionVerdict:
    """Send one request with the credential and tell what the service said."""
    parts = request.app.state.parts
    return await service.try_connection(
        (parts.database, parts.keyring, parts.egress), actor, connection_id, wish or schemas.ConnectionTest()
    )
