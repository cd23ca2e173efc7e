"""Places in the stream of an organisation, in the order in which events are given out.

That order is the number of the transaction, then the id: reading by id alone loses the events of a
transaction that began early and committed late.
"""

import re
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from toolmarket.events.errors import CursorInvalid
from toolmarket.kit.ids import id_floor, id_time

_LAST_MILLISECOND = 253_402_300_799_999  # the end of the year 9999
_TOKEN = re.compile(r"(\d{1,19})-([0-9a-f]{32})")


class Position(NamedTuple):
    """After the event of that transaction with that id."""

    tx: int
    id: UUID

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read the `id` of a frame.

        Raises:
            CursorInvalid: it is none.
        """
        match = _TOKEN.fullmatch(token)
        if match is None or int(match[2][:12], 16) > _LAST_MILLISECOND:
            raise CursorInvalid("Send the `id` of the last event that you received.")
        return cls(int(match[1]), UUID(match[2]))

    @classmethod
    def before(cls, tx: int, at: datetime) -> Self:
        """Ahead of every event of this transaction and all later ones."""
        return cls(tx - 1, id_floor(at))

    @property
    def token(self) -> str:
        """What a reader sends to go on from here."""
        return f"{self.tx}-{self.id.hex}"

    @property
    def at(self) -> datetime:
        """About when that was."""
        return id_time(self.id)
