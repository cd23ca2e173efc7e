"""Reading API descriptions from the command line."""

import gzip
import zlib
from pathlib import Path

import typer

from toolmarket.importers import service as importers
from toolmarket.kit.problems import Problem


def report(path: Path, *, check: bool, as_json: bool) -> int:
    """Tell what documents hold; with `check` a whole folder, always ending well."""
    if not (path.is_dir() if check else path.is_file()):
        typer.echo(f"There is no {'folder' if check else 'file'} {path}.", err=True)
        return 1
    if check:
        for line in importers.check_folder(path):
            typer.echo(line.model_dump_json() if as_json else f"{'ok ' if line.ok else 'NO '} {line.file}")
        return 0
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        imported = importers.from_content(content, filename=path.name, kind="auto")
    except Problem as problem:
        typer.echo(f"{problem.title} {problem.detail}", err=True)
        return 1
    except (OSError, EOFError, zlib.error) as error:
        typer.echo(f"{path} cannot be read: {error}.", err=True)
        return 1
    if as_json:
        typer.echo(imported.model_dump_json(indent=2))
        return 0
    manifest = imported.manifest
    typer.echo(f"{manifest.title}: {len(manifest.operations)} operations, {len(imported.notes)} notes.")
    for operation in manifest.operations:
        typer.echo(f"  {operation.name}  {operation.title}")
    return 0
