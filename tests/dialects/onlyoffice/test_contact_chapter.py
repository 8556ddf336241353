"""Persons and companies over the wire (contacts-tasks-cases §1 and §2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealwright.actions import contacts, tasks
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.task import TaskChange
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids

COMPANY = "crm/contact/company"
PERSON = "crm/contact/person"
FILTER = "crm/contact/filter"


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def found(clerk: Clerk, by: str = "olga", **said: Any) -> list[str]:
    """The display names of the contacts that match, in the order of their names."""
    rows = await clerk.get(FILTER, by, sortBy="displayName", **said)
    return [row["displayName"] for row in rows]


async def known(clerk: Clerk, contact_id: int) -> None:
    """Make two phones, an e-mail and an address known of a contact, in this order."""
    pieces = [
        ContactInfo(kind=Info.PHONE, data="1", category=1, is_primary=True),
        ContactInfo(kind=Info.PHONE, data="2", category=3),
        ContactInfo(kind=Info.EMAIL, data="ann@example.com", is_primary=True),
        ContactInfo(kind=Info.ADDRESS, data='{"street":"Main 1","city":"Riga"}', category=1, is_primary=True),
    ]
    for kind in (Info.PHONE, Info.EMAIL, Info.ADDRESS):
        change = ContactChange(infos={kind: [one for one in pieces if one.kind is kind]})
        await contacts.change(clerk.db, clerk.cast.olga, contact_id, change)


async def test_a_new_company_comes_back_with_all_its_members(clerk: Clerk) -> None:
    made = await clerk.company(by="mia", about="Words")
    assert {name: made[name] for name in made if name not in ("createBy", "created", "id")} == {
        "companyName": "Desk & Co",
        "addresses": [],
        "about": "Words",
        "industry": "",
        "commonData": [],
        "customFields": [],
        "haveLateTasks": False,
        "smallFotoUrl": _photo(made["id"], 1),
        "mediumFotoUrl": _photo(made["id"], 2),
        "displayName": "Desk & Co",
        "isCompany": True,
        "isPrivate": False,
        "isShared": True,
        "shareType": 1,
        "currency": None,
        "canEdit": True,
        "canDelete": True,
    }
    assert made["createBy"]["id"] == clerk.cast.mia.uid
    assert await clerk.get(f"crm/contact/{made['id']}", by="mia") == made


def _photo(ident: int, size: int) -> str:
    handler = "http://crm.example.com/Products/CRM/HttpHandlers/filehandler.ashx?action=contactphotoulr"
    return f"{handler}&cid={ident}&isc=True&ps={size}"


async def test_a_new_person_shows_the_company(clerk: Clerk) -> None:
    company = await clerk.company()
    made = await clerk.person(jobTitle="Pilot", companyId=company["id"])
    assert (made["firstName"], made["lastName"], made["title"]) == ("Ann", "Lee", "Pilot")
    assert (made["displayName"], made["isCompany"]) == ("Ann Lee", False)
    assert made["company"]["id"] == company["id"]
    assert (await clerk.get(f"crm/contact/{company['id']}"))["personsCount"] == 1


async def test_what_is_known_of_a_contact_is_told_newest_first(clerk: Clerk) -> None:
    ident = (await clerk.person())["id"]
    await known(clerk, ident)
    shown = await clerk.get(f"crm/contact/{ident}")
    said = [(info["infoType"], info["category"], info["categoryName"], info["data"]) for info in shown["commonData"]]
    assert said == [(1, 0, "Home", "ann@example.com"), (0, 3, "Fax", "2"), (0, 1, "Work", "1")]
    assert [info["isPrimary"] for info in shown["commonData"]] == [True, False, True]
    address = {"street": "Main 1", "city": "Riga", "category": 1, "categoryName": "Delivery", "isPrimary": True}
    assert shown["addresses"] == [address]


async def test_tags_and_addresses_are_told_in_lists_where_there_are_any(clerk: Clerk) -> None:
    ident = (await clerk.person())["id"]
    (row,) = await clerk.get(FILTER)
    assert not {"tags", "addresses"} & set(row)
    await known(clerk, ident)
    await clerk.post(f"crm/contact/{ident}/tag", tagName="vip")
    (row,) = await clerk.get(FILTER)
    assert (row["tags"], len(row["addresses"])) == (["vip"], 1)
    assert "tags" not in await clerk.get(f"crm/contact/{ident}")


async def test_a_contact_tells_of_its_open_tasks(clerk: Clerk) -> None:
    ident = (await clerk.company())["id"]
    late = TaskChange(title="Call", contact_id=ident, deadline=datetime.now(UTC) - timedelta(days=1))
    call = (await tasks.create(clerk.db, clerk.cast.mia, late)).task.id
    await tasks.create(clerk.db, clerk.cast.mia, TaskChange(title="Write", contact_id=ident))
    shown = await clerk.get(f"crm/contact/{ident}")
    assert (shown["taskCount"], shown["haveLateTasks"]) == (2, True)
    await tasks.change(clerk.db, clerk.cast.mia, call, TaskChange(closed=True))
    (row,) = await clerk.get(FILTER)
    assert (row["taskCount"], row["haveLateTasks"]) == (1, False)


@pytest.mark.parametrize(
    ("given", "number"), [("ReadWrite", 1), ("read", 2), ("None", 0), (1, 1), (2, 2), (0, 0), (None, 0)]
)
async def test_the_share_type_is_a_name_or_a_number(clerk: Clerk, given: object, number: int) -> None:
    shown = await clerk.company(by="mia", shareType=given)
    assert (shown["shareType"], shown["isShared"], shown["isPrivate"]) == (number, number > 0, number == 0)
    managers = [person["id"] for person in shown.get("accessList", [])]
    assert managers == ([clerk.cast.mia.uid] if number == 0 else [])


async def test_a_hidden_contact_is_seen_by_its_managers_alone(clerk: Clerk) -> None:
    ident = (await clerk.company(shareType="None", managerList=[clerk.cast.mia.uid]))["id"]
    shown = await clerk.get(f"crm/contact/{ident}", by="mia")
    assert (shown["canEdit"], [person["id"] for person in shown["accessList"]]) == (True, [clerk.cast.mia.uid])
    for verb in ("GET", "DELETE"):
        assert await clerk.no(verb, f"crm/contact/{ident}", by="noah") == (404, NOT_FOUND)
    assert await found(clerk, by="noah") == []


async def test_a_contact_that_is_only_read_is_not_changed_by_others(clerk: Clerk) -> None:
    ident = (await clerk.company(shareType="Read", managerList=[clerk.cast.mia.uid]))["id"]
    shown = await clerk.get(f"crm/contact/{ident}", by="noah")
    assert (shown["canEdit"], shown["canDelete"]) == (False, False)
    assert await clerk.no("DELETE", f"crm/contact/{ident}", by="noah") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{COMPANY}/{ident}", by="noah", companyName="X") == (403, ACCESS_DENIED)


@pytest.mark.parametrize(
    ("path", "said", "no"),
    [
        (PERSON, {"firstName": "", "lastName": "Lee"}, 400),
        (PERSON, {"lastName": "Lee"}, 500),
        (PERSON, {"firstName": "Ann"}, 500),
        (PERSON, {"firstName": "Ann", "lastName": "", "companyId": UNKNOWN}, 404),
        (PERSON, {"firstName": "Ann", "lastName": "", "shareType": 3}, 400),
        (PERSON, {"firstName": "Ann", "lastName": "", "shareType": "Some"}, 400),
        (COMPANY, {"companyName": ""}, 400),
        (COMPANY, {}, 400),
    ],
    ids=str,
)
async def test_a_contact_with_something_wrong_is_refused(
    clerk: Clerk, path: str, said: dict[str, Any], no: int
) -> None:
    assert (await clerk.no("POST", path, **said))[0] == no


async def test_a_person_is_not_taken_into_a_company_out_of_sight(clerk: Clerk) -> None:
    company = (await clerk.company(shareType="None"))["id"]
    said = {"firstName": "Ann", "lastName": "Lee", "companyId": company}
    assert await clerk.no("POST", PERSON, by="mia", **said) == (404, NOT_FOUND)


async def test_a_new_company_takes_in_the_people_that_may_be_changed(clerk: Clerk) -> None:
    ann = await clerk.person()
    bob = await clerk.person(firstName="Bob", shareType="Read", managerList=[clerk.cast.olga.uid])
    company = await clerk.company(by="mia", personList=[ann["id"], bob["id"], UNKNOWN])
    assert company["personsCount"] == 1
    assert (await clerk.get(f"crm/contact/{ann['id']}"))["company"]["id"] == company["id"]
    assert "company" not in await clerk.get(f"crm/contact/{bob['id']}")


async def test_custom_values_are_kept_as_they_are_sent(clerk: Clerk) -> None:
    said: dict[str, Any] = {"label": "Since", "fieldType": 5, "mask": ""}
    fields = [(await clerk.post(f"crm/{kind}/customfield", **said))["id"] for kind in ("contact", "person", "company")]
    values = [{"key": field, "value": " who knows "} for field in (*fields, UNKNOWN)] + [
        {"key": fields[0], "value": ""}
    ]
    shown = await clerk.person(customFieldList=values)
    assert [(field["id"], field["fieldValue"]) for field in shown["customFields"]] == [
        (fields[0], "who knows"),
        (fields[1], "who knows"),
    ]


async def test_a_company_is_replaced(clerk: Clerk) -> None:
    managers = [clerk.cast.mia.uid]
    company = await clerk.company(about="Old", managerList=managers, shareType="Read")
    status = next(item.id for item in clerk.db.rules.items_of("contact_status"))
    old = ContactChange(status_id=status, industry="Steel", currency="EUR")
    await contacts.change(clerk.db, clerk.cast.olga, company["id"], old)
    changed = await clerk.put(f"{COMPANY}/{company['id']}", by="mia", companyName="Steel & Co")
    assert (changed["displayName"], changed["about"], changed["industry"]) == ("Steel & Co", "", "")
    assert (changed["currency"], changed["shareType"]) == (None, 0)
    assert "contactStatus" not in changed
    assert [person["id"] for person in changed["accessList"]] == managers


async def test_a_person_is_replaced(clerk: Clerk) -> None:
    company = await clerk.company()
    person = await clerk.person(jobTitle="Pilot", companyId=company["id"])
    changed = await clerk.put(f"{PERSON}/{person['id']}", firstName="Eve", lastName="Fox", shareType=1)
    assert changed["displayName"] == "Eve Fox"
    assert not {"title", "company"} & set(changed)


@pytest.mark.parametrize(
    ("kind", "said", "no"),
    [
        ("person", {"firstName": "Eve", "lastName": ""}, 400),
        ("person", {"lastName": "Fox"}, 400),
        ("company", {"companyName": " "}, 400),
        ("company", {}, 500),
    ],
    ids=str,
)
async def test_replacing_a_contact_without_a_name_is_refused(
    clerk: Clerk, kind: str, said: dict[str, Any], no: int
) -> None:
    made = await (clerk.person() if kind == "person" else clerk.company())
    assert (await clerk.no("PUT", f"crm/contact/{kind}/{made['id']}", **said))[0] == no


async def test_replacing_what_is_not_there_is_a_bad_argument_and_what_is_hidden_is_denied(clerk: Clerk) -> None:
    hidden = (await clerk.company(shareType="None"))["id"]
    for ident in (0, UNKNOWN, (await clerk.person())["id"]):
        assert await clerk.no("PUT", f"{COMPANY}/{ident}", by="mia", companyName="X") == (400, BAD_ARGUMENT)
    assert await clerk.no("PUT", f"{COMPANY}/{hidden}", by="mia", companyName="X") == (403, ACCESS_DENIED)


@pytest.mark.parametrize(("ident", "no"), [(0, (400, BAD_ARGUMENT)), (UNKNOWN, (404, NOT_FOUND))])
async def test_a_contact_that_is_not_there_is_refused(clerk: Clerk, ident: int, no: tuple[int, str]) -> None:
    for verb in ("GET", "DELETE"):
        assert await clerk.no(verb, f"crm/contact/{ident}") == no


async def test_a_deleted_contact_is_answered_and_its_deals_let_go_of_it(clerk: Clerk) -> None:
    company = await clerk.company()
    deal = await clerk.deal(contact_id=company["id"], members=[company["id"]])
    assert await clerk.delete(f"crm/contact/{company['id']}", by="mia") == company
    assert await clerk.no("GET", f"crm/contact/{company['id']}") == (404, NOT_FOUND)
    left = await clerk.get(f"crm/opportunity/{deal}")
    assert ("contact" in left, left["members"]) == (False, [])


async def test_a_put_on_all_contacts_deletes_those_that_are_ones_own(clerk: Clerk) -> None:
    mine, foreign = await clerk.company(), await clerk.company(shareType="Read", managerList=[clerk.cast.olga.uid])
    gone = await clerk.put("crm/contact", by="mia", contactids=[mine["id"], foreign["id"], UNKNOWN])
    assert ids(gone) == [mine["id"]]
    assert "addresses" not in gone[0]
    assert await clerk.no("PUT", "crm/contact", by="mia") == (400, BAD_ARGUMENT)


async def test_the_newest_contacts_come_first_unless_told(clerk: Clerk) -> None:
    made = [(await clerk.company(companyName=name))["id"] for name in ("Beta", "alpha", "Gamma")]
    assert ids(await clerk.get(FILTER)) == made[::-1]
    assert ids(await clerk.get(FILTER, sortBy="created")) == made
    assert await found(clerk) == ["alpha", "Beta", "Gamma"]
    assert await found(clerk, sortOrder="descending") == ["Gamma", "Beta", "alpha"]
    assert ids(await clerk.get(FILTER, sortBy="isCompany,id")) == made


async def test_a_page_of_contacts_tells_the_next_one_and_the_total(clerk: Clerk) -> None:
    for name in ("a", "b", "c"):
        await clerk.company(companyName=f"Office {name}")
    body = envelope(await clerk.ask("mia", "GET", FILTER, filterValue="office", sortBy="displayName", count=2))
    assert [row["displayName"] for row in body["response"]] == ["Office a", "Office b"]
    assert (body["count"], body["nextIndex"], body["total"]) == (2, 3, 3)
    rest = envelope(await clerk.ask("mia", "GET", FILTER, filterValue="office", count=2, startIndex=2))
    assert (rest["count"], rest["total"], "nextIndex" in rest) == (1, 3, False)
    nothing = envelope(await clerk.ask("mia", "GET", FILTER, filterValue="?!"))
    assert (nothing["response"], nothing["total"]) == ([], 0)


async def test_contacts_are_filtered_by_what_they_are(clerk: Clerk) -> None:
    company = await clerk.company(companyName="Alpha", shareType="Read")
    await clerk.person(firstName="Bob", lastName="Beta")
    await clerk.person(firstName="Cem", lastName="Gamma", shareType="None", managerList=[clerk.cast.mia.uid])
    await clerk.deal(members=[company["id"]])
    people, everybody = ["Bob Beta", "Cem Gamma"], ["Alpha", "Bob Beta", "Cem Gamma"]
    assert await found(clerk, contactListView="All") == everybody
    assert await found(clerk, contactListView="Company") == ["Alpha"]
    assert await found(clerk, contactListView="person") == people
    assert await found(clerk, contactListView="WithOpportunity") == ["Alpha"]
    assert await found(clerk, isShared=True) == ["Alpha", "Bob Beta"]
    assert await found(clerk, isShared=False) == ["Cem Gamma"]
    assert await found(clerk, responsibleid=clerk.cast.mia.uid) == ["Cem Gamma"]
    assert await found(clerk, responsibleid="00000000-0000-0000-0000-000000000000") == ["Alpha", "Bob Beta"]
    assert await found(clerk, type="person") == people


async def test_contacts_are_filtered_by_all_of_the_tags(clerk: Clerk) -> None:
    for name, tags in (("Alpha", ["vip", "north"]), ("Beta", ["vip"])):
        company = await clerk.company(companyName=name)
        for tag in tags:
            await clerk.post(f"crm/contact/{company['id']}/tag", tagName=tag)
    assert await found(clerk, tags=["VIP"]) == ["Alpha", "Beta"]
    assert await found(clerk, tags=["north", "vip"]) == ["Alpha"]
    assert await found(clerk, tags=["never"]) == []


async def test_contacts_are_filtered_by_status_and_type_and_0_means_none(clerk: Clerk) -> None:
    cold = clerk.db.rules.items_of("contact_status")[0].id
    client = clerk.db.rules.items_of("contact_type")[0].id
    alpha = (await clerk.company(companyName="Alpha"))["id"]
    await clerk.company(companyName="Beta")
    await contacts.change(clerk.db, clerk.cast.olga, alpha, ContactChange(status_id=cold, type_id=client))
    assert await found(clerk, contactStage=cold) == await found(clerk, contactType=client) == ["Alpha"]
    assert await found(clerk, contactStage=0) == await found(clerk, contactType=0) == ["Beta"]
    assert await found(clerk, contactStage=-1) == await found(clerk, contactType=-5) == ["Alpha", "Beta"]


async def test_contacts_are_filtered_by_the_day_they_were_made(clerk: Clerk) -> None:
    for name, day in (("Alpha", 3), ("Beta", 4)):
        made = (await clerk.company(companyName=name))["id"]
        at = datetime(2031, 2, day, 15, tzinfo=UTC)
        await contacts.change(clerk.db, clerk.cast.olga, made, ContactChange(created_at=at))
    assert await found(clerk, fromDate="2031-02-04") == ["Beta"]
    assert await found(clerk, toDate="2031-02-03T06-00-00") == ["Alpha"]
    assert await found(clerk, fromDate="2031-02-03", toDate="2031-02-04") == ["Alpha", "Beta"]
    assert await found(clerk, fromDate="2031-02-05") == []


async def test_guests_and_those_whose_roles_only_read_deals_see_no_contacts(clerk: Clerk) -> None:
    assert await clerk.no("GET", FILTER, by="gus") == (403, "Forbidden")
    assert await clerk.no("GET", FILTER, by="rita") == (403, ACCESS_DENIED)
    assert await clerk.no("POST", COMPANY, by="rita", companyName="X") == (403, ACCESS_DENIED)
