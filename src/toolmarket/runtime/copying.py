"""Records as a binary COPY takes them, made when the call ends: a tenth of the memory of the objects."""

from typing import Any

from toolmarket.kit.copying import big, count, data, identifier, json, micros, number, row, small, text
from toolmarket.runtime.record import DetailRow, Encoded, News, Record, RunRow

_RUN = count(len(RunRow._fields))
_DETAIL = count(len(DetailRow._fields))
TRUE, FALSE = b"\0\0\0\x01\x01", b"\0\0\0\x01\0"


def encode(record: Record) -> Encoded:
    """The record as COPY takes it."""
    each = record.run
    rows = (run(each), detail(record.detail), row(record.audit))
    return Encoded(News(each.id, each.org_id, each.outcome), rows, record.facts)


def run(each: RunRow) -> bytes:
    """A row of `runtime_runs`."""
    return b"".join(
        (
            _RUN,
            *map(identifier, each[:8]),
            big(micros(each.started_at)),
            *map(number, each[9:16]),
            *map(small, each[16:24]),
            TRUE if each.demo else FALSE,
            *map(text, each[25:31]),
            rest(each[31:]),
        )
    )


def rest(values: tuple[Any, ...]) -> bytes:
    """The fields of a run that have a default, which few runs change."""
    cost_micros, step, cost_parts = values[4], values[10], values[11]
    return b"".join(
        (
            *map(identifier, values[:4]),
            big(cost_micros),
            *map(number, values[5:10]),
            text(step),
            json(cost_parts),
        )
    )


def detail(each: DetailRow) -> bytes:
    """A row of `runtime_details`."""
    return b"".join(
        (
            _DETAIL,
            identifier(each.id),
            identifier(each.org_id),
            data(each.arguments),
            data(each.answer),
            text(each.content_type),
            data(each.trace),
        )
    )
