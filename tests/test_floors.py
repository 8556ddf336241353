"""Imports go down, a face never borrows from another; and what else of STYLE.md a program can check."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.support import floors
from tests.support.sizes import report, spread
from tests.support.sources import ROOT, Source, read_sources

# A folder ends in "/". Each entry says why that much in one place reads better than the same in pieces.
MAY_BE_LONG = {
    "storage/migrations/": "a migration is the record of one day, never edited again",
}

CHECKS: list[floors.Check] = [
    floors.imports_that_climb,
    floors.foreigners_in_the_domain,
    floors.databases_above_storage,
    floors.wires_below_the_faces,
    floors.sql_above_storage,
    floors.prints,
    floors.modules_without_a_docstring,
    floors.dice_near_secrets,
    lambda sources: floors.long_functions(sources, MAY_BE_LONG),
    lambda sources: floors.long_files(sources, MAY_BE_LONG),
    lambda sources: floors.idle_exemptions(sources, MAY_BE_LONG),
]
NAMES = [
    *(check.__name__ for check in CHECKS[:8]),
    "long_functions",
    "long_files",
    "idle_exemptions",
]


def source(path: str, text: str) -> Source:
    return Source(path, dedent(text))


def complaints(check: floors.Check, path: str, text: str) -> list[str]:
    return check([source(path, text)])


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_the_house_keeps_its_rule(check: floors.Check) -> None:
    assert "\n".join(check(read_sources())) == ""


def test_the_checks_see_the_whole_package() -> None:
    paths = {each.path for each in read_sources()}
    assert {"__init__.py", "domain/values.py", "storage/schema/columns.py"} <= paths


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("domain/opportunity.py", "from dealwright.storage import schema"),
        ("domain/opportunity.py", "import dealwright.actions.opportunities"),
        ("storage/opportunities.py", "from dealwright.actions import opportunities"),
        ("actions/opportunities.py", "from dealwright.dialects.onlyoffice import opportunity"),
        ("actions/opportunities.py", "from dealwright.config import Settings"),
        ("dialects/onlyoffice/opportunity.py", "from dealwright.dialects.nexudus import crmopportunities"),
        ("dialects/onlyoffice/opportunity.py", "from ..nexudus.crmopportunities import put"),
        ("dialects/onlyoffice/__init__.py", "from .. import nexudus"),
        ("dialects/wire.py", "from .native import opportunities"),
        ("web/board.py", "from dealwright.dialects import wire"),
        ("web/board.py", "from dealwright import jobs"),
        ("jobs.py", "from dealwright.app import build"),
        ("web/board.py", "def late() -> None:\n    from dealwright.cli import main"),
        ("app.py", "from dealwright.cli import main"),
        ("cellar.py", "import json"),
    ],
)
def test_an_import_that_climbs_or_crosses_is_found(path: str, line: str) -> None:
    assert len(complaints(floors.imports_that_climb, path, line)) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("domain/opportunity.py", "from dealwright.domain.values import UNSET"),
        ("domain/opportunity.py", "from .values import UNSET"),
        ("storage/opportunities.py", "from ..domain import opportunity"),
        ("storage/migrations/env.py", "from dealwright.storage.schema import metadata"),
        ("actions/opportunities.py", "from dealwright.storage import opportunities"),
        ("dialects/nexudus/crmopportunities.py", "from dealwright.dialects.wire import page"),
        ("dialects/nexudus/crmopportunities.py", "from ..wire import page"),
        ("dialects/nexudus/crmopportunities.py", "from . import crmboards"),
        ("jobs.py", "from dealwright.actions import webhooks"),
        ("app.py", "from dealwright.dialects.native import routes"),
        ("cli.py", "from dealwright import __version__, app"),
        ("__main__.py", "from dealwright.cli import main"),
        ("web/board.py", "from starlette.routing import Route"),
    ],
)
def test_an_import_that_goes_down_is_left_alone(path: str, line: str) -> None:
    assert complaints(floors.imports_that_climb, path, line) == []


@pytest.mark.parametrize("line", ["import msgspec", "from sqlalchemy import Table", "import asyncio", "import random"])
def test_the_domain_may_not_import_what_is_foreign_or_waits(line: str) -> None:
    assert len(complaints(floors.foreigners_in_the_domain, "domain/deal.py", line)) == 1
    assert complaints(floors.foreigners_in_the_domain, "web/deal.py", line) == []


@pytest.mark.parametrize("line", ["from __future__ import annotations", "import re", "from decimal import Decimal"])
def test_the_domain_may_think_with_the_standard_library(line: str) -> None:
    assert complaints(floors.foreigners_in_the_domain, "domain/deal.py", line) == []


def test_a_database_driver_is_found_outside_storage_only() -> None:
    assert len(complaints(floors.databases_above_storage, "actions/deals.py", "from sqlalchemy import select")) == 1
    assert len(complaints(floors.databases_above_storage, "cli.py", "import sqlite3")) == 1
    assert complaints(floors.databases_above_storage, "storage/deals.py", "import asyncpg") == []


def test_a_wire_library_is_found_below_the_faces_only() -> None:
    line = "from starlette.requests import Request"
    assert len(complaints(floors.wires_below_the_faces, "actions/deals.py", line)) == 1
    assert complaints(floors.wires_below_the_faces, "dialects/native/deals.py", line) == []


@pytest.mark.parametrize(
    "line",
    [
        'QUERY = "SELECT id FROM opportunity"',
        'QUERY = """\n    SELECT id,\n      title\n    FROM opportunity"""',
        'QUERY = f"SELECT {columns} FROM opportunity"',
        'QUERY = f"{start} DELETE FROM {table}"',
        'QUERY = "INSERT OR IGNORE INTO tag VALUES (?)"',
        'QUERY = "WITH x AS (SELECT 1) UPDATE opportunity SET title = ?"',
        'QUERY = "select id from opportunity where id = ?"',
        'QUERY = "delete from opportunity"',
    ],
)
def test_sql_is_found_above_storage_only(line: str) -> None:
    assert len(complaints(floors.sql_above_storage, "actions/deals.py", line)) == 1
    assert complaints(floors.sql_above_storage, "storage/deals.py", line) == []


@pytest.mark.parametrize(
    "line",
    [
        '"""SELECT what you want FROM this module."""',
        'LABEL = "Select a stage from the list"',
        'LABEL = "Delete from the trash"',
        'LABEL = "update the set of tags"',
        'LABEL = "select one from the list below"',
    ],
)
def test_ordinary_words_are_not_taken_for_sql(line: str) -> None:
    assert complaints(floors.sql_above_storage, "web/board.py", line) == []


def test_a_print_is_found_outside_the_command_line_only() -> None:
    assert len(complaints(floors.prints, "jobs.py", 'print("done")')) == 1
    assert complaints(floors.prints, "cli.py", 'print("done")') == []
    assert complaints(floors.prints, "jobs.py", 'receipt.print("done")') == []


def test_a_module_that_does_not_say_what_it_knows_is_found() -> None:
    assert len(complaints(floors.modules_without_a_docstring, "jobs.py", "import json")) == 1
    assert complaints(floors.modules_without_a_docstring, "jobs.py", '"""Knows the outbox."""') == []


def test_dice_are_found_where_there_are_secrets() -> None:
    dice = "from random import choice\n"
    assert len(complaints(floors.dice_near_secrets, "actions/people.py", dice + "def new_token(): ...")) == 1
    assert len(complaints(floors.dice_near_secrets, "storage/passwords.py", dice)) == 1
    assert complaints(floors.dice_near_secrets, "storage/seed.py", dice) == []


def test_a_function_over_the_limit_is_found_unless_it_is_excused() -> None:
    fits = "def deed() -> None:\n" + "    step()\n" * (floors.FUNCTION_LINES - 1)
    assert floors.long_functions([source("jobs.py", fits)], {}) == []
    too_long = [source("jobs.py", fits + "    step()\n")]
    assert floors.long_functions(too_long, {}) == ["jobs.py:1 deed has 61 lines, not 60"]
    assert floors.long_functions(too_long, {"jobs.py": "why"}) == []
    assert floors.long_functions(too_long, {"job": "why"}) != []


def test_a_file_over_the_limit_is_found_unless_its_folder_is_excused() -> None:
    fits = "step()\n" * floors.FILE_LINES
    assert floors.long_files([source("storage/migrations/m1.py", fits)], {}) == []
    too_long = [source("storage/migrations/m1.py", fits + "step()\n")]
    assert floors.long_files(too_long, {}) == ["storage/migrations/m1.py has 401 lines, not 400"]
    assert floors.long_files(too_long, {"storage/migrations/": "why"}) == []


def test_an_exemption_that_nothing_needs_is_found() -> None:
    assert floors.idle_exemptions([source("jobs.py", "step()")], {"jobs.py": "why", "web/": "why"}) == [
        "jobs.py needs no exemption any more"
    ]


def test_the_figures_name_the_middle_the_ninth_tenth_and_the_longest() -> None:
    assert spread([]) == (0, 0, 0)
    assert spread(range(1, 12)) == (6, 10, 11)
    assert "functions: " in report(ROOT / "src" / "dealwright")
