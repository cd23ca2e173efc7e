"""What the command line does with the demo."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import typer

from toolmarket.demo import removal, state
from toolmarket.kit.database import Database
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.supervision import Supervisor

EGRESS = "TOOLMARKET_EGRESS_ALLOW"
WAIT_SECONDS = 120
BEGIN_SECONDS = 45
"""So long a product that was just started may take before its demo begins."""


def add(
    supervisor: Supervisor, settings: KitSettings, environment: dict[str, str], program: list[str | Path]
) -> dict[str, str]:
    """Let the demo's process run beside the others; returns the environment that all of them need.

    The demo's upstream is opened in the egress guard as exactly its origin.
    """
    environment = {**environment, EGRESS: _with_origin(environment.get(EGRESS, ""), settings)}
    supervisor.add("demo", [*program, "demo-host"], environment)
    return environment


def describe(settings: KitSettings) -> dict[str, Any]:
    """How to get into the demo of the product that runs on this data directory.

    Raises:
        typer.Exit: there is none, or it is not complete after two minutes.
    """
    started = time.monotonic()
    while time.monotonic() < started + (WAIT_SECONDS if state.begun(settings.data_dir) else BEGIN_SECONDS):
        known = state.read(settings.data_dir)
        if known is not None:
            return {**known, "base_url": settings.base_url, "mcp_url": f"{settings.base_url}/mcp"}
        time.sleep(0.2)
    typer.echo(
        f"There is no demo in {settings.data_dir}. "
        "Start it with `toolmarket serve --demo`, with the same TOOLMARKET_DATA_DIR.",
        err=True,
    )
    raise typer.Exit(1)


def open_upstream(settings: KitSettings) -> None:
    """Let this process reach the demo's upstream, where the data directory holds a demo."""
    if state.begun(settings.data_dir):
        os.environ[EGRESS] = _with_origin(os.environ.get(EGRESS, ""), settings)


def _with_origin(allowed: str, settings: KitSettings) -> str:
    origin = f"http://127.0.0.1:{state.upstream_port(settings.data_dir)}"
    return ",".join(dict.fromkeys(part for part in (*allowed.split(","), origin) if part))


def own_content(database_url: str) -> str:
    """What people added to the demo's organisations, in words; empty where nothing."""

    async def work() -> str:
        database = Database(database_url)
        try:
            return await removal.own_content(database)
        finally:
            await database.close()

    return asyncio.run(work())


def remove(settings: KitSettings, database_url: str) -> None:
    """Remove the demo's organisations and everything in them."""

    async def work() -> None:
        database = Database(database_url)
        try:
            await removal.remove(database)
        finally:
            await database.close()

    asyncio.run(work())
    state.forget(settings.data_dir)


def greeting(known: dict[str, Any]) -> str:
    """What a person needs first."""
    account = next(each for each in known["accounts"] if each["role"] == "owner")
    return "\n".join(
        (
            "",
            f"  SynapseAI Tool Marketplace  {known['base_url']}",
            f"  Sign in as                  {account['email']}",
            f"  with the password           {account['password']}",
            f"  Agents connect to           {known['mcp_url']}",
            f"  with the key                {known['api_keys'][0]['key']}",
            "  Everything as JSON          toolmarket demo --json",
            "",
        )
    )
