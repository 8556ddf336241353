"""Contact statuses and types, task and history categories over the wire (contacts-tasks-cases §8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import contacts
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.contact import ContactChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids

LISTS = {
    "contact/status": {"color": "#8a98d8", "description": "Words"},
    "contact/type": {},
    "task/category": {"imageName": "task_category_call.png", "description": "Words"},
    "history/category": {"imageName": "event_category_note.png", "description": "Words"},
}
NEEDS = ["contact/status", "task/category", "history/category"]
DEFAULTS = {
    "contact/status": ["Cold", "Warm", "Hot"],
    "contact/type": ["Client", "Supplier", "Partner", "Competitor"],
    "history/category": ["Note", "Email", "Phone call", "Appointment"],
}
EVENTS = Query(
    select(schema.event.c.kinds, schema.event.c.subject_id)
    .where(schema.event.c.subject == "list_item")
    .order_by(schema.event.c.id)
)


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made(clerk: Clerk, kind: str, title: str = "Lukewarm", **said: Any) -> Any:
    return await clerk.post(f"crm/{kind}", "carl", **{"title": title, **LISTS[kind], **said})


@pytest.mark.parametrize("kind", DEFAULTS)
async def test_a_new_portal_has_its_entries(clerk: Clerk, kind: str) -> None:
    assert [item["title"] for item in await clerk.get(f"crm/{kind}", by="mia")] == DEFAULTS[kind]


@pytest.mark.parametrize("kind", LISTS)
async def test_a_new_entry_stands_at_the_end(clerk: Clerk, kind: str) -> None:
    before = await clerk.get(f"crm/{kind}")
    item = await made(clerk, kind)
    shown = {"title": "Lukewarm", "sortOrder": before[-1]["sortOrder"] + 1, "id": item["id"]}
    shown |= {name: LISTS[kind][name] for name in ("description", "color") if name in LISTS[kind]}
    if image := LISTS[kind].get("imageName"):
        shown["imagePath"] = f"/Products/CRM/App_Themes/default/images/{image}"
    assert item == shown
    assert await clerk.get(f"crm/{kind}", by="mia") == [*before, item]
    assert list(await clerk.db.rows(EVENTS)) == [("list_item.created", item["id"])]


@pytest.mark.parametrize("kind", LISTS)
async def test_an_existing_title_answers_the_entry_that_has_it(clerk: Clerk, kind: str) -> None:
    item = await made(clerk, kind)
    assert await made(clerk, kind, " LUKEwarm ") == item


@pytest.mark.parametrize("kind", LISTS)
async def test_an_entry_needs_a_title_and_its_looks(clerk: Clerk, kind: str) -> None:
    assert await clerk.no("POST", f"crm/{kind}", title="", **LISTS[kind]) == (400, BAD_ARGUMENT)
    if kind in NEEDS:
        assert await clerk.no("POST", f"crm/{kind}", title="Plain") == (400, BAD_ARGUMENT)


@pytest.mark.parametrize("kind", LISTS)
async def test_administrators_alone_keep_the_lists(clerk: Clerk, kind: str) -> None:
    item = (await made(clerk, kind))["id"]
    assert await clerk.no("POST", f"crm/{kind}", by="mia", title="") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"crm/{kind}/{item}", by="mia", title="") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"crm/{kind}/reorder", by="mia", titles=["Lukewarm"]) == (403, ACCESS_DENIED)
    assert await clerk.no("DELETE", f"crm/{kind}/{item}", by="mia") == (403, ACCESS_DENIED)


@pytest.mark.parametrize("kind", LISTS)
async def test_an_entry_is_replaced_where_it_stands(clerk: Clerk, kind: str) -> None:
    item = await made(clerk, kind)
    changed = await clerk.put(f"crm/{kind}/{item['id']}", title="Tepid", sortOrder=1, **LISTS[kind])
    assert changed == {**item, "title": "Tepid"}
    assert (await clerk.get(f"crm/{kind}"))[-1] == changed


@pytest.mark.parametrize("kind", LISTS)
async def test_a_deleted_entry_is_answered_and_gone(clerk: Clerk, kind: str) -> None:
    item = await made(clerk, kind)
    assert await clerk.delete(f"crm/{kind}/{item['id']}") == item
    assert item["id"] not in ids(await clerk.get(f"crm/{kind}"))
    for ident, no in ((0, (400, BAD_ARGUMENT)), (item["id"], (404, NOT_FOUND)), (UNKNOWN, (404, NOT_FOUND))):
        assert await clerk.no("DELETE", f"crm/{kind}/{ident}") == no
        assert await clerk.no("PUT", f"crm/{kind}/{ident}", title="x", **LISTS[kind]) == no
        if kind != "history/category":
            assert await clerk.no("GET", f"crm/{kind}/{ident}") == no


@pytest.mark.parametrize("kind", LISTS)
async def test_the_last_entry_stays(clerk: Clerk, kind: str) -> None:
    first, *rest = ids(await clerk.get(f"crm/{kind}"))
    for item in rest:
        await clerk.delete(f"crm/{kind}/{item}")
    noun = kind.replace("/", " ")
    assert await clerk.no("DELETE", f"crm/{kind}/{first}") == (400, f"The last {noun} cannot be deleted")


@pytest.mark.parametrize("kind", LISTS)
async def test_entries_are_put_into_another_order_by_their_titles(clerk: Clerk, kind: str) -> None:
    titles = [item["title"] for item in await clerk.get(f"crm/{kind}")][::-1]
    answer = await clerk.put(f"crm/{kind}/reorder", titles=titles)
    assert [item["title"] for item in answer] == titles
    assert await clerk.get(f"crm/{kind}") == answer
    assert (await clerk.no("PUT", f"crm/{kind}/reorder", titles=["never"]))[0] == 500


async def test_the_looks_of_an_entry_in_use_may_change(clerk: Clerk) -> None:
    status = await made(clerk, "contact/status")
    company = (await clerk.company())["id"]
    await contacts.change(clerk.db, clerk.cast.olga, company, ContactChange(status_id=status["id"]))
    path = f"crm/contact/status/{status['id']}"
    assert await clerk.put(f"{path}/color", color="#000000") == {**status, "color": "#000000", "relativeItemsCount": 1}
    edited = await clerk.no("PUT", path, title="x", color="#000000")
    assert edited == (400, "Can't be edited. There are some related contacts.")
    assert await clerk.no("DELETE", path) == (400, "Can't be deleted. There are some related contacts.")
    shown = (await clerk.get(f"crm/contact/{company}"))["contactStatus"]
    assert shown == {**status, "color": "#000000"}


async def test_the_picture_of_a_category_may_change(clerk: Clerk) -> None:
    item = await made(clerk, "task/category")
    changed = await clerk.put(f"crm/task/category/{item['id']}/icon", imageName="task_category_demo.png")
    assert changed["imagePath"].endswith("/task_category_demo.png")
    assert changed["title"] == "Lukewarm"


async def test_another_category_takes_over_the_tasks_of_a_deleted_one(clerk: Clerk) -> None:
    old, new = await made(clerk, "task/category", "Old"), await made(clerk, "task/category", "New")
    said = {"title": "Call", "deadline": "2031-05-06", "categoryId": old["id"], "responsibleId": clerk.cast.mia.uid}
    task = await clerk.post("crm/task", **said)
    path = f"crm/task/category/{old['id']}"
    assert await clerk.no("DELETE", path) == (400, "Can't be deleted. There are some tasks with this category.")
    assert await clerk.no("DELETE", path, newcategoryid=UNKNOWN) == (400, BAD_ARGUMENT)
    await clerk.delete(path, newcategoryid=new["id"])
    assert (await clerk.get(f"crm/task/{task['id']}"))["category"]["title"] == "New"


async def test_an_entry_counts_what_the_caller_sees(clerk: Clerk) -> None:
    client = clerk.db.rules.items_of("contact_type")[0].id
    for share in ("ReadWrite", "None"):
        company = (await clerk.company(shareType=share))["id"]
        await contacts.change(clerk.db, clerk.cast.olga, company, ContactChange(type_id=client))
    assert (await clerk.get(f"crm/contact/type/{client}"))["relativeItemsCount"] == 2
    assert (await clerk.get("crm/contact/type", by="mia"))[0]["relativeItemsCount"] == 1


async def test_a_category_of_what_was_said_stays_as_long_as_it_is_used(clerk: Clerk) -> None:
    item, company = await made(clerk, "history/category"), await clerk.company()
    note = await clerk.post("crm/history", contactId=company["id"], content="Hello", categoryId=item["id"])
    path, users = f"crm/history/category/{item['id']}", "There are some history events with this category."
    assert (await clerk.get("crm/history/category"))[-1]["relativeItemsCount"] == 1
    assert await clerk.no("DELETE", path) == (400, f"Can't be deleted. {users}")
    assert await clerk.no("PUT", path, title="x", imageName="y") == (400, f"Can't be edited. {users}")
    await clerk.delete(f"crm/history/{note['id']}")
    assert (await clerk.delete(path))["id"] == item["id"]
