"""What the bench calls in the product: one organisation, one key, one installed tool with its credential."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from toolmarket.builder import schemas as builder_schemas
from toolmarket.builder import service as builder
from toolmarket.composition.parts import Parts, open_parts
from toolmarket.identity import schemas as identity_schemas
from toolmarket.identity import service as identity
from toolmarket.installs import schemas as install_schemas
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.kit.settings import KitSettings
from toolmarket.marketplace import schemas as market_schemas
from toolmarket.marketplace import service as marketplace
from toolmarket.vault import schemas as vault_schemas
from toolmarket.vault import service as vault

READ = {"kind": "read", "read_only": True, "destructive": False, "idempotent": True}
CREATE = {"kind": "create", "read_only": False, "destructive": False}
PROPERTIES = {"q": {"type": "string", "maxLength": 200}, "limit": {"type": "integer", "minimum": 1}}
INPUT = {
    "type": "object",
    "properties": PROPERTIES,
    "required": ["q"],
    "additionalProperties": False,
}
ARGUMENTS = {"q": "oak table"}


@dataclass(frozen=True)
class World:
    """How to call: `names` maps `spooled_fast`, `strict_slow` ... to the MCP names."""

    key: str
    installation_id: UUID
    names: Mapping[str, str]


def _operation(name: str, speed: str, effects: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"argument": each, "name": each, "location": "query", "style": "form", "explode": True}
        for each in PROPERTIES
    ]
    return {
        "name": name,
        "title": name,
        "description": "Look something up.",
        "input_schema": INPUT,
        "effects": effects,
        "implementation": {
            "kind": "http",
            "method": "POST",
            "server": "{server_url}",
            "path": f"/{speed}",
            "parameters": parameters,
            "security": [{"token": []}],
        },
    }


def manifest() -> dict[str, Any]:
    """The tool: each durability class at each speed."""
    return {
        "name": "bench/lookup",
        "title": "Lookup",
        "operations": [
            _operation(f"{durability}_{speed}", speed, effects)
            for durability, effects in (("spooled", READ), ("strict", CREATE))
            for speed in ("fast", "slow")
        ],
        "auth": {"schemes": {"token": {"type": "http", "scheme": "bearer"}}, "binding": "either"},
        "egress": {"hosts": ["{server_url}"]},
        "config_schema": {
            "type": "object",
            "properties": {"server_url": {"type": "string", "format": "uri"}},
            "required": ["server_url"],
            "additionalProperties": False,
        },
    }


async def found(settings: KitSettings, database_url: str, upstream: str) -> World:
    """Make it all through the functions that people use."""
    async with open_parts(settings, database_url) as parts:
        async with parts.database.system_transaction() as session:
            made = await identity.create_organisation(session, slug="bench", name="Bench")
            new = identity.NewUser("bench@bench.test", "Bench", secrets.token_urlsafe(12), None)
            user = await identity.create_user(session, new)
            actor = await identity.add_member(session, org_id=made.id, user_id=user.id, role="owner")
        async with parts.database.transaction(actor.org_id) as session:
            key = await identity.create_key(session, actor, identity_schemas.KeyCreate(name="bench"))
        installation = await _install(parts, actor, upstream)
    names = {each.name: each.mcp_name for each in installation.operations}
    return World(key.key, installation.id, names)


async def _install(parts: Parts, actor: Actor, upstream: str) -> install_schemas.Installation:
    async with parts.database.transaction(actor.org_id) as session:
        draft = await builder.create_draft(session, actor, builder_schemas.DraftCreate(name="bench/lookup"))
        draft = await builder.save_draft(
            session, actor, draft.id, draft.revision, builder_schemas.DraftSave(manifest=manifest())
        )
        wish = market_schemas.Publish(version="1.0.0")
        await marketplace.publish(session, parts.shaper, actor, draft.id, wish)
        connection = await vault.create_connection(
            session,
            parts.keyring,
            actor,
            vault_schemas.ConnectionCreate(
                name="bench",
                kind="bearer",
                secret=vault_schemas.Secret(token=SecretStr("bench-token")),
                hosts=[upstream.removeprefix("http://")],
            ),
        )
        return await installs.install(
            session,
            actor,
            install_schemas.InstallationCreate(
                tool="bench/lookup",
                alias="lookup",
                config={"server_url": upstream},
                bindings={"token": connection.id},
            ),
        )


def settings_of(folder: Path, port: int) -> KitSettings:
    """The installation of the bench."""
    return KitSettings(data_dir=folder, port=port)
