"""Everything about an operation that is the same for many calls, prepared once and kept per process."""

from dataclasses import dataclass
from uuid import UUID

from toolmarket.catalog import schemas as catalog
from toolmarket.catalog import service as catalog_service
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.json_schema import SchemaBroken, Validator
from toolmarket.vault import schemas as vault_schemas
from toolmarket.vault import service as vault

MOST_PLANS = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A callable operation for one actor.

    `strict` is the durability class, by what the operation does. `refusal` is the code and the
    sentence of why it cannot be called now. A draft's operation has no installation and version.
    """

    org_id: UUID
    operation: catalog.Operation
    operation_id: UUID
    limits: catalog.Limits
    server: str
    hosts: frozenset[str]
    injection: vault_schemas.Injection
    validator: Validator
    strict: bool
    installation_id: UUID | None = None
    version_id: UUID | None = None
    version: str = ""
    alias: str = ""
    refusal: tuple[str, str] | None = None
    demo: bool = False


def is_strict(operation: catalog.Operation) -> bool:
    """Whether a call must be committed before its answer: it may change something outside."""
    return not operation.effects.read_only


def compiled(operation: catalog.Operation) -> Validator:
    """The input schema without what the tool itself sets; one that cannot be compiled accepts all."""
    schema = operation.input_schema
    if operation.fixed_inputs and isinstance(schema.get("required"), list):
        required = [name for name in schema["required"] if name not in operation.fixed_inputs]
        schema = {**schema, "required": required}
    try:
        return Validator(schema)
    except SchemaBroken:
        return Validator({"type": "object"})


def _plan(org_id: UUID, resolved: installs.Resolved, owner_id: UUID) -> Plan:
    return Plan(
        org_id=org_id,
        operation=resolved.operation,
        operation_id=catalog_service.operation_id(owner_id, resolved.operation.name),
        limits=resolved.limits,
        server=resolved.server,
        hosts=resolved.hosts,
        injection=resolved.injection,
        validator=compiled(resolved.operation),
        strict=is_strict(resolved.operation),
        installation_id=resolved.installation_id,
        version_id=resolved.version_id,
        version=resolved.version,
        alias=resolved.alias,
        refusal=resolved.refusal,
        demo=resolved.demo,
    )


def draft_plan(org_id: UUID, draft_id: UUID, resolved: installs.Resolved) -> Plan:
    """The plan of an operation that is being built."""
    return _plan(org_id, resolved, draft_id)


class Plans:
    """The plans of a process; a change in an organisation makes its plans stale at once."""

    def __init__(self, database: Database, keyring: vault.KeyRing, changes: Changes) -> None:
        self._database = database
        self._keyring = keyring
        self._changes = changes
        self._known: dict[tuple[UUID, UUID, UUID, str], tuple[tuple[int, int], Plan]] = {}

    def known(self, actor: Actor, installation_id: UUID, operation_name: str) -> Plan | None:
        """The plan, if it is here and fresh."""
        entry = self._known.get((actor.org_id, actor.user_id, installation_id, operation_name))
        if entry is None or entry[0] != self._changes.version(actor.org_id):
            return None
        return entry[1]

    async def load(self, actor: Actor, installation_id: UUID, operation_name: str) -> Plan:
        """Make the plan from the database.

        Raises:
            InstallationNotFound, OperationNotFound.
        """
        version = self._changes.version(actor.org_id)
        async with self._database.transaction(actor.org_id) as session:
            resolved = await installs.resolve(session, self._keyring, actor, installation_id, operation_name)
        plan = _plan(actor.org_id, resolved, resolved.tool_id or installation_id)
        if len(self._known) >= MOST_PLANS:
            self._known.clear()
        self._known[actor.org_id, actor.user_id, installation_id, operation_name] = (version, plan)
        return plan
