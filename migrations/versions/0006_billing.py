"""Limits, their counters, and the facts that are metered."""

from alembic import op

from toolmarket.kit.migrations import partition_monthly, protect, record_only

revision = "0006_billing"
down_revision = "0005_vault"


def upgrade() -> None:
    op.execute("""
        create table billing_limits (
            id uuid primary key,
            org_id uuid not null references identity_organisations (id) on delete cascade,
            scope text not null check (scope in ('organisation', 'key', 'installation')),
            subject_id uuid not null,
            rate_per_minute int check (rate_per_minute >= 0),
            quota_per_month bigint check (quota_per_month >= 0),
            updated_at timestamptz not null default now(),
            unique (org_id, scope, subject_id)
        )""")
    protect("billing_limits")
    op.execute("""
        create table billing_counters (
            org_id uuid not null references identity_organisations (id) on delete cascade,
            limit_id uuid not null references billing_limits (id) on delete cascade,
            meter text not null check (meter in ('rate', 'quota')),
            window_at timestamptz not null,
            used bigint not null,
            primary key (limit_id, meter, window_at)
        )""")
    protect("billing_counters")
    op.execute("""
        create table billing_facts (
            run_id uuid not null,
            id uuid not null,
            org_id uuid not null,
            installation_id uuid not null,
            quantity bigint not null,
            meter text not null,
            component text not null,
            primary key (org_id, run_id, id)
        ) partition by range (run_id)""")
    protect("billing_facts", verbs="select")
    record_only("billing_facts")
    partition_monthly("billing_facts")
