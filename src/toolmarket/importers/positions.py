"""Where in the text a member stands."""

from typing import Any

import yaml

from toolmarket.importers import documents, errors


def broken_at(content: bytes, path: list[str], message: str) -> errors.DocumentBroken:
    """A refusal that points at the value under `path`, a list of member names and indexes."""
    line, column = locate(documents.decode(content), path)
    return errors.DocumentBroken(message, line=line, column=column)


def locate(text: str, path: list[str]) -> tuple[int, int]:
    """The 1-based line and column of a value; of the last readable step where the text ends early."""
    here = (1, 1)
    walk = _Walk()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            at = walk.take(event)
            mark: Any = event.start_mark
            if at is not None and at == path:
                return mark.line + 1, mark.column + 1
    except yaml.YAMLError:
        return here
    return here


class _Walk:
    """Follows parser events and tells the path of each value that begins."""

    def __init__(self) -> None:
        self._steps: list[Any] = []
        self._keyed: list[bool] = []

    def take(self, event: Any) -> list[str] | None:
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._keyed.pop()
            self._steps.pop()
            self._done()
            return None
        starts = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        if not starts and not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            return None
        if self._keyed and self._keyed[-1] and self._steps[-1] is None and not starts:
            self._steps[-1] = getattr(event, "value", "")
            return None
        path = [str(step) for step in self._steps]
        if starts:
            keyed = isinstance(event, yaml.MappingStartEvent)
            self._keyed.append(keyed)
            self._steps.append(None if keyed else 0)
        else:
            self._done()
        return path

    def _done(self) -> None:
        if self._keyed:
            self._steps[-1] = None if self._keyed[-1] else self._steps[-1] + 1
