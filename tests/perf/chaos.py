"""Kill web, worker and database at random under load for minutes, then count every run.

`python -m tests.perf.chaos [minutes] [seed]`, by default 5 minutes; run by `make chaos`.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.integration.test_kill_runs import (
    CALLERS,
    Load,
    call_until_stopped,
    install,
    key_of_a_new_owner,
    open_folder,
    recorded,
)
from tests.product import Product
from tests.upstream import upstream_server
from toolmarket.kit.postgres import url_of_running

ROLES = ("web", "worker", "postgres")
PAUSE_SECONDS = (6.0, 20.0)
"""Longer than the supervisor takes to call a process steady, so that it never gives up."""


async def _kill(product: Product, load: Load, dice: random.Random, minutes: float) -> int:
    end, kills = time.monotonic() + minutes * 60, 0
    while time.monotonic() < end:
        await asyncio.sleep(dice.uniform(*PAUSE_SECONDS))
        for process in product.processes(dice.choice(ROLES))[:1]:
            process.kill()
            kills += 1
    load.stop = True
    return kills


async def main(minutes: float, seed: int) -> bool:
    """Run it and tell; whether nothing was lost or doubled."""
    load = Load()
    with tempfile.TemporaryDirectory(prefix="toolmarket-chaos-") as name:
        folder = open_folder(name)
        os.environ["TOOLMARKET_AUDIT_KEY_FILE"] = str(folder / "audit.key")
        async with upstream_server() as upstream:
            environment = {
                "TOOLMARKET_EGRESS_ALLOW": upstream.origin,
                "TOOLMARKET_AUDIT_KEY_FILE": str(folder / "audit.key"),
            }
            product = Product(folder, **environment)
            await asyncio.to_thread(product.start)
            try:
                url = url_of_running(Path(name) / "data") or ""
                headers = {"Authorization": f"Bearer {await key_of_a_new_owner(url)}"}
                async with httpx.AsyncClient(
                    base_url=product.base_url, headers=headers, timeout=30
                ) as client:
                    installation = await install(client, upstream)
                    callers = [call_until_stopped(client, installation, n, load) for n in range(CALLERS)]
                    kills, *_ = await asyncio.gather(
                        _kill(product, load, random.Random(seed), minutes), *callers
                    )
                found = await recorded(url, set(load.acknowledged))
            finally:
                await asyncio.to_thread(product.stop)
    wrong = [run for run in load.acknowledged if found[run] != 1]
    sys.stdout.write(
        f"seed {seed}: {kills} kills, {load.acknowledged.total()} acknowledged runs, "
        f"{load.refused} refused, {len(wrong)} lost or doubled.\n"
    )
    return not wrong


if __name__ == "__main__":
    words = sys.argv[1:]
    good = asyncio.run(main(float(words[0]) if words else 5, int(words[1]) if len(words) > 1 else 1))
    raise SystemExit(0 if good else 1)
