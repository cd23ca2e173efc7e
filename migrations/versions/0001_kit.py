"""Roles and what they may reach."""

from alembic import op

from toolmarket.kit.database import APP, RECORDER, SYSTEM

revision = "0001_kit"
down_revision = None

ROLE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role} nologin {options};
    execute format('grant {role} to %I', current_user);
  end if;
end $$
"""

PARTITION = """
create function kit_partition(parent regclass, since date) returns void
language plpgsql security definer set search_path = public as $$
declare
    floor_id text := lpad(to_hex((extract(epoch from since) * 1000)::bigint), 12, '0') || repeat('0', 20);
    until date := since + interval '1 month';
    ceil_id text := lpad(to_hex((extract(epoch from until) * 1000)::bigint), 12, '0') || repeat('0', 20);
begin
    execute format('create table if not exists %I partition of %s for values from (%L) to (%L)',
        parent::text || to_char(since, '_YYYYMM'), parent, floor_id::uuid, ceil_id::uuid);
end $$
"""


def upgrade() -> None:
    for role, options in ((APP, ""), (SYSTEM, "bypassrls"), (RECORDER, "bypassrls")):
        op.execute(ROLE.format(role=role, options=options))
        op.execute(f"grant usage on schema public to {role}")
    op.execute(f"grant select on kit_revision to {APP}, {SYSTEM}")
    op.execute(PARTITION)
    op.execute("revoke all on function kit_partition from public")
    op.execute(f"grant execute on function kit_partition to {SYSTEM}")
