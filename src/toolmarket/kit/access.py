"""Whether another account of the system may reach a path, decided from permission bits."""

import os
import stat
from pathlib import Path

from toolmarket.kit.processes import Account

READ, SEARCH = 0o4, 0o1


def allows(status: os.stat_result, account: Account, wanted: int) -> bool:
    """Whether `wanted` (READ, SEARCH or both) is granted; supplementary groups do not count."""
    if status.st_uid == account.uid:
        granted = status.st_mode >> 6
    elif status.st_gid == account.gid:
        granted = status.st_mode >> 3
    else:
        granted = status.st_mode
    return granted & wanted == wanted


def closed_part(path: Path, account: Account) -> Path | None:
    """The first folder on the way to a folder or file that the account may not pass, or the file
    that it may not use; None where all is open.
    """
    path = path.resolve()
    for part in (*reversed(path.parents), path):
        status = part.stat()
        if not allows(status, account, _needed(status.st_mode)):
            return part
    return None


def _needed(mode: int) -> int:
    if stat.S_ISDIR(mode):
        return SEARCH
    return READ | SEARCH if mode & 0o111 else READ


def open_for_search(folder: Path) -> None:
    """Let every account pass through this one folder, without letting it list the content."""
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o011)
