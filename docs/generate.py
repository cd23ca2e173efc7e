"""Write the reference pages that are read from the program: `make docs`.

Settings, problems, events, rooms, permissions and commands each have one source, which is the code;
a test refuses pages that say something else.
"""

import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import toolmarket
from toolmarket.cli.main import app
from toolmarket.events.schemas import CATALOGUE
from toolmarket.identity.permissions import PLATFORM_ROLES, ROLES, VERBS
from toolmarket.kit.problems import Problem, every_problem

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `make docs`; do not edit. -->"
KINDS = {
    "bool": "yes or no (`true`, `false`)",
    "float": "number",
    "int": "whole number",
    "Path": "path",
    "str": "text",
    "tuple": "list, by commas",
}


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


def kind_of(field: FieldInfo) -> str:
    """The type of a setting in words."""
    name = re.split(r"[\[|]", str(getattr(field.annotation, "__name__", field.annotation)))[0].strip()
    words = KINDS[name.rsplit(".", 1)[-1]]
    return f"{words}, above 0" if any(getattr(rule, "gt", None) == 0 for rule in field.metadata) else words


def default(field: FieldInfo) -> str:
    """The default as one would write it."""
    if field.default_factory is not None:
        return "depends on the account"
    if field.is_required():
        return "none: must be set"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`" if field.default else "empty"


def room_of(kind: type) -> str:
    """The room that a class belongs to."""
    return kind.__module__.split(".")[1]


def settings() -> str:
    """Every variable that changes an installation."""
    parts = []
    for kind in settings_of_rooms():
        prefix = str(kind.model_config.get("env_prefix", ""))
        rows = [
            [f"`{prefix}{name.upper()}`", kind_of(field), default(field), field.description or ""]
            for name, field in kind.model_fields.items()
        ]
        parts.append(f"## {room_of(kind)}: {(inspect.getdoc(kind) or '').splitlines()[0].rstrip('.')}")
        parts.append(table(["variable", "type", "default", "what for"], rows))
    return page(
        "Settings",
        "All are environment variables, read when a process starts. Every default is safe for a first start "
        "on one machine. The default of `TOOLMARKET_DATA_DIR` is `/var/lib/toolmarket` for root and "
        "`~/.local/share/toolmarket` for everybody else.",
        *parts,
    )


def problems() -> str:
    """Every refusal that a caller can act on."""
    by_code: defaultdict[str, list[type[Problem]]] = defaultdict(list)
    for kind in every_problem():
        by_code[kind.code].append(kind)
    rows = [
        [
            f"`{code}`",
            str(int(kinds[0].status)),
            kinds[0].title,
            ", ".join(sorted({f"`{room_of(kind)}`" for kind in kinds})),
        ]
        for code, kinds in sorted(by_code.items())
    ]
    return page(
        "Problems",
        "Refusals are RFC 9457 documents, `application/problem+json`: `type` is `/problems/<code>`, a page "
        "of the running product, `detail` says what happened and what to do, `pointer` names the place that "
        "is wrong, `errors` every such place. Codes do not change; words may.",
        table(["code", "status", "meaning", "room"], rows),
    )


def events() -> str:
    """Every event that a stream may carry."""
    rows = [
        [
            f"`{kind.type}`",
            kind.description,
            f"`{kind.audience}`",
            ", ".join(f"`{name}`" for name in members(kind.data)),
            "not kept" if kind.volatile else f"{kind.retention_days} days",
        ]
        for kind in sorted(CATALOGUE.values(), key=lambda kind: kind.type)
    ]
    return page(
        "Events",
        "CloudEvents over `GET /v1/events`, a stream of server-sent events. Whoever holds the permission of "
        "an event's audience sees it. `topics` chooses types or patterns such as `installs.*`; "
        "`Last-Event-ID` goes on where a stream ended, for as long as an event is kept.",
        table(["type", "when", "audience", "data", "kept"], rows),
    )


def members(schema: dict[str, object]) -> list[str]:
    """The names of an object schema's members."""
    properties = schema.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def rooms() -> str:
    """What each room is for, in the order of their imports."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    rows = []
    for layer, names in enumerate(contract["layers"]):
        for name in names.split(" | "):
            words = inspect.getdoc(importlib.import_module(f"toolmarket.{name}")) or ""
            begun = any(
                path.name != "__init__.py" for path in (ROOT / "src" / "toolmarket" / name).glob("*.py")
            )
            rows.append(
                [str(layer + 1), f"`{name}`", " ".join(words.split()), "" if begun else "empty so far"]
            )
    return page(
        "Rooms",
        "The server is a set of rooms with the same files in each. A room imports only from layers below "
        "its own (a larger number), and from another room only `service`, `schemas` and `errors`. `make "
        "lint` and the architecture tests hold this.",
        table(["layer", "room", "what for", ""], rows),
    )


def permissions() -> str:
    """Every verb, and which role holds it."""
    roles = list(ROLES)
    rows = [
        [
            f"`{verb.name}`",
            verb.description,
            verb.risk,
            *("yes" if name in ROLES[role] else "" for role in roles),
        ]
        for name, verb in VERBS.items()
        if not name.startswith("platform:")
    ]
    platform = [
        [
            f"`{verb.name}`",
            verb.description,
            verb.risk,
            *("yes" if name in verbs else "" for verbs in PLATFORM_ROLES.values()),
        ]
        for name, verb in VERBS.items()
        if name.startswith("platform:")
    ]
    return page(
        "Permissions",
        "A person has the verbs of the role in the organisation. A key has its owner's present verbs, cut "
        "down to its role and its own list. `risk` is the harm of a wrong use: low is undone by the next "
        "click, high moves rights, money or credentials, or reaches other organisations. Some verbs are "
        "named for parts that are [not there yet](not-done.md).",
        "## In an organisation",
        table(["verb", "what it allows", "risk", *roles], rows),
        "## Of the whole installation",
        "Held by people with a platform role besides their role; never by a key.",
        table(["verb", "what it allows", "risk", *PLATFORM_ROLES], platform),
    )


def commands() -> str:
    """Every command of `toolmarket`."""
    parts = []
    for name, command in _commands(typer.main.get_command(app)):
        rows = [
            [f"`{_written(parameter)}`", getattr(parameter, "help", "") or ""] for parameter in command.params
        ]
        parts += [f"## toolmarket {name}", command.help or ""]
        if rows:
            parts.append(table(["argument", "what for"], rows))
    return page(
        "Commands",
        "`.venv/bin/toolmarket` after `make setup`. Commands find a running product by "
        "`TOOLMARKET_DATA_DIR` and `TOOLMARKET_PORT`, so give them the same [settings](settings.md) as "
        "`serve`.",
        *parts,
    )


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        elif not command.hidden:
            yield before + name, command


def _written(parameter: Any) -> str:
    options = getattr(parameter, "opts", [])
    return options[0] if options and options[0].startswith("-") else str(parameter.name).upper()


PAGES = {
    "settings.md": settings,
    "problems.md": problems,
    "events.md": events,
    "rooms.md": rooms,
    "permissions.md": permissions,
    "cli.md": commands,
}


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
