"""Packed hourly histograms of runs."""

from alembic import op

from toolmarket.kit.database import SYSTEM
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
            bytes_in bigint not null,
            bytes_out bigint not null,
            cost_micros bigint not null,
            outcomes bigint[] not null,
            own_histogram bytea not null,
            upstream_histogram bytea not null,
            total_histogram bytea not null,
            primary key (org_id, hour, installation_id, operation_id, version_id)
        )""")
    op.execute("""create index analytics_hours_installation_idx
        on analytics_hours (org_id, installation_id, hour)""")
    op.execute("create index analytics_hours_operation_idx on analytics_hours (org_id, operation_id, hour)")
    protect("analytics_hours", verbs="select")
    op.execute("""
        create table analytics_progress (
            one boolean primary key default true check (one),
            tx xid8 not null default '0',
            run_id uuid not null default '00000000-0000-0000-0000-000000000000'
        )""")
    op.execute("insert into analytics_progress default values")
    op.execute(f"grant select, update (tx, run_id) on analytics_progress to {SYSTEM}")
