"""The step between fork and exec, as a program of its own.

`python -I -S launch.py ORDERS COMMAND...` takes on an account, limits and the wish to end with its
parent, then becomes COMMAND. It is a program because code between fork and exec in a process with
threads may deadlock, and because the order matters: a change of account clears the wish.
It may import the standard library only.

Source:
    prctl(2), PR_SET_PDEATHSIG.
"""

import ctypes
import json
import os
import resource
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
FAILED = 127


def _take_account(orders: dict[str, Any]) -> None:
    os.setgroups([])
    os.setgid(orders["gid"])
    os.setuid(orders["uid"])


def _end_with_parent(number: int, parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(FAILED)


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def main() -> None:
    """Follow the orders and become the command."""
    orders, command = json.loads(sys.argv[1]), sys.argv[2:]
    if "uid" in orders:
        _take_account(orders)
    os.umask(0o077)
    if orders["signal"]:
        _end_with_parent(orders["signal"], orders["parent"])
    _limit(orders["limits"])
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(FAILED)


if __name__ == "__main__":
    main()
