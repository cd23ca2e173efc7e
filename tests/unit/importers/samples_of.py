"""Secrets and checks for the tests of importers that read recorded requests."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.unit.importers.documents_of import http as http
from tests.unit.importers.documents_of import only as only

from toolmarket.catalog.schemas import Operation
from toolmarket.importers.checks import schemas_valid
from toolmarket.importers.schemas import Imported
from toolmarket.kit.json_schema import Validator

DATA = Path(__file__).parents[2] / "data" / "importers"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Begins with what no name has, so that finding it means that it was kept.
SECRETS = st.text(_LETTERS + "-_", min_size=6, max_size=40).map(lambda text: f"q9Z{text}x7")


def data(name: str) -> bytes:
    """A sample file."""
    return (DATA / name).read_bytes()


def operation(result: Imported, name: str) -> Operation:
    """The operation of this name."""
    return next(entry for entry in result.manifest.operations if entry.name == name)


def properties(entry: Operation) -> dict[str, Any]:
    """The arguments of an operation."""
    found: dict[str, Any] = entry.input_schema["properties"]
    return found


def assert_sound(result: Imported) -> None:
    """Schemas are valid and self-contained, examples fit them, and every parameter has an argument."""
    assert schemas_valid(result)
    for entry in result.manifest.operations:
        check = Validator(entry.input_schema)
        assert all(check.accepts(example.input) for example in entry.examples)
        arguments = set(properties(entry)) | set(entry.fixed_inputs)
        assert {parameter.argument for parameter in http(entry).parameters} <= arguments
        for needed in http(entry).security:
            assert set(needed) <= set(result.manifest.auth.schemes)


def assert_forgotten(result: Imported, *secrets: str) -> None:
    """No secret is kept anywhere."""
    text = result.model_dump_json()
    for secret in secrets:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
        assert secret.lower() not in text.lower()
