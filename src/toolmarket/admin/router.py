"""HTTP of the views over all rooms."""

from fastapi import APIRouter

from toolmarket.admin import schemas, service
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import Forbidden, Unauthorized, problems

router = APIRouter(prefix="/v1", tags=["admin"])


@router.get("/home", responses=problems(Unauthorized, Forbidden))
async def home(session: Session, actor: CurrentActor) -> schemas.Home:
    """What needs you today."""
    return await service.home(session, actor)
