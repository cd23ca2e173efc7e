"""Schema migrations: running them, and the tenant wall that each of them puts around its tables."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from sqlalchemy import create_engine, text

from toolmarket.kit.database import APP, RECORDER, SYSTEM

FOLDER = Path(__file__).parents[3] / "migrations"
CURRENT_ORGANISATION = "nullif(current_setting('toolmarket.org_id', true), '')::uuid"


def upgrade(url: str) -> None:
    """Bring the database at `url` (of the owner) to the newest schema; safe to repeat."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def newest_revision() -> str:
    """The revision that this program expects."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def create_database(admin_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database of the owner, as a copy of `template` where one is named."""
    copy = f' template "{template}"' if template else ""
    _administer(admin_url, f'create database "{name}"{copy}')


def drop_database(admin_url: str, name: str) -> None:
    """Remove a database and end its connections."""
    _administer(admin_url, f'drop database if exists "{name}" with (force)')


def _administer(admin_url: str, statement: str) -> None:
    engine = create_engine(sync_url(admin_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def sync_url(url: str) -> str:
    """The address in the form of the synchronous driver, for migrations and administration."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def protect(table: str, *, condition: str = f"org_id = {CURRENT_ORGANISATION}", verbs: str = "") -> None:
    """Put a tenant table behind row-level security and grant it to the roles.

    Args:
        condition: which rows the application role may see and write.
        verbs: what the application role may do, by default everything.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy organisation on {table} using ({condition}) with check ({condition})")
    share(table, verbs=verbs)


def share(table: str, *, verbs: str = "") -> None:
    """Grant a table to the application and system roles; for a table without a tenant."""
    op.execute(f"grant {verbs or 'select, insert, update, delete'} on {table} to {APP}")
    op.execute(f"grant select, insert, update, delete on {table} to {SYSTEM}")


def record_only(table: str) -> None:
    """Let the recorder role insert into a table."""
    op.execute(f"grant insert on {table} to {RECORDER}")


def partition_monthly(table: str) -> None:
    """Make the months around now of a table that is partitioned by its time-ordered id.

    Partitions get no grants: policies do not reach them, so they are read through the parent only.
    """
    op.execute(
        f"select kit_partition('{table}', (date_trunc('month', now() at time zone 'UTC')"
        " + make_interval(months => m))::date) from generate_series(-2, 2) m"
    )
    op.execute(f"create table {table}_default partition of {table} default")
