"""Processes are killed at random moments under load: every acknowledged run exists exactly once."""

import asyncio
import os
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from tests.product import Product
from tests.requirements import requirement
from tests.upstream import Upstream, upstream_server
from tests.workshop import description

from toolmarket.identity import schemas as identity_schemas
from toolmarket.identity import service as identity
from toolmarket.kit.database import Database
from toolmarket.kit.postgres import url_of_running

CALLERS = 6
KILLS = 5
ROLES = ("web", "postgres", "worker")


@dataclass
class Load:
    """What the callers were told."""

    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    stop: bool = False
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def acknowledge(self, run_id: str) -> None:
        async with self._moved:
            self.acknowledged[run_id] += 1
            self._moved.notify_all()

    async def reach(self, count: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.acknowledged.total() >= count)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with upstream_server() as upstream:
        yield upstream


async def key_of_a_new_owner(url: str) -> str:
    database = Database(url, pool_size=2)
    async with database.system_transaction() as session:
        made = await identity.create_organisation(session, slug="acme", name="Acme")
        new = identity.NewUser("owner@acme.test", "Owner", "a-long-password")
        user = await identity.create_user(session, new)
        actor = await identity.add_member(session, org_id=made.id, user_id=user.id, role="owner")
    async with database.transaction(made.id) as session:
        key = await identity.create_key(session, actor, identity_schemas.KeyCreate(name="load"))
    await database.close()
    return key.key


async def install(client: httpx.AsyncClient, upstream: Upstream) -> str:
    document = httpx.Response(200, json=description(upstream.origin)).text
    brought = await client.post("/v1/imports", json={"kind": "openapi", "content": document})
    wish = {"import_id": brought.json()["id"], "name": "acme/echo"}
    draft = await client.post("/v1/drafts", json=wish)
    await client.post(f"/v1/drafts/{draft.json()['id']}/publication", json={"version": "1.0.0"})
    secret = {"name": "k", "kind": "api_key", "secret": {"key": "load-secret"}, "hosts": [upstream.host]}
    connection = (await client.post("/v1/connections", json=secret)).json()["id"]
    wish = {"tool": "acme/echo", "alias": "echo", "bindings": {"Key": connection}}
    return str((await client.post("/v1/installations", json=wish)).json()["id"])


async def call_until_stopped(client: httpx.AsyncClient, installation: str, number: int, load: Load) -> None:
    turn = 0
    while not load.stop:
        turn += 1
        strict = (turn + number) % 2
        operation = "create_echo" if strict else "read_echo"
        arguments = {"body": {"turn": f"{number}-{turn}"}} if strict else {"q": f"{number}-{turn}"}
        path = f"/v1/installations/{installation}/operations/{operation}/runs"
        try:
            answer = await client.post(path, json=arguments)
        except httpx.HTTPError:
            load.refused += 1
            await asyncio.sleep(0.02)
            continue
        if answer.status_code == 200:
            await load.acknowledge(answer.json()["id"])
        else:
            load.refused += 1
            await asyncio.sleep(0.02)


def open_folder(name: str) -> Path:
    """A folder that every account may pass, for the database's own."""
    folder = Path(name)
    folder.chmod(0o755)
    return folder


async def kill_some(product: Product, load: Load, dice: random.Random) -> None:
    for number in range(KILLS):
        before = load.acknowledged.total()
        await load.reach(before + 30)
        for process in product.processes(ROLES[number % len(ROLES)])[:1]:
            process.kill()
        await asyncio.sleep(dice.uniform(0, 0.3))
    load.stop = True


async def recorded(url: str, wanted: set[str]) -> Counter[str]:
    """The runs of the database, once the last spool was replayed."""
    async with asyncio.timeout(60):
        while True:
            try:
                connection = await asyncpg.connect(url)
                await connection.execute("set role toolmarket_system")
                rows = await connection.fetch("select id::text from runtime_runs")
                await connection.close()
            except (OSError, asyncpg.PostgresError):
                rows = []
            found = Counter(row["id"] for row in rows)
            if wanted <= found.keys():
                return found
            await asyncio.sleep(0.2)


@requirement("12.3.c/kill-loses-nothing", "1.d/exactly-once")
async def test_kills_under_load_lose_and_double_no_acknowledged_run(upstream: Upstream) -> None:
    dice, load = random.Random(20), Load()
    environment = {
        "TOOLMARKET_EGRESS_ALLOW": upstream.origin,
        "TOOLMARKET_AUDIT_KEY_FILE": os.environ["TOOLMARKET_AUDIT_KEY_FILE"],
    }
    with tempfile.TemporaryDirectory(prefix="toolmarket-kill-") as name:
        product = Product(open_folder(name), **environment)
        await asyncio.to_thread(product.start)
        try:
            url = url_of_running(Path(name) / "data")
            assert url is not None
            headers = {"Authorization": f"Bearer {await key_of_a_new_owner(url)}"}
            async with httpx.AsyncClient(base_url=product.base_url, headers=headers, timeout=30) as client:
                installation = await install(client, upstream)
                callers = [call_until_stopped(client, installation, n, load) for n in range(CALLERS)]
                await asyncio.gather(kill_some(product, load, dice), *callers)
            found = await recorded(url, set(load.acknowledged))
        finally:
            await asyncio.to_thread(product.stop)

    assert max(load.acknowledged.values()) == 1
    assert len(load.acknowledged) >= KILLS * 30
    assert {run: found[run] for run in load.acknowledged if found[run] != 1} == {}
    effects = Counter(
        body for request, body in zip(upstream.seen, upstream.bodies, strict=True) if request.method == "POST"
    )
    assert max(effects.values()) == 1


@requirement("12.3.c/stop-leaves-nothing")
async def test_an_interrupt_and_a_kill_leave_no_process(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="toolmarket-end-") as name:
        product = Product(open_folder(name))
        await asyncio.to_thread(product.start)
        first = product.everything()
        await asyncio.to_thread(product.interrupt)
        left_by_interrupt = [process for process in first if process.is_running()]

        await asyncio.to_thread(product.start)
        second = product.everything()
        await asyncio.to_thread(product.kill)
        _, left_by_kill = await asyncio.to_thread(psutil.wait_procs, second, 15)

        await asyncio.to_thread(product.start)
        again = product.ready()
        await asyncio.to_thread(product.stop)

    assert left_by_interrupt == []
    assert left_by_kill == []
    assert again
