"""HTTP of limits."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from toolmarket.billing import errors, schemas, service
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import Forbidden, PreconditionFailed, problems

router = APIRouter(prefix="/v1/limits", tags=["billing"])


@router.get("", responses=problems(Forbidden))
async def list_limits(session: Session, actor: CurrentActor, response: Response) -> schemas.Limits:
    """The rate limits and quotas of your organisation, and what is used of them."""
    limits, response.headers["ETag"] = await service.list_limits(session, actor)
    return limits


@router.put("", responses=problems(Forbidden, PreconditionFailed, errors.LimitsInvalid))
async def put_limits(
    session: Session,
    actor: CurrentActor,
    response: Response,
    wish: schemas.LimitsWish,
    if_match: Annotated[str | None, Header(description="The `ETag` of the limits you started from.")] = None,
) -> schemas.Limits:
    """Replace the rate limits and quotas of your organisation."""
    limits, response.headers["ETag"] = await service.put_limits(session, actor, wish, tag=if_match)
    return limits
