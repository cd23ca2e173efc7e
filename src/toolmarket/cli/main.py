"""The command line."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError

from toolmarket import __version__
from toolmarket.cli import serving
from toolmarket.kit import logs
from toolmarket.kit.settings import KitSettings

app = typer.Typer(
    name="toolmarket",
    help="Turn APIs and MCP servers into governed tools for AI agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
audit_commands = typer.Typer(help="The audit trail.", no_args_is_help=True)
app.add_typer(audit_commands, name="audit")


def main() -> None:
    """Entry of the command `toolmarket`; a setting that cannot be read is told in one line."""
    try:
        app()
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            place = ".".join(str(part) for part in mistake["loc"])
            typer.echo(f"The setting {error.title} {place}: {mistake['msg']}.", err=True)
        raise SystemExit(2) from None


def _prepared() -> KitSettings:
    """The settings of a process of ours that starts by itself."""
    from toolmarket.demo import service as demos

    logs.configure()
    settings = KitSettings()
    demos.open_upstream(settings)
    return settings


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="With demo organisations and their upstream.")] = False,
) -> None:
    """Start everything on this machine: database, web, jobs."""
    logs.configure("WARNING")
    raise typer.Exit(serving.serve(KitSettings(), demo=demo))


@app.command(hidden=True)
def web() -> None:
    """The web process alone, on a database that stands."""
    from toolmarket.app import process
    from toolmarket.app import serving as loop

    settings = _prepared()
    loop.run_loop(process.serve_web(settings, serving.database_url(settings)))


@app.command()
def gateway() -> None:
    """The call doors alone: a slim process for REST and MCP calls."""
    from toolmarket.app import process
    from toolmarket.app import serving as loop

    settings = _prepared()
    loop.run_loop(process.serve_gateway(settings, serving.database_url(settings)))


@app.command()
def worker() -> None:
    """The job process alone, on a database that stands."""
    from toolmarket.app.serving import run_loop
    from toolmarket.worker.process import serve_jobs

    settings = _prepared()
    run_loop(serve_jobs(settings, serving.database_url(settings)))


@app.command()
def found(
    organisation: Annotated[str, typer.Argument(help="Its short name, which begins the names of its tools.")],
    email: Annotated[str, typer.Argument(help="The address of its owner.")],
    name: Annotated[str, typer.Option(help="The name that people see.")] = "",
) -> None:
    """Found an organisation with its owner; asks for the owner's password."""
    from toolmarket.cli import founding

    password = typer.prompt("Password of the owner", hide_input=True, confirmation_prompt=True)
    url = serving.database_url(KitSettings())
    raise typer.Exit(founding.found(url, organisation, name or organisation.title(), email, password))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from toolmarket.kit import migrations

    migrations.upgrade(serving.database_url(KitSettings()))


@app.command(name="import")
def import_documents(
    path: Annotated[Path, typer.Argument(help="A description, or with --check a folder of them.")],
    check: Annotated[bool, typer.Option("--check", help="Only tell what importing would give.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a document.")] = False,
) -> None:
    """Read API descriptions and tell what they hold; nothing is stored."""
    from toolmarket.cli import importing

    raise typer.Exit(importing.report(path, check=check, as_json=as_json))


@app.command()
def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="Accounts, keys and installations as JSON.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the demo's content.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking, own additions too.")] = False,
) -> None:
    """Tell how to reach the demo of a running product; waits until it is complete."""
    from toolmarket.demo import service as demos

    settings = KitSettings()
    if remove:
        url = serving.database_url(settings)
        own = demos.own_content(url)
        if own and not yes:
            typer.confirm(
                f"The demo's organisations also hold what was added: {own}. Remove all?", abort=True
            )
        demos.remove(settings, url)
        typer.echo("The demo's organisations and everything in them are removed.")
        return
    description = demos.describe(settings)
    if as_json:
        sys.stdout.write(orjson.dumps(description, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        typer.echo(demos.greeting(description))


@app.command(hidden=True)
def demo_host() -> None:
    """The demo's own process: its upstream, and its content."""
    from toolmarket.app.serving import run_loop
    from toolmarket.demo import host

    logs.configure("WARNING")
    settings = KitSettings()
    run_loop(host.serve(settings, serving.database_url(settings)))


@app.command()
def doctor() -> None:
    """Tell what is wrong with this installation and how to mend it."""
    from toolmarket.cli import examining

    raise typer.Exit(examining.report(KitSettings()))


@app.command()
def openapi() -> None:
    """Print the description of our own API."""
    from toolmarket.app.web import create_framework

    document = create_framework().openapi()
    sys.stdout.write(
        orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
    )


@audit_commands.command()
def verify() -> None:
    """Check the chain of every organisation."""
    from toolmarket.cli import auditing

    settings = KitSettings()
    raise typer.Exit(auditing.verify_all(serving.database_url(settings)))
