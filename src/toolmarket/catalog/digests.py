"""The two digests of a version: of what a model sees, and of all of it."""

import hashlib

import orjson

from toolmarket.catalog.schemas import Manifest

DEFINITION_FIELDS = {
    "name",
    "title",
    "description",
    "input_schema",
    "output_schema",
    "effects",
}


def definition_digest(manifest: Manifest) -> bytes:
    """SHA-256 over the parts of every operation that reach a model."""
    operations = [
        operation.model_dump(mode="json", include=DEFINITION_FIELDS) for operation in manifest.operations
    ]
    return _digest(sorted(operations, key=lambda operation: str(operation["name"])))


def artifact_digest(manifest: Manifest) -> bytes:
    """SHA-256 over the whole manifest in canonical form."""
    return _digest(manifest.model_dump(mode="json"))


def _digest(value: object) -> bytes:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
