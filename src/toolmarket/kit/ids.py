"""Time-ordered identifiers: UUID version 7, so that an index on the id is an index on the time.

Source:
    RFC 9562, section 5.7.
"""

import os
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1
_ENTROPY_BYTES = 4096
_newest = 0
_entropy = b""
_used = 0
_one_at_a_time = threading.Lock()


def noise(size: int) -> bytes:
    """Random bytes of the system; it is asked for many at once, since each question is a system call."""
    global _entropy, _used
    with _one_at_a_time:
        if _used + size > len(_entropy):
            _entropy, _used = os.urandom(_ENTROPY_BYTES + size), 0
        _used += size
        return _entropy[_used - size : _used]


def _forget_entropy() -> None:
    global _entropy
    _entropy = b""


# Two processes must never hand out the same bits.
os.register_at_fork(after_in_child=_forget_entropy)


def new_id(at_milliseconds: int | None = None) -> UUID:
    """A fresh identifier that carries its moment, by default the present one.

    Those of the present grow strictly within a process, so that what one transaction writes keeps its order.
    """
    global _newest
    moment = time.time_ns() // 1_000_000 if at_milliseconds is None else at_milliseconds
    dice = int.from_bytes(noise(10), "big")
    number = (moment << 80) | _VERSION | ((dice >> 62) & _RANDOM_A) << 64 | _VARIANT | (dice & _RANDOM_B)
    if at_milliseconds is None:
        if number <= _newest:
            number = _newest + 1 + (dice & 0xFFFF_FFFF)
        _newest = number
    return UUID(int=number)


def id_floor(at: datetime) -> UUID:
    """The smallest identifier of a moment: `id >= id_floor(t)` selects everything since `t`."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def id_time(identifier: UUID) -> datetime:
    """The moment that an identifier carries."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
