"""`toolmarket doctor`: what is wrong with an installation, and how to mend it."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import asyncpg
import typer

from toolmarket.kit import migrations
from toolmarket.kit.egress import Egress
from toolmarket.kit.postgres import url_of_running
from toolmarket.kit.problems import Problem
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.urls import EgressSettings

FREE_GIB = 2
PATIENCE_SECONDS = 5
OK = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when it is not good."""

    name: str
    good: bool
    detail: str
    mend: str = ""
    needed: bool = True


def report(settings: KitSettings) -> int:
    """Print every finding; 1 when something that is needed is wrong."""
    findings = list(examine(settings))
    for finding in findings:
        mark = "ok  " if finding.good else ("BAD " if finding.needed else "note")
        typer.echo(f"{mark} {finding.name}: {finding.detail}")
        if not finding.good and finding.mend:
            typer.echo(f"       {finding.mend}")
    return int(any(finding.needed and not finding.good for finding in findings))


def examine(settings: KitSettings) -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    checks: tuple[Callable[[KitSettings], Iterator[Finding]], ...] = (
        _python,
        _data_dir,
        _database,
        _web,
        _sandbox,
    )
    for check in checks:
        yield from check(settings)


def _python(_settings: KitSettings) -> Iterator[Finding]:
    text = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", sys.version_info >= (3, 11), text, "Install Python 3.11 or newer.")


def _data_dir(settings: KitSettings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield Finding("data directory", False, f"{folder} is missing", "`toolmarket serve` makes it.")
        return
    writable = os.access(folder, os.W_OK)
    yield Finding("data directory", writable, str(folder), "Give it to the account that runs toolmarket.")
    free = shutil.disk_usage(folder).free / 2**30
    yield Finding("free space", free > FREE_GIB, f"{free:.1f} GiB", "Make room, or move the data directory.")
    keys = folder / "keys"
    if keys.is_dir():
        closed = not keys.stat().st_mode & 0o077
        yield Finding("keys", closed, str(keys), f"Only the owner may read them: chmod 700 {keys}")


def _database(settings: KitSettings) -> Iterator[Finding]:
    url = settings.database_url or url_of_running(settings.data_dir)
    if not url:
        yield Finding("database", False, "does not run", "Start the product: `toolmarket serve`.")
        return
    try:
        yield from asyncio.run(_ask_database(url))
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        yield Finding("database", False, str(error) or "no answer", "See postgres/log in the data directory.")


async def _ask_database(url: str) -> list[Finding]:
    connection = await asyncpg.connect(url, timeout=PATIENCE_SECONDS)
    try:
        version = await connection.fetchval("show server_version")
        vector = await connection.fetchval("select count(*) from pg_extension where extname = 'vector'")
        known = await connection.fetchval("select to_regclass('kit_revision')")
        revision = await connection.fetchval("select version_num from kit_revision") if known else "none"
    finally:
        await connection.close()
    newest = migrations.newest_revision()
    return [
        Finding("database", True, f"PostgreSQL {version}"),
        Finding(
            "vector search",
            bool(vector),
            "extension vector" if vector else "the extension is missing",
            "As a superuser: create extension vector;",
            needed=False,
        ),
        Finding("schema", revision == newest, f"{revision}", "Run `toolmarket migrate`."),
    ]


def _web(settings: KitSettings) -> Iterator[Finding]:
    origin = f"http://{settings.host}:{settings.port}"
    try:
        status, body = asyncio.run(_ask_web(origin))
    except Problem as problem:
        yield Finding("web", False, f"{origin}: {problem.detail}", "Start the product: `toolmarket serve`.")
        return
    yield Finding("web", status == OK, f"{origin} says {body[:200].decode()}", "Look at its log.")


async def _ask_web(origin: str) -> tuple[int, bytes]:
    async with Egress(EgressSettings(allow=(origin,))) as egress:
        answer = await egress.fetch_document(f"{origin}/health/ready", seconds=PATIENCE_SECONDS)
        return answer.status, answer.body


def _sandbox(_settings: KitSettings) -> Iterator[Finding]:
    found = shutil.which("bwrap")
    yield Finding(
        "sandbox",
        found is not None,
        found or "bubblewrap is not installed: expressions run in a limited process instead",
        "Install the package bubblewrap.",
        needed=False,
    )
