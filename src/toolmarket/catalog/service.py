"""The rules of tools and versions."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.audit import service as audit
from toolmarket.catalog import compatibility, digests, errors, queries
from toolmarket.catalog import exports as exports
from toolmarket.catalog.compatibility import Change as Change
from toolmarket.catalog.models import Tool, Version
from toolmarket.catalog.schemas import Manifest, PublishedVersion, State, VersionSummary
from toolmarket.events import service as events
from toolmarket.kit.actor import Actor
from toolmarket.kit.database import announce_change
from toolmarket.kit.ids import new_id

_PARSED: dict[bytes, Manifest] = {}
MOST_PARSED = 64


def operation_id(owner_id: UUID, name: str) -> UUID:
    """The id of an operation, the same in every version of its tool."""
    return uuid5(owner_id, name)


def parse_manifest(document: object) -> Manifest:
    """Read a manifest.

    Raises:
        ManifestInvalid: with every mistake and its place.
    """
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        mistakes = [
            {"pointer": "/" + "/".join(str(part) for part in mistake["loc"]), "message": mistake["msg"]}
            for mistake in error.errors(include_url=False, include_context=False)
        ]
        raise errors.ManifestInvalid(
            mistakes[0]["message"], pointer=mistakes[0]["pointer"], extra={"errors": mistakes}
        ) from error


async def publish_version(
    session: AsyncSession, actor: Actor, manifest: Manifest, *, notes: str = ""
) -> PublishedVersion:
    """Make an immutable version of a manifest in the actor's organisation.

    Raises:
        Forbidden: the actor lacks `tools:publish`.
        NamespaceTaken: the namespace is another organisation's.
        VersionExists: the tool has that number already.
        VersionTooSmall: the difference to the newest version asks for a larger step.
    """
    actor.require("tools:publish")
    namespace, slug = manifest.name.split("/")

    if not await queries.claim_namespace(session, org_id=actor.org_id, name=namespace):
        raise errors.NamespaceTaken(f"Choose another namespace than {namespace}.", pointer="/name")
    tool = await queries.put_tool(
        session, org_id=actor.org_id, tool_id=new_id(), namespace=namespace, slug=slug
    )
    if tool is None:
        raise errors.NamespaceTaken(f"{manifest.name} belongs to another organisation.", pointer="/name")
    await _check_number(session, actor, tool, manifest)

    version = await _store_version(session, actor, tool, manifest, notes)
    await audit.record(
        session, actor, "catalog.version.published", target=version.id, after=version.artifact_digest.hex()
    )
    await events.emit(
        session,
        org_id=actor.org_id,
        type="catalog.version.published.v1",
        subject=str(version.id),
        data={"tool": manifest.name, "version": manifest.version},
    )
    return _published(version, manifest.name, manifest)


async def _check_number(session: AsyncSession, actor: Actor, tool: Tool, manifest: Manifest) -> None:
    if tool.latest_version_id is None:
        return
    latest = await queries.get_version(session, org_id=actor.org_id, version_id=tool.latest_version_id)
    if latest is None:
        return
    if not compatibility.precedes(latest.version, manifest.version):
        raise errors.VersionExists(
            f"{latest.version} is published; choose a later number.", pointer="/version"
        )
    found = compatibility.changes(await _manifest(session, latest), manifest)
    smallest = compatibility.smallest_version(latest.version, found)
    if compatibility.precedes(manifest.version, smallest):
        reason = found[0].message if found else ""
        raise errors.VersionTooSmall(
            f"{reason} That asks for at least {smallest}.", pointer="/version", extra={"smallest": smallest}
        )


async def _store_version(
    session: AsyncSession, actor: Actor, tool: Tool, manifest: Manifest, notes: str
) -> Version:
    version = await queries.add_version(
        session,
        org_id=actor.org_id,
        values={
            "id": new_id(),
            "tool_id": tool.id,
            "version": manifest.version,
            "title": manifest.title,
            "summary": manifest.summary,
            "categories": [str(category) for category in manifest.categories],
            "operation_count": len(manifest.operations),
            "effects": sorted({operation.effects.kind for operation in manifest.operations}),
            "state": State.published,
            "definition_digest": digests.definition_digest(manifest),
            "artifact_digest": digests.artifact_digest(manifest),
            "manifest": manifest.model_dump(mode="json"),
            "notes": notes,
            "published_by": actor.principal_id,
        },
    )
    if version is None:
        raise errors.VersionExists(f"{manifest.version} is published already.", pointer="/version")
    rows = [
        {
            "version_id": version.id,
            "id": operation_id(tool.id, operation.name),
            "tool_id": tool.id,
            "position": position,
            "name": operation.name,
            "title": operation.title,
            "description": operation.description,
            "effect": operation.effects.kind,
        }
        for position, operation in enumerate(manifest.operations)
    ]
    await queries.add_operations(session, org_id=actor.org_id, rows=rows)
    await queries.set_latest(session, org_id=actor.org_id, tool_id=tool.id, version_id=version.id)
    return version


async def _manifest(session: AsyncSession, version: Version) -> Manifest:
    """The parsed manifest; it never changes, so it is kept by its digest."""
    known = _PARSED.get(version.artifact_digest)
    if known is None:
        document = await queries.manifest_of(session, org_id=version.org_id, version_id=version.id)
        known = Manifest.model_validate(document)
        if len(_PARSED) >= MOST_PARSED:
            del _PARSED[next(iter(_PARSED))]
        _PARSED[version.artifact_digest] = known
    return known


def _published(version: Version, name: str, manifest: Manifest) -> PublishedVersion:
    return PublishedVersion(
        id=version.id,
        org_id=version.org_id,
        tool_id=version.tool_id,
        name=name,
        version=version.version,
        state=State(version.state),
        state_message=version.state_message,
        replacement=version.replacement,
        notes=version.notes,
        definition_digest=version.definition_digest,
        published_by=version.published_by,
        published_at=version.published_at,
        manifest=manifest,
    )


async def version_of(
    session: AsyncSession, actor: Actor, name: str, version: str | None = None
) -> PublishedVersion:
    """A version of a tool, by default the newest.

    Raises:
        ToolNotFound: unknown here.
        VersionNotFound: the tool has no such version.
    """
    tool = await _find_tool(session, actor, name)
    row = (
        await queries.find_version(session, org_id=actor.org_id, tool_id=tool.id, version=version)
        if version
        else await queries.get_version(
            session, org_id=actor.org_id, version_id=tool.latest_version_id or tool.id
        )
    )
    if row is None:
        raise errors.VersionNotFound(f"{name} has no version {version or ''}.")
    return _published(row, name, await _manifest(session, row))


async def get_version(session: AsyncSession, org_id: UUID, version_id: UUID) -> PublishedVersion:
    """A version by its id, for the rooms above.

    Raises:
        VersionNotFound: unknown here.
    """
    row = await queries.get_version(session, org_id=org_id, version_id=version_id)
    tool = await queries.get_tool(session, org_id=org_id, tool_id=row.tool_id) if row else None
    if row is None or tool is None:
        raise errors.VersionNotFound(f"There is no version {version_id}.")
    return _published(row, f"{tool.namespace}/{tool.slug}", await _manifest(session, row))


async def summaries(
    session: AsyncSession, org_id: UUID, version_ids: Sequence[UUID]
) -> dict[UUID, VersionSummary]:
    """What lists show of versions, without their manifests."""
    rows = await queries.summaries(session, org_id=org_id, version_ids=version_ids)
    return {row.id: VersionSummary.model_validate(row) for row in rows}


async def newest_summaries(
    session: AsyncSession, org_id: UUID, tool_ids: Sequence[UUID]
) -> dict[UUID, VersionSummary]:
    """What lists show of the newest versions of tools, by tool."""
    version_ids = await queries.newest_versions(session, org_id=org_id, tool_ids=tool_ids)
    found = await summaries(session, org_id, version_ids)
    return {summary.tool_id: summary for summary in found.values()}


async def compare_with_published(
    session: AsyncSession, actor: Actor, manifest: Manifest
) -> tuple[str | None, str, list[Change]]:
    """What publishing this manifest would change.

    Returns:
        The newest published version, the smallest version that may follow, and the differences.
    """
    actor.require("tools:read")
    namespace, _, slug = manifest.name.partition("/")
    tool = await queries.find_tool(session, org_id=actor.org_id, namespace=namespace, slug=slug)
    if tool is None or tool.latest_version_id is None:
        return None, "1.0.0", []
    latest = await queries.get_version(session, org_id=actor.org_id, version_id=tool.latest_version_id)
    if latest is None:
        return None, "1.0.0", []
    found = compatibility.changes(await _manifest(session, latest), manifest)
    return latest.version, compatibility.smallest_version(latest.version, found), found


async def list_versions(session: AsyncSession, actor: Actor, name: str) -> Sequence[PublishedVersion]:
    """All versions of a tool, the newest first."""
    tool = await _find_tool(session, actor, name)
    rows = await queries.versions_of(session, org_id=actor.org_id, tool_id=tool.id)
    return [_published(row, name, await _manifest(session, row)) for row in rows]


async def set_state(
    session: AsyncSession, actor: Actor, name: str, version: str, state: State, message: str
) -> PublishedVersion:
    """Move a version through its life: deprecate, yank, quarantine or restore it.

    Quarantine stops every run within a second; the others let pinned installations go on.

    Raises:
        Forbidden: the actor lacks `tools:manage`.
        TransitionRefused: it is in that state already.
    """
    actor.require("tools:manage")
    found = await version_of(session, actor, name, version)
    if found.state == state:
        raise errors.TransitionRefused(f"{name} {version} is {state} already.")

    await queries.set_state(
        session, org_id=actor.org_id, version_id=found.id, state=state, message=message, replacement=None
    )
    await audit.record(
        session, actor, f"catalog.version.{state}", target=found.id, before=found.state, after=state
    )
    await events.emit(
        session,
        org_id=actor.org_id,
        type="catalog.version.state_changed.v1",
        subject=str(found.id),
        data={"tool": name, "version": version, "state": state},
    )
    await announce_change(session, actor.org_id)
    return found.model_copy(update={"state": state, "state_message": message})


async def _find_tool(session: AsyncSession, actor: Actor, name: str) -> Tool:
    actor.require("tools:read")
    namespace, _, slug = name.partition("/")
    tool = await queries.find_tool(session, org_id=actor.org_id, namespace=namespace, slug=slug)
    if tool is None:
        raise errors.ToolNotFound(f"There is no tool {name}.")
    return tool
