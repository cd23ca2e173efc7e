"""HTTP of the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Query

from toolmarket.audit import schemas, service
from toolmarket.audit.errors import KeyMismatch
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Session
from toolmarket.kit.problems import Forbidden, problems
from toolmarket.kit.schemas import Page

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("", responses=problems(Forbidden, KeyMismatch))
async def list_events(
    session: Session, actor: CurrentActor, wanted: Annotated[schemas.AuditFilter, Query()]
) -> Page[schemas.AuditEvent]:
    """Search what was done in your organisation."""
    return await service.list_events(session, actor, wanted)


@router.get("/verification", responses=problems(Forbidden))
async def verify(
    session: Session, actor: CurrentActor, wanted: Annotated[schemas.CheckpointQuery, Query()]
) -> schemas.Verification:
    """Recompute the chain over your organisation's audit trail, and compare it with a checkpoint."""
    return await service.check(session, actor, wanted.checkpoint())
