"""HTTP of the market."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, status

from toolmarket.builder import errors as builder_errors
from toolmarket.catalog import errors as catalog_errors
from toolmarket.catalog.schemas import Category
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import Forbidden, Unauthorized, problems
from toolmarket.kit.schemas import Page
from toolmarket.marketplace import errors, schemas, service

router = APIRouter(prefix="/v1", tags=["marketplace"])
REFUSED = (Unauthorized, Forbidden)
TOOL = "/tools/{namespace}/{slug}"


@router.get("/tools", responses=problems(*REFUSED))
async def list_tools(
    session: Session,
    actor: CurrentActor,
    q: Annotated[str, Query(max_length=200, description="Words to look for.")] = "",
    category: Category | None = None,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[schemas.ToolItem]:
    """Tools to install."""
    wanted = schemas.Wanted(words=q.strip(), category=category, cursor=cursor, limit=limit)
    return await service.list_tools(session, actor, wanted)


@router.get(TOOL, responses=problems(*REFUSED, catalog_errors.ToolNotFound, errors.ListingNotFound))
async def get_tool(session: Session, actor: CurrentActor, namespace: str, slug: str) -> schemas.Tool:
    """A tool whole."""
    return await service.get_tool(session, actor, f"{namespace}/{slug}")


@router.post(
    TOOL + "/versions/{version}/state",
    responses=problems(
        *REFUSED,
        catalog_errors.ToolNotFound,
        catalog_errors.VersionNotFound,
        catalog_errors.TransitionRefused,
    ),
)
async def set_state(
    session: Session,
    actor: CurrentActor,
    namespace: str,
    slug: str,
    version: str,
    change: schemas.StateChange,
) -> schemas.Tool:
    """Deprecate, yank, quarantine or restore a version."""
    return await service.set_state(session, actor, f"{namespace}/{slug}", version, change)


@router.get(
    TOOL + "/reviews",
    responses=problems(*REFUSED, catalog_errors.ToolNotFound, errors.ListingNotFound),
)
async def list_reviews(
    session: Session, actor: CurrentActor, namespace: str, slug: str
) -> Page[schemas.Review]:
    """What organisations say about a tool."""
    return await service.list_reviews(session, actor, f"{namespace}/{slug}")


@router.put(
    TOOL + "/reviews/mine",
    responses=problems(*REFUSED, catalog_errors.ToolNotFound, errors.ListingNotFound, errors.ReviewNeedsUse),
)
async def write_review(
    session: Session, actor: CurrentActor, namespace: str, slug: str, draft: schemas.ReviewCreate
) -> schemas.Review:
    """Review a tool that your organisation has used."""
    return await service.write_review(session, actor, f"{namespace}/{slug}", draft)


@router.get("/drafts/{draft_id}/publication", responses=problems(*REFUSED, builder_errors.DraftNotFound))
async def publication(session: Session, actor: CurrentActor, draft_id: UUID) -> schemas.Publication:
    """What publishing a draft would do now."""
    return await service.publication(session, actor, draft_id)


@router.post(
    "/drafts/{draft_id}/publication",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *REFUSED,
        builder_errors.DraftNotFound,
        errors.DraftIncomplete,
        catalog_errors.VersionExists,
        catalog_errors.VersionTooSmall,
        catalog_errors.NamespaceTaken,
    ),
)
async def publish(
    request: Request, session: Session, actor: CurrentActor, draft_id: UUID, wish: schemas.Publish
) -> schemas.Published:
    """Publish a draft to the organisation."""
    return await service.publish(session, request.app.state.parts.shaper, actor, draft_id, wish)
