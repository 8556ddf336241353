"""`kill -9` during an import: it goes on after the restart, no row comes twice and none is lost."""

from __future__ import annotations

import json
import random
import time

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer

ROWS = 12_000
KILLS = 3
SECONDS = 120.0


def signed_in(server: RunningServer) -> httpx.Client:
    http = httpx.Client(base_url=f"{server.base_url}/api/2.0/", timeout=60)
    answer = http.post("authentication", data={"userName": OWNER_EMAIL, "password": OWNER_PASSWORD})
    http.headers["Authorization"] = answer.json()["response"]["token"]
    return http


def begin(http: httpx.Client) -> None:
    table = "".join(f"First{row},Last{row},Company {row % 50},p{row}@x.example\n" for row in range(ROWS))
    columns = {"firstName": [0], "lastName": [1], "companyName": [2], "contactInfo_Email_1": [3]}
    said = {"jsonSettings": json.dumps({"has_header": False, "column_mapping": columns})}
    seen = http.post("crm/import/uploadfake", files={"file": ("p.csv", table.encode())}, data=said)
    uri = seen.json()["response"]["fileURL"]
    assert http.post("crm/contact/import/start", data={**said, "csvFileURI": uri}).status_code == 201


def status(http: httpx.Client) -> dict[str, object]:
    found: dict[str, object] = http.get("crm/contact/import/status").json()["response"]
    return found


def survive(server: RunningServer) -> None:
    http = signed_in(server)
    begin(http)
    halfway = []
    for _ in range(KILLS):
        time.sleep(random.uniform(0.3, 1.2))
        halfway.append(status(http)["percentage"])
        server.kill()
        http.close()
        server.restart()
        http = signed_in(server)
    deadline = time.monotonic() + SECONDS
    while not (found := status(http))["isCompleted"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    assert found["error"] is None
    assert found["status"] == {"state": "done", "total": ROWS, "done": ROWS, "failed": 0}
    assert halfway[0] != 100, "the import was over before the first kill"
    people = http.get("crm/contact/filter", params={"contactListView": "Person", "count": 1}).json()["total"]
    companies = http.get("crm/contact/filter", params={"contactListView": "Company", "count": 1}).json()["total"]
    http.close()
    assert (people, companies) == (ROWS, 50)


@pytest.mark.timeout(300)
def test_a_killed_import_on_sqlite_is_whole_afterwards(sqlite_url: str, server: StartServer) -> None:
    survive(server(sqlite_url))


@pytest.mark.timeout(300)
def test_a_killed_import_on_postgres_is_whole_afterwards(durable_postgres_url: str, server: StartServer) -> None:
    survive(server(durable_postgres_url))
