"""Which calls belong together: a caller without a session of its own gets one that ends when it rests."""

import time
from uuid import UUID

from toolmarket.kit.ids import new_id

IDLE_SECONDS = 30 * 60
MOST_CALLERS = 50_000


class SessionKeys:
    """The present session of each principal in this process."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[str, float]] = {}

    def of(self, principal_id: UUID) -> str:
        """The session key of a call that is made now."""
        now = time.monotonic()
        known = self._known.get(principal_id)
        key = known[0] if known is not None and now - known[1] < IDLE_SECONDS else new_id().hex
        if len(self._known) >= MOST_CALLERS:
            self._known.clear()
        self._known[principal_id] = (key, now)
        return key
