"""Tasks over the wire (contacts-tasks-cases §4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.contact import ContactChange
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids

TASK = "crm/task"
FILTER = "crm/task/filter"


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


def category(clerk: Clerk, place: int = 0) -> int:
    return clerk.db.rules.items_of("task_category")[place].id


def said(clerk: Clerk, **values: Any) -> dict[str, Any]:
    """The needed fields of a task, Mia's, and whatever is given; None leaves one out."""
    needed = {"title": "Call", "deadline": "2031-05-06T10:00:00", "categoryId": category(clerk)}
    return {**needed, "responsibleId": clerk.cast.mia.uid, **values}


async def made(clerk: Clerk, by: str = "olga", **values: Any) -> Any:
    return await clerk.post(TASK, by, **said(clerk, **values))


async def found(clerk: Clerk, by: str = "olga", **query: Any) -> list[int]:
    return ids(await clerk.get(FILTER, by, **query))


async def test_a_new_task_comes_back_with_all_its_members(clerk: Clerk) -> None:
    task = await made(clerk, by="noah", description="Words", alertValue=15)
    assert task == {
        "createBy": task["createBy"],
        "created": task["created"],
        "title": "Call",
        "description": "Words",
        "deadLine": "2031-05-06T10:00:00.0000000Z",
        "alertValue": 15,
        "responsible": task["responsible"],
        "category": {
            "imagePath": "/Products/CRM/App_Themes/default/images/task_category_call.png",
            "title": "Phone call",
            "description": "",
            "sortOrder": 1,
            "relativeItemsCount": 1,
            "id": category(clerk),
        },
        "canEdit": True,
        "id": task["id"],
    }
    assert (task["createBy"]["id"], task["responsible"]["id"]) == (clerk.cast.noah.uid, clerk.cast.mia.uid)
    assert await clerk.get(f"{TASK}/{task['id']}", by="mia") == task


async def test_a_task_in_a_list_does_not_count_its_category(clerk: Clerk) -> None:
    task = await made(clerk)
    del task["category"]["relativeItemsCount"]
    assert await clerk.get(FILTER) == [task]
    assert await clerk.get(FILTER, type="task") == [task]
    assert await clerk.get(FILTER, type="case") == []


@pytest.mark.parametrize(
    ("wrong", "no"),
    [
        ({"title": ""}, (400, BAD_ARGUMENT)),
        ({"deadline": None}, (400, BAD_ARGUMENT)),
        ({"categoryId": 0}, (400, BAD_ARGUMENT)),
        ({"categoryId": UNKNOWN}, (404, "Category is not found")),
        ({"entityType": "company", "entityId": 1}, (400, BAD_ARGUMENT)),
        ({"alertValue": -1}, (400, BAD_ARGUMENT)),
    ],
    ids=str,
)
async def test_a_task_with_something_wrong_is_refused(clerk: Clerk, wrong: dict[str, Any], no: tuple[int, str]) -> None:
    assert await clerk.no("POST", TASK, **said(clerk, **wrong)) == no
    assert await clerk.no("PUT", f"{TASK}/{UNKNOWN}", **said(clerk, **wrong)) == no
    assert await clerk.no("POST", "crm/contact/task/group", **said(clerk, contactId=[1], **wrong)) == no


async def test_the_entry_of_another_list_is_no_category(clerk: Clerk) -> None:
    cold = clerk.db.rules.items_of("contact_status")[0].id
    assert await clerk.no("POST", TASK, **said(clerk, categoryId=cold)) == (404, "Category is not found")


async def test_a_task_names_its_opportunity(clerk: Clerk) -> None:
    deal = await clerk.deal()
    task = await made(clerk, entityType="Opportunity", entityId=deal)
    assert task["entity"] == {"entityType": "opportunity", "entityId": deal, "entityTitle": "Ten desks"}


async def test_a_task_shows_its_contact_with_the_primary_e_mail(clerk: Clerk) -> None:
    company = await clerk.company()
    await contacts.change(clerk.db, clerk.cast.olga, company["id"], ContactChange(email="desk@example.com"))
    shown = (await made(clerk, contactId=company["id"]))["contact"]
    assert (shown["id"], shown["displayName"]) == (company["id"], "Desk & Co")
    assert (shown["email"]["infoType"], shown["email"]["data"]) == (1, "desk@example.com")
    assert "addresses" not in shown


async def test_a_contact_or_deal_that_is_not_there_is_left_out(clerk: Clerk) -> None:
    hidden = (await clerk.company(shareType="None"))["id"]
    task = await made(clerk, by="mia", contactId=hidden, entityType="opportunity", entityId=UNKNOWN)
    assert not {"contact", "entity"} & set(task)


async def test_a_contact_out_of_sight_tells_its_name_alone(clerk: Clerk) -> None:
    change = ContactChange(email="desk@example.com", currency="EUR")
    company = (await clerk.company(shareType="None", managerList=[clerk.cast.olga.uid]))["id"]
    await contacts.change(clerk.db, clerk.cast.olga, company, change)
    await made(clerk, contactId=company)
    (task,) = await clerk.get(FILTER, by="mia")
    assert (task["contact"]["displayName"], task["contact"]["currency"]) == ("Desk & Co", None)
    assert not {"email", "accessList"} & set(task["contact"])


async def test_a_task_on_a_hidden_deal_is_denied_and_a_missing_one_not_found(clerk: Clerk) -> None:
    deal = await clerk.deal(by="mia", shared_with=["mia"])
    task = (await made(clerk, by="mia", entityType="opportunity", entityId=deal))["id"]
    for verb in ("GET", "DELETE"):
        assert await clerk.no(verb, f"{TASK}/{task}", by="noah") == (403, ACCESS_DENIED)
        assert await clerk.no(verb, f"{TASK}/{UNKNOWN}", by="noah") == (404, NOT_FOUND)
    assert await clerk.no("PUT", f"{TASK}/{task}", by="noah", **said(clerk)) == (403, ACCESS_DENIED)
    assert await found(clerk, by="noah") == []


async def test_who_neither_made_nor_does_a_task_does_not_change_it(clerk: Clerk) -> None:
    task = await made(clerk)
    path = f"{TASK}/{task['id']}"
    assert "canEdit" not in await clerk.get(path, by="noah")
    assert await clerk.no("PUT", path, by="noah", **said(clerk)) == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{path}/close", by="noah") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{path}/creationdate", by="noah") == (403, ACCESS_DENIED)
    assert await clerk.no("DELETE", path, by="noah") == (403, ACCESS_DENIED)
    assert (await clerk.get(path, by="mia"))["canEdit"] is True


async def test_a_task_is_closed_and_opened_again(clerk: Clerk) -> None:
    path = f"{TASK}/{(await made(clerk))['id']}"
    assert (await clerk.put(f"{path}/close", by="mia"))["isClosed"] is True
    assert "isClosed" not in await clerk.put(f"{path}/reopen", by="mia")
    for action in ("close", "reopen"):
        assert await clerk.no("PUT", f"{TASK}/{UNKNOWN}/{action}") == (400, BAD_ARGUMENT)


async def test_a_task_is_replaced_and_stays_closed(clerk: Clerk) -> None:
    deal, company = await clerk.deal(), (await clerk.company())["id"]
    given = {
        "description": "Old",
        "alertValue": 30,
        "contactId": company,
        "entityType": "opportunity",
        "entityId": deal,
    }
    task = await made(clerk, by="noah", **given)
    await clerk.put(f"{TASK}/{task['id']}/close")
    fields = said(clerk, title="Write", deadline="2032-01-02", categoryId=category(clerk, 3), responsibleId=None)
    changed = await clerk.put(f"{TASK}/{task['id']}", **fields)
    assert (changed["id"], changed["title"], changed["isClosed"]) == (task["id"], "Write", True)
    assert (changed["deadLine"], changed["description"]) == ("2032-01-02T00:00:00.0000000Z", "")
    assert (changed["category"]["title"], changed["responsible"]["displayName"]) == ("Email", "profile removed")
    assert changed["createBy"]["id"] == clerk.cast.noah.uid
    assert not {"alertValue", "contact", "entity"} & set(changed)


async def test_replacing_an_unknown_task_makes_one(clerk: Clerk) -> None:
    task = await clerk.put(f"{TASK}/{UNKNOWN}", by="mia", **said(clerk))
    assert task["id"] != UNKNOWN
    assert task["createBy"]["id"] == clerk.cast.mia.uid
    assert await found(clerk) == [task["id"]]


async def test_a_deleted_task_is_answered_and_gone(clerk: Clerk) -> None:
    task = await made(clerk)
    assert (await clerk.delete(f"{TASK}/{task['id']}", by="mia"))["title"] == "Call"
    assert await clerk.no("DELETE", f"{TASK}/{task['id']}") == (404, NOT_FOUND)


async def test_a_group_of_tasks_has_one_for_each_contact(clerk: Clerk) -> None:
    people = [(await clerk.company())["id"], (await clerk.person())["id"]]
    tasks = await clerk.post("crm/contact/task/group", **said(clerk, contactId=people))
    assert [task["contact"]["id"] for task in tasks] == people
    assert await found(clerk, entityType="contact", entityid=people[1]) == [tasks[1]["id"]]


async def test_the_dates_of_a_task_are_set(clerk: Clerk) -> None:
    path = f"{TASK}/{(await made(clerk))['id']}"
    assert await clerk.put(f"{path}/creationdate", creationDate="2020-02-03T04:05:06Z") == {}
    assert await clerk.put(f"{path}/lastmodifeddate", lastModifedDate="2020-02-03T04:05:06Z") == {}
    assert (await clerk.get(path))["created"] == "2020-02-03T04:05:06.0000000Z"
    assert await clerk.no("PUT", f"{TASK}/{UNKNOWN}/creationdate") == (404, NOT_FOUND)


async def test_open_tasks_come_first_by_their_deadline(clerk: Clerk) -> None:
    late, early, done = [(await made(clerk, deadline=f"2031-0{month}-01"))["id"] for month in (3, 2, 1)]
    await clerk.put(f"{TASK}/{done}/close")
    assert await found(clerk) == [early, late, done]
    assert await found(clerk, sortBy="DeadLine", sortOrder="descending") == [late, early, done]
    assert await found(clerk, isClosed=True) == [done]
    assert await found(clerk, isClosed=False) == [early, late]


async def test_tasks_are_sorted_by_category_contact_and_who_does_them(clerk: Clerk) -> None:
    beta, alpha = [(await clerk.company(companyName=name))["id"] for name in ("Beta", "alpha")]
    first = (await made(clerk, categoryId=category(clerk, 2), contactId=alpha))["id"]
    second = (await made(clerk, contactId=beta, responsibleId=clerk.cast.carl.uid))["id"]
    assert await found(clerk, sortBy="Category") == await found(clerk, sortBy="ContactManager") == [second, first]
    assert await found(clerk, sortBy="Contact") == [first, second]
    assert await found(clerk, sortBy="Contact", sortOrder="descending") == [second, first]
    await clerk.put(f"{TASK}/{first}/close")
    assert await found(clerk, sortBy="Contact") == [second, first]
    assert await found(clerk, sortBy="Contact", startIndex=1, count=1) == [first]
    assert await found(clerk, sortBy="category.title", sortOrder="descending") == [second, first]


async def test_tasks_are_filtered_by_what_they_are(clerk: Clerk) -> None:
    deal, company = await clerk.deal(), (await clerk.company())["id"]
    person = (await clerk.person(companyId=company))["id"]
    on_deal = (await made(clerk, entityType="opportunity", entityId=deal, deadline="2031-01-01"))["id"]
    on_person = (await made(clerk, contactId=person, deadline="2031-02-01", title="Write to Ann"))["id"]
    plain = (await made(clerk, categoryId=category(clerk, 1), responsibleId=None, deadline="2031-03-01"))["id"]
    assert await found(clerk, entityType="opportunity", entityid=deal) == [on_deal]
    assert await found(clerk, entityType="contact", entityid=company) == [on_person]
    assert await found(clerk, entityType="case", entityid=1) == []
    assert await found(clerk, entityType="opportunity") == [on_deal, on_person, plain]
    assert await found(clerk, responsibleid=clerk.cast.mia.uid) == [on_deal, on_person]
    assert await found(clerk, categoryid=category(clerk, 1)) == [plain]
    assert await found(clerk, filterValue="write") == [on_person]
    assert await found(clerk, fromDate="2031-02-01") == [on_person, plain]
    assert await found(clerk, fromDate="2031-01-15", toDate="2031-02-01") == [on_person]
    assert await clerk.no("GET", FILTER, entityType="planet") == (400, BAD_ARGUMENT)


async def test_a_page_of_tasks_tells_the_next_one_and_the_total(clerk: Clerk) -> None:
    every = [(await made(clerk, deadline=f"2031-0{month}-01"))["id"] for month in (1, 2, 3)]
    body = envelope(await clerk.ask("mia", "GET", FILTER, count=2))
    assert (ids(body["response"]), body["nextIndex"], body["total"]) == (every[:2], 3, 3)
    rest = envelope(await clerk.ask("mia", "GET", FILTER, count=2, startIndex=2))
    assert (ids(rest["response"]), rest["total"], "nextIndex" in rest) == (every[2:], 3, False)


async def test_somebody_whose_roles_only_read_deals_sees_no_tasks(clerk: Clerk) -> None:
    task = await made(clerk)
    assert await clerk.no("GET", FILTER, by="rita") == (403, ACCESS_DENIED)
    assert await clerk.no("GET", f"{TASK}/{task['id']}", by="rita") == (403, ACCESS_DENIED)
    assert await clerk.no("POST", TASK, by="rita", **said(clerk)) == (403, ACCESS_DENIED)
