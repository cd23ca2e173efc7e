"""What a call of an installed operation goes with: address, hosts and credential."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.installs import errors, models, queries
from toolmarket.installs.addresses import allowed_hosts, fill
from toolmarket.kit.actor import Actor
from toolmarket.vault import schemas as vault_schemas
from toolmarket.vault import service as vault


@dataclass(frozen=True, slots=True)
class Resolved:
    """An operation of an installation, ready to be called by one actor.

    `refusal` says why it cannot be called: the code of a problem and a sentence for a person.
    """

    installation_id: UUID | None
    tool_id: UUID | None
    version_id: UUID | None
    version: str
    alias: str
    operation: catalog_schemas.Operation
    limits: catalog_schemas.Limits
    server: str
    hosts: frozenset[str]
    injection: vault_schemas.Injection
    refusal: tuple[str, str] | None = None
    demo: bool = False


async def resolve(
    session: AsyncSession, keyring: vault.KeyRing, actor: Actor, installation_id: UUID, operation_name: str
) -> Resolved:
    """Find what a call of this operation by this actor needs.

    Raises:
        InstallationNotFound: unknown in the actor's organisation.
        OperationNotFound: the pinned version has no operation of that name.
    """
    row = await queries.get_installation(session, org_id=actor.org_id, installation_id=installation_id)
    if row is None:
        raise errors.InstallationNotFound(f"There is no installation {installation_id}.")
    version = await catalog.get_version(session, actor.org_id, row.version_id)
    operation = next((each for each in version.manifest.operations if each.name == operation_name), None)
    if operation is None:
        raise errors.OperationNotFound(f"{row.alias} has no operation {operation_name}.")

    server = fill(operation.implementation.server, row.config, version.manifest.config_schema)
    credential = Credentials(session, keyring, actor, version.manifest, row)
    injection, refusal = await credential.choose(operation.implementation.security, server)
    return Resolved(
        installation_id=row.id,
        tool_id=version.tool_id,
        version_id=version.id,
        version=version.version,
        alias=row.alias,
        operation=operation,
        limits=version.manifest.limits,
        server=server,
        hosts=allowed_hosts(version.manifest, row.config),
        injection=injection,
        refusal=_state_refusal(row, version) or refusal,
        demo=row.demo,
    )


@dataclass(frozen=True, slots=True)
class DraftTarget:
    """An operation that is being built, with the configuration and connections to try it with."""

    manifest: catalog_schemas.Manifest
    operation: catalog_schemas.Operation
    config: dict[str, Any]
    connections: dict[str, UUID]


async def resolve_draft(
    session: AsyncSession, keyring: vault.KeyRing, actor: Actor, target: DraftTarget
) -> Resolved:
    """What a call of a draft's operation needs; nothing is installed."""
    manifest, operation = target.manifest, target.operation
    server = fill(operation.implementation.server, target.config, manifest.config_schema)
    credentials = Credentials(session, keyring, actor, manifest, None, target.connections)
    injection, refusal = await credentials.choose(operation.implementation.security, server)
    return Resolved(
        installation_id=None,
        tool_id=None,
        version_id=None,
        version=manifest.version,
        alias=manifest.name.partition("/")[2],
        operation=operation,
        limits=manifest.limits,
        server=server,
        hosts=allowed_hosts(manifest, target.config),
        injection=injection,
        refusal=refusal,
    )


def _state_refusal(
    row: models.Installation, version: catalog_schemas.PublishedVersion
) -> tuple[str, str] | None:
    if version.state == catalog_schemas.State.quarantined:
        reason = f": {version.state_message}" if version.state_message else ""
        return "version-quarantined", f"{version.name} {version.version} is quarantined{reason}."
    if row.state != "active":
        return "installation-paused", f"{row.alias} is paused. An administrator can resume it."
    return None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The choice of a credential for the calls of one actor to one installation."""

    session: AsyncSession
    keyring: vault.KeyRing
    actor: Actor
    manifest: catalog_schemas.Manifest
    row: models.Installation | None
    chosen: dict[str, UUID] = field(default_factory=dict)

    async def choose(
        self, alternatives: list[dict[str, list[str]]], server: str
    ) -> tuple[vault_schemas.Injection, tuple[str, str] | None]:
        """The first alternative for which every scheme is bound, opened; or why there is none."""
        if not alternatives:
            return vault_schemas.Injection(), None
        bound = await self._bound()
        for alternative in alternatives:
            if alternative and alternative.keys() <= bound.keys():
                return await self._open([(scheme, bound[scheme]) for scheme in alternative], server)
        if any(not alternative for alternative in alternatives):
            return vault_schemas.Injection(), None
        missing = " or ".join(" and ".join(sorted(alternative)) for alternative in alternatives)
        whose = "your own connection" if self.manifest.auth.binding == "per_user" else "a connection"
        return vault_schemas.Injection(), (
            "connection-missing",
            f"{self.manifest.title} needs {whose} for {missing}. Bind one, then call again.",
        )

    async def _bound(self) -> dict[str, UUID]:
        if self.row is None:
            return self.chosen
        shared = {scheme: UUID(connection) for scheme, connection in self.row.bindings.items()}
        personal = await queries.personal_bindings(
            self.session,
            org_id=self.actor.org_id,
            installation_id=self.row.id,
            user_id=self.actor.user_id,
        )
        return {
            "per_user": personal,
            "shared": shared,
            "either": {**shared, **personal},
        }[self.manifest.auth.binding]

    async def _open(
        self, chosen: list[tuple[str, UUID]], server: str
    ) -> tuple[vault_schemas.Injection, tuple[str, str] | None]:
        opened: list[vault_schemas.Injection] = []
        for scheme, connection_id in chosen:
            injection, refusal = await vault.open_injection(
                self.session,
                self.keyring,
                self.actor,
                connection_id,
                vault_schemas.Use(placement=_placement(self.manifest.auth.schemes[scheme]), url=server),
            )
            if refusal is not None:
                return vault_schemas.Injection(), refusal
            opened.append(injection)
        return _joined(opened), None


def _placement(scheme: catalog_schemas.AuthScheme) -> vault_schemas.Placement:
    return vault_schemas.Placement(
        type=scheme.type,
        location=scheme.location,
        parameter=scheme.parameter,
        scheme=scheme.scheme,
    )


def _joined(parts: list[vault_schemas.Injection]) -> vault_schemas.Injection:
    joined = vault_schemas.Injection()
    for part in parts:
        joined = vault_schemas.Injection(
            headers={**joined.headers, **part.headers},
            query={**joined.query, **part.query},
            cookies={**joined.cookies, **part.cookies},
            secrets=(*joined.secrets, *part.secrets),
            connection_ids=(*joined.connection_ids, *part.connection_ids),
        )
    return joined
