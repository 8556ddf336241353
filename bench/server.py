"""`dealwright serve` in a process of its own, as anyone would start it, and the other commands."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench import machine
from bench.postgres import free_port

START_SECONDS = 60.0
STOP_SECONDS = 60.0
OWNER = {"DEALWRIGHT_ADMIN_EMAIL": "owner@example.com", "DEALWRIGHT_ADMIN_PASSWORD": "Correct-Horse-9-Battery"}


def environment(database_url: str) -> dict[str, str]:
    """Return our environment without settings that could lead a server astray, and with its database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEALWRIGHT_")}
    return kept | {"DEALWRIGHT_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}


def command(database_url: str, *arguments: str) -> str:
    """Run one of the commands of `dealwright` and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "dealwright", *arguments],
        env=environment(database_url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dealwright {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


class Server:
    """One `dealwright serve` with the settings that it comes with."""

    def __init__(self, database_url: str, folder: Path, workers: int = 1) -> None:
        self.port = free_port()
        self.log_path = folder / f"serve-{self.port}.log"
        began = time.perf_counter()
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dealwright", "serve", "--port", str(self.port), "--workers", str(workers)],
                env=environment(database_url) | OWNER,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=machine.dying_with_us(),  # noqa: PLW1509 - one system call, nothing else
            )
        self._await()
        self.ready_seconds = time.perf_counter() - began

    @property
    def memory(self) -> float:
        """Resident memory in MB, of all its processes."""
        return machine.resident(machine.family(self.process.pid))

    @property
    def own_memory(self) -> float:
        """The same without the pages of files."""
        return machine.anonymous(machine.family(self.process.pid))

    @property
    def cpu_seconds(self) -> float:
        """The processor time it has used so far."""
        return machine.cpu_seconds(self.process.pid)

    def stop(self) -> None:
        """Ask it to finish, and wait for that."""
        self.process.terminate()
        self.process.wait(STOP_SECONDS)

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"dealwright serve does not get ready:\n{self.log_path.read_text()[-3000:]}")
            time.sleep(0.002)

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (TimeoutError, OSError, http.client.HTTPException):
            return False


def ready_times(database_url: str, folder: Path, tries: int) -> list[tuple[float, float]]:
    """Return the seconds from the start of the process to its first good answer, and its processor time, by try."""
    seconds = []
    for _ in range(tries):
        server = Server(database_url, folder)
        seconds.append((server.ready_seconds, server.cpu_seconds))
        server.stop()
    return seconds


def idle_memory(database_url: str, folder: Path) -> float:
    """Return the resident memory in MB of a server that has started, answered once and rests."""
    server = Server(database_url, folder)
    readings = []
    for _ in range(5):
        time.sleep(0.4)
        readings.append(server.memory)
    server.stop()
    return median(readings)
