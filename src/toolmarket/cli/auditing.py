"""Checking the audit chains from the command line."""

import asyncio

import typer

from toolmarket.audit import service as audit
from toolmarket.kit.database import Database


def verify_all(database_url: str) -> int:
    """Verify the chain of every organisation; 1 where one does not fit."""
    return asyncio.run(_verify(database_url))


async def _verify(database_url: str) -> int:
    database = Database(database_url)
    broken = 0
    try:
        for org_id in await audit.chained_organisations(database):
            async with database.transaction(org_id) as session:
                found = await audit.verify(session, org_id)
            broken += not found.valid
            state = "whole" if found.valid else f"broken: {found.findings[0]}"
            typer.echo(f"{org_id}: {found.events} events in {found.blocks} blocks, {state}.")
    finally:
        await database.close()
    return 1 if broken else 0
