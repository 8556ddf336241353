"""`kill -9` during an export: it begins anew after the restart, and nothing half done is left of the others."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer
from tests.test_durable_imports import SECONDS, begin, signed_in, status

PEOPLE = 12_000
KILLS = (0.15, 0.5, 0.9, 1.4)


def bytes_kept(folder: Path) -> dict[str, int]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.stat().st_size for path in found}


def survive(server: RunningServer, folder: Path) -> None:
    http = signed_in(server)
    begin(http)
    deadline = time.monotonic() + SECONDS
    while not status(http)["isCompleted"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    before = bytes_kept(folder)
    http.post("crm/export/start")
    halfway = []
    for seconds in KILLS:
        time.sleep(seconds)
        halfway.append(http.get("crm/export/status").json()["response"]["isCompleted"])
        server.kill()
        http.close()
        server.restart()
        http = signed_in(server)
    while not (found := http.get("crm/export/status").json()["response"])["isCompleted"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    assert found["error"] is None
    assert halfway[0] is False, "the export was over before the first kill"
    [(name, size)] = (bytes_kept(folder).items() - before.items()) or [("", 0)]
    assert not name.startswith("arriving"), "what was cut off is still there"
    http.close()
    with httpx.Client(base_url=server.base_url, auth=(OWNER_EMAIL, OWNER_PASSWORD), timeout=60) as own:
        jobs = own.get("/api/v1/jobs").json()["data"]
        [whole] = [job for job in jobs if job["kind"] == "export.whole"]
        data = own.get(whole["content"]).content
    assert len(data) == size
    table = zipfile.ZipFile(io.BytesIO(data)).read("Contacts.csv").decode("utf-8-sig")
    ids = [row["Id"] for row in csv.DictReader(io.StringIO(table, newline=""))]
    assert len(ids) == len(set(ids)) == PEOPLE + 50


@pytest.mark.timeout(300)
def test_a_killed_export_on_sqlite_is_whole_afterwards(sqlite_url: str, server: StartServer, tmp_path: Path) -> None:
    survive(server(sqlite_url, settings={"DEALWRIGHT_FILES": str(tmp_path / "kept")}), tmp_path / "kept")


@pytest.mark.timeout(300)
def test_a_killed_export_on_postgres_is_whole_afterwards(
    durable_postgres_url: str, server: StartServer, tmp_path: Path
) -> None:
    survive(server(durable_postgres_url, settings={"DEALWRIGHT_FILES": str(tmp_path / "kept")}), tmp_path / "kept")
