"""Import files: a table at an address becomes contacts and opportunities, row by row, and is marked when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from dealwright.actions import contacts, custom_fields, imports, work
from dealwright.actions.work_runs import Works
from dealwright.config import Settings
from dealwright.dialects.nexudus.face import face
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.work import RowProblem, State, Work
from dealwright.storage.query import Page
from tests.dialects.nexudus.counter import Counter, Json
from tests.support.sheets import workbook
from tests.support.shelf import shelf

HEAD = (
    "Name,CoworkerFullName,CoworkerEmail,CrmBoardColumnName,Value,ResponsibleEmail,DueDate,Notes,LeadSource,UtmSource"
)
TABLE = """{head}
Ten desks,Ann Lee,ann@example.com,{stage},"1,200.50",mia@example.com,2031-05-01 09:30,Soon,Referral,news
,Bob Ray,bob@example.com,,,,,,5,
Two desks,Ann Lee,ANN@example.com,{stage},75,,,,,
"""


@pytest.fixture
async def counter(counter: Counter) -> AsyncIterator[Counter]:
    """A counter that fetches from this machine too."""
    transport = httpx.ASGITransport(face(counter.db, Settings(fetch_private=True)))
    async with httpx.AsyncClient(transport=transport, base_url=counter.http.base_url) as http:
        yield replace(counter, http=http)


async def handed_over(counter: Counter, table: str | bytes, name: str = "olga", **members: Any) -> Json:
    """Hand over a table by its address."""
    content = table if isinstance(table, bytes) else table.encode()
    async with shelf(leads=content) as address:
        said = {"BusinessId": counter.location, "Name": "Leads", "NewFileDataUrl": f"{address}/leads", **members}
        return await counter.post("CrmOpportunityImportFile", name, **said)


async def run(counter: Counter) -> Work:
    """Do the newest work and return it as it is then."""
    olga = counter.cast.olga
    [found] = await work.list_for(counter.db, olga, most=1)
    works = Works(counter.db, dict.fromkeys(imports.KINDS, imports.worker()), "here")
    async with asyncio.timeout(30):
        while not (found := await work.status(counter.db, olga, found.id)).is_finished:
            if await works.is_due():
                await works.take()
            await asyncio.sleep(0.01)
    await works.stop()
    return found


async def problems(counter: Counter, done: Work) -> list[RowProblem]:
    return await work.problems(counter.db, counter.cast.olga, done.id, Page(0, 100))


async def test_a_table_becomes_contacts_and_opportunities(counter: Counter) -> None:
    stage = counter.db.rules.stages[counter.stage(2)]
    made = await handed_over(counter, TABLE.format(head=HEAD, stage=stage.title.upper()))
    assert (made["FileDataFileName"], made["Imported"]) == ("leads", False)
    done = await run(counter)
    assert (done.state, done.done, done.failed) == (State.DONE, 3, 0), await problems(counter, done)
    assert (await counter.get("CrmOpportunityImportFile", made["Id"]))["Imported"] is True
    ten, bobs, two = sorted(await counter.rows("CrmOpportunity"), key=lambda row: row["Id"])
    assert (ten["Name"], ten["Value"], ten["Notes"]) == ("Ten desks", 1200.5, "Soon")
    assert (ten["ResponsibleId"], ten["DueDate"]) == (counter.cast.ids["mia"], "2031-05-01T09:30:00Z")
    assert (ten["LeadSource"], ten["UtmSource"], ten["CrmBoardColumnId"]) == (5, "news", stage.id)
    assert (bobs["CrmBoardColumnId"], bobs["LeadSource"], bobs["CoworkerFullName"]) == (counter.stage(0), 5, "Bob Ray")
    assert ten["CoworkerId"] == two["CoworkerId"]
    assert {row["Email"] for row in await counter.rows("Coworker")} == {"ann@example.com", "bob@example.com"}
    assert ten["Position"] < two["Position"]


async def test_a_workbook_becomes_contacts_and_opportunities(counter: Counter) -> None:
    rows: list[list[Any]] = [
        ["CoworkerEmail", "Name", "Value", "DueDate"],
        ["a@example.com", "Desks", 75.5, date(2031, 5, 1)],
    ]
    made = await handed_over(counter, workbook([[], *rows]))
    done = await run(counter)
    assert (done.state, done.error) == (State.FAILED, "columns: must tell contact_email or contact_name")
    made = await handed_over(counter, workbook(rows, [["Second", "sheet"]]))
    done = await run(counter)
    assert (done.state, done.done) == (State.DONE, 1), done.error
    assert (await counter.get("CrmOpportunityImportFile", made["Id"]))["Imported"] is True
    [deal] = await counter.rows("CrmOpportunity")
    assert (deal["Name"], deal["Value"], deal["DueDate"]) == ("Desks", 75.5, "2031-05-01T00:00:00Z")


async def test_a_contact_that_is_known_by_its_e_mail_is_meant_and_stays_as_it_is(counter: Counter) -> None:
    email = ContactInfo(kind=Info.EMAIL, data="ann@example.com", is_primary=True)
    known = await contacts.create(
        counter.db, counter.cast.mia, ContactChange(first_name="Anna", infos={Info.EMAIL: [email]})
    )
    await handed_over(counter, "CoworkerEmail;CoworkerFullName;Value\nann@example.com;Other Name;12,5\n")
    await run(counter)
    [deal] = await counter.rows("CrmOpportunity")
    assert (deal["CoworkerId"], deal["CoworkerFullName"], deal["Value"]) == (known.contact.id, "Anna", 12.5)


async def test_a_row_that_cannot_be_is_reported_and_the_others_come(counter: Counter) -> None:
    rows = ["Email,FullName,Board,Column,Value,Status,Responsible", "a@example.com,Ann,,nowhere,1,,"]
    rows += ["b@example.com,Bob,Nothing,,1,,", "c@example.com,Cyd,,,much,,", "d@example.com,Dan,,,1,maybe,nobody"]
    rows += [",,,,5,,", "e@example.com,Eve,,,7,Won,"]
    await handed_over(counter, "\n".join(rows))
    done = await run(counter)
    found = {(one.row, one.field, one.code) for one in await problems(counter, done)}
    assert found == {
        *((2, "stage", "unknown"), (3, "pipeline", "unknown"), (4, "amount", "format"), (5, "outcome", "unknown")),
        *((5, "responsible", "unknown"), (6, "contact_email", "required")),
    }
    assert (done.done, done.failed) == (1, 5)
    [deal] = await counter.rows("CrmOpportunity")
    assert (deal["CoworkerFullName"], deal["Value"], deal["Status"]) == ("Eve", 7.0, 2)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("Colour,Size\nred,5\n", "must tell contact_email or contact_name"),
        ("CoworkerEmail\n", "has no rows"),
        (b"PK\x03\x04rest", "is no workbook (.xlsx) that can be read"),
        (b"\xd0\xcf\x11\xe0rest", "of the old form"),
    ],
)
async def test_what_is_no_table_of_leads_ends_its_work_and_is_not_imported(
    counter: Counter, table: str | bytes, message: str
) -> None:
    made = await handed_over(counter, table)
    done = await run(counter)
    assert done.state is State.FAILED
    assert message in str(done.error)
    assert (await counter.get("CrmOpportunityImportFile", made["Id"]))["Imported"] is False


async def test_another_table_is_imported_when_it_comes_and_not_twice(counter: Counter) -> None:
    made = await handed_over(counter, "CoworkerEmail\nann@example.com\n")
    await run(counter)
    record = await counter.get("CrmOpportunityImportFile", made["Id"])
    await counter.put("CrmOpportunityImportFile", {**record, "Name": "Other"})
    assert len(await work.list_for(counter.db, counter.cast.olga)) == 1
    async with shelf(more=b"CoworkerEmail\nbob@example.com\n") as address:
        body = {**record, "NewFileDataUrl": f"{address}/more", "Imported": False}
        await counter.put("CrmOpportunityImportFile", body)
    await run(counter)
    emails = {row["CoworkerEmail"] for row in await counter.rows("CrmOpportunity")}
    assert emails == {"ann@example.com", "bob@example.com"}
    assert (await counter.get("CrmOpportunityImportFile", made["Id"]))["Imported"] is True


async def test_a_table_that_is_said_to_be_imported_is_only_kept(counter: Counter) -> None:
    await handed_over(counter, "CoworkerEmail\nann@example.com\n", Imported=True)
    assert await work.list_for(counter.db, counter.cast.olga) == []


async def test_old_encodings_tabs_and_custom_fields_are_understood(counter: Counter) -> None:
    change = FieldChange(subject="opportunity", label="Floor", type=FieldType.TEXT)
    field = await custom_fields.create(counter.db, counter.cast.olga, change)
    await handed_over(counter, "CoworkerEmail\tCoworkerFullName\tfloor\na@example.com\tJörg\tthird\n".encode("cp1252"))
    await run(counter)
    [row] = await counter.rows("CrmOpportunity")
    deal = await counter.get("CrmOpportunity", row["Id"])
    assert deal["CoworkerFullName"] == "Jörg"
    assert [(one["Name"], one["Value"]) for one in deal["CustomFields"]["Data"]] == [(field.label, "third")]


async def test_who_may_make_no_opportunities_begins_no_import(counter: Counter) -> None:
    said = {"BusinessId": counter.location, "Name": "Leads", "NewFileDataUrl": "http://127.0.0.1:1/leads"}
    reply = await counter.send("rita", "POST", "/api/crm/crmopportunityimportfiles", json=said)
    assert reply.status_code == 401


async def test_a_large_table_goes_through_in_chunks(counter: Counter) -> None:
    rows = [f"Deal {place},p{place % 700}@example.com,{place}" for place in range(2500)]
    await handed_over(counter, "\n".join(["Name,CoworkerEmail,Value", *rows]))
    done = await run(counter)
    assert (done.state, done.done, done.failed) == (State.DONE, 2500, 0)
    reply = await counter.send("olga", "GET", "/api/crm/crmopportunities", params={"size": 1})
    assert reply.json()["TotalItems"] == 2500
    people = await counter.send("olga", "GET", "/api/spaces/coworkers", params={"size": 1})
    assert people.json()["TotalItems"] == 700
    assert Decimal(str((await counter.rows("CrmBoardColumn"))[0]["OpportunitiesValue"])) == sum(range(2500))
