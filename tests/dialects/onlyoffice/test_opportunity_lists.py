"""Finding opportunities over the wire: filters, orders, pages, and deeds on whatever matches (opportunities §2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import many
from dealwright.dialects.onlyoffice import opportunity_lists
from dealwright.domain.contact import Share
from tests.dialects.onlyoffice.desk import Desk, Json

LIST = "crm/opportunity/filter"
UNKNOWN = 999_999_999


@pytest.fixture
async def company(desk: Desk) -> int:
    return await desk.contact("ACME")


@pytest.fixture
async def deals(desk: Desk, company: int) -> list[Json]:
    """Four deals, each with something of its own to be found by."""
    made = [
        await desk.sale(title="Delta desk", bidValue=3, responsibleid=desk.cast.noah.uid, stageid=desk.stage(3)),
        await desk.sale(title="alpha chair", bidValue=1, contactid=company, description="by the big window"),
        await desk.sale(title="Charlie Desk lamp", bidValue=20, members=[company], expectedCloseDate="2031-05-06"),
        await desk.sale(
            title="Bravo", stageid=desk.stage(-2), actualCloseDate="2031-05-07", responsibleid=desk.cast.olga.uid
        ),
    ]
    await desk.tag(made[0], "Héllo World")
    return made


async def found(desk: Desk, who: str = "mia", path: str = LIST, **params: Any) -> str:
    """The first letters of the titles that are answered."""
    given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
    return "".join(deal["title"][0].lower() for deal in await desk.ok(who, "GET", path, params=given))


async def test_the_default_order_is_by_stage_whatever_sort_order_says(desk: Desk, deals: list[Json]) -> None:
    assert await found(desk) == await found(desk, sortOrder="descending")
    assert (await found(desk))[2:] == "db"


@pytest.mark.parametrize(
    ("order", "letters"),
    [
        ("Title", "abcd"),
        ("bidvalue", "badc"),
        ("ID", "dacb"),
        ("DateAndTime", "dacb"),
        ("stage", None),
        ("responsible", None),
    ],
)
async def test_a_list_is_sorted_either_way(desk: Desk, deals: list[Json], order: str, letters: str | None) -> None:
    up = await found(desk, sortBy=order)
    assert up == (letters or up)
    assert await found(desk, sortBy=order, sortOrder="descending") == up[::-1]
    assert sorted(up) == list("abcd")


async def test_an_unknown_order_sorts_everything_by_that_member_of_the_answer(desk: Desk, deals: list[Json]) -> None:
    assert await found(desk, sortBy="description,title", sortOrder="descending") == "adcb"
    reply = await desk.send("mia", "GET", LIST, params={"sortBy": "bidValue,id", "count": 2})
    assert [deal["bidValue"] for deal in reply.json()["response"]] == [1, 3]
    assert (reply.json()["total"], reply.json()["nextIndex"]) == (4, 3)


@pytest.mark.parametrize(
    ("params", "letters"),
    [
        ({"filterValue": "desk"}, "cd"),
        ({"filterValue": "LAM desk"}, "c"),
        ({"filterValue": "window"}, "a"),
        ({"filterValue": "indow"}, ""),
        ({"filterValue": "desk,nonsense"}, "cd"),
        ({"filterValue": "!?"}, ""),
        ({"stageType": "ClosedAndWon"}, "b"),
        ({"stageType": "successfully closed"}, "b"),
        ({"stageType": "0"}, "acd"),
        ({"stageType": "7"}, ""),
        ({"tags": "hello  WORLD"}, "d"),
        ({"tags[]": ["Hello World", "other"]}, ""),
        ({"tags": ""}, ""),
        ({"fromDate": "2031-05-06", "toDate": "2031-05-07"}, "bc"),
        ({"fromDate": "2031-05-07", "toDate": "2031-05-08"}, "b"),
        ({"fromDate": "2031-05-06"}, ""),
        ({"toDate": "2031-05-06", "filterValue": "desk"}, "cd"),
        ({"contactAlsoIsParticipant": "true"}, ""),
        ({"contactAlsoIsParticipant": "false", "filterValue": "desk"}, "cd"),
        ({"type": "opportunity"}, "abcd"),
        ({"type": "task"}, ""),
        ({"contactid": UNKNOWN}, ""),
        ({"contactid": 0, "opportunityStagesid": -1}, "abcd"),
    ],
    ids=str,
)
async def test_a_filter_finds_what_the_contract_says(desk: Desk, deals: list[Json], params: Json, letters: str) -> None:
    assert await found(desk, sortBy="title", **params) == letters


async def test_people_stages_and_contacts_filter(desk: Desk, deals: list[Json], company: int) -> None:
    assert await found(desk, responsibleid=desk.cast.noah.uid) == "d"
    assert await found(desk, opportunityStagesid=desk.stage(3)) == "d"
    assert await found(desk, contactid=company) == "a"
    assert await found(desk, contactid=company, contactAlsoIsParticipant=True, sortBy="title") == "ac"
    only_primary = await desk.contact("Umbrella")
    await desk.ok("mia", "PUT", f"crm/opportunity/{deals[3]['id']}", data=desk.form(title="B", contactid=only_primary))
    assert await found(desk, contactid=only_primary, contactAlsoIsParticipant=True) == "b"


async def test_a_page_tells_where_it_stands(desk: Desk, deals: list[Json]) -> None:
    params = {"sortBy": "title", "count": 2, "startIndex": 1, "fields": "title"}
    reply = await desk.send("mia", "GET", LIST, params=params)
    assert reply.json() == {
        **{"count": 2, "startIndex": 1, "nextIndex": 4, "total": 4, "status": 0, "statusCode": 200},
        "response": [{"title": "Bravo"}, {"title": "Charlie Desk lamp"}],
    }
    nothing = await desk.send("mia", "GET", LIST, params={"filterValue": "nonsense"})
    assert nothing.json() == {"total": 0, "status": 0, "statusCode": 200, "response": []}


async def test_a_row_equals_the_single_form_but_for_the_access_list(desk: Desk, deals: list[Json]) -> None:
    row = (await desk.ok("mia", "GET", LIST, params={"filterValue": "alpha"}))[0]
    deal = await desk.ok("mia", "GET", f"crm/opportunity/{row['id']}")
    assert row == {name: value for name, value in deal.items() if name != "accessList"}


async def test_a_private_deal_is_in_no_list_of_others(desk: Desk, company: int) -> None:
    await desk.sale(title="Secret", contactid=company, isPrivate=True, accessList=[desk.cast.noah.uid])
    lists: tuple[tuple[str, Json], ...] = (
        (LIST, {}),
        ("crm/opportunity/byprefix", {"prefix": "sec"}),
        (f"crm/opportunity/bycontact/{company}", {}),
    )
    for path, params in lists:
        assert await found(desk, "noah", path, **params) == "s"
        assert await found(desk, "rita", path, **params) == ""


async def test_a_prefix_is_looked_for_word_by_word_anywhere_in_the_title(
    desk: Desk, deals: list[Json], company: int
) -> None:
    path = "crm/opportunity/byprefix"
    assert await found(desk, path=path, prefix="ESK") == "cd"
    assert await found(desk, path=path, prefix="amp esk") == "c"
    assert await found(desk, path=path, prefix="") == "abcd"
    assert await found(desk, path=path, prefix="", contactID=company) == "bd"
    assert (await desk.refusal("mia", "GET", path))[0] == 500


async def test_a_prefix_inside_a_contact_is_looked_for_as_it_is(desk: Desk, deals: list[Json], company: int) -> None:
    params: Json = {"prefix": "Desk", "contactID": company, "internalSearch": "true"}
    reply = await desk.send("mia", "GET", "crm/opportunity/byprefix", params=params)
    assert ([deal["title"] for deal in reply.json()["response"]], reply.json()["total"]) == (["Charlie Desk lamp"], 1)
    assert await found(desk, path="crm/opportunity/byprefix", **{**params, "prefix": "desk"}) == ""
    assert await found(desk, path="crm/opportunity/byprefix", **{**params, "prefix": ""}) == "ac"


async def test_thirty_are_enough_for_a_prefix(desk: Desk) -> None:
    for number in range(31):
        await desk.sale(title=f"Row {number:02}")
    assert len(await desk.ok("mia", "GET", "crm/opportunity/byprefix?prefix=row")) == 30


async def test_the_deals_of_a_contact_are_listed_by_title(desk: Desk, deals: list[Json], company: int) -> None:
    assert await found(desk, path=f"crm/opportunity/bycontact/{company}") == "ac"
    assert await found(desk, path=f"crm/opportunity/bycontact/{UNKNOWN}") == ""


async def test_a_filter_delete_takes_the_matches_alone(desk: Desk, deals: list[Json]) -> None:
    gone = await desk.ok("noah", "DELETE", LIST, params={"filterValue": "desk"})
    assert sorted(deal["title"] for deal in gone) == ["Charlie Desk lamp", "Delta desk"]
    assert all(deal["accessList"] == deal["members"] == [] for deal in gone)
    assert await found(desk, sortBy="title") == "ab"


@pytest.mark.parametrize(
    "params", [{"filterValue": "!"}, {"fromDate": "2031-01-01"}, {"contactAlsoIsParticipant": "true"}]
)
async def test_a_filter_that_says_nothing_deletes_nothing(desk: Desk, deals: list[Json], params: Json) -> None:
    assert await desk.ok("mia", "DELETE", LIST, params=params) == []
    assert len(await found(desk)) == 4


async def test_without_a_filter_everything_visible_is_deleted(desk: Desk, deals: list[Json]) -> None:
    kept = await desk.sale("olga", title="Kept", isPrivate=True, accessList=[desk.cast.olga.uid])
    assert len(await desk.ok("mia", "DELETE", LIST)) == 4
    assert [deal["id"] for deal in await desk.ok("olga", "GET", LIST)] == [kept["id"]]


async def test_the_list_needs_its_right(desk: Desk) -> None:
    assert await desk.refusal("gus", "GET", LIST) == (403, "Forbidden")
    assert await desk.ok("rita", "GET", LIST) == []


async def test_an_unreadable_filter_is_refused(desk: Desk) -> None:
    for params in ({"stageType": "Sleeping"}, {"responsibleid": "x"}, {"fromDate": "2031"}, {"contactid": "x"}):
        assert (await desk.refusal("mia", "GET", LIST, params=params))[0] == 400


async def test_a_list_of_a_hidden_contact_is_no_way_to_see_it(desk: Desk) -> None:
    hidden = await desk.contact("Hidden", Share.NOBODY, (desk.cast.noah.uid,))
    await desk.sale("noah", contactid=hidden)
    (row,) = await desk.ok("mia", "GET", f"crm/opportunity/bycontact/{hidden}")
    assert (row.get("contact"), row["members"]) == (None, [])


async def test_more_than_one_call_can_answer_is_refused(
    desk: Desk, deals: list[Json], company: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opportunity_lists, "WIDEST", 1)
    for method, path in (
        ("GET", f"{LIST}?sortBy=created"),
        ("GET", f"crm/opportunity/bycontact/{company}"),
    ):
        assert await desk.refusal("mia", method, path) == (503, "The list is too wide; narrow the filter.")


async def test_a_deed_over_more_than_an_answer_holds_tells_how_many_there_were(
    desk: Desk, deals: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "CHUNK", 2)
    monkeypatch.setattr(many, "SHOWN", 2)
    shared = (await desk.send("mia", "PUT", f"{LIST}/access")).json()
    assert (shared["count"], shared["response"][0]["isPrivate"]) == (2, False)
    gone = (await desk.send("mia", "DELETE", LIST)).json()
    assert (gone["count"], gone["total"], len(gone["response"])) == (2, 4, 2)
    assert not await found(desk)
