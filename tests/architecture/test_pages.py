"""The generated reference says what the program does."""

import subprocess
import sys

from tests.architecture.sources import ROOT

COMPARE = """
from docs.generate import written
print([path.name for path, text in written().items() if not path.exists() or path.read_text() != text])
"""


def test_generated_pages_are_up_to_date() -> None:
    """`make docs` mends it. In a process of its own, because tests define problems and settings too."""
    told = subprocess.run(
        [sys.executable, "-c", COMPARE], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.stdout.strip() == "[]", told.stderr[-2000:]
