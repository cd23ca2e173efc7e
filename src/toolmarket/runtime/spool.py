"""The local spool: records of read-only, free calls survive the death of the process here.

One file a process, locked while the process lives. A record is appended before the answer leaves
and copied to PostgreSQL several times a second; the position that was copied is committed in the
same transaction, so that a replay after a crash neither loses nor repeats a record.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import ormsgpack

from toolmarket.runtime.record import DetailRow, Encoded, News, Record, RunRow
from toolmarket.runtime.schemas import Outcome, RunResult

_HEAD = struct.Struct("<II")
ROTATE_BYTES = 33_554_432


class Spool:
    """The file of this process.

    `append` is a plain write: it survives kill -9 of the process, not the loss of the machine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._open()

    def _open(self) -> None:
        self.spool_id = uuid4()
        self.position = 0
        self.path = self._folder / f"{self.spool_id}.spool"
        self._file = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, record: Encoded) -> None:
        """Write one record."""
        run = record.run
        told = (run.id.bytes, run.org_id.bytes, run.outcome)
        payload = ormsgpack.packb((told, record.rows, record.facts), default=str)
        os.write(self._file, _HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
        self.position += _HEAD.size + len(payload)

    def rotate(self) -> None:
        """Begin a new file; only when everything in the old one was copied."""
        self.close()
        self._open()

    def close(self) -> None:
        """Remove the file; only when everything in it was copied."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)


def pack(record: Record) -> bytes:
    """A record as bytes."""
    parts = (tuple(record.run), tuple(record.detail), record.audit, record.facts)
    return ormsgpack.packb(parts, default=str)


def orphans(folder: Path) -> Iterator[tuple[UUID, Path, int]]:
    """Spools whose process is gone: id, file, and a descriptor that holds the lock until it is closed."""
    for path in sorted(folder.glob("*.spool")):
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        yield UUID(path.stem), path, descriptor


def read(path: Path, position: int) -> Iterator[tuple[Encoded, int]]:
    """The records from `position` on, each with the position after it; a torn end is left out."""
    content = path.read_bytes()
    while position + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, position)
        payload = content[position + _HEAD.size : position + _HEAD.size + length]
        if len(payload) < length or zlib.crc32(payload) != checksum:
            return
        position += _HEAD.size + length
        yield _encoded(payload), position


def _encoded(payload: bytes) -> Encoded:
    (run_id, org_id, outcome), rows, facts = ormsgpack.unpackb(payload)
    news = News(UUID(bytes=run_id), UUID(bytes=org_id), outcome)
    return Encoded(news, tuple(rows), tuple(tuple(fact) for fact in facts))


def unpack(payload: bytes) -> Record:
    """The record in these bytes; its ids are text, which COPY takes as well."""
    run, detail, audit, facts = ormsgpack.unpackb(payload)
    row = RunRow(*run)
    return Record(
        run=row._replace(started_at=datetime.fromisoformat(row.started_at)),
        detail=DetailRow(*detail),
        audit=tuple(audit),
        facts=tuple(tuple(fact) for fact in facts),
    )


def pack_result(result: RunResult) -> bytes:
    """What a caller was told, as bytes."""
    return ormsgpack.packb(
        (
            str(result.id),
            str(result.outcome),
            result.body,
            result.content_type,
            result.status,
            result.problem_code,
            result.detail,
            result.total_micros,
        )
    )


def unpack_result(payload: bytes) -> RunResult:
    """What a caller was told, told again."""
    values = ormsgpack.unpackb(payload)
    return replace(RunResult(UUID(values[0]), Outcome(values[1]), *values[2:]), repeated=True)
