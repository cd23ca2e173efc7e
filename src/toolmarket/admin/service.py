"""Views that put several rooms together."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.admin import schemas
from toolmarket.builder import service as builder
from toolmarket.identity import service as identity
from toolmarket.installs import service as installs
from toolmarket.kit import clock
from toolmarket.kit.actor import Actor
from toolmarket.marketplace import schemas as market_schemas
from toolmarket.marketplace import service as marketplace
from toolmarket.runtime import schemas as runtime_schemas
from toolmarket.runtime import service as runtime

DRAFTS_SHOWN = 5


async def home(session: AsyncSession, actor: Actor) -> schemas.Home:
    """The home page of the actor; parts that it may not see are left empty.

    Raises:
        Forbidden: the actor lacks `organisation:read`.
    """
    actor.require("organisation:read")
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    calls, good = await _today(session, actor, midnight)
    drafts = await _drafts(session, actor)
    return schemas.Home(
        steps=await _steps(session, actor, drafts),
        runs_today=calls,
        succeeded_share=good / calls if calls else None,
        drafts=drafts,
    )


async def _today(session: AsyncSession, actor: Actor, since: datetime) -> tuple[int | None, int]:
    if not actor.can("runs:read-all"):
        return None, 0
    return await runtime.reading.summary_since(session, actor, since)


async def _drafts(session: AsyncSession, actor: Actor) -> list[schemas.DraftLine]:
    if not actor.can("drafts:read"):
        return []
    page = await builder.list_drafts(session, actor, limit=DRAFTS_SHOWN)
    return [
        schemas.DraftLine.model_validate(draft.model_dump(include=set(schemas.DraftLine.model_fields)))
        for draft in page.items
    ]


async def _steps(session: AsyncSession, actor: Actor, drafts: list[schemas.DraftLine]) -> list[schemas.Step]:
    tools = (
        (await marketplace.list_tools(session, actor, market_schemas.Wanted(limit=1))).items
        if actor.can("tools:read")
        else []
    )
    installed = (
        (await installs.list_installations(session, actor, limit=1)).items
        if actor.can("installations:read")
        else []
    )
    tried = await runtime.reading.latest_run(session, actor, channels=[runtime_schemas.Channel.try_it])
    called = await runtime.reading.latest_run(
        session, actor, channels=[runtime_schemas.Channel.mcp, runtime_schemas.Channel.rest], demo=False
    )
    keys = (await identity.list_keys(session, actor, limit=1)).items if actor.can("keys:read") else []
    return [
        schemas.Step(id="import", done=bool(drafts or tools), detail=drafts[0].title if drafts else ""),
        schemas.Step(
            id="try",
            done=tried is not None,
            at=tried.started_at if tried else None,
            detail=tried.operation if tried else "",
        ),
        schemas.Step(id="publish", done=bool(tools), detail=tools[0].title if tools else ""),
        schemas.Step(id="install", done=bool(installed), detail=installed[0].alias if installed else ""),
        schemas.Step(id="connect", done=bool(keys), detail=keys[0].name if keys else ""),
        schemas.Step(
            id="call",
            done=called is not None,
            at=called.started_at if called else None,
            detail=called.operation if called else "",
        ),
    ]
