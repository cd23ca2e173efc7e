"""Which test proves which bullet of the specification.

`SPEC` lists every bullet; `@requirement("3.1.b/what-it-shows")` ties a test to one.
`python -m tests.requirements` prints which bullets have no test yet.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., object])

_PARTS = {
    "1": "abcdef",
    **dict.fromkeys(("2.1", "2.2", "2.3"), "abcd"),
    **dict.fromkeys(("3.1", "3.2", "3.3"), "abcd"),
    **dict.fromkeys(("4.1", "4.2", "4.3"), "abcd"),
    **dict.fromkeys(("5.1", "5.2", "5.3"), "abcd"),
    **dict.fromkeys(("6.1", "6.2", "6.3"), "abcd"),
    **dict.fromkeys(("7.1", "7.2", "7.3"), "abcd"),
    **dict.fromkeys(("8.1", "8.2", "8.3"), "abcd"),
    **dict.fromkeys(("9.1", "9.2", "9.3"), "abcd"),
    **dict.fromkeys(("10.1", "10.2", "10.3"), "abcd"),
    **dict.fromkeys(("11.1", "11.2", "11.3"), "abcd"),
    **dict.fromkeys(("12.1", "12.2", "12.3"), "abcd"),
}
SPEC = frozenset(f"{part}.{letter}" for part, letters in _PARTS.items() for letter in letters)
_ID = re.compile(r"^(\d+(?:\.\d+)?(?:\.[a-f]))(?:/[a-z0-9-]+)?$")


def bullet(requirement_id: str) -> str:
    """The bullet that an id belongs to.

    Raises:
        ValueError: the specification has no such bullet.
    """
    match = _ID.match(requirement_id)
    if match is None or match.group(1) not in SPEC:
        raise ValueError(f"the specification has no bullet {requirement_id!r}")
    return match.group(1)


def requirement(*requirement_ids: str) -> Callable[[Test], Test]:
    """Tie a test to the bullets that it proves."""
    for requirement_id in requirement_ids:
        bullet(requirement_id)

    def mark(test: Test) -> Test:
        for requirement_id in requirement_ids:
            test = pytest.mark.requirement(requirement_id)(test)
        return test

    return mark


def proofs(folder: Path) -> dict[str, list[str]]:
    """Bullet to the names of the tests that carry it, read from the sources."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "requirement":
                    for argument in decorator.args:
                        if isinstance(argument, ast.Constant):
                            name = f"{path.relative_to(folder)}::{node.name}"
                            found[bullet(str(argument.value))].append(name)
    return dict(found)


def _order(bullet_id: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else 0, part) for part in bullet_id.split(".")]


def main() -> None:
    """Print the report."""
    found = proofs(Path(__file__).parent)
    for bullet_id in sorted(SPEC, key=_order):
        tests = found.get(bullet_id, [])
        sys.stdout.write(f"{bullet_id:8} {len(tests):3} {', '.join(tests[:2]) or '-'}\n")
    sys.stdout.write(f"{len(found)} of {len(SPEC)} bullets have a test.\n")


if __name__ == "__main__":
    main()
