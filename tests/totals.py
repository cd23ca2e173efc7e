"""The closing line over all tiers: `python -m tests.totals FOLDER` reads their JUnit files."""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def count(folder: Path) -> tuple[Counter[str], float]:
    """How many tests ended how, and the seconds they took."""
    totals: Counter[str] = Counter(passed=0)
    seconds = 0.0
    for path in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(path).getroot().iter("testsuite"):
            told = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
            totals["failed"] += told["failures"]
            totals["error"] += told["errors"]
            totals["skipped"] += told["skipped"]
            totals["passed"] += told["tests"] - told["failures"] - told["errors"] - told["skipped"]
            seconds += float(suite.get("time", 0))
    return totals, seconds


def main() -> None:
    """Print the line; ends with 1 where a test failed or none ran."""
    totals, seconds = count(Path(sys.argv[1]))
    told = [f"{totals[name]} {name}" for name in ("failed", "passed", "skipped", "error") if totals[name]]
    sys.stdout.write(f" {', '.join(told) or 'no tests ran'} in {seconds:.2f}s ".center(80, "=") + "\n")
    sys.exit(bool(totals["failed"] or totals["error"] or not totals["passed"]))


if __name__ == "__main__":
    main()
