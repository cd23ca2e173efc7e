"""Runs, partitioned by their time-ordered id, and what makes their record durable."""

from alembic import op

from toolmarket.kit.database import RECORDER, SYSTEM
from toolmarket.kit.migrations import partition_monthly, protect, record_only

revision = "0010_runtime"
down_revision = "0009_installs"

# Only the primary key holds the time-ordered id: an index on (filter, id) fills its pages by half and
# takes 85 MB a million runs, one whose entries repeat is stored compressed and takes 8. A filter with
# many runs is read along the primary key, one with few is sorted.
RUN_INDEXES = (
    ("tx", "(tx)"),
    ("installation", "(org_id, installation_id)"),
    ("operation", "(org_id, operation_name, operation_id)"),
    ("caller", "(org_id, user_id, principal_id)"),
    ("failed", "(org_id, id desc) where outcome <> 0"),
    ("tried", "(org_id, id desc) where channel = 2"),
)


def upgrade() -> None:
    op.execute("""
        create table runtime_runs (
            id uuid not null,
            org_id uuid not null,
            installation_id uuid,
            operation_id uuid not null,
            version_id uuid,
            principal_id uuid not null,
            user_id uuid not null,
            on_behalf_of_id uuid,
            trace_id uuid not null,
            decision_id uuid,
            parent_run_id uuid,
            chain_id uuid,
            started_at timestamptz not null,
            cost_micros bigint not null,
            tx xid8 not null default pg_current_xact_id(),
            queue_micros int not null,
            own_micros int not null,
            upstream_micros int not null,
            total_micros int not null,
            bytes_in int not null,
            bytes_out int not null,
            answer_tokens int,
            worker_cpu_milliseconds int,
            worker_peak_mib int,
            error_template_id int,
            rule_version int,
            price_version int,
            retries smallint not null,
            http_status smallint,
            outcome smallint not null,
            channel smallint not null,
            environment smallint not null,
            durability smallint not null,
            token_counter smallint,
            principal_kind smallint not null,
            demo boolean not null,
            operation_name text not null,
            client_name text,
            client_version text,
            session_key text,
            step text,
            problem_code text,
            upstream_code text,
            cost_parts jsonb,
            primary key (org_id, id)
        ) partition by range (id)""")
    for name, what in RUN_INDEXES:
        op.execute(f"create index runtime_runs_{name}_idx on runtime_runs {what}")
    op.execute("""
        create table runtime_details (
            id uuid not null,
            org_id uuid not null,
            arguments bytea not null,
            answer bytea not null,
            content_type text not null,
            trace bytea not null,
            primary key (org_id, id)
        ) partition by range (id)""")
    op.execute("""
        create table runtime_intents (
            run_id uuid primary key,
            org_id uuid not null,
            expires_at timestamptz not null,
            row bytea not null
        )""")
    op.execute("""
        create table runtime_idempotency (
            org_id uuid not null,
            principal_id uuid not null,
            key text not null,
            body_digest bytea not null,
            run_id uuid not null,
            answer bytea,
            created_at timestamptz not null default now(),
            primary key (org_id, principal_id, key)
        )""")
    op.execute("create index runtime_idempotency_created_idx on runtime_idempotency (created_at)")
    op.execute("""
        create table runtime_spools (
            spool_id uuid not null,
            position bigint not null,
            at timestamptz not null default now(),
            primary key (spool_id, position)
        )""")
    for table in ("runtime_runs", "runtime_details"):
        protect(table, verbs="select")
        record_only(table)
    for table in ("runtime_intents", "runtime_idempotency"):
        protect(table)
        op.execute(f"grant select, insert, update, delete on {table} to {RECORDER}")
    op.execute(f"grant select, insert, delete on runtime_spools to {SYSTEM}, {RECORDER}")
    op.execute(f"grant select on identity_organisations to {RECORDER}")
    for table in ("runtime_runs", "runtime_details"):
        partition_monthly(table)
