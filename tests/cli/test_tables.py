"""Tables in and out on the command line, with a server beside and without, cut off and gone on with."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from dealwright.storage.database import connect
from tests.cli.conftest import Run
from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD
from tests.support.sheets import workbook
from tests.support.waiting import wait_until

PEOPLE = "First name,Last name,E-mail,Status,Shoe size\nAda,Lovelace,ada@x.example,,39\nBo,M,bo@x.example,Warmer,\n"
MANY = 12_000

Told = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def there(database_url: str, tmp_path: Path) -> Mapping[str, str]:
    """The settings of a portal that somebody owns."""
    return {"DEALWRIGHT_DATABASE_URL": database_url, "DEALWRIGHT_FILES": str(tmp_path / "kept")}


@pytest.fixture
def told(dealwright: Run, there: Mapping[str, str]) -> Told:
    """Run a command in a portal that Olga owns and Mia is in."""
    dealwright("user", "add", OWNER_EMAIL, "--name", "Olga Ek", "--password", OWNER_PASSWORD, settings=there)
    dealwright("user", "add", "mia@example.com", "--name", "Mia Berg", settings=there)
    return lambda *words, typed="": dealwright(*words, settings=there, typed=typed)


def exported(told: Told, what: str) -> list[dict[str, str]]:
    done = told("export", what, "--to", "-")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"), newline="")))


def test_a_table_comes_in_by_its_headings_and_what_is_wrong_is_told(told: Told, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    done = told("import", "contacts", "people.csv", "--problems", "bad.csv")
    assert (done.returncode, done.stdout) == (1, "Imported 1, skipped 0, overwritten 0, left out 1.\n")
    assert done.stderr.splitlines() == [
        "Columns: First name → first_name, Last name → last_name, E-mail → email, Status → status; "
        "passed over: Shoe size.",
        "row 3: status is not in the list (“Warmer”)",
    ]
    [bad] = csv.DictReader((tmp_path / "bad.csv").read_text("utf-8-sig").splitlines())
    assert bad == {"Row": "3", "Field": "status", "Code": "unknown", "Problem": "is not in the list", "Value": "Warmer"}
    done = told("import", "contacts", "people.csv", "--create-missing", "status")
    assert (done.returncode, done.stdout) == (0, "Imported 1, skipped 1, overwritten 0, left out 0.\n")
    assert [row["Status"] for row in exported(told, "contacts")] == ["", "Warmer"]


def test_a_dry_run_writes_nothing(told: Told, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    done = told("import", "contacts", "people.csv", "--dry-run")
    assert (done.returncode, done.stdout) == (
        1,
        "A dry run, nothing was written: imported 1, skipped 0, overwritten 0, left out 1.\n",
    )
    assert exported(told, "contacts") == []


def test_a_workbook_comes_in_by_told_columns_in_somebodys_name(told: Told, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["what", "how much"], ["Desks", 12.5], ["Chairs", 1200]]
    (tmp_path / "deals.xlsx").write_bytes(workbook([["x"]], Deals=rows))
    said = ("--sheet", "deals", "--map", "title=What", "--map", "amount=2", "--as", "mia@example.com", "--tag", "fair")
    done = told("import", "opportunities", "deals.xlsx", *said)
    assert (done.returncode, done.stdout) == (0, "Imported 2, skipped 0, overwritten 0, left out 0.\n")
    found = [(row["Title"], row["Amount"], row["Tags"], row["Created by"]) for row in exported(told, "opportunities")]
    assert found == [("Desks", "12.5", "fair", "Mia Berg"), ("Chairs", "1200", "fair", "Mia Berg")]


def test_the_standard_input_is_read_without_a_header(told: Told) -> None:
    said = ("--no-header", "--map", "title=1", "--map", "deadline=2", "--day-first")
    done = told("import", "tasks", "-", *said, typed="Call;04/03/2027\nWrite;soon\n")
    assert (done.returncode, done.stderr) == (1, "row 2: deadline is no date (“soon”)\n")
    assert [row["Deadline"][:10] for row in exported(told, "tasks")] == ["2027-03-04"]


def test_what_was_exported_is_imported_again_as_it_was(told: Told, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE.replace("Warmer", "Cold"), "utf-8")
    assert told("import", "contacts", "people.csv").returncode == 0
    first = exported(told, "contacts")
    assert told("export", "contacts", "--to", "out.csv").returncode == 0
    done = told("import", "contacts", "out.csv", "--on-duplicate", "overwrite")
    assert (done.returncode, done.stdout) == (0, "Imported 0, skipped 0, overwritten 2, left out 0.\n")
    assert exported(told, "contacts") == first
    assert sorted(path.name for path in tmp_path.iterdir() if "dealwright-" in path.name) == []


def test_everything_is_exported_as_an_archive(told: Told, tmp_path: Path) -> None:
    done = told("export", "everything", "--to", "all.zip")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Contacts.csv" in zipfile.ZipFile(tmp_path / "all.zip").namelist()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("import", "contacts", "nowhere.csv"), 2, "nowhere.csv cannot be read: No such file or directory."),
        (("import", "contacts", "p.csv", "--map", "planet=1"), 2, "Columns is no field that can be imported: planet."),
        (("import", "contacts", "p.csv", "--map", "email=99"), 2, "Map names a column that is not there: 99."),
        (("import", "contacts", "p.csv", "--map", "email"), 2, "must be FIELD=COLUMN"),
        (("import", "contacts", "p.csv", "--no-header"), 2, "Without a header --map has to tell"),
        (("import", "contacts", "p.csv", "--encoding", "klingon"), 2, "Encoding is no encoding: klingon."),
        (("import", "contacts", "p.csv", "--create-missing", "category"), 2, "Create missing no contact has a list"),
        (("import", "contacts", "bad.xlsx"), 2, "File is no workbook (.xlsx) that can be read."),
        (("import", "pigeons", "p.csv"), 2, "invalid choice: 'pigeons'"),
        (("import", "contacts", "empty.csv", "--map", "email=1", "--map", "first_name=1"), 1, "has no rows"),
        (("import", "contacts", "p.csv", "--as", "nobody@x.example"), 1, "Nobody called nobody@x.example can sign in"),
        (("export", "contacts", "--to", "nowhere/out.csv"), 2, "nowhere/out.csv is no place for a file."),
        (("export", "contacts"), 2, "the following arguments are required: --to"),
        (("webhook", "replay", "7"), 1, "Webhook not found."),
        (("webhook", "replay", "7", "--since", "soon"), 2, "soon is no moment; write it as 2027-01-31T09:00."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    dealwright: Run, sqlite_url: str, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": sqlite_url}
    dealwright("user", "add", OWNER_EMAIL, "--name", "Olga Ek", settings=there)
    (tmp_path / "p.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "empty.csv").write_text("E-mail\n", "utf-8")
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 and nothing")
    done = dealwright(*words, settings=there)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_what_stumbles_inside_is_told_without_its_place_in_the_program(
    dealwright: Run, sqlite_url: str, tmp_path: Path
) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": sqlite_url, "DEALWRIGHT_FILES": str(tmp_path / "kept")}
    dealwright("user", "add", OWNER_EMAIL, "--name", "Olga Ek", settings=there)
    (tmp_path / "p.csv").write_text(PEOPLE, "utf-8")
    with closing(sqlite3.connect(tmp_path / "dealwright.db")) as database, database:
        database.execute("ALTER TABLE contact_info RENAME TO elsewhere")
    done = dealwright("import", "contacts", "p.csv", settings=there, seconds=110)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("dealwright: The import failed: something went wrong inside")
    assert "no such table: contact_info" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_owner_nothing_comes_in(dealwright: Run, sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PEOPLE, "utf-8")
    done = dealwright("import", "contacts", "p.csv", settings={"DEALWRIGHT_DATABASE_URL": sqlite_url})
    assert (done.returncode, done.stderr) == (1, "dealwright: Nobody owns the portal yet.\n")


# Beside a server, and cut off ----------------------------------------------------------------------------------


def many() -> str:
    return "f,l,e\n" + "".join(f"First{row},Last{row},p{row}@x.example\n" for row in range(MANY))


MAPPED = ("--map", "first_name=f", "--map", "last_name=l", "--map", "email=e")


def counted(base_url: str) -> int:
    with httpx.Client(base_url=base_url, auth=(OWNER_EMAIL, OWNER_PASSWORD), timeout=60) as http:
        return int(http.get("/api/v1/contacts", params={"total": "exact", "limit": 1}).json()["page"]["total"])


def newest_job(base_url: str) -> str:
    with httpx.Client(base_url=base_url, auth=(OWNER_EMAIL, OWNER_PASSWORD), timeout=60) as http:
        return str(http.get("/api/v1/jobs").json()["data"][0]["state"])


@pytest.mark.timeout(180)
def test_a_server_beside_sees_what_comes_in_and_keeps_serving(
    dealwright: Run, there: Mapping[str, str], server: StartServer, tmp_path: Path
) -> None:
    running = server(there["DEALWRIGHT_DATABASE_URL"], settings=there)
    (tmp_path / "many.csv").write_text(many(), "utf-8")
    done = dealwright("import", "contacts", "many.csv", *MAPPED, settings=there, seconds=120)
    assert (done.returncode, done.stdout) == (0, f"Imported {MANY:,}, skipped 0, overwritten 0, left out 0.\n")
    assert counted(running.base_url) == MANY
    done = dealwright("export", "contacts", "--to", "out.csv", settings=there, seconds=120)
    assert done.returncode == 0
    assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == MANY + 1


def begun(there: Mapping[str, str], folder: Path) -> subprocess.Popen[str]:
    (folder / "many.csv").write_text(many(), "utf-8")
    words = [sys.executable, "-m", "dealwright", "import", "contacts", "many.csv", *MAPPED]
    process = subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, **there},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding_interrupts,  # noqa: PLW1509 - one system call, nothing else
    )
    wait_until(lambda: process.poll() is not None or asyncio.run(some_are_in(there["DEALWRIGHT_DATABASE_URL"])))
    return process


def heeding_interrupts() -> None:
    """A shell lets what it starts in the background ignore interrupts; who is started by such a one would, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def some_are_in(url: str) -> bool:
    db = await connect(url)
    found = await db.text("SELECT id FROM contact LIMIT 1")
    await db.close()
    return bool(found)


@pytest.mark.timeout(180)
def test_an_import_that_is_killed_is_finished_by_the_next_server(
    told: Told, there: Mapping[str, str], server: StartServer, tmp_path: Path
) -> None:
    del told
    process = begun(there, tmp_path)
    assert process.poll() is None, "it was over before it could be killed"
    process.kill()
    process.communicate()
    running = server(there["DEALWRIGHT_DATABASE_URL"], settings=there)
    wait_until(lambda: newest_job(running.base_url) == "done", 120)
    assert counted(running.base_url) == MANY


@pytest.mark.timeout(120)
def test_an_import_that_is_interrupted_ends_and_stays_ended(
    told: Told, there: Mapping[str, str], server: StartServer, tmp_path: Path
) -> None:
    del told
    process = begun(there, tmp_path)
    assert process.poll() is None, "it was over before it could be interrupted"
    process.send_signal(signal.SIGINT)
    _, says = process.communicate(timeout=60)
    assert (process.returncode, says.splitlines()[-1]) == (1, "dealwright: Stopped.")
    running = server(there["DEALWRIGHT_DATABASE_URL"], settings=there)
    before = counted(running.base_url)
    assert 0 < before < MANY
    assert newest_job(running.base_url) == "cancelled"
    time.sleep(2)  # enough for the server to look for work twice
    assert counted(running.base_url) == before


# Webhooks ------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_webhooks_are_listed_and_told_again(
    dealwright: Run, there: Mapping[str, str], server: StartServer, tmp_path: Path
) -> None:
    running = server(there["DEALWRIGHT_DATABASE_URL"], settings=there)  # private addresses are not called: all fails
    with httpx.Client(base_url=running.base_url, auth=(OWNER_EMAIL, OWNER_PASSWORD), timeout=60) as http:
        said = {"name": "Bell", "url": "http://127.0.0.1:1/in", "action": 3}
        ident = http.post("/api/v1/webhooks", json=said).json()["id"]
        again = ("webhook", "replay", str(ident))
        done = dealwright(*again, settings=there)
        assert (done.returncode, done.stdout) == (0, "Nothing has failed.\n")
        http.post("/api/v1/contacts", json={"kind": "person", "first_name": "Ada"})
        calls = f"/api/v1/webhooks/{ident}/calls"
        while len(found := http.get(calls).json()["data"]) < 1:
            time.sleep(0.1)
        done = dealwright("webhook", "list", settings=there)
        assert done.stdout.split()[:2] == [str(ident), "on"]
        assert "Bell  http://127.0.0.1:1/in  1 errors: " in done.stdout
        done = dealwright(*again, "--call", str(found[0]["id"]), settings=there)
        assert (done.returncode, done.stdout) == (0, "It is told of that event again.\n")
        while len(http.get(calls).json()["data"]) < 2:
            time.sleep(0.1)
        done = dealwright(*again, settings=there)
        assert done.stdout.startswith("It is told of what it did not take in since ")
        while len(http.get(calls).json()["data"]) < 3:
            time.sleep(0.1)
