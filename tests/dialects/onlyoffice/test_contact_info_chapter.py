"""Contact information over the wire, and contacts found by it (contacts-tasks-cases §2 and §3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids

BAD = (400, "Value does not fall within the expected range.")
MISSING = (404, "Not found")
PHONE = {"infoType": "Phone", "data": "+1 555 0100", "category": "Work"}


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


@pytest.fixture
async def path(clerk: Clerk) -> str:
    """The path of a new contact."""
    return f"crm/contact/{(await clerk.company())['id']}"


async def add(clerk: Clerk, path: str, **said: Any) -> Any:
    """Add a piece of information."""
    return await clerk.post(f"{path}/data", **{**PHONE, **said})


async def test_categories_go_by_their_own_names_for_each_kind(clerk: Clerk, path: str) -> None:
    assert await clerk.get("crm/contact/data/7/category") == ["Home", "Postal", "Office", "Billing", "Other", "Work"]
    assert await clerk.get("crm/contact/data/email/category") == ["Home", "Work", "Other"]
    assert await clerk.no("GET", "crm/contact/data/99/category") == BAD
    address = await add(clerk, path, infoType="Address", category="Postal", data='{"city":"Riga"}')
    assert (address["category"], address["categoryName"]) == (1, "Delivery")
    for category in ("Delivery", "postal", "1", ""):
        said = {**PHONE, "infoType": "Address", "category": category, "data": "{}"}
        assert await clerk.no("POST", f"{path}/data", **said) == BAD


async def test_an_address_must_be_an_object(clerk: Clerk, path: str) -> None:
    for data in ("Main 1", '"Main 1"', "[1]", "{", "[" * 100_000):
        assert await clerk.no("POST", f"{path}/data", **{**PHONE, "infoType": "Address", "data": data}) == BAD
    piece = await add(clerk, path, infoType="Address", data='{"street":"Main 1"}')
    assert await clerk.no("PUT", f"{path}/data/{piece['id']}", data="Main 2") == BAD
    assert (await clerk.get(path))["addresses"][0]["street"] == "Main 1"


async def test_the_last_that_is_said_to_be_primary_is_it(clerk: Clerk, path: str) -> None:
    first = await add(clerk, path, infoType="Email", data="a@example.com", isPrimary=True)
    await add(clerk, path, infoType="Email", data="b@example.com", isPrimary=True)
    await add(clerk, path, infoType="Phone", isPrimary=True)

    async def primary() -> list[str]:
        return [info["data"] for info in await clerk.get(f"{path}/data") if info["isPrimary"]]

    assert await primary() == ["+1 555 0100", "b@example.com"]
    kept = await clerk.put(f"{path}/data/{first['id']}", data="c@example.com", isPrimary=True)
    assert (kept["id"], kept["category"], kept["infoType"]) == (first["id"], 1, 1)
    assert await primary() == ["+1 555 0100", "c@example.com"]
    assert await clerk.get(f"{path}/data/Email") == ["b@example.com", "c@example.com"]


async def test_a_piece_that_is_not_there_is_refused_in_three_ways(clerk: Clerk, path: str) -> None:
    assert await clerk.no("GET", f"{path}/data/{UNKNOWN}") == BAD
    assert (await clerk.no("PUT", f"{path}/data/{UNKNOWN}", data="x"))[0] == 500
    assert await clerk.no("DELETE", f"{path}/data/{UNKNOWN}") == MISSING
    phone = await add(clerk, path)
    address: dict[str, Any] = {"address": {"city": "Riga", "category": 2}}
    assert await clerk.no("PUT", f"{path}/addressdata/{phone['id']}", **address) == MISSING
    made = await clerk.post(f"{path}/addressdata", **address)
    again = await clerk.put(f"{path}/addressdata/{made['id']}", address={"city": "Oslo", "isPrimary": True})
    assert (again["id"], again["category"], again["isPrimary"]) == (made["id"], 0, True)
    assert [shown["city"] for shown in (await clerk.get(path))["addresses"]] == ["Oslo"]
    assert (await clerk.no("POST", f"{path}/addressdata"))[0] == 400


async def test_a_contact_that_is_not_the_callers_is_missing(clerk: Clerk) -> None:
    readable = f"crm/contact/{(await clerk.company(shareType=2))['id']}"
    hidden = f"crm/contact/{(await clerk.company(shareType=0))['id']}"
    piece = await add(clerk, readable)
    for path in (readable, hidden, f"crm/contact/{UNKNOWN}"):
        assert await clerk.no("POST", f"{path}/data", "mia", **PHONE) == MISSING
        assert await clerk.no("PUT", f"{path}/data/{piece['id']}", "mia", **PHONE) == MISSING
        assert await clerk.no("DELETE", f"{path}/data/{piece['id']}", "mia") == MISSING
        assert await clerk.no("POST", f"{path}/addressdata", "mia", address={"city": "Riga"}) == MISSING
        assert await clerk.no("PUT", f"{path}/batch", "mia") == MISSING
    assert len(await clerk.get(f"{readable}/data", "mia")) == 1
    assert await clerk.no("GET", f"{hidden}/data", "mia") == MISSING


async def test_a_batch_is_all_or_nothing(clerk: Clerk, path: str) -> None:
    await add(clerk, path)
    items: list[dict[str, Any]] = [
        {"infoType": "Email", "category": 1, "data": "a@example.com", "isPrimary": "true", "categoryName": "Job"},
        {"infoType": "VK", "data": "somebody"},
    ]
    made = await clerk.post(f"{path}/batch", items=items)
    assert [(info["data"], info["categoryName"]) for info in made] == [("a@example.com", "Job"), ("somebody", None)]
    assert len(await clerk.get(f"{path}/data")) == 3
    for wrong in ({"data": ""}, {"infoType": "Fax"}, {"category": 9}):
        said = [items[0], {**items[1], **wrong}]
        assert (await clerk.no("PUT", f"{path}/batch", items=said))[0] == 400
    assert len(await clerk.get(f"{path}/data")) == 3
    assert [info["data"] for info in await clerk.put(f"{path}/batch", items=items[1:])] == ["somebody"]
    assert await clerk.put(f"{path}/batch") == []
    assert await clerk.get(f"{path}/data") == []


async def test_contacts_are_found_by_the_beginning_of_an_email(clerk: Clerk) -> None:
    made = []
    for name, email in (("Beta", "anna@example.com"), ("Alpha", "ANN@example.com"), ("Gamma", "joann@example.com")):
        made.append((await clerk.company(companyName=name))["id"])
        await add(clerk, f"crm/contact/{made[-1]}", infoType="Email", data=email)
    await add(clerk, f"crm/contact/{made[2]}", data="ann")

    async def found(**said: Any) -> list[int]:
        return [row["contact"]["id"] for row in await clerk.get("crm/contact/simple/byEmail", **said)]

    assert await found(term="Ann", maxCount=9) == [made[1], made[0]]
    assert await found(term="anna@example.com", maxCount=9) == [made[0]]
    assert await found(term="ann", maxCount=1) == [made[1]]
    for said in ({"term": "ann"}, {"maxCount": 9}, {"term": "ann", "maxCount": -1}, {}):
        assert await found(**said) == []


async def test_contacts_are_found_by_any_information(clerk: Clerk, path: str) -> None:
    other = f"crm/contact/{(await clerk.company(companyName='Other'))['id']}"
    await add(clerk, path, data="+1 555 0100", isPrimary=True)
    await add(clerk, other, data="+1 555 0177", category="Home")
    await add(clerk, other, infoType="Skype", data="555", isPrimary=True)

    async def found(**said: Any) -> list[str]:
        return [f"crm/contact/{row['id']}" for row in await clerk.get("crm/contact/bycontactinfo", **said)]

    assert await found(infoType="Phone", data="555") == [path, other]
    assert await found(infoType="Phone", data="0177") == [other]
    assert await found(infoType="Phone", category=1) == [path]
    assert await found(infoType=0, isPrimary=True) == [path]
    assert await found(infoType="Phone", data="555", isPrimary=False, category=1) == []
    assert await clerk.no("GET", "crm/contact/bycontactinfo", data="555") == BAD


async def test_contacts_for_a_mailing_bring_their_primary_email(clerk: Clerk, path: str) -> None:
    hidden, silent = (await clerk.company(shareType=0))["id"], (await clerk.company())["id"]
    await add(clerk, path, infoType="Email", data="a@example.com", isPrimary=True)
    own = int(path.rsplit("/", 1)[1])
    rows = await clerk.get("crm/contact/mail", "mia", contactids=[own, hidden, silent])
    assert [(row["id"], row.get("email", {}).get("data")) for row in rows] == [(own, "a@example.com"), (silent, None)]
    assert await clerk.get("crm/contact/mail") == []


async def test_a_portal_without_projects_knows_none(clerk: Clerk, path: str) -> None:
    assert await clerk.no("GET", "crm/contact/project/7") == MISSING
    assert await clerk.no("GET", "crm/contact/project/0") == BAD
    assert await clerk.no("POST", "crm/contact/project/7", contactid=[1]) == MISSING
    assert await clerk.no("POST", "crm/contact/project/7") == BAD
    assert await clerk.no("POST", f"{path}/project/7") == MISSING
    assert await clerk.no("DELETE", f"{path}/project/0") == BAD


async def test_two_contacts_become_one(clerk: Clerk) -> None:
    first, second = (await clerk.company(companyName="A", about="Old"))["id"], (await clerk.company())["id"]
    deal = await clerk.deal(contact_id=first)
    merged = await clerk.put("crm/contact/merge", fromcontactid=first, tocontactid=second)
    assert (merged["id"], merged["about"]) == (second, "Old")
    assert (await clerk.get(f"crm/opportunity/{deal}"))["contact"]["id"] == second
    assert await clerk.no("PUT", "crm/contact/merge", fromcontactid=first, tocontactid=second) == MISSING
    assert await clerk.no("PUT", "crm/contact/merge", fromcontactid=second, tocontactid=second) == BAD
    assert await clerk.no("PUT", "crm/contact/merge", fromcontactid=second) == BAD
    readable = (await clerk.company(shareType=2))["id"]
    status, _ = await clerk.no("PUT", "crm/contact/merge", "mia", fromcontactid=second, tocontactid=readable)
    assert status == 403


async def test_all_that_match_are_deleted_or_shared(clerk: Clerk) -> None:
    made = [(await clerk.company(companyName=f"Old {name}"))["id"] for name in "ABC"]
    readable = (await clerk.company(companyName="Old Readable", shareType=2))["id"]
    kept = (await clerk.company(companyName="New"))["id"]
    said: dict[str, Any] = {"isPrivate": True, "managerList": [clerk.cast.noah.uid]}
    shared = await clerk.put("crm/contact/filter/access?filterValue=old", "mia", **said)
    assert ids(shared) == made
    assert {row["shareType"] for row in shared} == {1}
    private = await clerk.put("crm/contact/filter/access?filterValue=new", "mia", managerList=[clerk.cast.noah.uid])
    assert [(row["id"], row["shareType"]) for row in private] == [(kept, 0)]
    assert len(private[0]["accessList"]) == 2
    assert ids(await clerk.delete("crm/contact/filter", "mia", filterValue="old", responsibleid="x" * 0)) == made
    assert ids(await clerk.get("crm/contact/filter")) == [kept, readable]
    assert await clerk.delete("crm/contact/filter", filterValue="?!") == []


async def test_access_of_several_ends_at_the_first_that_is_refused(clerk: Clerk) -> None:
    first, second, readable = [
        (await clerk.company(companyName="A"))["id"],
        (await clerk.company(companyName="B"))["id"],
        (await clerk.company(companyName="C", shareType=2))["id"],
    ]
    path, noah = "crm/contact/access", [clerk.cast.noah.uid]
    for wrong, status in ((readable, 403), (UNKNOWN, 404)):
        said = {"contactid": [first, wrong, second], "managerList": noah}
        assert (await clerk.no("PUT", path, "mia", **said))[0] == status
    found = {row["id"]: row["shareType"] for row in await clerk.get("crm/contact/filter")}
    assert found == {first: 0, second: 1, readable: 2}
    done = await clerk.put(path, "mia", contactid=[second, first], isShared=True)
    assert [(row["id"], row["shareType"]) for row in done] == [(second, 1), (first, 1)]


async def test_a_mailing_is_previewed_started_looked_at_and_cancelled(clerk: Clerk, path: str) -> None:
    number, base = int(path.rsplit("/", 1)[1]), "crm/contact/mailsmtp"
    assert await clerk.get(f"{base}/status") == {}
    assert await clerk.put(f"{base}/cancel") == {}
    template = "<p>Dear $(Company.Company Name)</p>"
    assert await clerk.post(f"{base}/preview", template=template, contactId=number) == "<p>Dear Desk &amp; Co</p>"
    assert await clerk.no("POST", f"{base}/preview", contactId=number) == BAD
    assert await clerk.no("POST", f"{base}/preview", template=template, contactId=UNKNOWN) == MISSING
    assert await clerk.no("POST", f"{base}/send", contactIds=[number]) == BAD
    assert await clerk.no("POST", f"{base}/send", body="Hello") == BAD
    begun = await clerk.post(f"{base}/send", contactIds=[number, 7], subject="A", body=template, storeInHistory=True)
    assert (begun["isCompleted"], begun["percentage"], begun["status"]["recipientCount"]) == (False, 0.0, 2)
    assert await clerk.get(f"{base}/status", "mia") == {}
    assert (await clerk.put(f"{base}/cancel"))["id"] == (await clerk.get(f"{base}/status"))["id"] == begun["id"]
