"""A real `dealwright serve` in a process of its own, for tests that talk to it as the world does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import httpx

from tests.support.processes import dying_with_us, free_port

OWNER_EMAIL = "owner@example.com"
OWNER_PASSWORD = "Correct-Horse-9-Battery"
START_SECONDS = 90.0
STOP_SECONDS = 60.0


class RunningServer:
    """One server on a port of its own; `options` go to `serve`, `settings` into its environment."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *options: str,
        settings: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.database_url = database_url
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / f"serve-{self.port}.log"
        self._folder = folder
        self._options = options
        self._settings = dict(settings or {})
        self.process = self._spawn()
        self._await_health()

    @cached_property
    def client(self) -> httpx.Client:
        """A client whose relative addresses start at this server; closed with it."""
        # Without `verify` it reads no certificates, which takes longer than most requests.
        return httpx.Client(base_url=self.base_url, timeout=60, verify=False)

    @property
    def log(self) -> str:
        """Everything the server has said so far."""
        return self.log_path.read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to finish, wait for that, and return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self._wait()

    def kill(self) -> None:
        """End it and its workers at once, as `kill -9` or a power cut does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._wait()

    def restart(self) -> None:
        """Start it again with the same database, port and options, after `stop` or `kill`."""
        self.stop()
        self.process = self._spawn()
        self._await_health()

    def close(self) -> None:
        """End it however that goes, and close the client."""
        if "client" in self.__dict__:
            self.client.close()
        self.kill()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dealwright", "serve", "--port", str(self.port)]
        command += ["--database", self.database_url, *self._options]
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509 - one system call, nothing else
            )

    def _environment(self) -> dict[str, str]:
        """Ours without what could lead it astray, and the first account."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DEALWRIGHT_")}
        owner = {"DEALWRIGHT_ADMIN_EMAIL": OWNER_EMAIL, "DEALWRIGHT_ADMIN_PASSWORD": OWNER_PASSWORD}
        return kept | owner | {"PYTHONUNBUFFERED": "1"} | self._settings

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            code = self.process.poll()
            if code is not None:
                raise RuntimeError(f"dealwright serve ended with {code}:\n{self.log[-4000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"dealwright serve does not get ready:\n{self.log[-4000:]}")
            time.sleep(0.05)

    def _is_healthy(self) -> bool:
        """Ask over a bare connection: asking with a new client each time cost half as much as the start itself."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
            except (OSError, HTTPException):
                return False

    def _wait(self) -> int:
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise TimeoutError(f"dealwright serve did not stop:\n{self.log[-4000:]}") from None
