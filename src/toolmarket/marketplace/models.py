"""Listings and reviews."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from toolmarket.kit.database import Table

Moment = DateTime(timezone=True)


class Listing(Table):
    __tablename__ = "marketplace_listings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    tool_id: Mapped[UUID] = mapped_column(unique=True)
    visibility: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    domains: Mapped[list[str]] = mapped_column(ARRAY(Text))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    featured_at: Mapped[datetime | None] = mapped_column(Moment)
    rating_sum: Mapped[int]
    rating_count: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    search: Mapped[str] = mapped_column(TSVECTOR)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Review(Table):
    __tablename__ = "marketplace_reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("marketplace_listings.id"))
    author_id: Mapped[UUID]
    stars: Mapped[int]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
