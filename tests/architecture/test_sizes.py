"""Nothing grows past the size at which it can be read."""

import ast

from tests.architecture.sources import ROOT, Function, committed, modules

FILE_LINES, BODY_LINES, WEB_FILE_LINES = 400, 40, 250


def body_lines(function: Function) -> int:
    """Lines of the body, its docstring left out."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_files_are_short() -> None:
    long = {module.name: len(module.text.splitlines()) for module in modules()}

    assert {name: lines for name, lines in long.items() if lines > FILE_LINES} == {}


def test_function_bodies_are_short() -> None:
    long = {
        f"{module.name}:{function.name}": body_lines(function)
        for module in modules()
        for function in module.functions()
    }

    assert {name: lines for name, lines in long.items() if lines > BODY_LINES} == {}


def test_web_files_are_short() -> None:
    sources = [
        path
        for path in committed()
        if path.is_relative_to(ROOT / "web" / "src")
        and path.suffix in {".ts", ".tsx", ".css"}
        and not path.name.endswith(".gen.ts")
    ]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources}

    assert {name: lines for name, lines in long.items() if lines > WEB_FILE_LINES} == {}
