"""Packed hourly histograms of runs."""

from alembic import op

from toolmarket.kit.migrations import protect

revision = "0011_analytics"
down_revision = "0010_runtime"


def upgrade() -> None:
    op.execute("""
        create table analytics_hours (
            org_id uuid not null,
            hour timestamptz not null,
            installation_id uuid not null,
            operation_id uuid not null,
            version_id uuid not null,
            calls bigint not null,
            outcomes bigint[] not null,
            own_histogram bytea not null,
            upstream_histogram bytea not null,
            bytes_in bigint not null,
            bytes_out bigint not null,
            cost_micros bigint not null,
            primary key (org_id, hour, installation_id, operation_id, version_id)
        )""")
    op.execute("""create index analytics_hours_operation_idx
        on analytics_hours (org_id, operation_id, hour desc)""")
    op.execute("""
        create table analytics_progress (
            name text primary key,
            transaction_id bigint not null,
            run_id uuid not null
        )""")
    protect("analytics_hours", verbs="select")
    op.execute("grant select, insert, update on analytics_progress to toolmarket_system")
