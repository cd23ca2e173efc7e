"""The demo's content, made through the same functions that people use, and some days of calls."""

import asyncio
import random
import secrets
from datetime import datetime, timedelta
from typing import Any

import structlog

from toolmarket.composition.parts import Parts
from toolmarket.demo import content, state
from toolmarket.demo.tools import Makers, make_tool
from toolmarket.identity import schemas as identity_schemas
from toolmarket.identity import service as identity
from toolmarket.installs import schemas as install_schemas
from toolmarket.kit import clock
from toolmarket.kit.actor import Actor
from toolmarket.runtime import schemas as runtime_schemas

log = structlog.get_logger("demo")
DAYS = 5
CALLS = 400
AT_ONCE = 4


async def seed(parts: Parts, upstream: str) -> dict[str, Any]:
    """Make everything and keep how to get in."""
    password = secrets.token_urlsafe(9)
    description: dict[str, Any] = {
        "base_url": parts.settings.base_url,
        "mcp_url": f"{parts.settings.base_url}/mcp",
        "accounts": [],
        "api_keys": [],
        "upstream_url": upstream,
        "installations": [],
    }
    for organisation in content.ORGANISATIONS:
        people = await _found(parts, organisation, password, description)
        await _add_keys(parts, organisation, people, description)
        makers = Makers(people["builder"], people["publisher"], people["admin"])
        installed = [
            (tool, await make_tool(parts, makers, tool, organisation.slug, upstream))
            for tool in organisation.tools
        ]
        description["installations"] += [
            _described(organisation, tool, installation) for tool, installation in installed
        ]
        await _call_for_days(parts, people, installed)
    await parts.recorder.drain()
    state.write(parts.settings.data_dir, description)
    return description


async def _found(
    parts: Parts, organisation: content.DemoOrganisation, password: str, description: dict[str, Any]
) -> dict[str, Actor]:
    people: dict[str, Actor] = {}
    first = organisation is content.ORGANISATIONS[0]
    async with parts.database.system_transaction() as session:
        made = await identity.create_organisation(
            session, slug=organisation.slug, name=organisation.name, demo=True
        )
        roles = content.ACCOUNTS if first else content.ACCOUNTS[: len(content.ROLES)]
        names = (*organisation.people, "Robin Vale", "Kim Solberg")
        for (account, role, platform_role), name in zip(roles, names, strict=False):
            email = f"{account}@{organisation.slug}.example"
            user = await identity.create_user(
                session,
                identity.NewUser(email, name, password, platform_role),
            )
            people[account] = await identity.add_member(
                session,
                org_id=made.id,
                user_id=user.id,
                role=role,
            )
            description["accounts"].append(
                {
                    "email": email,
                    "password": password,
                    "role": f"platform {platform_role}" if platform_role else role,
                    "organisation": organisation.slug,
                }
            )
    return people


async def _add_keys(
    parts: Parts,
    organisation: content.DemoOrganisation,
    people: dict[str, Actor],
    description: dict[str, Any],
) -> None:
    for role in content.KEY_ROLES:
        actor = people[role]
        async with parts.database.transaction(actor.org_id) as session:
            wish = identity_schemas.KeyCreate(name=f"Demo {role}", expires_in_days=365)
            key = await identity.create_key(session, actor, wish)
        description["api_keys"].append({"organisation": organisation.slug, "role": role, "key": key.key})


def _described(
    organisation: content.DemoOrganisation,
    tool: content.DemoTool,
    installation: install_schemas.Installation,
) -> dict[str, Any]:
    return {
        "id": str(installation.id),
        "organisation": organisation.slug,
        "tool": installation.tool,
        "version": installation.version,
        "alias": installation.alias,
        "operations": [
            {
                "name": operation.name,
                "mcp_name": operation.mcp_name,
                "effects": operation.effects.model_dump(mode="json"),
                "example_input": tool.example if operation.name == tool.first else operation.example_input,
            }
            for operation in installation.operations
        ],
    }


async def _call_for_days(
    parts: Parts,
    people: dict[str, Actor],
    installed: list[tuple[content.DemoTool, install_schemas.Installation]],
) -> None:
    """Really made calls, shown at moments of the past days: more by day than by night."""
    dice = random.Random(7)
    wanted = [
        (tool, installation, name, arguments)
        for tool, installation in installed
        for name, inputs in {tool.first: [tool.example], **tool.calls}.items()
        for arguments in [tool.example, *inputs]
        if name == tool.first or arguments in inputs
    ]
    gate = asyncio.Semaphore(AT_ONCE)

    async def call(at: datetime) -> None:
        _, installation, name, arguments = dice.choice(wanted)
        actor = people[dice.choice(("builder", "member", "admin"))]
        client = runtime_schemas.ClientInfo(*dice.choice(content.CLIENTS))
        channel = runtime_schemas.Channel.rest if client.name == "curl" else runtime_schemas.Channel.mcp
        request = runtime_schemas.Request(arguments=arguments, channel=channel, client=client, at=at)
        async with gate:
            await parts.runtime.run(actor, installation.id, name, request)

    await asyncio.gather(*(call(at) for at in _moments(dice)))


def _moments(dice: random.Random) -> list[datetime]:
    now = clock.now()
    moments: list[datetime] = []
    while len(moments) < CALLS:
        at = now - timedelta(seconds=dice.uniform(60, DAYS * 86_400))
        if dice.random() < (0.9 if 7 <= at.hour <= 18 else 0.25):
            moments.append(at)
    return sorted(moments)
