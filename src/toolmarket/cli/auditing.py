"""Checking the audit chains from the command line."""

import asyncio

import typer

from toolmarket.audit import service as audit
from toolmarket.identity import service as identity
from toolmarket.kit.database import Database


def verify_all(database_url: str) -> int:
    """Verify the chain of every organisation; 1 where one does not fit."""
    return asyncio.run(_verify(database_url))


async def _verify(database_url: str) -> int:
    database = Database(database_url)
    broken = 0
    try:
        async with database.system_transaction() as session:
            organisations = await identity.system_organisations(session)
        for organisation in organisations:
            async with database.transaction(organisation.id) as session:
                found = await audit.verify(session, organisation.id)
            broken += not found.valid
            state = "whole" if found.valid else f"broken: {found.findings[0]}"
            typer.echo(f"{organisation.slug}: {found.events} events in {found.blocks} blocks, {state}.")
    finally:
        await database.close()
    return 1 if broken else 0
