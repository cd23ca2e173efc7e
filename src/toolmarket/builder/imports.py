"""Bringing a description in: fetched or given, read, kept until it becomes a draft."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.builder import errors, models, queries, schemas
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.identity import service as identity
from toolmarket.importers import schemas as importer_schemas
from toolmarket.importers import service as importers
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import Database
from toolmarket.kit.egress import Egress
from toolmarket.kit.ids import new_id
from toolmarket.vault import service as vault

_UNFIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Tools:
    """What importing works with."""

    database: Database
    egress: Egress
    keyring: vault.KeyRing


async def bring_in(tools: Tools, actor: Actor, wish: schemas.ImportCreate) -> schemas.Import:
    """Read a description and keep the result.

    No transaction is open while the network is asked or the document is read.

    Raises:
        Forbidden: the actor lacks `imports:write`.
        ImportNeedsSource: neither content nor address.
        DocumentBroken, NotOpenApi, DescriptionUnusable, NotRecognised, DocumentTooLarge: the description
            is not one, with the place.
        EgressRefused, UpstreamUnreachable: the address may not or cannot be reached.
        ConnectionNotFound, HostNotBound: the credential cannot be sent there.
    """
    actor.require("imports:write")
    imported = await _read(tools, actor, wish)

    kind = imported.kind if wish.kind == "auto" else wish.kind
    async with tools.database.transaction(actor.org_id) as session:
        manifest = imported.manifest.model_dump(mode="json")
        row = await queries.add_import(
            session,
            org_id=actor.org_id,
            values={
                "id": new_id(),
                "kind": kind,
                "source": wish.url or wish.filename or "pasted text",
                "manifest": manifest,
                "notes": [note.model_dump(mode="json") for note in imported.notes],
                "created_by": actor.principal_id,
            },
        )
        await audit.record(session, actor, "builder.import.created", target=row.id, after={"kind": kind})
        return await _shown(session, row, imported.manifest)


async def _read(tools: Tools, actor: Actor, wish: schemas.ImportCreate) -> importer_schemas.Imported:
    if wish.kind == "mcp":
        if not wish.url:
            raise errors.ImportNeedsSource("Give the address of the MCP server.", pointer="/url")
        return await importers.from_mcp(tools.egress, wish.url, await _credential(tools, actor, wish))
    if wish.content is None:
        if not wish.url:
            raise errors.ImportNeedsSource(pointer="/content")
        return await importers.from_url(tools.egress, wish.url, kind=wish.kind)
    return await asyncio.to_thread(
        importers.from_content, wish.content.encode(), filename=wish.filename, kind=wish.kind
    )


async def _credential(tools: Tools, actor: Actor, wish: schemas.ImportCreate) -> dict[str, str]:
    """The headers to ask an MCP server with."""
    if wish.connection_id is None:
        return {}
    async with tools.database.transaction(actor.org_id) as session:
        return await vault.signing_headers(
            session, tools.keyring, actor, wish.connection_id, url=wish.url or ""
        )


async def get_import(session: AsyncSession, actor: Actor, import_id: UUID) -> schemas.Import:
    """One import.

    Raises:
        ImportNotFound: unknown here.
    """
    actor.require("imports:read")
    row = await find_import(session, actor, import_id)
    return await _shown(session, row, catalog_schemas.Manifest.model_validate(row.manifest))


async def get_operation(
    session: AsyncSession, actor: Actor, import_id: UUID, name: str
) -> catalog_schemas.Operation:
    """One operation of an import, in the form of the manifest.

    Raises:
        ImportNotFound, OperationUnknown.
    """
    actor.require("imports:read")
    row = await find_import(session, actor, import_id)
    for operation in row.manifest["operations"]:
        if operation["name"] == name:
            return catalog_schemas.Operation.model_validate(operation)
    raise errors.OperationUnknown(f"The import has no operation {name}.")


async def find_import(session: AsyncSession, actor: Actor, import_id: UUID) -> models.Import:
    """The row of an import; for this room only."""
    row = await queries.get_import(session, org_id=actor.org_id, import_id=import_id)
    if row is None:
        raise errors.ImportNotFound(f"There is no import {import_id}.")
    return row


def slug_of(title: str) -> str:
    """A tool's slug from its title."""
    return _UNFIT.sub("-", title.lower()).strip("-")[:48].strip("-") or "tool"


async def _shown(
    session: AsyncSession, row: models.Import, manifest: catalog_schemas.Manifest
) -> schemas.Import:
    organisation = await identity.find_organisation(session, org_id=row.org_id)
    notes = [importer_schemas.Note.model_validate(note) for note in row.notes]
    by_operation: dict[str, list[str]] = {}
    for note in notes:
        if note.operation and note.level == "warning":
            by_operation.setdefault(note.operation, []).append(note.message)
    return schemas.Import(
        id=row.id,
        kind=row.kind,
        title=manifest.title,
        summary=manifest.summary,
        description=manifest.description,
        source=row.source,
        suggested_name=f"{organisation.slug}/{slug_of(manifest.title)}",
        operations=[_operation(operation, by_operation) for operation in manifest.operations],
        auth_schemes=manifest.auth.schemes,
        hosts=manifest.egress.hosts,
        config_schema=manifest.config_schema,
        notes=notes,
        created_at=row.created_at,
    )


def _operation(
    operation: catalog_schemas.Operation, problems: dict[str, list[str]]
) -> schemas.ImportedOperation:
    implementation: Any = operation.implementation
    is_http = isinstance(implementation, catalog_schemas.HttpImplementation)
    return schemas.ImportedOperation(
        name=operation.name,
        title=operation.title,
        description=operation.description,
        method=implementation.method if is_http else "MCP",
        path=implementation.path if is_http else implementation.tool,
        tags=operation.tags,
        effects=operation.effects,
        deprecated=operation.deprecated,
        problems=problems.get(operation.name, []),
    )
