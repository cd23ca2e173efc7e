"""What changed between two versions of a manifest, and which version number that asks for."""

from typing import Any, Literal

from toolmarket.catalog.schemas import JsonSchema, Manifest, Operation
from toolmarket.kit.schemas import Schema

Kind = Literal["breaking", "widened", "additive", "metadata"]
IMPLEMENTATION_ONLY = {"title", "human_description", "tags", "examples", "implementation", "fixed_inputs"}


class Change(Schema):
    """One difference, by its meaning for callers."""

    kind: Kind
    pointer: str
    message: str


def changes(old: Manifest, new: Manifest) -> list[Change]:
    """All differences, the weightiest first."""
    before = {operation.name: operation for operation in old.operations}
    after = {operation.name: operation for operation in new.operations}
    found = [
        Change(kind="breaking", pointer=f"/operations/{name}", message=f"Operation {name} was removed.")
        for name in before.keys() - after.keys()
    ]
    found += [
        Change(kind="additive", pointer=f"/operations/{name}", message=f"Operation {name} was added.")
        for name in after.keys() - before.keys()
    ]
    for name in before.keys() & after.keys():
        found += _operation_changes(before[name], after[name])
    found += _manifest_changes(old, new)
    order = ("breaking", "widened", "additive", "metadata")
    return sorted(found, key=lambda change: (order.index(change.kind), change.pointer))


def smallest_version(old: str, found: list[Change]) -> str:
    """The smallest version after `old` that these changes allow."""
    major, minor, patch = _numbers(old)
    kinds = {change.kind for change in found}
    if "breaking" in kinds:
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if kinds & {"additive", "widened"}:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def precedes(old: str, new: str) -> bool:
    """Whether `new` is a later version than `old`, by semantic versioning 2.0.0, section 11."""
    return _order(old) < _order(new)


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = version.split("-", 1)[0].split(".")
    return int(major), int(minor), int(patch)


def _order(version: str) -> tuple[Any, ...]:
    core, _, pre = version.partition("-")
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".") if pre)
    return (*(int(part) for part in core.split(".")), not pre, parts)


def _operation_changes(old: Operation, new: Operation) -> list[Change]:
    place = f"/operations/{new.name}"
    found = _input_changes(old.input_schema, new.input_schema, f"{place}/input_schema")
    if old.output_schema != new.output_schema:
        found.append(
            Change(kind="additive", pointer=f"{place}/output_schema", message="The answer's shape changed.")
        )
    if old.description != new.description:
        found.append(
            Change(kind="metadata", pointer=f"{place}/description", message="What the model reads changed.")
        )
    if old.effects != new.effects:
        found.append(_effect_change(old, new, place))
    if old.model_dump(include=IMPLEMENTATION_ONLY) != new.model_dump(include=IMPLEMENTATION_ONLY):
        found.append(Change(kind="metadata", pointer=place, message="How it is done or shown changed."))
    return found


def _effect_change(old: Operation, new: Operation, place: str) -> Change:
    narrower = (new.effects.read_only and not old.effects.read_only) or (
        old.effects.destructive and not new.effects.destructive and new.effects.kind == old.effects.kind
    )
    return Change(
        kind="metadata" if narrower else "widened",
        pointer=f"{place}/effects",
        message=f"Effects went from {old.effects.kind} to {new.effects.kind}.",
    )


def _input_changes(old: JsonSchema, new: JsonSchema, place: str) -> list[Change]:
    found: list[Change] = []
    before, after = old.get("properties", {}), new.get("properties", {})
    required_before, required_after = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(before.keys() - after.keys()):
        found.append(
            Change(kind="breaking", pointer=f"{place}/{name}", message=f"Parameter {name} was removed.")
        )
    for name in sorted(after.keys() - before.keys()):
        kind: Kind = "breaking" if name in required_after else "additive"
        found.append(Change(kind=kind, pointer=f"{place}/{name}", message=f"Parameter {name} was added."))
    for name in sorted(before.keys() & after.keys()):
        if name in required_after - required_before:
            found.append(
                Change(
                    kind="breaking", pointer=f"{place}/{name}", message=f"Parameter {name} became required."
                )
            )
        found += _property_changes(before[name], after[name], f"{place}/{name}", name)
    return found


def _property_changes(old: Any, new: Any, place: str, name: str) -> list[Change]:
    if old == new or not isinstance(old, dict) or not isinstance(new, dict):
        return [] if old == new else [Change(kind="breaking", pointer=place, message=f"{name} changed.")]
    words = {"description", "title", "examples", "default"}
    if {k: v for k, v in old.items() if k not in words} == {k: v for k, v in new.items() if k not in words}:
        return [Change(kind="metadata", pointer=place, message=f"The words about {name} changed.")]
    if set(old.get("enum", [])) < set(new.get("enum", [])) and old.get("type") == new.get("type"):
        return [Change(kind="additive", pointer=place, message=f"{name} accepts more values.")]
    return [Change(kind="breaking", pointer=place, message=f"What {name} accepts changed.")]


def _manifest_changes(old: Manifest, new: Manifest) -> list[Change]:
    found = [
        Change(kind="widened", pointer="/egress/hosts", message=f"Calls may reach {host} now.")
        for host in sorted(set(new.egress.hosts) - set(old.egress.hosts))
    ]
    for name, scheme in new.auth.schemes.items():
        if old.auth.schemes.get(name) != scheme:
            found.append(
                Change(kind="widened", pointer=f"/auth/schemes/{name}", message=f"Sign-in {name} changed.")
            )
    if old.config_schema != new.config_schema:
        found += _input_changes(old.config_schema, new.config_schema, "/config_schema")
    return found
