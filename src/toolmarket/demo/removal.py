"""Taking the demo away again, whole."""

from uuid import UUID

from sqlalchemy import Uuid, column, delete, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.demo.content import ORGANISATIONS
from toolmarket.kit.database import Database, announce_change

SLUGS = [organisation.slug for organisation in ORGANISATIONS]
_FIND = text("select id from identity_organisations where demo and slug = any(:slugs)")
# What has no foreign key to the organisation; the audit trail stays, for nobody may change it.
_TABLES = ("runtime_runs", "runtime_details", "runtime_intents", "runtime_idempotency", "analytics_hours")
_OWNED = [
    table(name, column("org_id", Uuid))
    for name in (*_TABLES, "installs_installations", "catalog_tools", "catalog_namespaces")
]


async def is_there(database: Database) -> bool:
    """Whether every demo organisation exists."""
    async with database.system_transaction() as session:
        return len((await session.scalars(_FIND, {"slugs": SLUGS})).all()) == len(SLUGS)


async def remove(database: Database) -> None:
    """Delete the demo's organisations with everything in them, and their people."""
    async with database.system_transaction() as session:
        ids = (await session.scalars(_FIND, {"slugs": SLUGS})).all()
        for org_id in ids:
            await _remove_organisation(session, org_id)
            await announce_change(session, org_id)
        await session.execute(
            text("delete from identity_users where email like any(:patterns)"),
            {"patterns": [f"%@{slug}.example" for slug in SLUGS]},
        )


async def _remove_organisation(session: AsyncSession, org_id: UUID) -> None:
    for owned in _OWNED:
        await session.execute(delete(owned).where(owned.c.org_id == org_id))
    await session.execute(text("delete from identity_organisations where id = :org_id"), {"org_id": org_id})
