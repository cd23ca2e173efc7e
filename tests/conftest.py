"""Real PostgreSQL for every test that asks: one server a session, one cloned database a test."""

import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.product import Product, running
from toolmarket.kit import migrations
from toolmarket.kit.database import Database
from toolmarket.kit.postgres import EmbeddedPostgres

TEMPLATE = "toolmarket_template"


def at_database(url: str, name: str) -> str:
    """The same server and account, another database."""
    return url.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session", autouse=True)
def keys_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test makes or reads the keys of an installation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLMARKET_AUDIT_KEY_FILE", str(tmp_path_factory.mktemp("keys") / "audit.key"))
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The owner's address on a server of this test session.

    Not in pytest's own folder: another session that starts closes that to the server's account.
    """
    with tempfile.TemporaryDirectory(prefix="toolmarket-test-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder)) as url:
            migrations.upgrade(url)
            migrations.create_database(at_database(url, "postgres"), TEMPLATE, template=url.rsplit("/", 1)[1])
            yield url


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated, empty database of this test alone."""
    name = f"test_{uuid.uuid4().hex}"
    admin = at_database(postgres_url, "postgres")
    migrations.create_database(admin, name, template=TEMPLATE)
    yield at_database(postgres_url, name)
    migrations.drop_database(admin, name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The pools on that database."""
    database = Database(database_url, pool_size=5)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def live_product() -> Iterator[Product]:
    """The product with its demo, as a user starts it; one for all tests that only look and add."""
    with tempfile.TemporaryDirectory(prefix="toolmarket-live-") as name:
        Path(name).chmod(0o755)
        with running(Path(name), demo=True) as product:
            yield product
