"""Import and export over the wire (invoices-reports-voip §3)."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from dealwright.actions import exports, imports
from dealwright.actions.work_runs import Works
from dealwright.dialects.onlyoffice.failures import BAD_ARGUMENT
from dealwright.dialects.onlyoffice.import_settings import order_of, settings_of
from dealwright.domain.contact import Share
from dealwright.domain.importing import Duplicates
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import DENIED, Clerk, envelope, hired
from tests.support.sheets import workbook

TABLE = (
    "First;Last;Company;Mail;Phone;City;Tags\nAda;Lovelace;Engines;ada@x.example;+44 1;London;red,blue\nBad;;;;;;\0\n"
)
MAPPING = {
    "firstName": [0],
    "lastName": [1],
    "companyName": [2],
    "contactInfo_Email_1": [3],
    "contactInfo_0_0": [4],
    "contactInfo_Address_1_City": [5],
    "tag": [6],
}
SETTINGS: Mapping[str, Any] = {
    "has_header": True,
    "delimiter_character": 59,
    "quote_character": 34,
    "encoding": 65001,
    "column_mapping": MAPPING,
    "removing_duplicates_behavior": 1,
    "share_type": 1,
    "contact_managers": [],
    "tags": ["fair"],
}
BAD = (400, BAD_ARGUMENT)


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def uploaded(clerk: Clerk, table: str | bytes = TABLE, by: str = "mia", **settings: Any) -> Any:
    data = table.encode() if isinstance(table, str) else table
    answer = await clerk.http.post(
        "crm/import/uploadfake",
        files={"file": ("people.csv", data, "text/csv")},
        data={"jsonSettings": json.dumps({**SETTINGS, **settings})},
        headers={"Authorization": clerk.tokens[by]},
    )
    assert answer.status_code == 201
    return envelope(answer)["response"]


async def worked(clerk: Clerk) -> None:
    works = Works(clerk.db, {**exports.WORKERS, **dict.fromkeys(imports.KINDS, imports.worker())}, "here")
    while await works.is_due():
        await works.take()
        await asyncio.gather(*works._running.values())
    await works.stop()


async def test_a_workbook_is_looked_into_and_imported_like_a_table(clerk: Clerk) -> None:
    rows: list[list[Any]] = [["First", "Last"], ["Ada", "Lovelace"], ["Bo", 1815]]
    seen = await uploaded(clerk, workbook(rows), column_mapping={"firstName": [0], "lastName": [1]})
    found = json.loads(seen["data"])
    assert (found["headerColumns"], found["firstContactFields"]) == (["First", "Last"], ["Ada", "Lovelace"])
    said = {**SETTINGS, "column_mapping": {"firstName": [0], "lastName": [1]}}
    uri, settings = seen["fileURL"], json.dumps(said)
    await clerk.post("crm/contact/import/start", "mia", csvFileURI=uri, jsonSettings=settings)
    await worked(clerk)
    assert (await clerk.get("crm/contact/import/status", "mia"))["status"]["done"] == 2
    people = await clerk.get("crm/contact/filter", "mia")
    assert sorted(one["displayName"] for one in people) == ["Ada Lovelace", "Bo 1815"]


@pytest.mark.parametrize("data", [b"PK\x03\x04 and nothing", b"\xd0\xcf\x11\xe0 and more"])
async def test_what_is_no_workbook_is_refused_when_it_is_looked_into(clerk: Clerk, data: bytes) -> None:
    answer = await clerk.http.post(
        "crm/import/uploadfake",
        files={"file": ("people.xlsx", data)},
        headers={"Authorization": clerk.tokens["mia"]},
    )
    assert answer.status_code == 400


async def test_a_table_is_looked_into_started_and_asked_after(clerk: Clerk) -> None:
    seen = await uploaded(clerk)
    assert (seen["success"], seen["fileName"]) == (True, "people.csv")
    head = json.loads(seen["data"])
    assert head["headerColumns"][:2] == ["First", "Last"]
    assert (head["firstContactFields"][0], head["isMaxIndex"]) == ("Ada", False)
    uri, settings = seen["fileURL"], json.dumps(SETTINGS)
    row = json.loads(await clerk.get("crm/import/samplerow", "mia", csvFileURI=uri, indexRow=1, jsonSettings=settings))
    assert (row["data"][0], row["isMaxIndex"]) == ("Bad", True)
    assert await clerk.post("crm/contact/import/start", "mia", csvFileURI=uri, jsonSettings=settings) == ""
    before = await clerk.get("crm/contact/import/status", "mia")
    assert (before["isCompleted"], before["percentage"], before["error"]) == (False, 0, None)
    await worked(clerk)
    after = await clerk.get("crm/contact/import/status", "mia")
    assert (after["isCompleted"], after["percentage"], after["error"]) == (True, 100, None)
    assert after["status"] == {"state": "done", "total": 2, "done": 1, "failed": 1}
    assert [(one["row"], one["field"]) for one in after["problems"]] == [(3, "tag")]
    assert await clerk.get("crm/case/import/status", "mia") == {}
    assert await clerk.get("crm/contact/import/status", "noah") == {}
    people = {one["displayName"]: one for one in await clerk.get("crm/contact/filter", "mia")}
    assert set(people) == {"Ada Lovelace", "Engines"}
    ada = await clerk.get(f"crm/contact/{people['Ada Lovelace']['id']}", "mia")
    assert ada["company"]["displayName"] == "Engines"
    told = {(one["infoType"], one["category"], one["data"]) for one in ada["commonData"] if one["infoType"] < 2}
    assert told == {(1, 1, "ada@x.example"), (0, 0, "+44 1")}
    assert ada["addresses"][0]["city"] == "London"
    assert sorted(await clerk.get(f"crm/contact/tag/{ada['id']}", "mia")) == ["blue", "fair", "red"]


async def test_while_an_import_is_being_done_another_of_its_kind_is_not_begun(clerk: Clerk) -> None:
    uri, settings = (await uploaded(clerk))["fileURL"], json.dumps(SETTINGS)
    for _ in range(2):
        await clerk.post("crm/contact/import/start", "mia", csvFileURI=uri, jsonSettings=settings)
    await worked(clerk)
    assert len(await clerk.get("crm/contact/filter", "mia")) == 2


async def test_opportunities_tasks_and_cases_are_imported(clerk: Clerk) -> None:
    asked = {
        "opportunity": ('title,bid_amount,deal_milestone\nDesks,"1,200.50",\n', "crm/opportunity/filter"),
        "case": ("title\nKeys\n", "crm/case/filter"),
        "task": (f"title,due_date,responsible\nCall,3/4/2027,{clerk.cast.mia.email}\n", "crm/task/filter"),
    }
    for kind, (table, listing) in asked.items():
        mapping = {name: [place] for place, name in enumerate(table.partition("\n")[0].split(","))}
        settings = {**SETTINGS, "delimiter_character": 44, "column_mapping": mapping, "tags": []}
        uri = (await uploaded(clerk, table, **settings))["fileURL"]
        await clerk.post(f"crm/{kind}/import/start", "mia", csvFileURI=uri, jsonSettings=json.dumps(settings))
        await worked(clerk)
        [found] = await clerk.get(listing, "mia")
        assert found["title"] == table.splitlines()[1].split(",")[0]
    [deal] = await clerk.get("crm/opportunity/filter", "mia")
    assert deal["bidValue"] == 1200.5


@pytest.mark.parametrize(
    ("uri", "settings"),
    [
        ("", json.dumps(SETTINGS)),
        ("999999", json.dumps(SETTINGS)),
        ("no address", json.dumps(SETTINGS)),
        ("mine", ""),
        ("mine", json.dumps({**SETTINGS, "column_mapping": {"firstName": [0], "planet": [1]}})),
        ("mine", json.dumps({**SETTINGS, "column_mapping": {"firstName": ["x"]}})),
        ("mine", json.dumps({**SETTINGS, "column_mapping": None})),
        ("mine", json.dumps({**SETTINGS, "encoding": 4})),
        ("mine", json.dumps({**SETTINGS, "delimiter_character": 70000})),
        ("mine", json.dumps({**SETTINGS, "tags": [1]})),
        ("mine", json.dumps({**SETTINGS, "share_type": 9})),
        ("mine", json.dumps({**SETTINGS, "contact_managers": ["nobody"]})),
    ],
)
async def test_what_cannot_be_imported_is_refused(clerk: Clerk, uri: str, settings: str) -> None:
    if uri == "mine":
        uri = (await uploaded(clerk))["fileURL"]
    assert await clerk.no("POST", "crm/contact/import/start", "mia", csvFileURI=uri, jsonSettings=settings) == BAD


@pytest.mark.parametrize("settings", ["{", "[]", "1"])
async def test_settings_that_are_no_object_are_refused(clerk: Clerk, settings: str) -> None:
    status, _ = await clerk.no("POST", "crm/contact/import/start", "mia", csvFileURI="1", jsonSettings=settings)
    assert status == 400


async def test_somebody_elses_table_and_a_guests_wish_are_refused(clerk: Clerk) -> None:
    uri, settings = (await uploaded(clerk))["fileURL"], json.dumps(SETTINGS)
    asked = {"csvFileURI": uri, "jsonSettings": settings}
    assert await clerk.no("POST", "crm/contact/import/start", "noah", **asked) == BAD
    assert await clerk.no("POST", "crm/contact/import/start", "rita", **asked) == DENIED
    assert await clerk.no("GET", "crm/import/samplerow", "noah", **asked) == BAD
    assert await clerk.no("GET", "crm/import/samplerow", "mia", **asked, indexRow=-1) == BAD


async def test_an_upload_of_nothing_is_no_success(clerk: Clerk) -> None:
    assert (await clerk.post("crm/import/uploadfake", "mia"))["success"] is False


def test_settings_mean_what_the_vendors_page_means() -> None:
    said = {
        **{"has_header": False, "delimiter_character": 9, "quote_character": 39, "encoding": 1251},
        "column_mapping": {
            **{"firstName": [1], "contactInfo_Phone_Mobile": [2], "contactInfo_7_3_4": [3], "-1": [9]},
            **{"customField_12": [4], "Notes": 5, "6": "lastName", "contactStage": ["7"]},
        },
        "removing_duplicates_behavior": 2,
        "share_type": 0,
        "contact_managers": ["{4A515A15-D4D6-4B8E-828E-E0586F18F3A3}"],
        "private_info": {"is_private": True, "access_list": ["a"]},
    }
    order = order_of("contact", settings_of(json.dumps(said)))
    assert dict(order.columns) == {
        **{"first_name": (1,), "info.phone.2": (2,), "info.address.3.country": (3,), "custom.12": (4,)},
        **{"about": (5,), "last_name": (6,), "status": (7,)},
    }
    assert (order.dialect.encoding, order.dialect.delimiter, order.dialect.quote) == ("cp1251", "\t", "'")
    assert (order.duplicates, order.sharing) == (Duplicates.OVERWRITE, Share.NOBODY)
    assert order.managers == ("4a515a15-d4d6-4b8e-828e-e0586f18f3a3",)
    assert (order.private, order.shared_with, order.dialect.has_header) == (True, ("a",), False)


def test_without_a_word_about_them_records_are_shared_and_cloned() -> None:
    order = order_of("contact", settings_of('{"column_mapping": {"firstName": [0]}}'))
    assert (order.sharing, order.duplicates, order.dialect.encoding) == (Share.WRITE, Duplicates.CLONE, "utf-8")


def packed(*items: tuple[str, Mapping[str, Any]]) -> str:
    inner = [{"id": name, "params": base64.b64encode(json.dumps(params).encode()).decode()} for name, params in items]
    return base64.b64encode(";".join(map(json.dumps, inner)).encode()).decode()


async def told(clerk: Clerk, by: str, url: str) -> bytes:
    answer = await clerk.http.get(url, headers={"Authorization": clerk.tokens[by]})
    return answer.content if answer.status_code == 200 else b""


async def exported(clerk: Clerk, kind: str, text: str, by: str = "mia") -> list[str]:
    started = await clerk.post(f"crm/export/partial/{kind}/start", by, base64FilterString=text)
    assert (started["isCompleted"], started["fileUrl"]) == (False, None)
    await worked(clerk)
    done = await clerk.get("crm/export/partial/status", by)
    assert (done["isCompleted"], done["percentage"], done["error"]) == (True, 100, None)
    assert done["fileName"].endswith(".csv")
    rows = csv.DictReader(io.StringIO((await told(clerk, by, done["fileUrl"])).decode("utf-8-sig")))
    return [row.get("Title") or row["Company"] for row in rows]


async def test_what_matches_is_exported_with_an_address_to_fetch_it(clerk: Clerk) -> None:
    for title in ("Red desks", "Blue desks"):
        await clerk.deal("mia", title=title)
    await clerk.deal("noah", title="Red hidden", shared_with=["noah"])
    sorter = ("sorter", {"id": "title", "sortOrder": "ascending"})
    assert await exported(clerk, "opportunity", packed(sorter, ("text", {"value": "red"}))) == ["Red desks"]
    assert sorted(await exported(clerk, "opportunity", packed(sorter))) == ["Blue desks", "Red desks"]
    own = base64.b64encode(b'{"filterValue": "blue"}').decode()
    assert await exported(clerk, "opportunity", own) == ["Blue desks"]
    nothing = packed(("text", {"value": "..."}))
    assert await exported(clerk, "opportunity", nothing) == []


async def test_members_of_the_pages_filter_narrow_the_export(clerk: Clerk) -> None:
    for title, closed in (("Open", False), ("Shut", True)):
        case = await clerk.post("crm/case", "mia", title=title)
        if closed:
            await clerk.put(f"crm/case/{case['id']}/close", "mia")
    assert await exported(clerk, "case", packed(("closed", {"value": True}))) == ["Shut"]
    assert await exported(clerk, "case", packed(("opened", {"value": False}))) == ["Open"]
    await clerk.deal("mia", title="Mine", responsible=clerk.cast.mia.uid)
    await clerk.deal("mia", title="His", responsible=clerk.cast.noah.uid)
    by_noah = packed(("responsibleID", {"value": clerk.cast.noah.uid}))
    assert await exported(clerk, "opportunity", by_noah) == ["His"]
    company = await clerk.company()
    assert await exported(clerk, "contact", packed(("company", {"value": "company"}))) == [company["companyName"]]
    assert await exported(clerk, "contact", packed(("person", {"value": "person"}))) == []


@pytest.mark.parametrize(
    "text", ["", "%%%", "e30", base64.b64encode(b"{]").decode(), base64.b64encode(b"\xff").decode()]
)
async def test_a_filter_that_cannot_be_read_is_refused(clerk: Clerk, text: str) -> None:
    status, _ = await clerk.no("POST", "crm/export/partial/contact/start", "mia", base64FilterString=text)
    assert status == 400


async def test_everything_is_for_administrators_and_comes_as_an_archive(clerk: Clerk) -> None:
    assert await clerk.get("crm/export/status", "carl") == {}
    assert (await clerk.post("crm/export/start", "carl"))["isCompleted"] is False
    await worked(clerk)
    done = await clerk.get("crm/export/status", "carl")
    data = await told(clerk, "carl", done["fileUrl"])
    assert "Contacts.csv" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert await told(clerk, "mia", done["fileUrl"]) == b""
    for verb, path in (("POST", "start"), ("GET", "status"), ("PUT", "cancel")):
        assert await clerk.no(verb, f"crm/export/{path}", "mia") == DENIED


async def test_an_export_is_cancelled(clerk: Clerk) -> None:
    assert await clerk.put("crm/export/partial/cancel", "mia") == {}
    await clerk.post("crm/export/partial/contact/start", "mia", base64FilterString=packed(("text", {"value": ""})))
    await clerk.put("crm/export/partial/cancel", "mia")
    await worked(clerk)
    done = await clerk.get("crm/export/partial/status", "mia")
    assert (done["isCompleted"], done["status"]["state"], done["fileUrl"]) == (True, "cancelled", None)
