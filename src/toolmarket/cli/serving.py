"""Starting everything on one machine, and finding a database that stands."""

import os
import sys
from pathlib import Path

import typer

from toolmarket.kit.postgres import EmbeddedPostgres, PostgresNotStarted, url_of_running
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.supervision import ServiceFailed, Supervisor

URL = "TOOLMARKET_DATABASE_URL"
EGRESS = "TOOLMARKET_EGRESS_ALLOW"
LOCAL = frozenset({"PATH", "HOME", "LANG", "TMPDIR"})


def database_url(settings: KitSettings) -> str:
    """The database of this installation.

    Raises:
        typer.Exit: there is none that runs; says what to do.
    """
    url = settings.database_url or url_of_running(settings.data_dir)
    if url:
        return url
    typer.echo(
        f"No database runs for {settings.data_dir}. Start the product with `toolmarket serve`, "
        f"or name a server in {URL}.",
        err=True,
    )
    raise typer.Exit(1)


def serve(settings: KitSettings, *, demo: bool) -> int:
    """Run database, web and jobs until a signal asks to stop."""
    from toolmarket.cli import readiness

    mistake = readiness.mistake_of(settings)
    if mistake:
        typer.echo(mistake, err=True)
        return 1
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.database_url:
        return _supervise(settings, settings.database_url, None, demo=demo)
    postgres = EmbeddedPostgres(settings.data_dir, settings.embedded_postgres_user)
    try:
        url = postgres.start()
    except PostgresNotStarted as error:
        typer.echo(f"The database did not start. {error}", err=True)
        return 1
    try:
        return _supervise(settings, url, postgres, demo=demo)
    finally:
        postgres.stop()


def _supervise(settings: KitSettings, url: str, postgres: EmbeddedPostgres | None, *, demo: bool) -> int:
    # Not needed by the web, gateway and job processes, which start here as well.
    from toolmarket.kit import migrations

    migrations.upgrade(url)
    supervisor = Supervisor()
    environment = _environment(settings, url)
    if postgres is not None:
        supervisor.keep("database", postgres)
    if demo:
        from toolmarket.demo import service as demos

        environment = demos.add(supervisor, settings, environment, program())
    supervisor.add("web", [*program(), "web"], environment)
    supervisor.add("worker", [*program(), "worker"], environment)
    try:
        supervisor.run()
    except ServiceFailed as error:
        typer.echo(str(error), err=True)
        return 1
    return 0


def program() -> list[str | Path]:
    """How to start another process of ours."""
    return [sys.executable, "-m", "toolmarket.cli"]


def _environment(settings: KitSettings, url: str) -> dict[str, str]:
    """What the children see: our own settings, where they are, and nothing else."""
    ours = {name: value for name, value in os.environ.items() if name.startswith("TOOLMARKET_")}
    local = {name: value for name, value in os.environ.items() if name in LOCAL}
    return {
        **local,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **ours,
        "TOOLMARKET_DATA_DIR": str(settings.data_dir),
        URL: url,
    }
