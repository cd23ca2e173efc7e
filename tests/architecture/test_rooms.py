"""Every room has the same files, and rooms meet only at their doors."""

import ast

from tests.architecture.sources import PACKAGE, Module, modules, rooms

DOORS = {"service", "schemas", "errors"}
ROOTS = {"cli", "app", "worker", "composition"}
"""Rooms that wire the others together: they may import any file."""
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "core"}


def crossing(module: Module) -> list[str]:
    """Imports of another room that do not go through a door."""
    found = []
    for name in module.imported():
        words = name.split(".")
        if words[0] != "toolmarket" or len(words) < 2 or words[1] not in rooms():
            continue
        if words[1] in {module.room, "kit", "composition"} or (len(words) > 2 and words[2] in DOORS):
            continue
        found.append(f"{module.name} imports {name}")
    return found


def test_rooms_meet_only_at_service_schemas_and_errors() -> None:
    wrong = [line for module in modules() if module.room not in ROOTS for line in crossing(module)]

    assert wrong == []


def test_a_room_says_what_it_is_for_and_exports_nothing() -> None:
    for room in rooms():
        tree = ast.parse((PACKAGE / room / "__init__.py").read_text())
        assert len(ast.get_docstring(tree) or "") > 20, room
        assert len(tree.body) == 1, f"{room}/__init__.py holds more than its paragraph"


def test_names_say_what_a_file_is_about() -> None:
    names = {part for module in modules() for part in module.name.removesuffix(".py").split("/")}

    assert names & VAGUE == set()


def test_every_file_says_what_it_is_for() -> None:
    missing = [
        module.name for module in modules() if module.text.strip() and not ast.get_docstring(module.tree)
    ]

    assert missing == []


def test_queries_take_the_organisation_or_say_why_not() -> None:
    wrong = [
        f"{module.name}:{node.name}"
        for module in modules()
        if module.name.endswith("/queries.py")
        for node in module.tree.body
        if isinstance(node, ast.AsyncFunctionDef)
        and not node.name.startswith(("_", "public_", "system_"))
        and "org_id" not in {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    ]

    assert wrong == []


def test_only_edges_commit() -> None:
    edges = {"kit/database.py", "runtime/recorder.py", "runtime/spool.py"}
    wrong = [
        module.name
        for module in modules()
        if module.name not in edges and any(name.endswith(".commit") for name in module.called())
    ]

    assert wrong == []


def test_sql_stays_in_queries() -> None:
    wrong = [
        f"{module.name} imports {name}"
        for module in modules()
        if module.name.endswith(("/service.py", "/router.py"))
        for name in module.imported()
        if name.startswith("sqlalchemy.")
        and name.split(".")[-1] in {"select", "insert", "update", "delete", "text"}
    ]

    assert wrong == []
