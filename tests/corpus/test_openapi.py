"""The documents that are kept here, and the whole corpus where it is found.

It is looked for in `TOOLMARKET_CORPUS`, or in `shared/data` beside the checkout.
"""

import gzip
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tests import provider_limits
from tests.requirements import requirement
from toolmarket.catalog import exports
from toolmarket.importers import checks
from toolmarket.importers.openapi import import_openapi
from toolmarket.importers.schemas import CheckLine, Imported
from toolmarket.kit.problems import Problem

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "data" / "openapi"
WHOLE = Path(os.environ.get("TOOLMARKET_CORPUS") or ROOT.parent / "shared" / "data") / "openapi"
CHUNKS = 8
FOLDERS = [KEPT, *([WHOLE] if WHOLE.is_dir() else [])]
CHUNKED = [(folder, chunk) for folder in FOLDERS for chunk in range(CHUNKS)]


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    """What the index tells of each document."""
    lines = (folder / "index.jsonl").read_text().splitlines()
    return {row["file"]: row for row in map(json.loads, lines)}


def content(folder: Path, file: str) -> bytes:
    return gzip.decompress((folder / file).read_bytes())


def importable(folder: Path, chunk: int) -> list[str]:
    return [file for file, row in rows(folder).items() if row["kind"] != "unparsable"][chunk::CHUNKS]


def read(folder: Path, file: str) -> Imported:
    return import_openapi(content(folder, file), filename=Path(file).name.removesuffix(".gz"))


@requirement("2.2.c/corpus")
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_corpus_imports_as_its_index_says_within_its_time(folder: Path) -> None:
    index = rows(folder)

    lines = {line.file: line for line in checks.check_folder(folder)}

    assert set(lines) == set(index)
    wrong = {file: told for file, line in lines.items() if (told := _differs(line, index[file]))}
    assert wrong == {}
    seconds = sorted(line.seconds for line in lines.values())
    assert seconds[int(len(seconds) * 0.95)] <= 2
    assert seconds[-1] <= 15


def _differs(line: CheckLine, row: dict[str, Any]) -> str:
    if row["kind"] == "unparsable":
        placed = not line.ok and (line.problem or "").startswith("Line ")
        return "" if placed else f"no refusal with line and column: {line.problem}"
    if not line.ok:
        return f"not imported: {line.problem}"
    if line.operations != row["operations"]:
        return f"{line.operations} operations, not {row['operations']}"
    if line.auth_schemes != sorted(row["auth"]):
        return f"{line.auth_schemes}, not {row['auth']}"
    return "" if line.schemas_valid else "a schema is not valid"


@requirement("2.2.c/accepted-by-providers")
@pytest.mark.parametrize(("folder", "chunk"), CHUNKED)
def test_every_operation_is_taken_by_model_providers(folder: Path, chunk: int) -> None:
    refused: dict[str, list[str]] = {}
    for file in importable(folder, chunk):
        for operation in read(folder, file).manifest.operations:
            name = f"abcdefghijklmno_{operation.name}"
            found = provider_limits.openai_refusals(exports.openai_function(name, operation))
            found += provider_limits.anthropic_refusals(exports.anthropic_tool(name, operation))
            found += provider_limits.gemini_refusals(exports.gemini_function(name, operation))
            if found:
                refused[f"{file} {operation.name}"] = found

    assert refused == {}


@requirement("2.2.c/no-connection-while-importing")
@pytest.mark.parametrize("folder", FOLDERS)
def test_no_import_opens_a_connection(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    external = [file for file, row in rows(folder).items() if "external_ref" in row["features"]]

    reports = {file: read(folder, file).notes for file in external}

    assert reports
    assert [file for file, notes in reports.items() if not notes] == []


@pytest.mark.parametrize(("folder", "chunk"), CHUNKED)
def test_schemas_stand_alone_and_arguments_reach_the_request(folder: Path, chunk: int) -> None:
    wrong: list[str] = []
    for file in importable(folder, chunk):
        for operation in read(folder, file).manifest.operations:
            for schema in (operation.input_schema, operation.output_schema or {}):
                names = set(schema.get("$defs", {}))
                wrong += [f"{file} {operation.name} {ref}" for ref in _references(schema) if ref not in names]
            request = operation.implementation
            assert request.kind == "http"
            sent = {parameter.argument for parameter in request.parameters}
            sent |= {request.body.argument} if request.body else set()
            if sent != set(operation.input_schema["properties"]) | set(operation.fixed_inputs):
                wrong.append(f"{file} {operation.name}: {sent}")

    assert wrong == []


def _references(schema: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    pending: list[Any] = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found.add(node["$ref"].removeprefix("#/$defs/"))
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_cannot_be_read_is_a_problem_with_its_place(folder: Path) -> None:
    broken = [file for file, row in rows(folder).items() if row["kind"] == "unparsable"]

    for file in broken:
        with pytest.raises(Problem) as refused:
            read(folder, file)
        assert refused.value.code == "document-broken"
        assert refused.value.extra.keys() == {"line", "column"}
    assert broken
