"""Organisations, people, roles, sessions and API keys."""

from alembic import op

from toolmarket.kit.database import APP, SYSTEM
from toolmarket.kit.migrations import CURRENT_ORGANISATION, protect

revision = "0004_identity"
down_revision = "0003_audit"

FELLOW_MEMBERS = f"""exists (
    select from identity_members
    where identity_members.user_id = identity_users.id
        and identity_members.org_id = {CURRENT_ORGANISATION})"""


def upgrade() -> None:
    _organisations_and_people()
    _credentials()


def _organisations_and_people() -> None:
    op.execute("""
        create table identity_organisations (
            id uuid primary key,
            slug text not null unique,
            name text not null,
            demo boolean not null default false,
            created_at timestamptz not null default now()
        )""")
    op.execute("""
        create table identity_users (
            id uuid primary key,
            email text not null,
            name text not null,
            password_hash text not null,
            platform_role text check (platform_role in ('admin', 'moderator')),
            created_at timestamptz not null default now()
        )""")
    op.execute("create unique index identity_users_email_key on identity_users (lower(email))")
    op.execute("""
        create table identity_members (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            user_id uuid not null references identity_users (id) on delete cascade,
            role text not null check (role in
                ('owner', 'admin', 'builder', 'publisher', 'reviewer', 'auditor', 'member')),
            created_at timestamptz not null default now(),
            last_seen_at timestamptz,
            unique (org_id, user_id)
        )""")
    op.execute("create index identity_members_user_id_idx on identity_members (user_id)")
    protect("identity_organisations", condition=f"id = {CURRENT_ORGANISATION}", verbs="select, update")
    protect("identity_members")
    # The application role reads names of fellow members; password hashes stay with the system role.
    protect("identity_users", condition=FELLOW_MEMBERS, verbs="select (id, email, name, created_at)")


def _credentials() -> None:
    op.execute("""
        create table identity_sessions (
            id uuid primary key,
            token_sha256 bytea not null unique,
            user_id uuid not null references identity_users (id) on delete cascade,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            client text not null default '',
            created_at timestamptz not null default now(),
            last_seen_at timestamptz not null default now(),
            expires_at timestamptz not null,
            revoked_at timestamptz
        )""")
    op.execute("create index identity_sessions_user_idx on identity_sessions (user_id, last_seen_at desc)")
    op.execute(f"grant select, insert, update, delete on identity_sessions to {SYSTEM}")
    op.execute("""
        create table identity_api_keys (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            user_id uuid not null references identity_users (id) on delete cascade,
            name text not null,
            role text not null,
            verbs text[],
            prefix text not null,
            key_sha256 bytea not null unique,
            client text not null default '',
            created_at timestamptz not null default now(),
            expires_at timestamptz not null,
            last_used_at timestamptz,
            revoked_at timestamptz,
            check (expires_at <= created_at + interval '366 days')
        )""")
    op.execute("create index identity_api_keys_org_idx on identity_api_keys (org_id, id desc)")
    protect("identity_api_keys", verbs="select, insert, update (revoked_at)")
    op.execute("""
        create table identity_signin_attempts (
            subject_sha256 bytea primary key,
            attempts integer not null,
            window_ends_at timestamptz not null
        )""")
    op.execute(f"grant select, insert, update, delete on identity_signin_attempts to {SYSTEM}")
    for table in ("identity_sessions", "identity_signin_attempts"):
        op.execute(f"revoke all on {table} from {APP}")


def downgrade() -> None:
    for table in ("signin_attempts", "api_keys", "sessions", "members", "users", "organisations"):
        op.execute(f"drop table identity_{table}")
