"""Imports every document of a folder and tells how it went, two at a time.

The work is done in children, because parsing holds the interpreter; a document that ends its child is
told as a failure like any other, and the rest goes on in a new one.
"""

import gzip
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import structlog

from toolmarket.importers import documents, errors
from toolmarket.importers.openapi import import_openapi
from toolmarket.importers.schemas import CheckLine, Imported
from toolmarket.kit import processes
from toolmarket.kit.json_schema import SchemaBroken, Validator
from toolmarket.kit.problems import Problem

WORKERS = 2
MEMORY_BYTES = 2 * 1024**3
MARK = b"\x1e"
_SUFFIXES = {".json", ".yaml", ".yml"}
_SKIPPED = {"index.jsonl"}

log = structlog.get_logger()


def check_folder(folder: Path) -> Iterator[CheckLine]:
    """Import each OpenAPI document below a folder, `.gz` ones too, in the order of their paths.

    Raises:
        NotADirectoryError: there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(folder)
    folder = folder.resolve()
    paths = document_paths(folder)
    children: list[_Child] = []
    try:
        children.extend(_Child(folder, first) for first in range(min(WORKERS, len(paths))))
        for index, path in enumerate(paths):
            slot = index % WORKERS
            line = children[slot].next_line()
            if line is None:
                children[slot].end()
                children[slot] = _Child(folder, index + WORKERS)
                name = path.relative_to(folder).as_posix()
                line = CheckLine(file=name, ok=False, problem="defect: the process that imported it ended")
            yield line
    finally:
        for child in children:
            child.end()


class _Child:
    """A process that imports every second document from `first` on."""

    def __init__(self, folder: Path, first: int) -> None:
        program = ["-m", "toolmarket.importers.checks", str(folder), str(first)]
        command = processes.Command(
            [sys.executable, "-I", *program],
            environment=processes.minimal_environment(),
            limits={"RLIMIT_AS": MEMORY_BYTES},
        )
        self._process = processes.start(command, output=subprocess.PIPE)

    def next_line(self) -> CheckLine | None:
        """The next document's line, or None where the process ended."""
        for written in self._process.stdout or ():
            if written.startswith(MARK):
                return CheckLine.model_validate_json(written[1:])
        return None

    def end(self) -> None:
        """Stop it, finished or not."""
        processes.kill(self._process.pid)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def main(arguments: list[str]) -> None:
    """Be the child: a folder, and the number of the first document."""
    folder, first = Path(arguments[0]), int(arguments[1])
    for path in document_paths(folder)[first::WORKERS]:
        line = check_document(path, path.relative_to(folder).as_posix())
        sys.stdout.buffer.write(MARK + orjson.dumps(line.model_dump()) + b"\n")
        sys.stdout.buffer.flush()


def document_paths(folder: Path) -> list[Path]:
    """The documents below a folder."""
    found = (path for path in folder.rglob("*") if path.name not in _SKIPPED)
    return sorted(path for path in found if _suffix(path) in _SUFFIXES and path.is_file())


def check_document(path: Path, name: str) -> CheckLine:
    """Import one document; never raises."""
    started = time.perf_counter()
    try:
        imported = import_openapi(_content(path), filename=path.name.removesuffix(".gz"))
    except Problem as problem:
        return CheckLine(file=name, ok=False, problem=problem.detail, seconds=_since(started))
    except (OSError, EOFError, zlib.error) as error:
        return CheckLine(file=name, ok=False, problem=f"unreadable: {error}", seconds=_since(started))
    except Exception as error:
        log.exception("import.check.failed", file=name)
        return CheckLine(file=name, ok=False, problem=f"defect: {error!r}", seconds=_since(started))
    return CheckLine(
        file=name,
        ok=True,
        operations=imported.defined_operations,
        auth_schemes=imported.auth_kinds,
        seconds=_since(started),
        schemas_valid=schemas_valid(imported),
        notes=len(imported.notes),
    )


def schemas_valid(imported: Imported) -> bool:
    """Whether every input and output schema is valid 2020-12 and refers to nothing outside itself."""
    manifest = imported.manifest
    schemas = [manifest.config_schema]
    for operation in manifest.operations:
        schemas.append(operation.input_schema)
        if operation.output_schema is not None:
            schemas.append(operation.output_schema)
    return all(_is_valid(schema) for schema in schemas)


def _is_valid(schema: dict[str, Any]) -> bool:
    try:
        Validator(schema)
    except SchemaBroken:
        return False
    return True


def _content(path: Path) -> bytes:
    """The document's bytes, unpacked no further than an import takes."""
    if path.suffix != ".gz":
        return path.read_bytes()
    with gzip.open(path) as packed:
        content = packed.read(documents.MAX_BYTES + 1)
    if len(content) > documents.MAX_BYTES:
        raise errors.DocumentTooLarge(f"Unpacked, it is larger than {documents.MAX_BYTES:,} bytes.")
    return content


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 4)


if __name__ == "__main__":
    main(sys.argv[1:])
