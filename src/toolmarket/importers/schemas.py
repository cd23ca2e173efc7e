"""Shapes that importing gives back."""

from typing import Annotated, Literal

from pydantic import Field

from toolmarket.catalog import schemas as catalog
from toolmarket.kit.schemas import Schema

Kind = Literal["openapi", "postman", "har", "graphql", "curl"]


class Note(Schema):
    """Something that was simplified, left out or assumed, and why."""

    level: Literal["info", "warning"]
    pointer: Annotated[str, Field(description="JSON pointer into the document.")] = ""
    message: str
    operation: Annotated[str | None, Field(description="Name of the operation it concerns.")] = None


class Imported(Schema):
    """A description turned into a manifest.

    `defined_operations` counts what the document writes out; the manifest can hold more, because a path
    item may borrow the operations of another by reference, or fewer, where a note says so.
    """

    manifest: catalog.Manifest
    notes: list[Note] = []
    kind: Annotated[str, Field(description="What was read, such as openapi or curl.")] = "openapi"
    source_version: str = ""
    auth_kinds: Annotated[
        list[str], Field(description="Such as apiKey:header, http:bearer, oauth2:authorizationCode.")
    ] = []
    defined_operations: int = 0


class CheckLine(Schema):
    """What importing one document gave."""

    file: str
    ok: bool
    problem: str | None = None
    operations: int = 0
    auth_schemes: list[str] = []
    schemas_valid: bool = False
    seconds: float = 0.0
    notes: int = 0
