"""Durations of a run fit into their columns, however long a service keeps asking back."""

import time
from datetime import UTC, datetime

from toolmarket.runtime.schemas import MOST_MICROS, Timing


def test_a_run_of_hours_is_recorded_with_the_longest_time_there_is() -> None:
    hours_ago = time.perf_counter_ns() - 5 * 3_600 * 10**9

    assert Timing(at=datetime.now(UTC), began=hours_ago).elapsed_micros() == MOST_MICROS
