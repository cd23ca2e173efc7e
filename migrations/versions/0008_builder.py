"""Imports that wait to become drafts, and drafts."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0008_builder"
down_revision = "0007_catalog"


def upgrade() -> None:
    op.execute("""
        create table builder_imports (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            kind text not null,
            source text not null,
            manifest jsonb not null,
            notes jsonb not null,
            created_by uuid not null,
            created_at timestamptz not null default now()
        )""")
    op.execute("""
        create table builder_drafts (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            name text not null,
            manifest jsonb not null,
            notes jsonb not null,
            problem_count int not null default 0,
            revision int not null default 1,
            published_version text,
            created_by uuid not null,
            updated_by uuid not null,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            deleted_at timestamptz
        )""")
    op.execute("create index builder_imports_org_idx on builder_imports (org_id, created_at desc)")
    op.execute("""create index builder_drafts_org_idx on builder_drafts (org_id, id desc)
        where deleted_at is null""")
    protect("builder_imports")
    protect("builder_drafts")
