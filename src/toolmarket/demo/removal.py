"""Taking the demo away again, whole."""

from uuid import UUID

from sqlalchemy import Uuid, column, delete, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.demo.content import ORGANISATIONS
from toolmarket.kit.database import Database, announce_change

SLUGS = [organisation.slug for organisation in ORGANISATIONS]
_FIND = text("select id from identity_organisations where demo and slug = any(:slugs)")
_OWN = text("""
    with demo as (select id, created_at from identity_organisations where demo and slug = any(:slugs))
    select
        (select count(*) from installs_installations i join demo on demo.id = i.org_id
            where not i.demo and i.removed_at is null) as installations,
        (select count(*) from builder_drafts d join demo on demo.id = d.org_id
            where d.created_at > demo.created_at + interval '10 minutes') as drafts,
        (select count(*) from runtime_runs r join demo on demo.id = r.org_id where not r.demo) as runs""")
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


async def own_content(database: Database) -> str:
    """What people added to the demo's organisations, in words; empty where nothing."""
    async with database.system_transaction() as session:
        row = (await session.execute(_OWN, {"slugs": SLUGS})).one()
    counts = {"installations": row.installations, "drafts": row.drafts, "runs": row.runs}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


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
