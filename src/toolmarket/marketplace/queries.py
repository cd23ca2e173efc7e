"""All SQL of the market."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.kit.ids import new_id
from toolmarket.marketplace.models import Listing, Review


async def put_listing(session: AsyncSession, *, org_id: UUID, values: dict[str, Any]) -> None:
    """Make the listing of a tool, or bring its face up to date."""
    statement = insert(Listing).values(org_id=org_id, **values)
    face = {name: statement.excluded[name] for name in ("title", "summary", "categories", "domains", "tags")}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Listing.tool_id], set_={**face, "updated_at": func.now()}
        )
    )


async def get_listing(session: AsyncSession, *, org_id: UUID, tool_id: UUID) -> Listing | None:
    """The listing of a tool."""
    return await session.scalar(select(Listing).where(Listing.org_id == org_id, Listing.tool_id == tool_id))


def _matching(org_id: UUID, words: str, category: str | None) -> Select[Any]:
    statement = select(Listing).where(Listing.org_id == org_id)
    if words:
        query = func.websearch_to_tsquery("english", words)
        statement = statement.where(
            Listing.search.bool_op("@@")(query) | Listing.title.icontains(words, autoescape=True)
        )
    if category:
        statement = statement.where(Listing.categories.contains([category]))
    return statement


async def list_listings(
    session: AsyncSession,
    *,
    org_id: UUID,
    words: str,
    category: str | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Listing]:
    """Listings that match, the newest first."""
    statement = _matching(org_id, words, category).order_by(Listing.id.desc()).limit(limit)
    statement = statement.where(Listing.id < before if before is not None else true())
    return (await session.scalars(statement)).all()


async def count_listings(
    session: AsyncSession, *, org_id: UUID, words: str, category: str | None, cap: int
) -> int:
    """How many match, at most `cap`."""
    rows = _matching(org_id, words, category).with_only_columns(Listing.id).limit(cap).subquery()
    return await session.scalar(select(func.count()).select_from(rows)) or 0


async def put_review(
    session: AsyncSession, *, org_id: UUID, listing_id: UUID, author_id: UUID, stars: int, text: str
) -> Review:
    """Write the organisation's one review, or rewrite it."""
    statement = insert(Review).values(
        id=new_id(), org_id=org_id, listing_id=listing_id, author_id=author_id, stars=stars, text=text
    )
    statement = statement.on_conflict_do_update(
        index_elements=[Review.listing_id, Review.org_id],
        set_={"stars": stars, "text": text, "author_id": author_id, "updated_at": func.now()},
    )
    return (await session.scalars(statement.returning(Review))).one()


async def list_reviews(session: AsyncSession, *, org_id: UUID, listing_id: UUID) -> Sequence[Review]:
    """The reviews of a listing, the newest first."""
    statement = (
        select(Review)
        .where(Review.org_id == org_id, Review.listing_id == listing_id)
        .order_by(Review.created_at.desc())
    )
    return (await session.scalars(statement)).all()


async def refresh_rating(session: AsyncSession, *, org_id: UUID, listing_id: UUID) -> None:
    """Bring a listing's sum and count of stars up to date."""
    total = select(func.coalesce(func.sum(Review.stars), 0)).where(Review.listing_id == listing_id)
    count = select(func.count()).select_from(Review).where(Review.listing_id == listing_id)
    await session.execute(
        update(Listing)
        .where(Listing.org_id == org_id, Listing.id == listing_id)
        .values(rating_sum=total.scalar_subquery(), rating_count=count.scalar_subquery())
    )
