"""Reports and settings over the wire of ONLYOFFICE."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import files
from dealwright.config import Settings
from dealwright.domain.file import Purpose
from dealwright.jobs import Jobs
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.schema import event
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired

DENIED = (403, "Access Denied")
ALL_TIME = 15


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made(clerk: Clerk) -> Any:
    """Return the state of a report once it has come to an end."""
    for _ in range(1000):
        state = await clerk.get("crm/report/status")
        if state["status"] > 1:
            return state
        await asyncio.sleep(0.02)
    raise AssertionError("the report was not made in time")


async def test_a_report_is_generated_listed_and_deleted(db: Database, clerk: Clerk) -> None:
    await clerk.deal()
    assert await clerk.get("crm/report/status") == {}
    assert await clerk.get("crm/report/files") == []
    jobs = Jobs(db, Settings())
    jobs.start()
    try:
        began = await clerk.post("crm/report/generate", type="WorkloadByDeals", timePeriod="DuringAllTime")
        assert (began["reportType"], began["exception"]) == (5, None)
        state = await made(clerk)
    finally:
        await jobs.stop()
    assert (state["status"], state["exception"]) == (2, None)
    [file] = await clerk.get("crm/report/files")
    assert (file["id"], file["title"], file["fileExst"]) == (state["fileId"], state["fileName"], ".xlsx")
    assert await clerk.delete(f"crm/report/file/{file['id']}") == {}
    assert await clerk.get("crm/report/files") == []
    assert await clerk.no("DELETE", f"crm/report/file/{file['id']}") == (404, "File not found")


async def test_a_report_that_waits_can_be_ended(clerk: Clerk) -> None:
    first = await clerk.post("crm/report/generate", type=0, timePeriod=ALL_TIME)
    again = await clerk.post("crm/report/generate", type=1, timePeriod=ALL_TIME)
    assert again["reportType"] == first["reportType"] == 0  # one at a time
    assert await clerk.get("crm/report/terminate") == {}
    assert await clerk.get("crm/report/terminate") == {}


async def test_a_check_tells_whether_there_is_anything_and_what_rates_lack(clerk: Clerk) -> None:
    ask: Any = {"type": 5, "timePeriod": ALL_TIME}
    assert await clerk.post("crm/report/check", **ask) == {"hasData": False, "missingRates": []}
    await clerk.deal(currency="JPY")
    assert await clerk.post("crm/report/check", **ask) == {"hasData": True, "missingRates": ["JPY"]}
    mia, noah = clerk.cast.mia.uid, clerk.cast.noah.uid
    assert not (await clerk.post("crm/report/check", **ask, managers=[mia, noah]))["hasData"]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "files"),
        ("GET", "status"),
        ("GET", "terminate"),
        ("POST", "check"),
        ("POST", "generate"),
        ("DELETE", f"file/{UNKNOWN}"),
    ],
)
async def test_reports_are_for_crm_administrators(clerk: Clerk, verb: str, path: str) -> None:
    assert await clerk.no(verb, f"crm/report/{path}", "mia") == DENIED
    assert (await clerk.ask("carl", verb, f"crm/report/{path}")).status_code in {200, 201, 404}


@pytest.mark.parametrize("said", [{"type": "Horoscope"}, {"type": 10}, {"timePeriod": 16}, {"managers": ["nobody"]}])
async def test_a_report_that_there_is_none_of_is_a_bad_argument(clerk: Clerk, said: dict[str, Any]) -> None:
    assert (await clerk.no("POST", "crm/report/check", **{"type": 0, "timePeriod": 0, **said}))[0] == 400


async def test_a_file_that_is_no_report_is_not_found_among_them(db: Database, clerk: Clerk) -> None:
    file = await files.keep(db, clerk.cast.olga, Purpose.ATTACHMENT, "a.txt", None, b"a")
    assert await clerk.no("DELETE", f"crm/report/file/{file.id}") == (404, "File not found")


async def test_the_portal_is_configured_and_its_form_gets_a_key(db: Database, clerk: Clerk) -> None:
    assert await clerk.put("crm/settings") is True
    key = db.rules.settings["web_form_key"]
    assert await clerk.put("crm/settings", configured=False) is False
    assert db.rules.settings["web_form_key"] == key  # pages with the form go on working
    own = str(uuid.uuid4())
    await clerk.put("crm/settings", "carl", configured=True, webFormKey=own.upper())
    assert db.rules.settings["web_form_key"] == own
    new = await clerk.put("crm/settings/webformkey/change")
    assert new == db.rules.settings["web_form_key"] != own


async def test_no_event_tells_the_key_of_the_form(db: Database, clerk: Clerk) -> None:
    key = await clerk.put("crm/settings/webformkey/change")
    rows = await db.rows(Query(select(event.c.kinds, event.c.before, event.c.after)))
    assert any(row[0] == "portal.configured" for row in rows)
    assert not any(key in text for row in rows for text in row)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("contact/status/settings", "changeContactStatusGroupAuto"),
        ("contact/tag/settings", "addTagToContactGroupAuto"),
        ("contact/mailtohistory/settings", "writeMailToHistoryAuto"),
    ],
)
async def test_switches_are_turned_by_crm_administrators(clerk: Clerk, path: str, name: str) -> None:
    for on in (True, False):
        assert await clerk.put(f"crm/{path}", "carl", **{name: on}) is on
    assert await clerk.put(f"crm/{path}") in ({}, False)
    assert await clerk.no("PUT", f"crm/{path}", "mia", **{name: True}) == DENIED
    assert (await clerk.no("PUT", f"crm/{path}", **{name: "perhaps"}))[0] == 400


@pytest.mark.parametrize("path", ["settings", "settings/webformkey/change", "settings/currency"])
async def test_settings_are_for_crm_administrators(clerk: Clerk, path: str) -> None:
    assert await clerk.no("PUT", f"crm/{path}", "mia", currency="EUR") == DENIED
