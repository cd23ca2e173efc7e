"""The local spool: what was appended is read back, a torn end is left out."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.kit.ids import new_id
from toolmarket.runtime import copying, spool
from toolmarket.runtime.record import DetailRow, Record, RunRow


def record(arguments: bytes = b"{}", operation: str = "read") -> Record:
    run_id, org_id = new_id(), uuid4()
    facts: dict[str, Any] = (
        dict.fromkeys(RunRow._fields, 0) | dict.fromkeys(RunRow._fields[25:31]) | RunRow._field_defaults
    )
    facts |= {each: uuid4() for each in RunRow._fields[2:8]}
    facts |= {"id": run_id, "org_id": org_id, "started_at": datetime.now(UTC), "operation_name": operation}
    detail = DetailRow(run_id, org_id, arguments, b"answer", "text/plain", b"{}")
    return Record(run=RunRow(**facts), detail=detail, audit=(run_id, b"sealed", None, 7))


def same(read: Record, written: Record) -> bool:
    return (
        [str(value) for value in read.run] == [str(value) for value in written.run]
        and [str(value) for value in read.detail] == [str(value) for value in written.detail]
        and [str(value) for value in read.audit] == [str(value) for value in written.audit]
    )


@given(st.binary(max_size=200), st.text(max_size=40))
@settings(max_examples=60)
def test_a_record_survives_the_way_through_bytes(arguments: bytes, operation: str) -> None:
    written = record(arguments, operation.encode(errors="replace").decode())

    assert same(spool.unpack(spool.pack(written)), written)


@requirement("1.d/spool-survives-a-kill")
def test_a_new_process_reads_what_a_dead_one_left(tmp_path: Path) -> None:
    written = [record(), record(b"[1]"), record()]
    dead = spool.Spool(tmp_path)
    for each in written:
        dead.append(copying.encode(each))
    copied = dead.position
    dead.append(late := copying.encode(record()))
    os.close(dead._file)

    [(spool_id, path, descriptor)] = spool.orphans(tmp_path)
    os.close(descriptor)

    assert spool_id == dead.spool_id
    everything = [each for each, _ in spool.read(path, 0)]
    assert everything == [*map(copying.encode, written), late]
    assert [each for each, _ in spool.read(path, copied)] == [late]


@pytest.mark.parametrize("lost", [1, 7, 40])
def test_a_torn_end_is_left_out(tmp_path: Path, lost: int) -> None:
    dead = spool.Spool(tmp_path)
    dead.append(copying.encode(record()))
    dead.append(copying.encode(record()))
    os.close(dead._file)
    os.truncate(dead.path, dead.position - lost)

    assert len(list(spool.read(dead.path, 0))) == 1


def test_a_living_process_keeps_its_spool_to_itself(tmp_path: Path) -> None:
    living = spool.Spool(tmp_path)
    living.append(copying.encode(record()))

    assert list(spool.orphans(tmp_path)) == []
    living.close()


def test_an_emptied_spool_is_replaced_by_a_fresh_file(tmp_path: Path) -> None:
    living = spool.Spool(tmp_path)
    living.append(copying.encode(record()))
    before = living.path

    living.rotate()

    assert not before.exists()
    assert living.position == 0
    living.close()
