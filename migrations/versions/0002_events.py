"""The outbox that tells what happened, and how far its readers are."""

from alembic import op

from toolmarket.kit.database import SYSTEM
from toolmarket.kit.migrations import protect

revision = "0002_events"
down_revision = "0001_kit"

RENUMBER = """
create function events_renumber() returns void
language plpgsql security definer set search_path = public as $$
begin
    alter table events_outbox no force row level security;
    update events_outbox set tx = '1';
    update events_consumers set tx = '1', id = (lpad(to_hex(greatest(0,
        ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - 60000)), 12, '0')
        || repeat('0', 20))::uuid;
    alter table events_outbox force row level security;
end $$
"""


def upgrade() -> None:
    op.execute("""
        create table events_outbox (
            id uuid not null,
            org_id uuid not null,
            tx xid8 not null default pg_current_xact_id(),
            created_at timestamptz not null default now(),
            type text not null,
            subject text not null,
            data jsonb not null,
            primary key (org_id, id)
        )""")
    op.execute("create index events_outbox_org_tx_idx on events_outbox (org_id, tx, id)")
    op.execute("create index events_outbox_tx_idx on events_outbox (tx, id)")
    # The transaction number is the database's word, so nobody may write it.
    protect("events_outbox", verbs="select, insert (id, org_id, type, subject, data)")
    op.execute("""
        create table events_consumers (
            name text primary key,
            tx xid8 not null,
            id uuid not null
        )""")
    op.execute(f"grant select, insert, update, delete on events_consumers to {SYSTEM}")
    op.execute(RENUMBER)
    op.execute("revoke all on function events_renumber from public")
    op.execute(f"grant execute on function events_renumber to {SYSTEM}")
