"""What contacts are linked to, and the short ways to find and make them (contacts-tasks-cases §1 and §2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.actions import contacts, tasks
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.task import TaskChange
from dealwright.domain.values import EPOCH
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def test_a_person_joins_and_leaves_a_company(clerk: Clerk) -> None:
    company, person = (await clerk.company())["id"], (await clerk.person())["id"]
    path = f"crm/contact/company/{company}/person"
    assert (await clerk.post(path, by="mia", personid=person))["company"]["id"] == company
    assert ids(await clerk.get(path, by="mia")) == [person]
    assert "company" not in await clerk.delete(path, by="mia", personid=person)
    assert await clerk.get(path) == []
    assert await clerk.no("DELETE", path, personid=person) == (404, NOT_FOUND)


async def test_a_company_takes_in_neither_companies_nor_the_unknown_nor_the_foreign(clerk: Clerk) -> None:
    company = (await clerk.company())["id"]
    path = f"crm/contact/company/{company}/person"
    foreign = (await clerk.person(shareType="Read", managerList=[clerk.cast.olga.uid]))["id"]
    assert await clerk.no("POST", path, personid=(await clerk.company())["id"]) == (404, NOT_FOUND)
    assert await clerk.no("POST", path, personid=UNKNOWN) == (404, NOT_FOUND)
    assert await clerk.no("POST", path, by="mia", personid=foreign) == (403, ACCESS_DENIED)
    assert await clerk.no("POST", path) == (400, BAD_ARGUMENT)
    for ident, no in ((0, (400, BAD_ARGUMENT)), (UNKNOWN, (404, NOT_FOUND)), (foreign, (404, NOT_FOUND))):
        assert await clerk.no("GET", f"crm/contact/company/{ident}/person") == no


async def test_access_makes_a_contact_private_and_shared_again(clerk: Clerk) -> None:
    company = (await clerk.company())["id"]
    path, mia = f"crm/contact/{company}/access", clerk.cast.mia.uid
    assert await clerk.get(path, by="noah") == []
    shown = await clerk.put(path, isShared=False, managerList=[mia])
    assert (shown["isPrivate"], [person["id"] for person in shown["accessList"]]) == (True, [mia])
    assert [person["id"] for person in await clerk.get(path, by="mia")] == [mia]
    for verb in ("GET", "PUT"):
        assert await clerk.no(verb, path, by="noah") == (403, ACCESS_DENIED)
        assert await clerk.no(verb, f"crm/contact/{UNKNOWN}/access", by="noah") == (404, NOT_FOUND)
    assert (await clerk.put(path, by="mia", isShared=True))["shareType"] == 1
    assert clerk.cast.mia.uid not in (await contacts.get(clerk.db, clerk.cast.olga, company)).managers


async def test_access_is_set_for_several_contacts_up_to_the_first_that_is_refused(clerk: Clerk) -> None:
    first, last = (await clerk.company())["id"], (await clerk.company())["id"]
    said: dict[str, Any] = {"isShared": False, "managerList": [clerk.cast.mia.uid]}
    assert ids(await clerk.put("crm/contact/access", contactid=[first], **said)) == [first]
    no = await clerk.no("PUT", "crm/contact/access", contactid=[first, UNKNOWN, last], **said)
    assert no == (404, NOT_FOUND)
    assert (await clerk.get(f"crm/contact/{last}"))["isShared"] is True


async def test_a_status_is_set_and_cleared(clerk: Clerk) -> None:
    company, cold = (await clerk.company())["id"], clerk.db.rules.items_of("contact_status")[0]
    path = f"crm/contact/{company}/status"
    shown = (await clerk.put(path, by="mia", contactStatusid=cold.id))["contactStatus"]
    assert shown == {"id": cold.id, "title": "Cold", "description": "", "color": "#8a98d8", "sortOrder": 1}
    assert "contactStatus" not in await clerk.put(path, contactStatusid=0)
    client = clerk.db.rules.items_of("contact_type")[0].id
    assert await clerk.no("PUT", path, contactStatusid=-1) == (400, BAD_ARGUMENT)
    assert await clerk.no("PUT", path, contactStatusid=client) == (404, NOT_FOUND)
    assert await clerk.no("PUT", f"crm/contact/{UNKNOWN}/status", contactStatusid=0) == (404, NOT_FOUND)


async def test_a_status_is_set_for_a_company_and_its_people_together(clerk: Clerk) -> None:
    company, cold = (await clerk.company())["id"], clerk.db.rules.items_of("contact_status")[0].id
    people = [(await clerk.person(companyId=company))["id"] for _ in range(2)]
    await clerk.put(f"crm/contact/person/{people[0]}/status", contactStatusid=cold)
    shown = [await clerk.get(f"crm/contact/{one}") for one in (company, *people)]
    assert [contact["contactStatus"]["id"] for contact in shown] == [cold] * 3
    await clerk.put(f"crm/contact/company/{company}/status", contactStatusid=0)
    assert "contactStatus" not in await clerk.get(f"crm/contact/{people[1]}")
    wrong = await clerk.no("PUT", f"crm/contact/company/{people[0]}/status", contactStatusid=0)
    assert wrong == (500, "Contact is not a company")
    wrong = await clerk.no("PUT", f"crm/contact/person/{company}/status", contactStatusid=0)
    assert wrong == (500, "Contact is not a person")


async def test_the_dates_of_a_contact_are_set(clerk: Clerk) -> None:
    path = f"crm/contact/{(await clerk.company())['id']}"
    assert await clerk.put(f"{path}/creationdate", creationDate="2020-02-03T04:05:06Z") == {}
    assert await clerk.put(f"{path}/lastmodifeddate", lastModifedDate="2020-02-03T04:05:06Z") == {}
    assert (await clerk.get(path))["created"] == "2020-02-03T04:05:06.0000000Z"
    assert await clerk.no("PUT", f"crm/contact/{UNKNOWN}/creationdate") == (404, NOT_FOUND)


async def test_the_simple_list_puts_each_contact_beside_its_next_task(clerk: Clerk) -> None:
    busy, idle = [(await clerk.company(companyName=name))["id"] for name in ("Busy", "Idle")]
    await clerk.post(f"crm/contact/{busy}/tag", tagName="vip")
    for title, day in (("Never", None), ("Later", 9), ("Next", 3)):
        deadline = None if day is None else EPOCH.replace(year=2031, day=day)
        change = TaskChange(title=title, contact_id=busy, deadline=deadline)
        await tasks.create(clerk.db, clerk.cast.mia, change)
    body = envelope(await clerk.ask("mia", "GET", "crm/contact/simple/filter"))
    assert [row["contact"]["id"] for row in body["response"]] == [busy, idle]
    assert body["total"] == 2
    first, second = body["response"]
    assert (first["task"]["title"], first["task"]["canEdit"]) == ("Next", True)
    assert not {"createBy", "created", "contact"} & set(first["task"])
    assert "tags" not in first["contact"]
    assert "task" not in second


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (-1, ["Alpha Ltd", "Ann Alpha", "Bob Alpha"]),
        (0, ["Alpha Ltd"]),
        (1, ["Ann Alpha", "Bob Alpha"]),
        (2, ["Bob Alpha"]),
        (3, ["Alpha Ltd", "Bob Alpha"]),
    ],
)
async def test_contacts_are_found_by_the_beginning_of_a_name(clerk: Clerk, kind: int, names: list[str]) -> None:
    company = (await clerk.company(companyName="Alpha Ltd"))["id"]
    await clerk.person(firstName="Ann", lastName="Alpha", companyId=company)
    await clerk.person(firstName="Bob", lastName="Alpha")
    await clerk.company(companyName="Beta")
    rows = await clerk.get("crm/contact/byprefix", prefix="alph", searchType=kind)
    assert [row["displayName"] for row in rows] == names


async def test_the_participants_of_a_deal_are_found_by_a_part_of_their_name(clerk: Clerk) -> None:
    members = [(await clerk.company(companyName=name))["id"] for name in ("Alpha", "Ralph")]
    phone = {Info.PHONE: [ContactInfo(kind=Info.PHONE, data="1", is_primary=True)]}
    await contacts.change(clerk.db, clerk.cast.olga, members[1], ContactChange(infos=phone))
    await clerk.company(companyName="alphabet")
    deal = await clerk.deal(by="mia", members=members, shared_with=["mia"])
    said = {"prefix": "alp", "searchType": -1, "entityType": "Opportunity", "entityID": deal}
    body = envelope(await clerk.ask("mia", "GET", "crm/contact/byprefix", **said))
    assert (ids(body["response"]), body["total"]) == ([members[1]], 1)
    assert body["response"][0]["phone"]["data"] == "1"
    assert await clerk.no("GET", "crm/contact/byprefix", by="noah", **said) == (404, NOT_FOUND)
    for unknown in (-2, 4):
        no = await clerk.no("GET", "crm/contact/byprefix", prefix="a", searchType=unknown)
        assert no == (400, BAD_ARGUMENT)


async def test_contacts_made_quickly_are_their_makers_own(clerk: Clerk) -> None:
    names = [{"key": "Ann", "value": "Lee"}, {"key": "Bob", "value": ""}]
    people = await clerk.post("crm/contact/person/quick", by="mia", data=names)
    companies = await clerk.post("crm/contact/company/quick", by="mia", companyName=["Alpha", "", "Beta"])
    assert [contact["displayName"] for contact in people + companies] == ["Ann Lee", "Alpha", "Beta"]
    assert await clerk.no("GET", f"crm/contact/{people[0]['id']}", by="noah") == (404, NOT_FOUND)
    nothing: Any = await clerk.post("crm/contact/company/quick", by="mia")
    assert nothing == {}
