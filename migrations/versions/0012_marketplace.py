"""The marketplace's face of a tool, and reviews of it."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0012_marketplace"
down_revision = "0011_analytics"


def upgrade() -> None:
    op.execute("""
        create table marketplace_listings (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            tool_id uuid not null unique references catalog_tools (id) on delete cascade,
            visibility text not null,
            title text not null,
            summary text not null,
            categories text[] not null,
            domains text[] not null,
            tags text[] not null,
            featured_at timestamptz,
            rating_sum int not null default 0,
            rating_count int not null default 0,
            facts jsonb not null default '{}',
            search tsvector not null generated always as (
                setweight(to_tsvector('english', title), 'A')
                || setweight(to_tsvector('english', summary), 'B')
            ) stored,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        )""")
    op.execute("create index marketplace_listings_search_idx on marketplace_listings using gin (search)")
    op.execute("create index marketplace_listings_org_idx on marketplace_listings (org_id, id desc)")
    op.execute(
        "create index marketplace_listings_category_idx on marketplace_listings using gin (categories)"
    )
    op.execute("""
        create table marketplace_reviews (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            listing_id uuid not null references marketplace_listings (id) on delete cascade,
            author_id uuid not null,
            stars smallint not null check (stars between 1 and 5),
            text text not null,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            unique (listing_id, org_id)
        )""")
    op.execute(
        "create index marketplace_reviews_listing_idx on marketplace_reviews (listing_id, created_at desc)"
    )
    protect("marketplace_listings")
    protect("marketplace_reviews")
