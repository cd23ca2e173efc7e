"""What the demo keeps in the data directory: its port, and once seeded, how to get in."""

import json
import os
import random
from pathlib import Path
from typing import Any

FILE = "demo.json"
PORT_FILE = "demo-port"
PORTS = (20_000, 32_000)
"""Below the range from which systems give out ports for outgoing connections."""


def upstream_port(data_dir: Path) -> int:
    """The demo upstream's own port, chosen once and kept."""
    kept = data_dir / PORT_FILE
    if not kept.exists():
        kept.write_text(str(random.randrange(*PORTS)))
    return int(kept.read_text())


def begun(data_dir: Path) -> bool:
    """Whether a demo was ever started on this data directory and not taken away."""
    return (data_dir / PORT_FILE).exists()


def read(data_dir: Path) -> dict[str, Any] | None:
    """How to get into the demo, or None before it is complete."""
    path = data_dir / FILE
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def write(data_dir: Path, description: dict[str, Any]) -> None:
    """Keep how to get in, readable by the owner only; whole or not at all."""
    fresh = data_dir / (FILE + ".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(description, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data_dir / FILE)


def forget(data_dir: Path) -> None:
    """The demo is gone."""
    for name in (FILE, PORT_FILE):
        (data_dir / name).unlink(missing_ok=True)
