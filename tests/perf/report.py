"""The table of a bench, and what it says about the promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

MOST_LAG_SECONDS = 2.0
MOST_OTHERS = 0.15
GROWTH = 1.03
"""What two measurements of the same memory may differ by and still count as not growing."""


@dataclass(frozen=True)
class Row:
    """One target at one upstream and one number of callers; times in milliseconds."""

    target: str
    upstream_milliseconds: int
    callers: int
    rate: float
    p50: float
    p95: float
    p99: float
    cpu_milliseconds: float
    memory_mib: float
    others: float
    calls: int
    errors: int
    first_error: str


@dataclass(frozen=True)
class Promise:
    """A figure, what it must be, and whether it is."""

    what: str
    measured: float
    bound: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether it holds."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


HEAD = (
    f"{'target':20} {'delay':>5} {'callers':>7} {'calls/s':>8} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}"
    f" {'CPU ms':>7} {'MiB':>5} {'errors':>6} {'others':>6}"
)


def line(row: Row) -> str:
    """A row as text."""
    return (
        f"{row.target:20} {row.upstream_milliseconds:5} {row.callers:7} {row.rate:8.0f} {row.p50:8.2f} "
        f"{row.p95:8.2f} {row.p99:8.2f} {row.cpu_milliseconds:7.3f} {row.memory_mib:5.0f} {row.errors:6} "
        f"{row.others:6.0%}"
    )


def merged(rows: Sequence[Row]) -> list[Row]:
    """One row for each cell: its best round, with the errors of all."""
    cells: dict[tuple[str, int, int], list[Row]] = {}
    for row in rows:
        cells.setdefault((row.target, row.upstream_milliseconds, row.callers), []).append(row)
    return [
        replace(max(found, key=lambda row: row.rate), errors=sum(row.errors for row in found))
        for found in cells.values()
    ]


def table(rows: Sequence[Row]) -> str:
    """All cells, ordered by delay and callers."""
    ordered = sorted(merged(rows), key=lambda row: (row.upstream_milliseconds, row.callers))
    return "\n".join(["", HEAD, *(line(row) for row in ordered)]) + "\n"


def promises(rows: Sequence[Row], facts: Mapping[str, float]) -> list[Promise]:
    """What is promised of speed and memory, measured."""
    cells = {(row.target, row.upstream_milliseconds, row.callers): row for row in merged(rows)}

    def rate(target: str, delay: int, callers: int) -> float:
        return cells[target, delay, callers].rate

    def added(target: str) -> float:
        return cells[target, 0, 1].p50 - cells["direct", 0, 1].p50

    def spread(target: str) -> float:
        cell = cells[target, 0, 16]
        return cell.p99 / cell.p50

    ours = [
        each for each in dict.fromkeys(row.target for row in rows) if each.startswith(("REST, s", "MCP 2"))
    ]
    sdk, proxy = "MCP SDK, 2025", "FastAPI + aiohttp"
    made = [
        *(
            Promise(
                f"{each}: calls/s at 16 callers / the MCP SDK's",
                rate(each, 0, 16) / rate(sdk, 0, 16),
                10,
                True,
            )
            for each in ours
            if each.startswith("MCP") and each.endswith("spooled")
        ),
        Promise(
            "REST, spooled: calls/s at 16 / the proxy's",
            rate("REST, spooled", 0, 16) / rate(proxy, 0, 16),
            1.5,
            True,
        ),
        *(
            Promise(
                f"{each}: added p50 at one caller / the MCP SDK's",
                added(each) / added(sdk),
                0.25 if each.endswith("spooled") else 0.5,
            )
            for each in ours
        ),
        *(
            Promise(
                f"{each}: 20 ms upstream, 64 callers / direct",
                rate(each, 20, 64) / rate("direct", 20, 64),
                0.75,
                True,
            )
            for each in ours
            if each.endswith("spooled")
        ),
        Promise(
            "errors of ours, up to 256 callers", sum(row.errors for row in rows if row.target in ours), 0
        ),
        *(Promise(f"{each}: p99 / p50 at 16", spread(each), 3) for each in ours),
        Promise(
            "all checks on / all checks off",
            rate("REST, checks on", 0, 16) / rate("REST, checks off", 0, 16),
            0.85,
            True,
        ),
    ]
    return (
        made + _memory(facts) + [Promise("audit chain lag, s", facts["audit_lag_seconds"], MOST_LAG_SECONDS)]
    )


def _memory(facts: Mapping[str, float]) -> list[Promise]:
    made = []
    for owner, mib, seconds in (("web", 220, 5), ("gateway", 120, 3)):
        whole, half = facts[f"{owner}_whole_mib"], facts[f"{owner}_half_mib"]
        made += [
            Promise(f"{owner}: MiB after 100,000 calls", whole, mib),
            Promise(f"{owner}: MiB after 100,000 calls / after 50,000", whole / half, GROWTH),
            Promise(f"{owner}: seconds until ready", facts[f"{owner}_ready_seconds"], seconds),
        ]
    return made


def verdict(kept: Sequence[Promise], rows: Sequence[Row], facts: Mapping[str, float]) -> str:
    """The promises as text, and whether the run counts at all."""
    lines = [
        f"{'ok  ' if each.kept else 'MISS'} {each.what:58} {each.measured:8.2f} "
        f"{'>=' if each.at_least else '<='} {each.bound:g}"
        for each in kept
    ]
    others = mean(row.others for row in rows)
    lines.append(f"     others used {others:.0%} of the machine meanwhile")
    if others > MOST_OTHERS:
        lines.append(f"     more than {MOST_OTHERS:.0%}: run it again on a quiet machine")
    if facts["audit_lag_seconds"] > MOST_LAG_SECONDS:
        lines.append("     VOID: the audit chain fell behind")
    return "\n".join(["", *lines]) + "\n"
