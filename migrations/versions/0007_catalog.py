"""Tools, their immutable versions and the operations in them."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0007_catalog"
down_revision = "0006_billing"


def upgrade() -> None:
    op.execute("""
        create table catalog_namespaces (
            name text primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade
        )""")
    op.execute("""
        create table catalog_tools (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            namespace text not null references catalog_namespaces (name),
            slug text not null,
            latest_version_id uuid,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            unique (namespace, slug)
        )""")
    op.execute("""
        create table catalog_versions (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            tool_id uuid not null references catalog_tools (id) on delete cascade,
            version text not null,
            title text not null,
            summary text not null,
            categories text[] not null,
            operation_count int not null,
            effects text[] not null,
            state text not null,
            state_message text not null default '',
            replacement text,
            definition_digest bytea not null,
            artifact_digest bytea not null,
            manifest jsonb not null,
            notes text not null default '',
            published_by uuid not null,
            published_at timestamptz not null default now(),
            unique (tool_id, version)
        )""")
    op.execute("""
        create table catalog_operations (
            version_id uuid not null references catalog_versions (id) on delete cascade,
            id uuid not null,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            tool_id uuid not null references catalog_tools (id) on delete cascade,
            position int not null,
            name text not null,
            title text not null,
            description text not null,
            effect text not null,
            search tsvector not null generated always as (
                setweight(to_tsvector('english', replace(name, '_', ' ')), 'A')
                || setweight(to_tsvector('english', title), 'B')
                || setweight(to_tsvector('english', description), 'C')
            ) stored,
            primary key (version_id, id)
        )""")
    op.execute("create index catalog_tools_org_idx on catalog_tools (org_id, updated_at desc)")
    op.execute("create index catalog_versions_tool_idx on catalog_versions (tool_id, published_at desc)")
    op.execute("create index catalog_operations_tool_idx on catalog_operations (tool_id)")
    op.execute("create index catalog_operations_search_idx on catalog_operations using gin (search)")
    for table in ("catalog_namespaces", "catalog_tools", "catalog_versions", "catalog_operations"):
        protect(table)
