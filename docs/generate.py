"""Write the reference pages that are read from the program: `make docs`.

Settings, problems, events and rooms each have one source, which is the code; a test refuses pages
that say something else.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import toolmarket
from toolmarket.events.schemas import CATALOGUE
from toolmarket.kit.problems import every_problem

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `make docs`; do not edit. -->"


def load_everything() -> None:
    """Import every module, so that all settings and problems are known."""
    for module in pkgutil.walk_packages(toolmarket.__path__, "toolmarket."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def page(title: str, introduction: str, *parts: str) -> str:
    """A page of the reference."""
    return "\n\n".join((f"# {title}", NOTE, introduction, *parts)) + "\n"


def settings_of_rooms() -> Iterator[type[BaseSettings]]:
    """Each room's settings, in the order of their prefixes."""
    ours = [kind for kind in BaseSettings.__subclasses__() if kind.__module__.startswith("toolmarket.")]
    return iter(sorted(ours, key=lambda kind: str(kind.model_config.get("env_prefix", ""))))


def default(field: FieldInfo) -> str:
    """The default as one would write it."""
    if field.default_factory is not None:
        return "depends on the account"
    if field.is_required():
        return "none: must be set"
    return "empty" if field.default in ("", None, ()) else f"`{field.default}`"


def settings() -> str:
    """Every variable that changes an installation."""
    parts = []
    for kind in settings_of_rooms():
        prefix = str(kind.model_config.get("env_prefix", ""))
        rows = [
            [f"`{prefix}{name.upper()}`", default(field), field.description or ""]
            for name, field in kind.model_fields.items()
        ]
        parts.append(f"## {(inspect.getdoc(kind) or '').splitlines()[0]}")
        parts.append(table(["variable", "default", "what for"], rows))
    return page(
        "Settings",
        "All are environment variables. Every default is safe for a first start on one machine.",
        *parts,
    )


def problems() -> str:
    """Every refusal that a caller can act on."""
    kinds = sorted({kind.code: kind for kind in every_problem()}.values(), key=lambda kind: kind.code)
    rows = [[f"`{kind.code}`", str(int(kind.status)), kind.title] for kind in kinds]
    return page(
        "Problems",
        "Refusals are RFC 9457 documents, `application/problem+json`; their `type` is `/problems/<code>`, "
        "and `detail` says what happened and what to do.",
        table(["code", "status", "meaning"], rows),
    )


def events() -> str:
    """Every event that a stream or a webhook may carry."""
    rows = [
        [
            f"`{kind.type}`",
            kind.description,
            f"`{kind.audience}`",
            ", ".join(f"`{name}`" for name in members(kind.data)),
        ]
        for kind in sorted(CATALOGUE.values(), key=lambda kind: kind.type)
    ]
    return page(
        "Events",
        "CloudEvents over `GET /v1/events/stream`, for whoever holds the permission of their audience.",
        table(["type", "when", "audience", "data"], rows),
    )


def members(schema: dict[str, object]) -> list[str]:
    """The names of an object schema's members."""
    properties = schema.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def rooms() -> str:
    """What each room is for, in the order of their imports."""
    folders = sorted(module.name for module in pkgutil.iter_modules(toolmarket.__path__) if module.ispkg)
    rows = []
    for name in folders:
        words = inspect.getdoc(importlib.import_module(f"toolmarket.{name}")) or ""
        rows.append([f"`{name}`", " ".join(words.split())])
    return page(
        "Rooms",
        "The server is a set of rooms with the same files in each. They import downwards, and meet only at "
        "`service`, `schemas` and `errors`.",
        table(["room", "what for"], rows),
    )


PAGES = {"settings.md": settings, "problems.md": problems, "events.md": events, "rooms.md": rooms}


def written() -> dict[Path, str]:
    """Each page's place and text."""
    load_everything()
    return {FOLDER / name: write() for name, write in PAGES.items()}


def main() -> None:
    """Write the pages."""
    for path, text in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")


if __name__ == "__main__":
    main()
