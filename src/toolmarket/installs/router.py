"""HTTP of installations and toolsets."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, status

from toolmarket.catalog import errors as catalog_errors
from toolmarket.installs import errors, exporting, schemas, service, toolsets
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import BadRequest, Forbidden, Unauthorized, problems
from toolmarket.kit.schemas import Page
from toolmarket.vault import errors as vault_errors

router = APIRouter(prefix="/v1", tags=["installs"])
REFUSED = (Unauthorized, Forbidden)
WRONG = (
    errors.ConfigInvalid,
    errors.BindingInvalid,
    errors.AliasTaken,
    errors.NotInstallable,
    catalog_errors.VersionNotFound,
    vault_errors.ConnectionNotFound,
)


@router.get("/installations", responses=problems(*REFUSED))
async def list_installations(
    session: Session,
    actor: CurrentActor,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[schemas.InstallationItem]:
    """What is installed."""
    return await service.list_installations(session, actor, cursor=cursor, limit=limit)


@router.post(
    "/installations",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REFUSED, *WRONG, catalog_errors.ToolNotFound),
)
async def install(
    session: Session, actor: CurrentActor, wish: schemas.InstallationCreate
) -> schemas.Installation:
    """Install a tool."""
    return await service.install(session, actor, wish)


@router.get("/installations/{installation_id}", responses=problems(*REFUSED, errors.InstallationNotFound))
async def get_installation(
    session: Session, actor: CurrentActor, response: Response, installation_id: UUID
) -> schemas.Installation:
    """An installation whole, with an `ETag` for changing it."""
    return _tagged(response, await service.get_installation(session, actor, installation_id))


@router.patch(
    "/installations/{installation_id}",
    responses=problems(*REFUSED, *WRONG, errors.InstallationNotFound, errors.InstallationChanged, BadRequest),
)
async def change_installation(
    session: Session,
    actor: CurrentActor,
    response: Response,
    installation_id: UUID,
    change: schemas.InstallationChange,
    if_match: Annotated[
        str | None, Header(description="The `ETag` that was read: refuse what others changed meanwhile.")
    ] = None,
) -> schemas.Installation:
    """Upgrade, roll back, rename, pause, configure or rebind an installation."""
    changed = await service.change_installation(
        session, actor, installation_id, change, revision=_revision(if_match)
    )
    return _tagged(response, changed)


def _tagged(response: Response, installation: schemas.Installation) -> schemas.Installation:
    response.headers["ETag"] = f'"{installation.revision}"'
    return installation


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadRequest('`If-Match` is the `ETag` that you read, such as `"3"`.', pointer="If-Match")
    return int(text)


@router.delete(
    "/installations/{installation_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*REFUSED, errors.InstallationNotFound),
)
async def remove_installation(session: Session, actor: CurrentActor, installation_id: UUID) -> None:
    """Uninstall; `restore` undoes it."""
    await service.remove_installation(session, actor, installation_id)


@router.post(
    "/installations/{installation_id}/restore",
    responses=problems(*REFUSED, errors.InstallationNotFound, errors.AliasTaken),
)
async def restore_installation(
    session: Session, actor: CurrentActor, installation_id: UUID
) -> schemas.Installation:
    """Undo an uninstallation."""
    return await service.restore_installation(session, actor, installation_id)


@router.put(
    "/installations/{installation_id}/own-bindings",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        *REFUSED, errors.InstallationNotFound, errors.BindingInvalid, vault_errors.ConnectionNotFound
    ),
)
async def bind_own_connection(
    session: Session, actor: CurrentActor, installation_id: UUID, bindings: schemas.Bindings
) -> None:
    """Let your own calls carry your own connections."""
    await service.bind_own_connection(session, actor, installation_id, bindings)


@router.get(
    "/installations/{installation_id}/exports/{form}",
    responses=problems(*REFUSED, errors.InstallationNotFound),
)
async def export(
    request: Request,
    session: Session,
    actor: CurrentActor,
    installation_id: UUID,
    form: Literal["openai", "anthropic", "gemini", "openapi", "mcp"],
) -> dict[str, Any] | list[dict[str, Any]]:
    """The installation's operations as function schemas of a model provider, or as OpenAPI."""
    base_url = request.app.state.parts.settings.base_url
    return await exporting.export(session, actor, installation_id, form, base_url)


@router.get("/toolsets", responses=problems(*REFUSED))
async def list_toolsets(session: Session, actor: CurrentActor) -> Page[schemas.Toolset]:
    """Selections of operations for agents."""
    return await toolsets.list_toolsets(session, actor)


@router.post(
    "/toolsets",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REFUSED, errors.ToolsetTaken, errors.InstallationNotFound, errors.NamesCollide),
)
async def create_toolset(
    session: Session, actor: CurrentActor, wish: schemas.ToolsetCreate
) -> schemas.Toolset:
    """Make a toolset; it is served at `/mcp/{slug}`."""
    return await toolsets.create_toolset(session, actor, wish)


@router.patch(
    "/toolsets/{toolset_id}",
    responses=problems(*REFUSED, errors.ToolsetNotFound, errors.InstallationNotFound, errors.NamesCollide),
)
async def change_toolset(
    session: Session, actor: CurrentActor, toolset_id: UUID, change: schemas.ToolsetChange
) -> schemas.Toolset:
    """Rename a toolset or change what is in it."""
    return await toolsets.change_toolset(session, actor, toolset_id, change)


@router.delete(
    "/toolsets/{toolset_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*REFUSED, errors.ToolsetNotFound),
)
async def delete_toolset(session: Session, actor: CurrentActor, toolset_id: UUID) -> None:
    """Remove a toolset; its installations stay."""
    await toolsets.delete_toolset(session, actor, toolset_id)
