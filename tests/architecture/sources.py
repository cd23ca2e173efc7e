"""The sources as trees, parsed once."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "toolmarket"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the package; `name` is its path below it, such as `kit/egress.py`."""

    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.split("/")[0]

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def called(self) -> Iterator[str]:
        """The dotted names of everything that is called, as far as they are names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)

    def imported(self) -> Iterator[str]:
        """Dotted names of what is imported: `from a.b import c` gives `a.b.c`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def modules() -> tuple[Module, ...]:
    """Every file of the package."""
    return tuple(
        Module(str(path.relative_to(PACKAGE)), path.read_text(), ast.parse(path.read_text()))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


@cache
def rooms() -> tuple[str, ...]:
    """The folders of the package."""
    return tuple(sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py")))


@cache
def committed() -> tuple[Path, ...]:
    """Every file under version control that is still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return tuple(path for path in paths if path.is_file())
