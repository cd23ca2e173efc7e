"""Alembic's entry: one connection of the owner, one transaction for the whole upgrade."""

from alembic import context
from sqlalchemy import create_engine, pool

from toolmarket.kit.migrations import sync_url

LOCK = 7_461_200

engine = create_engine(sync_url(context.config.attributes["url"]), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, version_table="kit_revision")
    with context.begin_transaction():
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
