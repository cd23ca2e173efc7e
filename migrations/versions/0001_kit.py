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


def upgrade() -> None:
    for role, options in ((APP, ""), (SYSTEM, "bypassrls"), (RECORDER, "bypassrls")):
        op.execute(ROLE.format(role=role, options=options))
        op.execute(f"grant usage on schema public to {role}")
    op.execute(f"grant select on kit_revision to {APP}, {SYSTEM}")
