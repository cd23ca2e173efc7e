"""The spans of time over which limits count: minutes by the clock and calendar months, in UTC."""

from datetime import UTC, datetime, timedelta

from toolmarket.billing.schemas import Meter


def window_of(meter: Meter, at: datetime) -> tuple[datetime, datetime]:
    """When the present window began and when it ends."""
    if meter == "rate":
        began = at.replace(second=0, microsecond=0)
        return began, began + timedelta(minutes=1)
    began = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return began, (began + timedelta(days=32)).replace(day=1)


def seconds_until(ends: datetime, at: datetime) -> int:
    """Whole seconds to wait, at least one."""
    return max(1, -int((at - ends).total_seconds() // 1))


def utc_now() -> datetime:
    """The present moment; limits go by the real clock, also where the demo sets another."""
    return datetime.now(UTC)
