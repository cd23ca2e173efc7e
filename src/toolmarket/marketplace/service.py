"""The rules of the market: publish to the organisation, browse, review, stop."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.builder import service as builder
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.kit.ids import new_id
from toolmarket.kit.schemas import Page
from toolmarket.marketplace import errors, models, queries, schemas
from toolmarket.runtime import service as runtime

TOTAL_CAP = 10_000


async def publish(
    session: AsyncSession, shaper: runtime.Shaper, actor: Actor, draft_id: UUID, wish: schemas.Publish
) -> schemas.Published:
    """Make a version of a draft and list it for the organisation.

    Args:
        shaper: compiles the jq programs in it.

    Raises:
        Forbidden: the actor lacks `tools:publish`.
        DraftNotFound: unknown here.
        DraftIncomplete: with every problem and its place.
        VersionExists, VersionTooSmall, NamespaceTaken: about the number and the name.
    """
    actor.require("tools:publish")
    draft = await builder.get_draft(session, actor, draft_id)
    mistakes = [problem for problem in draft.problems if problem.level == "error"]
    if mistakes:
        raise errors.DraftIncomplete(
            mistakes[0].message,
            pointer=mistakes[0].pointer,
            extra={"errors": [mistake.model_dump() for mistake in mistakes]},
        )
    manifest = catalog.parse_manifest({**draft.manifest, "version": wish.version})
    await _check_shapes(shaper, manifest)

    version = await catalog.publish_version(session, actor, manifest, notes=wish.notes)
    await queries.put_listing(
        session,
        org_id=actor.org_id,
        values={
            "id": new_id(),
            "tool_id": version.tool_id,
            "visibility": "organisation",
            "title": manifest.title,
            "summary": manifest.summary,
            "categories": [str(category) for category in manifest.categories],
            "domains": manifest.domains,
            "tags": manifest.tags,
        },
    )
    await builder.note_published(session, actor, draft_id, wish.version)
    return schemas.Published(
        tool=manifest.name, version=wish.version, tool_id=version.tool_id, version_id=version.id
    )


async def _check_shapes(shaper: runtime.Shaper, manifest: catalog_schemas.Manifest) -> None:
    for position, operation in enumerate(manifest.operations):
        if not operation.implementation.shape:
            continue
        try:
            await shaper.check(operation.implementation.shape)
        except runtime.ShapeRefused as problem:
            pointer = f"/operations/{position}/implementation/shape"
            mistake = {"pointer": pointer, "message": problem.detail, "level": "error"}
            raise errors.DraftIncomplete(
                problem.detail, pointer=pointer, extra={"errors": [mistake]}
            ) from problem


async def publication(session: AsyncSession, actor: Actor, draft_id: UUID) -> schemas.Publication:
    """What publishing a draft would do now.

    Raises:
        DraftNotFound: unknown here.
    """
    draft = await builder.get_draft(session, actor, draft_id)
    problems = draft.problems
    previous: str | None = draft.published_version
    suggested, changes = "1.0.0", list[catalog.Change]()
    if all(problem.level != "error" for problem in problems):
        manifest = catalog.parse_manifest(draft.manifest)
        previous, suggested, changes = await catalog.compare_with_published(session, actor, manifest)
    return schemas.Publication(
        suggested_version=suggested,
        previous_version=previous,
        changes=[schemas.Change.model_validate(change) for change in changes],
        problems=problems,
    )


async def list_tools(
    session: AsyncSession,
    actor: Actor,
    wanted: schemas.Wanted,
) -> Page[schemas.ToolItem]:
    """Tools that the actor's organisation may install."""
    actor.require("tools:read")
    rows = await queries.list_listings(
        session,
        org_id=actor.org_id,
        words=wanted.words,
        category=wanted.category,
        before=wanted.cursor,
        limit=wanted.limit + 1,
    )
    total = await queries.count_listings(
        session, org_id=actor.org_id, words=wanted.words, category=wanted.category, cap=TOTAL_CAP + 1
    )
    page = rows[: wanted.limit]
    summaries = await catalog.newest_summaries(session, actor.org_id, [row.tool_id for row in page])
    installed = await installs.installed_tools(session, actor)
    return Page(
        items=[
            schemas.ToolItem(**_item(row, summaries[row.tool_id], row.tool_id in installed)) for row in page
        ],
        next_cursor=str(page[-1].id) if len(rows) > wanted.limit else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )


async def get_tool(session: AsyncSession, actor: Actor, name: str) -> schemas.Tool:
    """A tool with its history.

    Raises:
        ToolNotFound, ListingNotFound: nothing of that name here.
    """
    versions = await catalog.list_versions(session, actor, name)
    newest = await catalog.version_of(session, actor, name)
    row = await queries.get_listing(session, org_id=actor.org_id, tool_id=newest.tool_id)
    if row is None:
        raise errors.ListingNotFound(f"There is no tool {name} in the market.")
    summaries = await catalog.newest_summaries(session, actor.org_id, [row.tool_id])
    installed = await installs.installed_tools(session, actor)
    return schemas.Tool(
        **_item(row, summaries[row.tool_id], row.tool_id in installed),
        description=newest.manifest.description,
        versions=[
            schemas.ToolVersion(
                id=version.id,
                version=version.version,
                state=version.state,
                state_message=version.state_message,
                published_at=version.published_at,
                notes=version.notes,
            )
            for version in versions
        ],
        manifest=newest.manifest.model_dump(mode="json"),
    )


async def set_state(
    session: AsyncSession, actor: Actor, name: str, version: str, change: schemas.StateChange
) -> schemas.Tool:
    """Deprecate, yank, quarantine or restore a version.

    Raises:
        Forbidden: the actor lacks `tools:manage`.
        ToolNotFound, VersionNotFound, TransitionRefused.
    """
    await catalog.set_state(session, actor, name, version, change.state, change.message)
    return await get_tool(session, actor, name)


async def write_review(
    session: AsyncSession, actor: Actor, name: str, draft: schemas.ReviewCreate
) -> schemas.Review:
    """Write the organisation's one review of a tool that it ran, or rewrite it.

    Raises:
        Forbidden: the actor lacks `reviews:write`.
        ToolNotFound, ListingNotFound: nothing of that name here.
        ReviewNeedsUse: the organisation never ran it.
    """
    actor.require("reviews:write")
    newest = await catalog.version_of(session, actor, name)
    listing = await queries.get_listing(session, org_id=actor.org_id, tool_id=newest.tool_id)
    if listing is None:
        raise errors.ListingNotFound(f"There is no tool {name} in the market.")
    operation_ids = [
        catalog.operation_id(newest.tool_id, operation.name) for operation in newest.manifest.operations
    ]
    if not await runtime.reading.ever_ran(session, actor, operation_ids):
        raise errors.ReviewNeedsUse("Run the tool once, then tell others how it went.")

    review = await queries.put_review(
        session,
        org_id=actor.org_id,
        listing_id=listing.id,
        author_id=actor.user_id,
        stars=draft.stars,
        text=draft.text,
    )
    await queries.refresh_rating(session, org_id=actor.org_id, listing_id=listing.id)
    await audit.record(
        session, actor, "marketplace.review.written", target=review.id, after={"stars": draft.stars}
    )
    return schemas.Review.model_validate(_review(review))


async def list_reviews(session: AsyncSession, actor: Actor, name: str) -> Page[schemas.Review]:
    """The reviews of a tool.

    Raises:
        ToolNotFound, ListingNotFound: nothing of that name here.
    """
    newest = await catalog.version_of(session, actor, name)
    listing = await queries.get_listing(session, org_id=actor.org_id, tool_id=newest.tool_id)
    if listing is None:
        raise errors.ListingNotFound(f"There is no tool {name} in the market.")
    rows = await queries.list_reviews(session, org_id=actor.org_id, listing_id=listing.id)
    return Page(items=[schemas.Review.model_validate(_review(row)) for row in rows], total=len(rows))


def _review(row: models.Review) -> dict[str, Any]:
    return {name: getattr(row, name) for name in schemas.Review.model_fields}


def _item(row: models.Listing, summary: catalog_schemas.VersionSummary, installed: bool) -> dict[str, Any]:
    return {
        "id": row.tool_id,
        "name": summary.name,
        "title": row.title,
        "summary": row.summary,
        "categories": row.categories,
        "namespace": summary.name.partition("/")[0],
        "operations": summary.operation_count,
        "effects": summary.effects,
        "latest_version": summary.version,
        "state": summary.state,
        "visibility": row.visibility,
        "installed": installed,
        "rating": row.rating_sum / row.rating_count if row.rating_count else None,
        "rating_count": row.rating_count,
        "updated_at": row.updated_at,
    }
