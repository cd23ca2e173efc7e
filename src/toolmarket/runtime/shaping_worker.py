"""The program that evaluates jq, in a process of its own: `shaping_worker.py FOLDER_OF_JQ`.

It reads frames `length, program, length, document` from standard input and answers each with
`status, length, text`; a length is four bytes, big-endian. It ends with its input.
It may import the standard library and jq only.
"""

import os
import re
import struct
import sys
from functools import lru_cache
from typing import Any, BinaryIO

OK, BAD_PROGRAM, FAILED = b"o", b"p", b"f"
LENGTH = struct.Struct(">I")
PROGRAMS = 64
BEFORE = 'def modulemeta: error("modulemeta is not available"); (\n'
"""In parentheses `import` and `include` are syntax errors: they would read files. `modulemeta`
reads files too. One line, so that lines in messages are off by one."""


def main() -> None:
    """Answer until the input ends."""
    sys.path.append(sys.argv[1])
    os.environ.clear()
    compiled = _compiler()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (program := _read(source)) is not None:
        document = _read(source) or b""
        status, text = _answer(compiled, program.decode(), document.decode(errors="replace"))
        answer = text.encode()
        target.write(status + LENGTH.pack(len(answer)) + answer)
        target.flush()


def _compiler() -> Any:
    import jq

    return lru_cache(PROGRAMS)(lambda program: jq.compile(f"{BEFORE}{program}\n)"))


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(compiled: Any, program: str, document: str) -> tuple[bytes, str]:
    try:
        ready = compiled(program)
    except ValueError as error:
        return BAD_PROGRAM, _message(error, program)
    try:
        return OK, ready.input_text(document).text() if document else ""
    except ValueError as error:
        return FAILED, str(error)


def _message(error: ValueError, program: str) -> str:
    """jq's own words, for the program as its author wrote it."""
    lines = str(error).splitlines()
    told = "\n".join(line for line in lines if not re.match(r"jq: \d+ compile error", line)).strip()
    end = f"line {program.count(chr(10)) + 3},"
    if "unexpected ')'" in told and end in told:
        return "jq: error: syntax error, unexpected end of the program"
    return re.sub(r"\bline (\d+)", lambda found: f"line {int(found[1]) - 1}", told)


if __name__ == "__main__":
    main()
