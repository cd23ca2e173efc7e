"""What an agent finds: the operations of the installations, or of one toolset."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.installs import errors, models, queries, schemas
from toolmarket.installs.addresses import allowed_hosts, fill
from toolmarket.installs.resolution import Credentials
from toolmarket.kit.actor import Actor
from toolmarket.vault import schemas as vault_schemas
from toolmarket.vault import service as vault

MOST_INSTALLATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Offer:
    """One installation's part of what an agent finds."""

    installation_id: UUID
    alias: str
    prefix: bool
    operations: tuple[catalog_schemas.Operation, ...]
    pass_through: catalog_schemas.McpPassThrough | None
    server: str
    hosts: frozenset[str]
    injection: vault_schemas.Injection = field(repr=False)


async def offers(
    session: AsyncSession, keyring: vault.KeyRing, actor: Actor, toolset: str | None
) -> list[Offer]:
    """What the actor's agents find at an address, oldest installation first.

    Quarantined and paused ones are left out: nothing of them runs.

    Raises:
        ToolsetNotFound: there is no such toolset.
    """
    rows = await queries.list_installations(
        session, org_id=actor.org_id, before=None, limit=MOST_INSTALLATIONS
    )
    chosen: dict[UUID, list[str] | None] | None = None
    prefix = True
    if toolset is not None:
        found = await queries.find_toolset(session, org_id=actor.org_id, slug=toolset)
        if found is None:
            raise errors.ToolsetNotFound(f"There is no toolset {toolset}.")
        items = [schemas.ToolsetItem.model_validate(item) for item in found.items]
        chosen = {item.installation_id: item.operations for item in items}
        prefix = found.prefix
    made = [
        await _offer(session, keyring, actor, row, _Part(prefix, chosen.get(row.id) if chosen else None))
        for row in _open(rows, chosen)
    ]
    return [offer for offer in made if offer is not None]


@dataclass(frozen=True, slots=True)
class _Part:
    prefix: bool
    operations: list[str] | None


def _open(
    rows: Sequence[models.Installation], chosen: dict[UUID, list[str] | None] | None
) -> list[models.Installation]:
    active = [row for row in reversed(rows) if row.state == schemas.InstallationState.active]
    return active if chosen is None else [row for row in active if row.id in chosen]


async def _offer(
    session: AsyncSession, keyring: vault.KeyRing, actor: Actor, row: models.Installation, part: _Part
) -> Offer | None:
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    if version.state == catalog_schemas.State.quarantined:
        return None
    manifest = version.manifest
    operations = tuple(
        operation
        for operation in manifest.operations
        if part.operations is None or operation.name in part.operations
    )
    server, injection = "", vault_schemas.Injection()
    if manifest.mcp is not None:
        server = fill(manifest.mcp.server, row.config, manifest.config_schema)
        security = manifest.operations[0].implementation.security if manifest.operations else []
        credentials = Credentials(session, keyring, actor, manifest, row)
        injection, _ = await credentials.choose(security, server)
    return Offer(
        installation_id=row.id,
        alias=row.alias,
        prefix=part.prefix,
        operations=operations,
        pass_through=manifest.mcp,
        server=server,
        hosts=allowed_hosts(manifest, row.config),
        injection=injection,
    )
