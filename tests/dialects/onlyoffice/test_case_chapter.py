"""Cases over the wire (contacts-tasks-cases §6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids

CASE = "crm/case"
FILTER = "crm/case/filter"
NO_SUCH = (404, NOT_FOUND)
DENIED = (403, ACCESS_DENIED)
BAD = (400, BAD_ARGUMENT)


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made(clerk: Clerk, by: str = "olga", shared_with: tuple[str, ...] = (), **said: Any) -> Any:
    """A case by somebody; private if shared."""
    access = {"isPrivate": True, "accessList": [clerk.cast.actor(name).uid for name in shared_with]}
    return await clerk.post(CASE, by, **{"title": "Keys", **(access if shared_with else {}), **said})


async def titles(clerk: Clerk, by: str = "olga", **query: Any) -> str:
    """The titles that the filter finds, one after the other."""
    return "".join(case["title"] for case in await clerk.get(FILTER, by, **query))


def people(case: Any) -> list[str]:
    return sorted(person["displayName"].split()[0].lower() for person in case["accessList"])


async def test_a_new_case_comes_back_with_all_its_members_in_order(clerk: Clerk) -> None:
    company = await clerk.company()
    case = await made(clerk, by="mia", members=[company["id"], UNKNOWN])
    assert list(case) == [
        *("members", "createBy", "created", "title", "isClosed", "isPrivate", "canEdit", "customFields", "id")
    ]
    assert (case["title"], case["isClosed"], case["isPrivate"], case["canEdit"]) == ("Keys", False, False, True)
    assert (case["customFields"], case["createBy"]["id"]) == ([], clerk.cast.mia.uid)
    (member,) = case["members"]
    assert (member["id"], member["displayName"]) == (company["id"], "Desk & Co")
    assert await clerk.get(f"{CASE}/{case['id']}", by="noah") == case
    assert await clerk.get(FILTER, by="noah") == [case]


async def test_the_access_list_of_a_private_case_is_told_to_those_who_see_it(clerk: Clerk) -> None:
    case = await made(clerk, by="mia", shared_with=("noah",))
    assert (case["isPrivate"], people(case)) == (True, ["mia", "noah"])
    assert list(case)[6] == "accessList"
    assert await clerk.get(f"{CASE}/{case['id']}", by="noah") == case
    hidden = await made(clerk, by="olga", shared_with=("olga",), title="Hidden")
    assert await clerk.no("GET", f"{CASE}/{hidden['id']}", by="mia") == NO_SUCH
    assert await titles(clerk, by="mia") == "Keys"
    assert await titles(clerk, by="carl") == "HiddenKeys"


async def test_members_that_one_does_not_see_are_not_told(clerk: Clerk) -> None:
    hidden = await clerk.company(by="mia", shareType="None", managerList=[clerk.cast.mia.uid])
    case = await made(clerk, by="mia", members=[hidden["id"]])
    assert ids(case["members"]) == [hidden["id"]]
    path = f"{CASE}/{case['id']}"
    assert (await clerk.get(path, by="noah"))["members"] == []
    assert await clerk.get(f"{path}/contact", by="noah") == []
    assert ids(await clerk.get(f"{path}/contact", by="mia")) == [hidden["id"]]


@pytest.mark.parametrize("title", ["", "  ", None, "x" * 256])
async def test_a_title_is_needed_and_no_longer_than_255(clerk: Clerk, title: str | None) -> None:
    case = await made(clerk)
    assert await clerk.no("POST", CASE, title=title) == BAD
    assert await clerk.no("PUT", f"{CASE}/{case['id']}", title=title) == BAD
    assert await titles(clerk) == "Keys"


async def test_what_is_not_there_is_refused_as_the_contract_says(clerk: Clerk) -> None:
    hidden = (await made(clerk, shared_with=("olga",)))["id"]
    for number in (0, UNKNOWN):
        for verb, path in (("GET", ""), ("PUT", ""), ("PUT", "/close"), ("PUT", "/reopen"), ("DELETE", "")):
            assert await clerk.no(verb, f"{CASE}/{number}{path}", title="x") == NO_SUCH
        for verb, path in (("PUT", "/access"), ("POST", "/contact")):
            assert await clerk.no(verb, f"{CASE}/{number}{path}", contactid=1) == (NO_SUCH if number else BAD)
    assert await clerk.no("PUT", f"{CASE}/{UNKNOWN}", title="") == BAD
    for path in ("", "/close", "/reopen"):
        assert await clerk.no("PUT", f"{CASE}/{hidden}{path}", by="mia", title="x") == DENIED
    for verb, path in (("GET", ""), ("DELETE", ""), ("GET", "/contact")):
        assert await clerk.no(verb, f"{CASE}/{hidden}{path}", by="mia") == NO_SUCH
    assert await clerk.no("PUT", f"{CASE}/{hidden}/access", by="mia", isPrivate=False) == NO_SUCH


async def test_a_replacement_resets_access_and_keeps_members_that_are_not_named(clerk: Clerk) -> None:
    first, second = (await clerk.company())["id"], (await clerk.company(companyName="Other"))["id"]
    case = await made(clerk, by="mia", shared_with=("noah",), members=[first])
    path = f"{CASE}/{case['id']}"
    by_noah = await clerk.put(path, by="noah", title="Badges", members=[second])
    assert (by_noah["title"], by_noah["isPrivate"], ids(by_noah["members"])) == ("Badges", True, [second])
    by_mia = await clerk.put(path, by="mia", title="Rooms")
    assert (by_mia["title"], by_mia["isPrivate"], ids(by_mia["members"])) == ("Rooms", False, [second])
    await clerk.put(f"{path}/close")
    assert (await clerk.put(path, title="Closed"))["isClosed"] is True


async def test_values_of_custom_fields_are_added_and_never_cleared(clerk: Clerk) -> None:
    field = await clerk.post(f"{CASE}/customfield", label="Door", fieldType=2, mask='["red","blue"]')
    heading = await clerk.post(f"{CASE}/customfield", label="More", fieldType=4)
    values = [{"key": field["id"], "value": " green "}, {"key": UNKNOWN, "value": "x"}]
    case = await made(clerk, customFieldList=values)
    assert [(one["id"], one["fieldValue"]) for one in case["customFields"]] == [
        (field["id"], "green"),
        (heading["id"], ""),
    ]
    again = await clerk.put(f"{CASE}/{case['id']}", title="x", customFieldList=[{"key": field["id"], "value": ""}])
    assert again["customFields"] == case["customFields"]
    assert again["customFields"] == await clerk.get(f"{CASE}/{case['id']}/customfield")


async def test_a_case_is_closed_and_opened_by_who_sees_it(clerk: Clerk) -> None:
    path = f"{CASE}/{(await made(clerk, by='mia'))['id']}"
    for word, closed in (("close", True), ("close", True), ("reopen", False)):
        assert (await clerk.put(f"{path}/{word}", by="noah"))["isClosed"] is closed
        assert (await clerk.get(path))["isClosed"] is closed


async def test_access_is_set_by_administrators_and_the_maker(clerk: Clerk) -> None:
    case = await made(clerk, by="mia")
    path, wish = f"{CASE}/{case['id']}/access", {"isPrivate": True, "accessList": [clerk.cast.noah.uid]}
    assert await clerk.no("PUT", path, by="noah", **wish) == DENIED
    assert people(await clerk.put(path, by="mia", **wish)) == ["mia", "noah"]
    assert people(await clerk.put(path, by="carl", **wish)) == ["carl", "noah"]
    assert (await clerk.put(path, by="carl", isPrivate=True))["isPrivate"] is False


async def test_many_are_shared_and_those_of_others_passed_over(clerk: Clerk) -> None:
    mine, theirs = await made(clerk, by="mia", title="Zeppelin"), await made(clerk, by="noah")
    wish = {"isPrivate": True, "accessList": [clerk.cast.noah.uid]}
    both = [theirs["id"], mine["id"], UNKNOWN]
    (shared,) = await clerk.put(f"{CASE}/access", by="mia", casesid=both, **wish)
    assert (shared["id"], people(shared)) == (mine["id"], ["mia", "noah"])
    assert await clerk.put(f"{CASE}/access", by="mia", **wish) == []
    changed = await clerk.put(f"{FILTER}/access?filterValue=zepp", by="carl", isPrivate=False)
    assert [(case["id"], case["isPrivate"]) for case in changed] == [(mine["id"], False)]
    assert ids(await clerk.put(f"{FILTER}/access", by="carl", **wish)) == [mine["id"], theirs["id"]]


async def test_a_deleted_case_is_answered_without_what_hung_on_it(clerk: Clerk) -> None:
    company = await clerk.company()
    case = await made(clerk, by="mia", shared_with=("noah",), members=[company["id"]])
    gone = await clerk.delete(f"{CASE}/{case['id']}", by="noah")
    assert (gone["id"], gone["title"], gone["members"], gone["isPrivate"]) == (case["id"], "Keys", [], False)
    assert await clerk.no("GET", f"{CASE}/{case['id']}") == NO_SUCH
    assert await titles(clerk) == ""


async def test_several_are_deleted_by_their_ids_or_by_what_matches(clerk: Clerk) -> None:
    cases = [await made(clerk, by="mia", title=title) for title in "abc"]
    hidden = await made(clerk, shared_with=("olga",), title="h")
    assert ids(await clerk.put(CASE, by="mia", casesids=[hidden["id"], cases[1]["id"], UNKNOWN])) == [cases[1]["id"]]
    assert await clerk.put(CASE, by="mia") == []
    assert await clerk.delete(FILTER, by="mia", filterValue="!") == []
    assert ids(await clerk.delete(FILTER, by="mia", filterValue="c")) == [cases[2]["id"]]
    assert await titles(clerk) == "ah"
    assert ids(await clerk.delete(FILTER, by="mia")) == [cases[0]["id"]]
    assert await titles(clerk) == "h"


async def test_the_filter_finds_by_contact_state_tags_and_words(clerk: Clerk) -> None:
    company = await clerk.company()
    await made(clerk, title="a Büro", members=[company["id"]])
    closed, tagged = await made(clerk, title="b"), await made(clerk, title="c")
    await clerk.put(f"{CASE}/{closed['id']}/close")
    await clerk.post(f"{CASE}/{tagged['id']}/tag", tagName="Vip")
    for query, found in (
        ({}, "a Bürocb"),
        ({"contactid": company["id"]}, "a Büro"),
        ({"contactid": UNKNOWN}, ""),
        ({"contactid": 0}, "a Bürocb"),
        ({"isClosed": True}, "b"),
        ({"isClosed": False}, "a Büroc"),
        ({"tags": ["VIP"]}, "c"),
        ({"tags": ["vip", "other"]}, ""),
        ({"filterValue": "bur"}, "a Büro"),
        ({"filterValue": "uro"}, ""),
    ):
        assert await titles(clerk, **query) == found, query


async def test_the_filter_sorts_open_ones_first_and_tells_the_total(clerk: Clerk) -> None:
    for by, title in (("noah", "b"), ("mia", "a"), ("mia", "c")):
        case = await made(clerk, by=by, title=title)
    await clerk.put(f"{CASE}/{case['id']}/close")
    for query, found in (
        ({}, "abc"),
        ({"sortOrder": "descending"}, "abc"),
        ({"sortBy": "Title", "sortOrder": "descending"}, "bac"),
        ({"sortBy": "DateAndTime"}, "bac"),
        ({"sortBy": "createby"}, "abc"),
        ({"sortBy": "Id", "sortOrder": "descending"}, "abc"),
    ):
        assert await titles(clerk, **query) == found, query
    assert (await titles(clerk, sortBy="isClosed", sortOrder="descending"))[0] == "c"
    body = envelope(await clerk.ask("olga", "GET", FILTER, count=1, startIndex=1))
    assert ([case["title"] for case in body["response"]], body["total"], body["nextIndex"]) == (["b"], 3, 3)
    assert envelope(await clerk.ask("olga", "GET", FILTER, filterValue="zzz"))["total"] == 0
    assert await clerk.get(FILTER, type="opportunity") == []


async def test_contacts_join_and_leave_by_any_who_sees_the_case(clerk: Clerk) -> None:
    company, ann = await clerk.company(), await clerk.person()
    path = f"{CASE}/{(await made(clerk, by='mia', members=[company['id']]))['id']}/contact"
    joined = await clerk.post(path, by="noah", contactid=ann["id"])
    assert (joined["id"], joined["isCompany"]) == (ann["id"], False)
    assert await clerk.post(path, by="noah", contactid=ann["id"]) == joined
    assert ids(await clerk.get(path, by="mia")) == [company["id"], ann["id"]]
    assert ids(await clerk.get(path, by="mia", type="company")) == [company["id"]]
    assert (await clerk.delete(f"{path}/{company['id']}", by="noah"))["id"] == company["id"]
    assert ids(await clerk.get(path, by="mia")) == [ann["id"]]
    for number, no in ((0, BAD), (UNKNOWN, NO_SUCH)):
        assert await clerk.no("POST", path, contactid=number) == no
        assert await clerk.no("DELETE", f"{path}/{number}") == no


async def test_a_prefix_finds_thirty_titles_at_most_or_those_of_a_contact(clerk: Clerk) -> None:
    company = await clerk.company()
    await made(clerk, title="Big Keys", members=[company["id"]])
    for place in range(31):
        await made(clerk, title=f"row {place}")
    path = f"{CASE}/byprefix"
    assert [case["title"] for case in await clerk.get(path, prefix="EY bi")] == ["Big Keys"]
    assert len(await clerk.get(path, prefix="row")) == len(await clerk.get(path, prefix="")) == 30
    body = envelope(await clerk.ask("olga", "GET", path, prefix="g K", contactID=company["id"]))
    assert ([case["title"] for case in body["response"]], body["total"]) == (["Big Keys"], 1)
    for said in ({"prefix": "g k", "contactID": company["id"]}, {"prefix": "row", "contactID": company["id"]}):
        assert await clerk.get(path, **said) == []
    assert (await clerk.no("GET", path))[0] == 500


async def test_the_contacts_of_a_case_are_found_by_prefix(clerk: Clerk) -> None:
    company, ann = await clerk.company(), await clerk.person()
    await clerk.company(companyName="Desk elsewhere")
    case = await made(clerk, shared_with=("mia",), members=[company["id"], ann["id"]])
    said = {"prefix": "e", "searchType": -1, "entityType": "Case", "entityID": case["id"]}
    body = envelope(await clerk.ask("mia", "GET", "crm/contact/byprefix", **said))
    assert (ids(body["response"]), body["total"]) == ([ann["id"], company["id"]], 2)
    assert ids(await clerk.get("crm/contact/byprefix", **{**said, "searchType": 0})) == [company["id"]]
    assert await clerk.no("GET", "crm/contact/byprefix", by="noah", **said) == NO_SUCH


async def test_a_tag_goes_on_all_cases_that_match(clerk: Clerk) -> None:
    yes, no = await made(clerk, title="Zeppelin"), await made(clerk)
    assert await clerk.post(f"{FILTER}/taglist?filterValue=zepp", tagName="vip") == "vip"
    assert await clerk.get(f"{CASE}/tag/{yes['id']}") == ["vip"]
    assert await clerk.get(f"{CASE}/tag/{no['id']}") == []
    assert await clerk.post(f"{CASE}/taglist", entityid=[no["id"]], tagName="other") == "other"
    assert await titles(clerk, tags=["other"]) == "Keys"


async def test_tasks_hang_on_cases_and_are_found_by_them(clerk: Clerk) -> None:
    case = (await made(clerk, by="mia", shared_with=("mia",)))["id"]
    needed = {
        "title": "Call",
        "deadline": "2031-05-06T10:00:00",
        "categoryId": clerk.db.rules.items_of("task_category")[0].id,
    }
    on_case = {"entityType": "Case", "entityId": case}
    task = await clerk.post("crm/task", by="mia", **needed, **on_case)
    assert task["entity"] == {"entityType": "case", "entityId": case, "entityTitle": "Keys"}
    assert ids(await clerk.get("crm/task/filter", by="mia", entityType="case", entityid=case)) == [task["id"]]
    assert await clerk.get("crm/task/filter", entityType="case", entityid=UNKNOWN) == []
    assert await clerk.no("GET", f"crm/task/{task['id']}", by="noah") == DENIED
    assert "entity" not in await clerk.post("crm/task", by="noah", **needed, **on_case)
    moved = await clerk.put(f"crm/task/{task['id']}", by="mia", **needed)
    assert "entity" not in moved
    again = await clerk.put(f"crm/task/{task['id']}", by="mia", **needed, entityType="case", entityid=case)
    assert again["entity"]["entityId"] == case
    await clerk.delete(f"{CASE}/{case}", by="mia")
    assert await clerk.no("GET", f"crm/task/{task['id']}", by="mia") == NO_SUCH


async def test_a_guest_and_somebody_without_the_right_get_nothing(clerk: Clerk) -> None:
    case = await made(clerk)
    for by in ("rita", "gus"):
        for verb, path in (("GET", f"{CASE}/{case['id']}"), ("GET", FILTER), ("POST", CASE), ("DELETE", FILTER)):
            assert (await clerk.no(verb, path, by=by, title="x"))[0] == 403
    assert await titles(clerk) == "Keys"
