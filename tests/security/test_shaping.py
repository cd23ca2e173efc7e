"""jq programs are hostile: they see nothing, cannot stay, and cannot take the server with them."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.requirements import requirement

from toolmarket.kit.processes import Command
from toolmarket.runtime import errors, shaping


@pytest.fixture(params=["_sandboxed", "_plain"])
async def shaper(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[shaping.Shaper]:
    """One worker of each kind; a machine without bubblewrap tries the plain one twice."""
    ways = [getattr(shaping, request.param), shaping._plain]
    monkeypatch.setattr(shaping, "_ways", ways)
    shaper = shaping.Shaper(workers=1)
    yield shaper
    await shaper.close()


async def shape(shaper: shaping.Shaper, program: str, document: Any) -> Any:
    return json.loads(await shaper.shape(program, json.dumps(document).encode()))


async def worker_pid(shaper: shaping.Shaper) -> int:
    await shape(shaper, ".", 1)
    process = shaper._workers[0]._process
    assert process is not None
    return process.pid


@requirement("2.3.a/jq-shapes-answers")
async def test_a_program_reshapes_an_answer(shaper: shaping.Shaper) -> None:
    pets = [{"name": "Rex", "tags": ["a"], "noise": "é" * 100}, {"name": "Tom", "tags": []}]

    assert await shape(shaper, "[.[] | {name, tags: (.tags | length)}]", pets) == [
        {"name": "Rex", "tags": 1},
        {"name": "Tom", "tags": 0},
    ]


@requirement("5.2.c/jq-sees-no-environment")
@pytest.mark.parametrize("program", ["$ENV", "env"])
async def test_the_environment_is_empty(
    shaper: shaping.Shaper, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")

    assert await shape(shaper, program, 1) == {}


@requirement("5.2.c/jq-is-killed")
async def test_an_endless_program_is_killed_and_the_next_one_works(shaper: shaping.Shaper) -> None:
    before = await worker_pid(shaper)

    with pytest.raises(errors.ShapeTooSlow):
        await shape(shaper, "def f: f; f", 1)

    assert await shape(shaper, ". + 1", 1) == 2
    assert await worker_pid(shaper) != before


@requirement("5.2.c/jq-memory-is-bounded")
@pytest.mark.parametrize(
    "program", ['"x" * 1e9', "[limit(1e9; repeat(1))]", "reduce range(1e9) as $i ([]; . + [.])"]
)
async def test_a_memory_bomb_ends_alone(shaper: shaping.Shaper, program: str) -> None:
    with pytest.raises(errors.ShapeRefused):
        await shape(shaper, program, 1)

    assert await shape(shaper, ". + 1", 1) == 2


@pytest.mark.parametrize(
    "program",
    [
        'import "secret" as $s {search: "FOLDER"}; $s',
        '# words\nimport "secret" as $s {search: "FOLDER"}; $s',
        'include "secret" {search: "FOLDER"}; .',
        '"FOLDER/secret" | modulemeta',
        '. ) | import "secret" as $s {search: "FOLDER"}; ( $s',
        "input_filename, input",
    ],
)
async def test_no_file_is_read(shaper: shaping.Shaper, program: str, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('"s3cret"')
    (tmp_path / "secret.jq").write_text('def secret: "s3cret";')

    with pytest.raises(errors.ShapeRefused) as refused:
        await shaper.shape(program.replace("FOLDER", str(tmp_path)), b"1")

    assert "s3cret" not in refused.value.detail


@requirement("2.3.a/jq-message")
async def test_a_bad_program_is_told_in_the_words_of_jq(shaper: shaping.Shaper) -> None:
    with pytest.raises(errors.ShapeInvalid, match=r"(?s)nosuch/0 is not defined.*line 2, column 3"):
        await shaper.check(".a |\n  nosuch")
    with pytest.raises(errors.ShapeFailed, match="Cannot iterate over number"):
        await shape(shaper, ".[]", 1)

    with pytest.raises(errors.ShapeInvalid, match="unexpected end of the program"):
        await shaper.check(".a |")

    await shaper.check(".a # a comment at the end")


@pytest.mark.parametrize(("program", "told"), [("empty", "no result"), (".[]", "3 results")])
async def test_exactly_one_result_is_wanted(shaper: shaping.Shaper, program: str, told: str) -> None:
    with pytest.raises(errors.ShapeFailed, match=told):
        await shape(shaper, program, [1, 2, 3])


async def test_what_is_no_json_or_too_large_is_refused(shaper: shaping.Shaper) -> None:
    with pytest.raises(errors.ShapeFailed):
        await shaper.shape(".", b"{")
    with pytest.raises(errors.ShapeTooLarge, match="4,194,304 at most"):
        await shaper.shape(".", b" " * (shaping.DOCUMENT_BYTES + 1))
    with pytest.raises(errors.ShapeTooLarge):
        await shaper.shape('"x" * 5000000', b"1")

    assert await shape(shaper, ".", {}) == {}


async def test_results_that_are_too_large_never_hold_the_worker(shaper: shaping.Shaper) -> None:
    """Ten times, because what a killed worker left unread blocked only now and then."""
    for _ in range(10):
        with pytest.raises(errors.ShapeTooLarge):
            await shaper.shape('"x" * 5000000', b"1")


async def test_many_calls_share_the_workers(shaper: shaping.Shaper) -> None:
    answers = await asyncio.gather(*(shape(shaper, f". + {number}", 1) for number in range(50)))

    assert answers == [number + 1 for number in range(50)]


async def test_a_cancelled_call_leaves_no_answer_behind(shaper: shaping.Shaper) -> None:
    await worker_pid(shaper)
    call = asyncio.ensure_future(shape(shaper, "last(range(1e9))", 1))
    await asyncio.wait({call}, timeout=0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert await shape(shaper, '"mine"', 1) == "mine"


async def test_a_way_that_does_not_work_here_is_left_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = [lambda: None, lambda: Command(["/bin/false"]), shaping._plain]
    monkeypatch.setattr(shaping, "_ways", ways)
    shaper = shaping.Shaper(workers=1)

    assert await shape(shaper, ".", 1) == 1
    await shaper.close()

    assert ways == [shaping._plain]


async def test_the_plain_worker_is_not_root_where_it_can_be_helped(shaper: shaping.Shaper) -> None:
    command = shaping._plain()
    assert command is not None

    assert command.account is None or command.account.uid != 0
    assert os.geteuid() != 0 or command.limits["RLIMIT_FSIZE"] == 0
