"""Installations and toolsets."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0009_installs"
down_revision = "0008_builder"


def upgrade() -> None:
    op.execute("""
        create table installs_installations (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            tool_id uuid not null references catalog_tools (id),
            version_id uuid not null references catalog_versions (id),
            alias text not null,
            state text not null default 'active',
            config jsonb not null,
            bindings jsonb not null,
            demo boolean not null default false,
            revision int not null default 1,
            created_by uuid not null,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            removed_at timestamptz
        )""")
    op.execute("""create unique index installs_installations_alias_key
        on installs_installations (org_id, alias) where removed_at is null""")
    op.execute("""create index installs_installations_org_idx
        on installs_installations (org_id, id desc) where removed_at is null""")
    op.execute("create index installs_installations_tool_idx on installs_installations (tool_id)")
    op.execute("""
        create table installs_toolsets (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            slug text not null,
            name text not null,
            prefix boolean not null,
            items jsonb not null,
            created_by uuid not null,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            unique (org_id, slug)
        )""")
    op.execute("""
        create table installs_personal_bindings (
            org_id uuid not null references identity_organisations (id) on delete cascade,
            installation_id uuid not null references installs_installations (id) on delete cascade,
            user_id uuid not null,
            scheme text not null,
            connection_id uuid not null,
            primary key (installation_id, user_id, scheme)
        )""")
    protect("installs_personal_bindings")
    protect("installs_installations")
    protect("installs_toolsets")
