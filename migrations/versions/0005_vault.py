"""Sealed credentials of outside services, and which installations use them."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0005_vault"
down_revision = "0004_identity"


def upgrade() -> None:
    op.execute("""
        create table vault_connections (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            user_id uuid references identity_users (id) on delete cascade,
            name text not null,
            kind text not null check (kind in ('api_key', 'basic', 'bearer')),
            hosts text[] not null check (cardinality(hosts) > 0),
            state text not null default 'unused' check (state in ('ok', 'failing', 'unused')),
            hint text not null,
            sealed bytea not null,
            wrapped_key bytea not null,
            key_id text not null,
            created_by uuid not null,
            created_at timestamptz not null default now(),
            rotated_at timestamptz,
            last_used_at timestamptz
        )""")
    op.execute("""create unique index vault_connections_shared_name_key
        on vault_connections (org_id, lower(name)) where user_id is null""")
    op.execute("""create unique index vault_connections_personal_name_key
        on vault_connections (org_id, user_id, lower(name)) where user_id is not null""")
    op.execute("create index vault_connections_org_idx on vault_connections (org_id, id desc)")
    op.execute("""
        create table vault_bindings (
            org_id uuid not null references identity_organisations (id) on delete cascade,
            connection_id uuid not null references vault_connections (id) on delete cascade,
            user_key text not null,
            label text not null,
            primary key (connection_id, user_key)
        )""")
    op.execute("create index vault_bindings_user_key_idx on vault_bindings (org_id, user_key)")
    protect("vault_connections")
    protect("vault_bindings")


def downgrade() -> None:
    op.execute("drop table vault_bindings")
    op.execute("drop table vault_connections")
