"""A folder of documents is imported in children, one line each."""

import gzip
from pathlib import Path

import pytest
from tests.requirements import requirement

from toolmarket.importers import checks, documents

GOOD = b"openapi: 3.0.0\npaths: {/a: {get: {}, post: {}}}\n"


@requirement("2.2.c/check-a-folder")
def test_a_folder_gives_a_line_a_document_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.yaml").write_bytes(GOOD)
    (tmp_path / "b" / "c.json.gz").write_bytes(gzip.compress(b'{"swagger": "2.0", "paths": {}}'))
    (tmp_path / "d.yml").write_bytes(b"openapi: 3.0.0\nx: [\n")
    (tmp_path / "e.json.gz").write_bytes(b"no gzip")
    (tmp_path / "index.jsonl").write_bytes(b"{}")
    (tmp_path / "README.md").write_bytes(b"# Not a document")

    lines = list(checks.check_folder(tmp_path))

    assert [(line.file, line.ok, line.operations) for line in lines] == [
        ("a.yaml", True, 2), ("b/c.json.gz", True, 0), ("d.yml", False, 0), ("e.json.gz", False, 0),
    ]  # fmt: skip
    assert lines[0].schemas_valid
    assert lines[0].auth_schemes == ["none"]
    assert lines[0].seconds > 0
    assert lines[2].problem is not None
    assert lines[2].problem.startswith("Line 3, column 1: ")


def test_an_empty_folder_gives_nothing_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    assert list(checks.check_folder(tmp_path)) == []
    with pytest.raises(NotADirectoryError):
        list(checks.check_folder(tmp_path / "nowhere"))


def test_a_packed_document_is_unpacked_no_further_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (documents.MAX_BYTES + 10)))

    line = checks.check_document(path, path.name)

    assert not line.ok
    assert "larger" in (line.problem or "")


def test_a_packed_document_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.yaml.gz"
    path.write_bytes(gzip.compress(GOOD)[:-12])

    line = checks.check_document(path, path.name)

    assert not line.ok
    assert (line.problem or "").startswith("unreadable")


def test_a_child_that_ends_costs_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_bytes(GOOD)
    monkeypatch.setattr(checks, "MEMORY_BYTES", 1_000_000)

    lines = list(checks.check_folder(tmp_path))

    assert [line.ok for line in lines] == [False, False, False]
    assert all("ended" in (line.problem or "") for line in lines)
