"""The embedded PostgreSQL: one private server in the data directory, started and stopped by us.

The server listens on loopback with a password; it dies with us, even when we are killed, and the
next start finishes off whatever is left. On disk, below the data directory:

- `lock`: held while a product runs on this directory;
- `postgres.json`: port and passwords, for our own account only;
- `postgres/`: the server's data, its own account's only; `initialised` in it is written last;
- `postgres.log`: what the server says.
"""

import contextlib
import fcntl
import json
import os
import pwd
import random
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO

from toolmarket.kit import access, postgres_programs, postmaster, processes
from toolmarket.kit.processes import Account, Command

OWNER = "toolmarket"
SUPERUSER = "postgres"
PORTS = range(15_000, 30_000)
"""Below the range from which systems give out ports for outgoing connections."""
ACCOUNTS = ("toolmarket", "postgres", "nobody")
START_SECONDS = 60
ATTEMPTS = 8
LOG_BYTES = 4 * 2**20
RETRY_SECONDS = 0.3

SETTINGS = {
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Parallel queries need /dev/shm, which containers keep at 64 MB.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
}
"""Written once into postgresql.conf, where the operator may change them. Statements and row values
stay out of the log: they may hold personal data."""

ROLES = """
create role {owner} login createdb password '{password}';
create role toolmarket_app nologin;
create role toolmarket_system nologin bypassrls;
create role toolmarket_recorder nologin bypassrls;
grant toolmarket_app, toolmarket_system, toolmarket_recorder to {owner} with inherit false, set true;
grant pg_signal_backend to {owner};
\\connect template1
create extension vector;
create database {owner} owner {owner};
"""


class PostgresNotStarted(Exception):
    """The embedded server cannot run; the message says what to do."""


class DataDirectoryBusy(PostgresNotStarted):
    """Another product runs on the same data directory."""


@dataclass(frozen=True, slots=True)
class _Access:
    port: int
    superuser_password: str
    owner_password: str

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}:{self.owner_password}@127.0.0.1:{self.port}/{OWNER}"


class EmbeddedPostgres:
    """The server of one data directory.

    Args:
        data_dir: made where it is missing.
        account: as root, the account that runs the server; by default the first that exists of
            `toolmarket`, `postgres`, `nobody`. An existing database keeps its account.
    """

    def __init__(self, data_dir: Path, account: str = "") -> None:
        self.data_dir = data_dir.absolute()
        self._wanted_account = account
        self._data = self.data_dir / "postgres"
        self._initialised = self._data / "initialised"
        self._state = self.data_dir / "postgres.json"
        self._log = self.data_dir / "postgres.log"
        self._mark = postmaster.mark_of(self.data_dir)
        self._account: Account | None = None
        self._programs = Path()
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the server process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Run the server, made first where there is none; returns the owner's address.

        May be called again when the server died. Call it from the main thread: the server is
        stopped by the kernel when the thread that started it ends.

        Raises:
            DataDirectoryBusy: another product runs on this directory.
            PostgresNotStarted: anything else, with the end of the server's log.
        """
        if self.alive:
            return _read(self._state).url
        self._hold()
        try:
            self._finish_orphans()
            self._account = self._choose_account()
            self._programs = self._find_programs()
            if not self._initialised.exists():
                self._initialise()
            return self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server after its open transactions are rolled back, and free the directory."""
        if self._process is not None:
            processes.stop(self._process, number=signal.SIGINT, patience_seconds=postmaster.STOP_SECONDS)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _hold(self) -> None:
        if self._lock is not None:
            return
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.data_dir / "lock").open("ab")
        except OSError as error:
            raise PostgresNotStarted(f"{self.data_dir} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DataDirectoryBusy(
                f"Another toolmarket runs on {self.data_dir}. Stop it, or set TOOLMARKET_DATA_DIR "
                "and TOOLMARKET_PORT to run a second one."
            ) from None
        self._lock = lock

    def _finish_orphans(self) -> None:
        try:
            postmaster.finish_orphans(self._mark)
        except postmaster.CannotStop as error:
            raise PostgresNotStarted(str(error)) from error
        if Path("/proc/self").exists():
            # Its process id may belong to somebody else by now, and the server would refuse.
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _choose_account(self) -> Account | None:
        if self._initialised.exists():
            return _account_of(self._data)
        if os.geteuid() != 0:
            return None
        names = [self._wanted_account] if self._wanted_account else ACCOUNTS
        for name in names:
            found = processes.account(name)
            if found is not None and found.uid != 0:
                return found
        raise PostgresNotStarted(
            f"PostgreSQL does not run as root, and there is no account {' or '.join(names)}. Make one, "
            "name one in TOOLMARKET_EMBEDDED_POSTGRES_USER, or start toolmarket as a normal user."
        )

    def _find_programs(self) -> Path:
        if self._account is not None:
            access.open_for_search(self.data_dir)
            closed = access.closed_part(self.data_dir, self._account)
            if closed is not None:
                raise PostgresNotStarted(
                    f"The account {self._account.name} that runs PostgreSQL may not pass through {closed}. "
                    "Choose a TOOLMARKET_DATA_DIR elsewhere, or give that folder search permission."
                )
        try:
            return postgres_programs.programs_for(self._account, self.data_dir)
        except postgres_programs.NoPrograms as error:
            raise PostgresNotStarted(str(error)) from error

    def _initialise(self) -> None:
        if self._data.exists():
            shutil.rmtree(self._data)
        state = _Access(
            port=random.choice(PORTS),
            superuser_password=secrets.token_urlsafe(32),
            owner_password=secrets.token_urlsafe(32),
        )
        _write(self._state, state)
        self._make_cluster(state.superuser_password)
        self._launch()
        self._make_database()
        self._initialised.touch()

    def _make_cluster(self, password: str) -> None:
        self._data.mkdir(mode=0o700)
        password_file = self.data_dir / "postgres.initial"
        with contextlib.suppress(FileNotFoundError):
            password_file.unlink()
        password_file.touch(mode=0o600, exist_ok=False)
        password_file.write_text(password)
        if self._account is not None:
            for path in (self._data, password_file):
                os.chown(path, self._account.uid, self._account.gid)
        settings = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
        try:
            self._run(
                "initdb",
                *("--pgdata", self._data, "--username", SUPERUSER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-instructions"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *settings,
            )
        finally:
            password_file.unlink()

    def _make_database(self) -> None:
        state = _read(self._state)
        self._run(
            "psql",
            *("--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", "postgres"),
            stdin=ROLES.format(owner=OWNER, password=state.owner_password),
            environment={
                "PGHOST": "127.0.0.1",
                "PGPORT": str(state.port),
                "PGUSER": SUPERUSER,
                "PGPASSWORD": state.superuser_password,
            },
        )

    def _run(
        self, program: str, *arguments: str | Path, stdin: str = "", environment: dict[str, str] | None = None
    ) -> None:
        command = Command(
            [self._programs / program, *arguments],
            account=self._account,
            environment=processes.minimal_environment() | (environment or {}),
        )
        done = processes.run(command, stdin=stdin.encode(), timeout_seconds=START_SECONDS)
        if done.returncode:
            raise PostgresNotStarted(f"{program} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")

    def _launch(self) -> str:
        """Start the server until it is ready; a killed one may hold its memory for a moment."""
        if self.alive:
            return _read(self._state).url
        said = ""
        for _ in range(ATTEMPTS):
            state = _read(self._state)
            said = self._try(state.port)
            if not said:
                return state.url
            if "could not bind" in said:
                _write(self._state, replace(state, port=random.choice(PORTS)))
            time.sleep(RETRY_SECONDS)
        raise PostgresNotStarted(f"PostgreSQL does not start:\n{said[-2000:]}")

    def _try(self, port: int) -> str:
        """Start the server once; returns what it said when it ended before it was ready."""
        with self._open_log() as log:
            before = log.tell()
            self._process = processes.start(self._server(port), output=log.fileno())
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            if postmaster.ready_port(self._data, self._process.pid) == port:
                return ""
            if time.monotonic() > deadline:
                processes.stop(self._process, number=signal.SIGQUIT)
                break
            time.sleep(postmaster.POLL_SECONDS)
        return self._log.read_bytes()[before:].decode(errors="replace") or "It said nothing."

    def _server(self, port: int) -> Command:
        given = {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "cluster_name": self._mark,
        }
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        return Command(
            [self._programs / "postgres", "-D", self._data, *options],
            account=self._account,
            last_signal=signal.SIGINT,
        )

    def _open_log(self) -> IO[bytes]:
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        return self._log.open("ab")


def url_of_running(data_dir: Path) -> str | None:
    """The owner's address of the server that runs on a data directory, for other processes of the
    same account; None where there is none, or where we may not look.
    """
    data_dir = data_dir.absolute()
    try:
        state = _read(data_dir / "postgres.json")
        server = postmaster.read(data_dir / "postgres")
    except (OSError, ValueError):
        return None
    if (
        server is None
        or server.status != "ready"
        or server.pid not in postmaster.living(postmaster.mark_of(data_dir))
    ):
        return None
    return replace(state, port=server.port).url


def _account_of(data: Path) -> Account | None:
    """The account that owns an existing database; None where it is ours."""
    uid = data.stat().st_uid
    if uid == os.geteuid():
        return None
    entry = pwd.getpwuid(uid)
    if os.geteuid() != 0:
        raise PostgresNotStarted(f"{data} belongs to {entry.pw_name}: start toolmarket as {entry.pw_name}.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _read(path: Path) -> _Access:
    return _Access(**json.loads(path.read_bytes()))


def _write(path: Path, state: _Access) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(state)))
    unfinished.replace(path)
