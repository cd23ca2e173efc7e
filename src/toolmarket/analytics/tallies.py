"""Sums of runs, as they are kept, added up and shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from toolmarket.analytics import histograms
from toolmarket.analytics.histograms import Histogram
from toolmarket.analytics.schemas import Percentiles
from toolmarket.runtime.schemas import Outcome

OUTCOMES = tuple(Outcome)
"""The places of the kinds in a list of counts, which are those of a run's row."""

_TIMES = ("own", "upstream", "total")
_SUMS = ("bytes_in", "bytes_out", "cost_micros")


@dataclass(slots=True)
class Tally:
    """What some runs sum up to."""

    calls: int = 0
    outcomes: list[int] = field(default_factory=lambda: [0] * len(OUTCOMES))
    bytes_in: int = 0
    bytes_out: int = 0
    cost_micros: int = 0
    own: Histogram = field(default_factory=dict)
    upstream: Histogram = field(default_factory=dict)
    total: Histogram = field(default_factory=dict)

    def add_runs(self, group: Any) -> None:
        """Count runs; `group` holds a list of each of their times and of their outcomes, and sums."""
        self.calls += len(group.outcomes)
        for outcome in group.outcomes:
            self.outcomes[outcome] += 1
        for name in _TIMES:
            histograms.add(getattr(self, name), getattr(group, f"{name}_micros"))
        self._add_sums(group)

    def add_hour(self, hour: Any) -> None:
        """Count what a row of the table has counted."""
        self.calls += hour.calls
        for place, count in enumerate(hour.outcomes):
            self.outcomes[place] += count
        for name in _TIMES:
            histograms.merge(getattr(self, name), histograms.unpack(getattr(hour, f"{name}_histogram")))
        self._add_sums(hour)

    def add(self, other: "Tally") -> None:
        """Count what another has counted."""
        self.calls += other.calls
        self.outcomes = [mine + its for mine, its in zip(self.outcomes, other.outcomes, strict=True)]
        for name in _TIMES:
            histograms.merge(getattr(self, name), getattr(other, name))
        self._add_sums(other)

    def _add_sums(self, other: Any) -> None:
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def columns(self) -> dict[str, Any]:
        """As columns of the table, without its key."""
        packed = {f"{name}_histogram": histograms.pack(getattr(self, name)) for name in _TIMES}
        sums = {name: getattr(self, name) for name in ("calls", "outcomes", *_SUMS)}
        return sums | packed

    def figures(self) -> dict[str, Any]:
        """As members of `schemas.Figures`."""
        return {
            "calls": self.calls,
            "outcomes": dict(zip(OUTCOMES, self.outcomes, strict=True)),
            **{name: _percentiles(getattr(self, name)) for name in _TIMES},
            **{name: getattr(self, name) for name in _SUMS},
        }


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """What all of them sum up to."""
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def _percentiles(histogram: Histogram) -> Percentiles:
    return Percentiles(
        p50_milliseconds=histograms.quantile_micros(histogram, 0.50) / 1000,
        p95_milliseconds=histograms.quantile_micros(histogram, 0.95) / 1000,
        p99_milliseconds=histograms.quantile_micros(histogram, 0.99) / 1000,
    )
