"""Time-ordered identifiers: UUID version 7, so that an index on the id is an index on the time.

Source:
    RFC 9562, section 5.7.
"""

import os
import time
from datetime import UTC, datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1
_newest = 0


def new_id(at_milliseconds: int | None = None) -> UUID:
    """A fresh identifier that carries its moment, by default the present one.

    Those of the present grow strictly within a process, so that what one transaction writes keeps its order.
    """
    global _newest
    moment = time.time_ns() // 1_000_000 if at_milliseconds is None else at_milliseconds
    noise = int.from_bytes(os.urandom(10), "big")
    number = (moment << 80) | _VERSION | ((noise >> 62) & _RANDOM_A) << 64 | _VARIANT | (noise & _RANDOM_B)
    if at_milliseconds is None:
        if number <= _newest:
            number = _newest + 1 + (noise & 0xFFFF_FFFF)
        _newest = number
    return UUID(int=number)


def id_floor(at: datetime) -> UUID:
    """The smallest identifier of a moment: `id >= id_floor(t)` selects everything since `t`."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def id_time(identifier: UUID) -> datetime:
    """The moment that an identifier carries."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
