"""Collects what an import simplified or left out, without drowning the reader."""

from typing import Literal

from toolmarket.importers.schemas import Note

_EACH = 5
_MOST = 300


class Report:
    """The notes of one import; `operation` is who new notes belong to while it is set."""

    def __init__(self) -> None:
        self.operation: str | None = None
        self._notes: list[Note] = []
        self._seen: set[tuple[str, str, str | None]] = set()
        self._counts: dict[str, int] = {}

    def info(self, message: str, pointer: str = "", *, kind: str = "") -> None:
        """Something that changes nothing for who calls the tool. `kind` groups notes that repeat."""
        self._add("info", message, pointer, kind or message)

    def warning(self, message: str, pointer: str = "", *, kind: str = "") -> None:
        """Something that a call may lack, or that the person should look at."""
        self._add("warning", message, pointer, kind or message)

    def _add(self, level: Literal["info", "warning"], message: str, pointer: str, kind: str) -> None:
        identity = (message, pointer, self.operation)
        if identity in self._seen:
            return
        self._seen.add(identity)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= _EACH:
            self._notes.append(
                Note(level=level, pointer=pointer[:500], message=message[:500], operation=self.operation)
            )

    def notes(self) -> list[Note]:
        """All notes, warnings first; of a kind that repeats, some and how many more."""
        more = [
            Note(level="info", message=f"{count - _EACH} more like: {kind}"[:500])
            for kind, count in self._counts.items()
            if count > _EACH
        ]
        ordered = sorted(self._notes, key=lambda note: note.level != "warning")
        return [*ordered[:_MOST], *more[:50]]
