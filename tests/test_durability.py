"""`kill -9` during a stream of updates: every update that was acknowledged is there, none is half done."""

from __future__ import annotations

import random
import time
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.postgres import PostgresServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer
from tests.support.waiting import wait_until

ROUNDS = 20
DEALS = 4


class Client:
    """An ONLYOFFICE client that goes on updating its deals and remembers what was acknowledged."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.acknowledged: dict[int, int] = {}
        self.attempted: dict[int, int] = {}
        self._stop = Event()

    def sign_in(self) -> httpx.Client:
        """Return a client with a fresh token."""
        http = httpx.Client(base_url=f"{self.server.base_url}/api/2.0/", timeout=60, verify=False)
        answer = http.post("authentication", data={"userName": OWNER_EMAIL, "password": OWNER_PASSWORD})
        http.headers["Authorization"] = answer.json()["response"]["token"]
        return http

    def make(self, http: httpx.Client) -> None:
        """Make the deals whose numbers will count up."""
        for _ in range(DEALS):
            deal = http.post("crm/opportunity", data=self._form(http, 0)).json()["response"]
            self.acknowledged[deal["id"]] = self.attempted[deal["id"]] = 0

    def _form(self, http: httpx.Client, number: int) -> dict[str, Any]:
        if not hasattr(self, "_needed"):
            stage = http.get("crm/opportunity/stage").json()["response"][0]["id"]
            me = http.get("people/@self").json()["response"]["id"]
            self._needed = {"stageid": stage, "responsibleid": me, "bidCurrencyAbbr": "EUR"}
        return {**self._needed, "title": f"Number {number}", "perPeriodValue": number}

    def count_up(self, http: httpx.Client, ident: int) -> None:
        """Count one deal up until the server is gone."""
        while not self._stop.is_set():
            number = self.attempted[ident] + 1
            self.attempted[ident] = number
            try:
                answer = http.put(f"crm/opportunity/{ident}", data=self._form(http, number))
            except httpx.HTTPError:
                return
            if answer.status_code != 200:
                return
            self.acknowledged[ident] = number

    def stream(self, http: httpx.Client, end: Any) -> None:
        """Let all deals count until some numbers were acknowledged, then bring about the end in the middle of it."""
        self._stop.clear()
        threads = [Thread(target=self.count_up, args=(http, ident)) for ident in self.acknowledged]
        enough = sum(self.acknowledged.values()) + random.randint(1, 60)
        for thread in threads:
            thread.start()
        wait_until(lambda: sum(self.acknowledged.values()) >= enough or not any(map(Thread.is_alive, threads)))
        time.sleep(random.uniform(0, 0.02))
        end()
        self._stop.set()
        for thread in threads:
            thread.join()

    def check(self, http: httpx.Client) -> None:
        """Every acknowledged number is there, title and number agree, and nothing was counted that was not sent."""
        for ident, number in self.acknowledged.items():
            deal = http.get(f"crm/opportunity/{ident}").json()["response"]
            stored = deal.get("perPeriodValue", 0)
            assert number <= stored <= self.attempted[ident], f"acknowledged {number}, stored {stored}"
            assert deal["title"] == f"Number {stored}"
            self.acknowledged[ident] = self.attempted[ident] = stored


def survive(server: RunningServer, rounds: int, end: Any, again: Any) -> None:
    """Count, end, start again and check, this many times."""
    client = Client(server)
    http = client.sign_in()
    client.make(http)
    for _ in range(rounds):
        client.stream(http, end)
        http.close()
        again()
        http = client.sign_in()
        client.check(http)
    http.close()
    assert sum(client.acknowledged.values()) > rounds


@pytest.mark.timeout(300)
def test_a_killed_server_on_sqlite_loses_nothing(sqlite_url: str, server: StartServer) -> None:
    running = server(sqlite_url)
    survive(running, ROUNDS, running.kill, running.restart)


@pytest.mark.timeout(300)
def test_a_killed_server_on_postgres_loses_nothing(durable_postgres_url: str, server: StartServer) -> None:
    running = server(durable_postgres_url)
    survive(running, ROUNDS, running.kill, running.restart)


@pytest.mark.timeout(300)
def test_a_killed_postgres_loses_nothing(
    durable_postgres: PostgresServer, durable_postgres_url: str, server: StartServer
) -> None:
    running = server(durable_postgres_url)

    def again() -> None:
        durable_postgres.start()
        running.restart()

    survive(running, 3, durable_postgres.kill, again)


@pytest.mark.timeout(120)
def test_a_server_that_is_asked_to_stop_finishes_what_it_accepted(sqlite_url: str, server: StartServer) -> None:
    running = server(sqlite_url)
    client = Client(running)
    http = client.sign_in()
    client.make(http)
    client.stream(http, running.stop)
    http.close()
    running.restart()
    with closing(client.sign_in()) as http:
        client.check(http)


def test_the_file_of_a_killed_server_is_sound(sqlite_url: str, server: StartServer) -> None:
    import sqlite3

    running = server(sqlite_url)
    client = Client(running)
    http = client.sign_in()
    client.make(http)
    client.stream(http, running.kill)
    http.close()
    with sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
