"""Audit events, the keys of their bodies, and the chain over them."""

from alembic import op

from toolmarket.kit.database import APP, RECORDER, SYSTEM
from toolmarket.kit.migrations import partition_monthly, protect

revision = "0003_audit"
down_revision = "0002_events"

WRITTEN = """id, org_id, principal_id, person_id, on_behalf_of_id, trace_id, key_id, rule_version,
    principal_kind, action, target, outcome, before_sha256, after_sha256, body"""

RETAIN = """
create function audit_retain_from(since date) returns int
language plpgsql security definer set search_path = public as $$
declare
    month record;
    dropped int := 0;
begin
    since := date_trunc('month', since);
    for month in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_events'::regclass and c.relname ~ '_[0-9]{6}$'
            and right(c.relname, 6) < to_char(since, 'YYYYMM')
    loop
        execute format('drop table %I', month.relname);
        dropped := dropped + 1;
    end loop;
    update audit_sequencer set retained_from = greatest(retained_from,
        (lpad(to_hex((extract(epoch from since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid);
    return dropped;
end $$
"""

RENUMBER = """
create function audit_renumber() returns void
language plpgsql security definer set search_path = public as $$
begin
    alter table audit_events no force row level security;
    alter table audit_blocks no force row level security;
    update audit_events set tx = pg_current_xact_id();
    update audit_events set tx = '1'
    from (select org_id, unnest(event_ids) as id from audit_blocks) chained
    where audit_events.org_id = chained.org_id and audit_events.id = chained.id;
    update audit_sequencer set tx = '1', id = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    alter table audit_events force row level security;
    alter table audit_blocks force row level security;
end $$
"""


def upgrade() -> None:
    _events()
    _keys()
    _chain()


def _events() -> None:
    op.execute("""
        create table audit_events (
            id uuid not null,
            org_id uuid not null,
            tx xid8 not null default pg_current_xact_id(),
            principal_id uuid not null,
            person_id uuid not null,
            on_behalf_of_id uuid,
            trace_id uuid,
            key_id uuid not null,
            rule_version int,
            principal_kind text not null,
            action text not null,
            target text not null,
            outcome text not null,
            before_sha256 bytea,
            after_sha256 bytea,
            body bytea not null,
            primary key (org_id, id)
        ) partition by range (id)""")
    op.execute("create index audit_events_tx_idx on audit_events (tx, id)")
    for column in ("action", "target", "principal_id"):
        op.execute(f"""create index audit_events_{column}_idx on audit_events (org_id, {column}, id)
            where action <> 'run.finished'""")
    op.execute("""create index audit_events_acted_idx on audit_events (org_id, id desc)
        where action <> 'run.finished'""")
    # Written once: nobody may change or remove an event, and its transaction number is the database's word.
    protect("audit_events", verbs=f"select, insert ({WRITTEN})")
    op.execute(f"grant insert ({WRITTEN}) on audit_events to {RECORDER}")
    op.execute(f"revoke insert, update, delete on audit_events from {SYSTEM}")
    op.execute(f"grant insert ({WRITTEN}) on audit_events to {SYSTEM}")
    partition_monthly("audit_events")


def _keys() -> None:
    op.execute("""
        create table audit_person_keys (
            id uuid primary key,
            org_id uuid not null,
            person_id uuid not null,
            period int not null,
            wrapped bytea not null,
            created_at timestamptz not null default now(),
            unique (org_id, person_id, period)
        )""")
    op.execute("create index audit_person_keys_person_idx on audit_person_keys (person_id)")
    protect("audit_person_keys", verbs="select, insert")


def _chain() -> None:
    op.execute("""
        create table audit_blocks (
            org_id uuid not null,
            seq bigint not null,
            previous_hash bytea not null,
            hash bytea not null,
            event_ids uuid[] not null,
            digests bytea not null,
            created_at timestamptz not null default now(),
            primary key (org_id, seq)
        )""")
    protect("audit_blocks", verbs="select")
    op.execute(f"revoke update, delete on audit_blocks from {SYSTEM}")
    op.execute("""
        create table audit_sequencer (
            one boolean primary key default true check (one),
            tx xid8 not null default '0',
            id uuid not null default '00000000-0000-0000-0000-000000000000',
            retained_from uuid not null default '00000000-0000-0000-0000-000000000000'
        )""")
    op.execute("insert into audit_sequencer default values")
    op.execute(f"grant select on audit_sequencer to {APP}")
    op.execute(f"grant select, update (tx, id) on audit_sequencer to {SYSTEM}")
    op.execute(RETAIN)
    op.execute(RENUMBER)
    for function in ("audit_retain_from", "audit_renumber"):
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {SYSTEM}")
