"""The rules of installations."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.events import service as events
from toolmarket.installs import errors, models, presentation, queries, schemas
from toolmarket.installs.offers import Offer as Offer
from toolmarket.installs.offers import offers as offers
from toolmarket.installs.presentation import mcp_name as mcp_name
from toolmarket.installs.resolution import DraftTarget as DraftTarget
from toolmarket.installs.resolution import Resolved as Resolved
from toolmarket.installs.resolution import resolve as resolve
from toolmarket.installs.resolution import resolve_draft as resolve_draft
from toolmarket.kit import clock
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import announce_change
from toolmarket.kit.ids import new_id
from toolmarket.kit.json_schema import Validator
from toolmarket.kit.schemas import Page
from toolmarket.vault import service as vault

TOTAL_CAP = 10_000


async def install(
    session: AsyncSession, actor: Actor, wish: schemas.InstallationCreate, *, demo: bool = False
) -> schemas.Installation:
    """Put a tool into the actor's organisation.

    Raises:
        Forbidden: the actor lacks `installations:write`.
        ToolNotFound, VersionNotFound: nothing of that name here.
        NotInstallable: the version is yanked or quarantined.
        ConfigInvalid, BindingInvalid: with the place of the mistake.
        AliasTaken: choose another.
    """
    actor.require("installations:write")
    version = await catalog.version_of(session, actor, wish.tool, wish.version)
    _check_installable(version)
    _check_config(version.manifest, wish.config)
    await _check_bindings(session, actor, version.manifest, wish.bindings)

    row = await queries.add_installation(
        session,
        org_id=actor.org_id,
        values={
            "id": new_id(),
            "tool_id": version.tool_id,
            "version_id": version.id,
            "alias": wish.alias,
            "config": wish.config,
            "bindings": {scheme: str(connection) for scheme, connection in wish.bindings.items()},
            "demo": demo,
            "created_by": actor.principal_id,
        },
    )
    if row is None:
        raise errors.AliasTaken(f"Choose another alias than {wish.alias}.", pointer="/alias")

    await _note_bindings(session, row)
    await _told(session, actor, row.id, "created", after=wish.model_dump(mode="json"))
    return await presentation.whole(session, actor, row)


async def get_installation(
    session: AsyncSession, actor: Actor, installation_id: UUID
) -> schemas.Installation:
    """One installation.

    Raises:
        InstallationNotFound: unknown here, or removed.
    """
    actor.require("installations:read")
    return await presentation.whole(session, actor, await _row(session, actor, installation_id))


async def list_installations(
    session: AsyncSession, actor: Actor, *, cursor: UUID | None = None, limit: int = 50
) -> Page[schemas.InstallationItem]:
    """The organisation's installations, the newest first."""
    actor.require("installations:read")
    rows = await queries.list_installations(session, org_id=actor.org_id, before=cursor, limit=limit + 1)
    total = await queries.count_installations(session, org_id=actor.org_id, cap=TOTAL_CAP + 1)
    items = await presentation.items(session, actor, rows[:limit])
    return Page(
        items=items,
        next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
    )


async def aliases(session: AsyncSession, org_id: UUID, installation_ids: Collection[UUID]) -> dict[UUID, str]:
    """The aliases of installations, removed ones included."""
    return await queries.aliases(session, org_id=org_id, installation_ids=installation_ids)


async def installed_tools(session: AsyncSession, actor: Actor) -> frozenset[UUID]:
    """The tools that the actor's organisation has installed."""
    return frozenset(await queries.installed_tools(session, org_id=actor.org_id))


async def change_installation(
    session: AsyncSession,
    actor: Actor,
    installation_id: UUID,
    change: schemas.InstallationChange,
    *,
    revision: int | None = None,
) -> schemas.Installation:
    """Upgrade, roll back, rename, pause, configure or rebind an installation.

    Args:
        revision: of the installation that the change was made from.

    Raises:
        Forbidden: the actor lacks `installations:write`.
        InstallationChanged: somebody changed it since that revision.
        InstallationNotFound, VersionNotFound, NotInstallable, ConfigInvalid, BindingInvalid, AliasTaken.
    """
    actor.require("installations:write")
    row = await _row(session, actor, installation_id, lock=True)
    if revision not in {None, row.revision}:
        raise errors.InstallationChanged(f"{row.alias} is at revision {row.revision} now. Read it again.")
    current = await catalog.get_version(session, actor.org_id, row.version_id)
    version = current
    if change.version is not None and change.version != current.version:
        version = await catalog.version_of(session, actor, current.name, change.version)
        _check_installable(version)

    values = await _changed_values(session, actor, row, version, change)
    changed = await _put(session, row, values, alias=change.alias or row.alias)
    await _note_bindings(session, changed)
    await _told(session, actor, row.id, "changed", after=change.model_dump(mode="json", exclude_unset=True))
    return await presentation.whole(session, actor, changed)


async def _changed_values(
    session: AsyncSession,
    actor: Actor,
    row: models.Installation,
    version: catalog_schemas.PublishedVersion,
    change: schemas.InstallationChange,
) -> dict[str, Any]:
    values: dict[str, Any] = {"version_id": version.id}
    if change.alias is not None:
        if await queries.alias_in_use(session, org_id=actor.org_id, alias=change.alias, besides=row.id):
            raise errors.AliasTaken(f"Choose another alias than {change.alias}.", pointer="/alias")
        values["alias"] = change.alias
    if change.state is not None:
        values["state"] = change.state
    if change.config is not None or version.id != row.version_id:
        values["config"] = row.config if change.config is None else change.config
        _check_config(version.manifest, values["config"])
    if change.bindings is not None:
        await _check_bindings(session, actor, version.manifest, change.bindings)
        values["bindings"] = {scheme: str(connection) for scheme, connection in change.bindings.items()}
    return values


async def remove_installation(session: AsyncSession, actor: Actor, installation_id: UUID) -> None:
    """Uninstall; runs stay, and `restore_installation` brings it back.

    Raises:
        Forbidden: the actor lacks `installations:write`.
        InstallationNotFound: unknown here.
    """
    actor.require("installations:write")
    row = await _row(session, actor, installation_id, lock=True)
    await queries.change_installation(
        session, org_id=actor.org_id, installation_id=row.id, values={"removed_at": clock.now()}
    )
    await _told(session, actor, row.id, "removed")


async def restore_installation(
    session: AsyncSession, actor: Actor, installation_id: UUID
) -> schemas.Installation:
    """Undo an uninstallation, where its alias is still free.

    Raises:
        Forbidden: the actor lacks `installations:write`.
        AliasTaken: another installation took the alias meanwhile.
    """
    actor.require("installations:write")
    row = await queries.get_removed(session, org_id=actor.org_id, installation_id=installation_id)
    if row is None:
        raise errors.InstallationNotFound(f"There is no removed installation {installation_id}.")
    if await queries.alias_in_use(session, org_id=actor.org_id, alias=row.alias, besides=row.id):
        raise errors.AliasTaken(f"The alias {row.alias} was taken meanwhile.")
    restored = await _put(session, row, {"removed_at": None}, alias=row.alias)
    await _told(session, actor, row.id, "restored")
    return await presentation.whole(session, actor, restored)


async def _put(
    session: AsyncSession, row: models.Installation, values: dict[str, Any], *, alias: str
) -> models.Installation:
    """Change a row; of two who take an alias at the same time the database refuses one."""
    try:
        async with session.begin_nested():
            changed = await queries.change_installation(
                session, org_id=row.org_id, installation_id=row.id, values=values
            )
    except IntegrityError:
        raise errors.AliasTaken(f"Choose another alias than {alias}.", pointer="/alias") from None
    return changed or row


async def bind_own_connection(
    session: AsyncSession, actor: Actor, installation_id: UUID, bindings: dict[str, UUID]
) -> None:
    """Let the actor's own calls carry their own connections.

    Raises:
        Forbidden: the actor lacks `connections:use`.
        BindingInvalid: no such scheme, or the connection does not fit.
    """
    actor.require("connections:use")
    row = await _row(session, actor, installation_id)
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    await _check_bindings(session, actor, version.manifest, bindings)
    for scheme, connection_id in bindings.items():
        await queries.put_personal_binding(
            session,
            org_id=actor.org_id,
            installation_id=row.id,
            user_id=actor.user_id,
            scheme=scheme,
            connection_id=connection_id,
        )
    await _told(session, actor, row.id, "bound", after=sorted(bindings))


def _check_installable(version: catalog_schemas.PublishedVersion) -> None:
    if version.state in {catalog_schemas.State.yanked, catalog_schemas.State.quarantined}:
        raise errors.NotInstallable(f"{version.name} {version.version} is {version.state}.")


def _check_config(manifest: catalog_schemas.Manifest, config: dict[str, Any]) -> None:
    mistakes = Validator(manifest.config_schema).mistakes(config, prefix="/config")
    if mistakes:
        raise errors.ConfigInvalid(
            mistakes[0]["message"], pointer=mistakes[0]["pointer"], extra={"errors": mistakes}
        )


async def _check_bindings(
    session: AsyncSession, actor: Actor, manifest: catalog_schemas.Manifest, bindings: dict[str, UUID]
) -> None:
    for scheme, connection_id in bindings.items():
        pointer = f"/bindings/{scheme}"
        if scheme not in manifest.auth.schemes:
            raise errors.BindingInvalid(f"The tool has no auth scheme {scheme}.", pointer=pointer)
        await vault.require_usable(session, actor, connection_id, pointer=pointer)


async def _row(
    session: AsyncSession, actor: Actor, installation_id: UUID, *, lock: bool = False
) -> models.Installation:
    row = await queries.get_installation(
        session, org_id=actor.org_id, installation_id=installation_id, lock=lock
    )
    if row is None:
        raise errors.InstallationNotFound(f"There is no installation {installation_id}.")
    return row


async def _note_bindings(session: AsyncSession, row: models.Installation) -> None:
    """Let the vault know which connections are in use here, so that a revocation shows its impact."""
    connections = [UUID(connection) for connection in row.bindings.values()]
    await vault.set_bindings(
        session, org_id=row.org_id, user_key=str(row.id), label=row.alias, connection_ids=connections
    )


async def _told(
    session: AsyncSession, actor: Actor, installation_id: UUID, what: str, *, after: Any = None
) -> None:
    await audit.record(session, actor, f"installs.installation.{what}", target=installation_id, after=after)
    await events.emit(
        session,
        org_id=actor.org_id,
        type=f"installs.installation.{what}.v1",
        subject=str(installation_id),
        data={},
    )
    await announce_change(session, actor.org_id)
