"""One demo tool: imported from its description, published, installed with its credential."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from toolmarket.builder import schemas as builder_schemas
from toolmarket.builder import service as builder
from toolmarket.catalog.schemas import Manifest
from toolmarket.composition.parts import Parts
from toolmarket.demo import acme
from toolmarket.demo.content import DemoTool
from toolmarket.importers import service as importers
from toolmarket.installs import schemas as install_schemas
from toolmarket.installs import service as installs
from toolmarket.kit.actor import Actor
from toolmarket.marketplace import schemas as market_schemas
from toolmarket.marketplace import service as marketplace
from toolmarket.vault import schemas as vault_schemas
from toolmarket.vault import service as vault

DOCUMENTS = Path(__file__).parent / "documents"
SECRETS: dict[str, tuple[vault_schemas.Kind, dict[str, str]]] = {
    "key": ("api_key", {"key": acme.API_KEY}),
    "basic": ("basic", {"username": "demo-account", "password": "demo-password"}),
    "bearer": ("bearer", {"token": acme.BEARER}),
}
SERVER_URL = {"type": "string", "format": "uri", "title": "Server address"}


@dataclass(frozen=True, slots=True)
class Makers:
    """Who imports, publishes and installs."""

    builder: Actor
    publisher: Actor
    admin: Actor


def described(tool: DemoTool) -> Manifest:
    """The manifest of a tool's description; its server becomes configuration, so that it can be ours."""
    if tool.document == "acme":
        content = orjson.dumps(acme.create_acme().openapi())
    else:
        content = gzip.decompress((DOCUMENTS / f"{tool.document}.yaml.gz").read_bytes())
    return importers.from_content(content, filename=tool.document).manifest


def _document(tool: DemoTool, organisation: str) -> dict[str, Any]:
    manifest = described(tool).model_dump(mode="json")
    operations = [
        each for each in manifest["operations"] if not tool.tags or set(tool.tags) & set(each["tags"])
    ]
    for operation in operations:
        operation["implementation"]["server"] = "{server_url}"
        if operation["name"] == tool.first:
            operation["examples"] = [{"title": "Works in the demo", "input": tool.example}]
    operations.sort(key=lambda each: each["name"] != tool.first)
    used = {name for each in operations for one in each["implementation"]["security"] for name in one}
    schemes = {name: each for name, each in manifest["auth"]["schemes"].items() if name in used}
    return {
        **manifest,
        "name": f"{organisation}/{tool.slug}",
        "title": tool.slug.replace("-", " ").title(),
        "summary": tool.summary,
        "categories": [tool.category],
        "operations": operations,
        "auth": {"schemes": schemes, "binding": "either"},
        "egress": {"hosts": ["{server_url}"]},
        "config_schema": {
            "type": "object",
            "properties": {"server_url": SERVER_URL},
            "required": ["server_url"],
            "additionalProperties": False,
        },
    }


async def make_tool(
    parts: Parts, makers: Makers, tool: DemoTool, organisation: str, upstream: str
) -> install_schemas.Installation:
    """Draft, publish and install a tool, each step by who may do it."""
    org_id = makers.builder.org_id
    async with parts.database.transaction(org_id) as session:
        draft = await builder.create_draft(
            session, makers.builder, builder_schemas.DraftCreate(name=f"{organisation}/{tool.slug}")
        )
        draft = await builder.save_draft(
            session,
            makers.builder,
            draft.id,
            draft.revision,
            builder_schemas.DraftSave(manifest=_document(tool, organisation)),
        )
        await marketplace.publish(
            session,
            parts.shaper,
            makers.publisher,
            draft.id,
            market_schemas.Publish(version="1.0.0"),
        )
        bindings = await _connect(parts, session, makers.admin, tool, draft.manifest, upstream)
        place = "" if tool.document == "acme" else f"/services/{tool.slug}"
        return await installs.install(
            session,
            makers.admin,
            install_schemas.InstallationCreate(
                tool=f"{organisation}/{tool.slug}",
                alias=tool.alias,
                config={"server_url": upstream + place},
                bindings=bindings,
            ),
            demo=True,
        )


async def _connect(
    parts: Parts, session: Any, actor: Actor, tool: DemoTool, manifest: dict[str, Any], upstream: str
) -> dict[str, Any]:
    if not tool.credential:
        return {}
    kind, secret = SECRETS[tool.credential]
    connection = await vault.create_connection(
        session,
        parts.keyring,
        actor,
        vault_schemas.ConnectionCreate(
            name=f"{tool.slug} (demo)",
            kind=kind,
            secret=vault_schemas.Secret(**{name: SecretStr(value) for name, value in secret.items()}),
            hosts=[upstream.removeprefix("http://")],
        ),
    )
    return dict.fromkeys(manifest["auth"]["schemes"], connection.id)
