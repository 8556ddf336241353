"""The commands beside serve: what they print, what they refuse, and with which exit code."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from dealwright import __version__
from dealwright.config import DESCRIPTIONS
from dealwright.storage.database import connect, sqlite_path
from tests.cli.conftest import Run
from tests.support import consistency

PASSWORD = "Correct-Horse-9-Battery"


def test_the_version_is_told(dealwright: Run) -> None:
    done = dealwright("--version")
    assert (done.returncode, done.stdout) == (0, f"dealwright {__version__}\n")


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["user"], ["token", "create"], ["seed"], ["serve", "--port", "x"]]
)
def test_a_misused_command_ends_with_2_and_shows_the_usage(dealwright: Run, arguments: list[str]) -> None:
    done = dealwright(*arguments)
    assert done.returncode == 2
    assert "usage: dealwright" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_of_serve_lists_every_setting(dealwright: Run) -> None:
    shown = dealwright("serve", "--help").stdout
    for flag in ("--host", "--port", "--database", "--workers", "--demo"):
        assert flag in shown
    for each in DESCRIPTIONS:
        assert each.variable in shown


def test_a_bad_setting_ends_with_2_and_a_sentence(dealwright: Run) -> None:
    done = dealwright("user", "list", settings={"DEALWRIGHT_PORT": "eighty"})
    assert done.returncode == 2
    assert done.stderr == "dealwright: DEALWRIGHT_PORT must be a whole number from 0 to 65535.\n"


def test_several_workers_on_sqlite_are_refused(dealwright: Run) -> None:
    done = dealwright("serve", "--workers", "2")
    assert done.returncode == 2
    assert "needs PostgreSQL" in done.stderr


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody:hunter2@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_opened_is_a_sentence(dealwright: Run, url: str) -> None:
    done = dealwright("user", "list", "--database", url)
    assert done.returncode == 1
    assert done.stderr.startswith("dealwright: The database cannot be used: ")
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


# People and tokens --------------------------------------------------------------------------------------------


def test_the_first_person_owns_the_portal_and_the_next_do_not(dealwright: Run, database_url: str) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": database_url}
    added = dealwright(
        "user", "add", "olga@example.com", "--name", "Olga Ek", "--password", "-", settings=there, typed=PASSWORD + "\n"
    )
    assert (added.returncode, added.stdout) == (0, "Added olga@example.com as owner.\n")
    dealwright("user", "add", "adam@example.com", "--name", "Adam", "--admin", "--password", PASSWORD, settings=there)
    dealwright("user", "add", "mia@example.com", "--name", "Mia Maria Berg", settings=there)
    listed = dealwright("user", "list", settings=there).stdout.splitlines()
    assert [line.split() for line in listed] == [
        ["1", "owner", "olga@example.com", "Olga", "Ek"],
        ["2", "admin", "adam@example.com", "Adam"],
        ["3", "member", "mia@example.com", "Mia", "Maria", "Berg"],
    ]


def test_a_person_can_be_added_to_a_database_that_is_not_there_yet(dealwright: Run, tmp_path: Path) -> None:
    done = dealwright("user", "add", "olga@example.com", "--name", "Olga Ek")
    assert done.returncode == 0
    assert "dealwright token create olga@example.com" in done.stdout
    mode = (tmp_path / "dealwright.db").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("olga@example.com", PASSWORD, "Email is taken by another user."),
        ("olga", PASSWORD, "Email is no e-mail address."),
        ("new@example.com", "short", "Password needs at least 12 characters."),
    ],
)
def test_what_is_wrong_with_a_person_is_said_in_a_sentence(
    dealwright: Run, sqlite_url: str, email: str, password: str, words: str
) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": sqlite_url}
    dealwright("user", "add", "olga@example.com", "--name", "Olga Ek", settings=there)
    done = dealwright("user", "add", email, "--name", "X", "--password", "-", settings=there, typed=password)
    assert (done.returncode, done.stderr) == (1, f"dealwright: {words}\n")


def test_a_token_is_printed_alone_so_that_a_script_can_take_it(dealwright: Run, database_url: str) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": database_url}
    dealwright("user", "add", "olga@example.com", "--name", "Olga Ek", settings=there)
    done = dealwright("token", "create", "OLGA@example.com", "--name", "laptop", settings=there)
    assert done.returncode == 0
    assert re.fullmatch(r"dw_[0-9A-Za-z]{46}\n", done.stdout)


def test_a_token_for_nobody_or_with_an_unknown_right_is_refused(dealwright: Run, sqlite_url: str) -> None:
    there = {"DEALWRIGHT_DATABASE_URL": sqlite_url}
    nobody = dealwright("token", "create", "olga@example.com", "--name", "x", settings=there)
    assert (nobody.returncode, nobody.stderr) == (1, "dealwright: Nobody called olga@example.com can sign in here.\n")
    dealwright("user", "add", "olga@example.com", "--name", "Olga Ek", settings=there)
    odd = dealwright("token", "create", "olga@example.com", "--name", "x", "--scope", "Everything", settings=there)
    assert odd.returncode == 1
    assert "no right Everything" in odd.stderr


# The schema ---------------------------------------------------------------------------------------------------


def set_step(url: str, step: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(url))) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (step,))
        return

    async def update() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE alembic_version SET version_num = $1", step)
        await connection.close()

    asyncio.run(update())


def test_migrate_makes_a_portal_and_check_tells_whether_there_is_one(dealwright: Run, tmp_path: Path) -> None:
    assert dealwright("migrate", "--check").returncode == 1
    assert not (tmp_path / "dealwright.db").exists()
    assert dealwright("migrate").returncode == 0
    checked = dealwright("migrate", "--check")
    assert checked.returncode == 0
    assert "the newest is 0" in checked.stdout


def test_a_database_of_a_newer_program_is_left_alone(dealwright: Run, database_url: str) -> None:
    set_step(database_url, "9999")
    for command in (["migrate"], ["serve", "--port", "0"], ["user", "list"]):
        done = dealwright(*command, "--database", database_url)
        assert done.returncode == 1
        assert "made by a newer Dealwright" in done.stderr


def test_serve_refuses_an_older_schema_on_postgresql_and_says_what_to_do(dealwright: Run, postgres_url: str) -> None:
    set_step(postgres_url, "0000")
    done = dealwright("serve", "--port", "0", "--database", postgres_url)
    assert done.returncode == 1
    assert "Run: dealwright migrate" in done.stderr


def test_a_new_portal_has_the_currency_of_the_setting(dealwright: Run, tmp_path: Path) -> None:
    dealwright("migrate", settings={"DEALWRIGHT_CURRENCY": "EUR"})
    with closing(sqlite3.connect(tmp_path / "dealwright.db")) as connection:
        assert connection.execute("SELECT currency FROM location").fetchall() == [("EUR",)]


# Seed and doctor ----------------------------------------------------------------------------------------------


def test_seed_fills_the_database_and_says_how_fast(dealwright: Run, database_url: str) -> None:
    done = dealwright("seed", "--opportunities", "1_000", "--database", database_url)
    assert done.returncode == 0, done.stderr
    assert re.match(r"Stored 1,000 deals in \d+ s", done.stdout)
    assert "1,000 of 1,000" in done.stderr


@pytest.mark.parametrize("number", ["0", "-5", "many", "10000001"])
def test_seed_refuses_odd_numbers(dealwright: Run, number: str) -> None:
    done = dealwright("seed", f"--opportunities={number}")
    assert done.returncode == 2
    assert "whole number up to 10,000,000" in done.stderr


def test_the_doctor_finds_a_new_portal_well(dealwright: Run, database_url: str) -> None:
    done = dealwright("doctor", "--database", database_url)
    assert done.returncode == 0, done.stdout
    levels = [line.split()[0] for line in done.stdout.splitlines()]
    assert set(levels) <= {"ok", "warn"}
    assert "write test: a row can be written" in done.stdout


def test_the_doctor_changes_nothing(dealwright: Run, tmp_path: Path) -> None:
    done = dealwright("doctor")
    assert done.returncode == 0
    assert "is empty; dealwright serve makes the portal" in done.stdout
    assert not (tmp_path / "dealwright.db").exists()


def test_the_doctor_names_what_is_wrong(dealwright: Run, tmp_path: Path) -> None:
    dealwright("migrate")
    (tmp_path / "dealwright.db").chmod(0o644)
    settings = {
        "DEALWRIGHT_HOST": "0.0.0.0",
        "DEALWRIGHT_TRUSTED_PROXIES": "*",
        "DEALWRIGHT_PROT": "80",
        "DEALWRIGHT_MAIL_TRANSPORT": "smtp://me:hunter2@127.0.0.1:1",
    }
    done = dealwright("doctor", settings=settings)
    assert done.returncode == 1
    for words in (
        "warn  settings: DEALWRIGHT_PROT is no setting",
        "warn  settings: every client is trusted",
        "warn  public address: set DEALWRIGHT_PUBLIC_URL",
        "warn  database file: dealwright.db can be read by others",
        "fail  mail: smtp://me:***@127.0.0.1:1 does not answer",
        "warn  people: nobody owns the portal",
    ):
        assert words in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_the_doctor_tries_the_file_store(dealwright: Run, tmp_path: Path) -> None:
    assert "ok    file store: " in (first := dealwright("doctor").stdout)
    assert "dealwright-files is made when it is needed" in first
    folder = tmp_path / "files"
    folder.mkdir()
    done = dealwright("doctor", settings={"DEALWRIGHT_FILES": str(folder)})
    assert f"ok    file store: {folder} takes files" in done.stdout
    assert not [path for path in folder.rglob("*") if path.is_file()]
    (tmp_path / "taken").write_text("a file")
    done = dealwright("doctor", settings={"DEALWRIGHT_FILES": str(tmp_path / "taken")})
    assert (done.returncode, "cannot be written to" in done.stdout) == (1, True)
    done = dealwright("doctor", settings={"DEALWRIGHT_FILES": "s3://key:hunter2@bucket/x"})
    assert done.returncode == 1
    assert "fail  file store: s3://key:***@bucket/x cannot be written to" in done.stdout
    assert "hunter2" not in done.stdout


def test_the_doctor_counts_files_and_bytes_that_have_lost_each_other(dealwright: Run, tmp_path: Path) -> None:
    dealwright("migrate")
    assert "ok    files: all 0 files have their bytes" in dealwright("doctor").stdout
    with closing(sqlite3.connect(tmp_path / "dealwright.db")) as database, database:
        values = f"('u', 1, 1, 'offer.txt', '20200101/{'0' * 32}')"
        database.execute(f"INSERT INTO file (uid, created_at, updated_at, title, key) VALUES {values}")
    (tmp_path / "dealwright-files" / "20200102").mkdir(parents=True)
    (tmp_path / "dealwright-files" / "20200102" / ("1" * 32)).write_bytes(b"nobody's")
    done = dealwright("doctor")
    assert done.returncode == 0
    assert "warn  files: 1 of 1 files have lost their bytes: bring back from a backup 1" in done.stdout
    assert "warn  files: 1 times bytes that no file has" in done.stdout


def test_a_file_store_that_needs_more_is_told_of_before_anything_is_served(dealwright: Run) -> None:
    done = dealwright("serve", "--port", "0", settings={"DEALWRIGHT_FILES": "s3://bucket/prefix"})
    assert done.returncode == 1
    assert done.stderr.startswith("dealwright: The file store needs a package that is not installed")


def test_the_doctor_tells_of_settings_that_do_not_fit(dealwright: Run) -> None:
    done = dealwright("doctor", settings={"DEALWRIGHT_WORKERS": "2"})
    assert done.returncode == 1
    assert done.stdout.startswith("fail  settings: More than one worker needs PostgreSQL")


def test_the_doctor_finds_a_database_that_does_not_answer(dealwright: Run) -> None:
    done = dealwright("doctor", "--database", "postgresql://nobody:hunter2@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "fail  database: postgresql://nobody:***@127.0.0.1:1/none cannot be opened" in done.stdout


def test_the_doctor_finds_a_seed_that_was_cut_off(dealwright: Run, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_path(sqlite_url))) as connection, connection:
        connection.execute("INSERT INTO setting (name, value) VALUES ('dropped_indexes', '[\"CREATE INDEX x\"]')")
    done = dealwright("doctor", "--database", sqlite_url)
    assert done.returncode == 1
    assert "fail  indexes: a seed was cut off" in done.stdout


def test_a_second_factor_is_reset_for_who_lost_it(dealwright: Run, sqlite_url: str) -> None:
    database = ("--database", sqlite_url)
    dealwright("user", "add", *database, "olga@example.com", "--name", "Olga Owner")
    done = dealwright("user", "reset-two-factor", *database, "olga@example.com")
    assert (done.returncode, done.stdout) == (0, "olga@example.com signs in by password alone now.\n")
    assert dealwright("user", "reset-two-factor", *database, "nobody@example.com").returncode == 1


def test_sums_that_somebody_spoiled_are_found_and_put_right(dealwright: Run, database_url: str) -> None:
    dealwright("seed", "--opportunities", "1_000", "--database", database_url)
    spoiled = asyncio.run(spoil(database_url))
    told = dealwright("doctor", "--database", database_url)
    assert told.returncode == 1
    assert f"fail  sums: {spoiled + 2} sums are not what the records come to" in told.stdout
    mended = dealwright("recount", "--database", database_url)
    assert mended.stdout == f"totals: {spoiled} put right\ntallies: 1 put right\ncontacts: 1 put right\n"
    again = dealwright("recount", "--database", database_url)
    assert again.stdout == "totals: right\ntallies: right\ncontacts: right\n"
    assert dealwright("doctor", "--database", database_url).returncode == 0
    asyncio.run(agrees(database_url))


async def spoil(url: str) -> int:
    """Write past the program, as somebody with a database client would; return in how many sums of stages."""
    db = await connect(url)
    here = "stage_id = (SELECT max(stage_id) FROM stage_total)"
    await db.text(f"UPDATE stage_total SET deals = deals - 1, units = units + 7 WHERE {here}")
    await db.text("UPDATE contact_tally SET contacts = contacts + 3 WHERE is_company")
    await db.text("DELETE FROM opportunity_tally WHERE facet = 6 AND bucket = 0 AND NOT private")
    [found] = await db.text(f"SELECT count(*) FROM stage_total WHERE {here}")
    await db.close()
    return int(found[0])


async def agrees(url: str) -> None:
    db = await connect(url)
    await consistency.check(db)
    await db.close()
