"""The time, in one place, so that the demo can spread its runs over past days."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
