"""Founding an organisation from the command line, before anybody can sign in."""

import asyncio

import typer
from pydantic import TypeAdapter, ValidationError

from toolmarket.identity import schemas
from toolmarket.identity import service as identity
from toolmarket.kit.database import Database
from toolmarket.kit.problems import Problem

LEAST_CHARACTERS = 12


def found(database_url: str, slug: str, name: str, email: str, password: str) -> int:
    """Make an organisation and its owner; 1 where that cannot be."""
    if len(password) < LEAST_CHARACTERS:
        typer.echo(f"A password has at least {LEAST_CHARACTERS} characters.", err=True)
        return 1
    try:
        TypeAdapter(schemas.Slug).validate_python(slug)
        TypeAdapter(schemas.Email).validate_python(email)
    except ValidationError as error:
        typer.echo(f"{error.errors()[0]['input']}: {error.errors()[0]['msg']}.", err=True)
        return 1
    try:
        asyncio.run(_found(database_url, slug, name, identity.NewUser(email, email, password)))
    except Problem as problem:
        typer.echo(problem.detail, err=True)
        return 1
    typer.echo(f"{name} is founded. {email} can sign in.")
    return 0


async def _found(database_url: str, slug: str, name: str, owner: identity.NewUser) -> None:
    database = Database(database_url, pool_size=1)
    try:
        async with database.system_transaction() as session:
            made = await identity.create_organisation(session, slug=slug, name=name)
            user = await identity.create_user(session, owner)
            await identity.add_member(session, org_id=made.id, user_id=user.id, role="owner")
    finally:
        await database.close()
