"""Values and rows in the binary form of COPY, for rows that are made long before they are copied.

Source:
    PostgreSQL manual, COPY, "Binary format".
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

NULL = b"\xff\xff\xff\xff"
UUID_SIZE = b"\0\0\0\x10"
"""What stands before the sixteen bytes of an identifier."""
_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_size = struct.Struct(">i").pack
_int2 = struct.Struct(">ih").pack
_int4 = struct.Struct(">ii").pack
_int8 = struct.Struct(">iq").pack
count = struct.Struct(">h").pack
"""What stands before the fields of a row: how many they are."""


def whole(rows: Iterable[bytes]) -> bytearray:
    """The whole input of a COPY; not `bytes`, which the driver takes for the name of a file."""
    return bytearray().join((_BEGIN, *rows, _END))


def row(values: tuple[Any, ...]) -> bytes:
    """A row of identifiers, texts, bytes and four-byte numbers."""
    return count(len(values)) + fields(values)


def fields(values: Iterable[Any]) -> bytes:
    """Some fields of such a row."""
    return b"".join([_field(value) for value in values])


def _field(value: Any) -> bytes:
    if value is None:
        return NULL
    if isinstance(value, UUID):
        return UUID_SIZE + value.bytes
    if isinstance(value, str):
        return text(value)
    return data(value) if isinstance(value, bytes) else number(value)


def identifier(value: UUID | str | None) -> bytes:
    """A `uuid`."""
    if value is None:
        return NULL
    return UUID_SIZE + (UUID(value) if isinstance(value, str) else value).bytes


def text(value: str | None) -> bytes:
    """A `text`."""
    return NULL if value is None else data(value.encode())


def data(value: bytes) -> bytes:
    """A `bytea`."""
    return _size(len(value)) + value


def json(value: str | None) -> bytes:
    """A `jsonb`: a version before its text."""
    return NULL if value is None else data(b"\x01" + value.encode())


def small(value: int | None) -> bytes:
    """A `smallint`."""
    return NULL if value is None else _int2(2, value)


def number(value: int | None) -> bytes:
    """An `integer`."""
    return NULL if value is None else _int4(4, value)


def big(value: int) -> bytes:
    """A `bigint`."""
    return _int8(8, value)


def micros(moment: datetime) -> int:
    """A `timestamptz` as it is stored: microseconds since 2000."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
