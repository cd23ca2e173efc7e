"""Rows as a binary COPY takes them, made when the record is made: a tenth of the memory of its objects.

Source:
    PostgreSQL manual, COPY, "Binary format".
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from toolmarket.runtime.record import DetailRow, Encoded, News, Record, RunRow

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_UUID = b"\0\0\0\x10"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_count = struct.Struct(">h").pack
_size = struct.Struct(">i").pack
_int2 = struct.Struct(">ih").pack
_int4 = struct.Struct(">ii").pack
_int8 = struct.Struct(">iq").pack
# Six counters, each behind its size in bytes.
_counters = struct.Struct(">iiiiiiiiiiii").pack
# Outcome, channel, environment, durability, token counter and kind of principal, then demo.
_kinds = struct.Struct(">ihihihihihihi?").pack
_RUN = _count(len(RunRow._fields))
_DETAIL = _count(len(DetailRow._fields))


def whole(rows: Iterable[bytes]) -> bytearray:
    """The whole input of a COPY; not `bytes`, which the driver takes for the name of a file."""
    return bytearray().join((_BEGIN, *rows, _END))


def encode(record: Record) -> Encoded:
    """The record as COPY takes it."""
    row = record.run
    rows = (run(row), detail(record.detail), plain(record.audit))
    return Encoded(News(row.id, row.org_id, row.outcome), rows, record.facts)


def run(row: RunRow) -> bytes:
    """A row of `runtime_runs`."""
    return b"".join(
        (
            _RUN,
            *map(_uuid, row[:8]),
            _int8(8, _micros(row.started_at - _EPOCH)),
            _counters(
                *(4, row.queue_micros, 4, row.own_micros, 4, row.upstream_micros),
                *(4, row.total_micros, 4, row.bytes_in, 4, row.bytes_out),
            ),
            _number(row.answer_tokens),
            _int2(2, row.retries),
            _NULL if row.http_status is None else _int2(2, row.http_status),
            _kinds(
                *(2, row.outcome, 2, row.channel, 2, row.environment, 2, row.durability),
                *(2, row.token_counter, 2, row.principal_kind, 1, row.demo),
            ),
            *map(_text, row[25:31]),
            _USUAL_REST if row[31:] == _USUAL else _rest(row),
        )
    )


def _rest(row: RunRow) -> bytes:
    """What few runs have."""
    return b"".join(
        (
            *map(_uuid, row[31:35]),
            _int8(8, row.cost_micros),
            *map(_number, row[36:41]),
            _text(row.step),
            _NULL if row.cost_parts is None else _json(row.cost_parts),
        )
    )


def detail(row: DetailRow) -> bytes:
    """A row of `runtime_details`."""
    return b"".join(
        (
            _DETAIL,
            _uuid(row.id),
            _uuid(row.org_id),
            _bytes(row.arguments),
            _bytes(row.answer),
            _text(row.content_type),
            _bytes(row.trace),
        )
    )


def plain(row: tuple[Any, ...]) -> bytes:
    """A row of identifiers, texts, bytes and four-byte numbers."""
    return _count(len(row)) + b"".join([_field(value) for value in row])


def _field(value: Any) -> bytes:
    if value is None:
        return _NULL
    if isinstance(value, UUID):
        return _UUID + value.bytes
    if isinstance(value, str):
        return _text(value)
    return _bytes(value) if isinstance(value, bytes) else _int4(4, value)


def _uuid(value: UUID | str | None) -> bytes:
    if value is None:
        return _NULL
    return _UUID + (UUID(value) if isinstance(value, str) else value).bytes


def _number(value: int | None) -> bytes:
    return _NULL if value is None else _int4(4, value)


def _text(value: str | None) -> bytes:
    return _NULL if value is None else _bytes(value.encode())


def _bytes(value: bytes) -> bytes:
    return _size(len(value)) + value


def _json(text: str) -> bytes:
    """A `jsonb` value: a version before its text."""
    return _bytes(b"\x01" + text.encode())


def _micros(delta: timedelta) -> int:
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


_USUAL = tuple(RunRow._field_defaults.values())
_USUAL_REST = _rest(RunRow(*(None,) * 31))  # type: ignore[arg-type]
