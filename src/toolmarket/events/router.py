"""HTTP of the live events."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from toolmarket.events import errors, schemas, service
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.problems import Forbidden, problems

router = APIRouter(prefix="/v1/events", tags=["events"])


Topic = Annotated[str, Field(max_length=100)]


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get(
    "",
    response_class=EventStream,
    responses=problems(Forbidden, errors.CursorInvalid, errors.UnknownTopic, errors.CursorExpired),
)
async def follow(
    request: Request,
    actor: CurrentActor,
    topics: Annotated[
        list[Topic] | None,
        Query(max_length=50, description="Types, or patterns such as `installs.*`; default: all."),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event received; go on after it.")
    ] = None,
) -> EventStream:
    """Follow what happens in your organisation, as CloudEvents in a stream of server-sent events."""
    stream = await service.follow(
        request.app.state.parts.hub, actor, topics=topics or ["*"], last_event_id=last_event_id
    )
    return EventStream(stream, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


@router.get("/types", responses=problems(Forbidden))
async def list_types(actor: CurrentActor) -> list[schemas.EventType]:
    """The types of events that you may follow."""
    return service.list_types(actor)
