"""Boards, columns and histories over the wire (crm §2, §3 and §5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import currencies, opportunities
from dealwright.domain.currency import Quote
from dealwright.domain.opportunity import Change, Sharing
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, path_of


async def board(counter: Counter, name: str = "Rooms") -> Json:
    """Make a board."""
    return await counter.post("CrmBoard", BusinessId=counter.location, Name=name)


async def column(counter: Counter, board_id: int, name: str = "Lead", **members: Any) -> Json:
    """Make a column at the end of a board."""
    return await counter.post("CrmBoardColumn", CrmBoardId=board_id, Name=name, **{"Position": 9999, **members})


async def test_columns_are_numbered_by_hundreds_in_the_order_they_ask_for(counter: Counter) -> None:
    ident = (await board(counter))["Id"]
    made = [await column(counter, ident, f"Stage {place}", Position=place) for place in (1, 2, 3)]
    assert [one["Position"] for one in made] == [1, 100, 200]
    await counter.put("CrmBoardColumn", {**made[0], "Position": 9999})
    rows = await counter.rows("CrmBoardColumn", CrmBoardColumn_CrmBoard=ident, orderby="Position")
    assert [row["Name"] for row in rows] == ["Stage 2", "Stage 3", "Stage 1"]
    assert [row["Position"] for row in rows] == [1, 100, 200]


async def test_a_column_cannot_both_win_and_lose(counter: Counter) -> None:
    body = {"CrmBoardId": (await board(counter))["Id"], "Name": "Both", "Position": 1}
    named = await counter.refused("CrmBoardColumn", "POST", {**body, "WinOpportunity": True, "LoseOpportunity": True})
    assert named == ["LoseOpportunity"]


async def test_flags_and_lists_that_we_only_keep_come_back_and_are_reset(counter: Counter) -> None:
    flags: Json = {"Bookings": True, "ConfirmTour": True, "UseTaskListAsResponsible": True}
    made = await column(counter, (await board(counter))["Id"], **flags, Products=[5, 6], Resources=[9])
    assert {name: made[name] for name in flags} == flags
    body = {name: made[name] for name in ("Id", "CrmBoardId", "Name", "Position")}
    less = await counter.put("CrmBoardColumn", {**body, "AddedProducts": [7], "RemovedProducts": [5]})
    assert (less["Products"], less["Resources"], less["AddedProducts"]) == ([6, 7], [9], None)
    assert not any(less[name] for name in flags)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"CrmBoardId": NO_ID}, ["CrmBoard"]),
        ({"TaskListId": NO_ID, "CannedResponseId": NO_ID}, ["CannedResponse", "TaskList"]),
        ({"Name": " "}, ["Name"]),
    ],
)
async def test_a_column_that_points_at_nothing_is_refused(counter: Counter, members: Json, named: list[str]) -> None:
    body = {"CrmBoardId": (await board(counter))["Id"], "Name": "Lead", "Position": 1, **members}
    assert sorted(await counter.refused("CrmBoardColumn", "POST", body)) == named


async def test_what_stands_in_a_column_is_counted_as_the_caller_sees_it(counter: Counter) -> None:
    ident = counter.stage(0)
    await counter.deal(Value=100, DueDate="2001-01-01T00:00:00Z")
    hidden = await counter.deal(Value=50)
    sharing = Sharing(True, (counter.cast.mia.uid, counter.cast.carl.uid))
    await opportunities.change(counter.db, counter.cast.mia, hidden["Id"], Change(sharing=sharing))
    foreign = await counter.deal(Value=7)
    change = Change(amount=Decimal(10), currency="EUR")
    await opportunities.change(counter.db, counter.cast.mia, foreign["Id"], change)
    for name, expected in (("mia", (3, 150.0, 1)), ("noah", (2, 100.0, 1)), ("olga", (3, 150.0, 1))):
        seen = await counter.get("CrmBoardColumn", ident, name)
        assert (seen["OpportunitiesCount"], seen["OpportunitiesValue"], seen["DueCount"]) == expected
    await currencies.set_rate(counter.db, counter.cast.olga, Quote("EUR", "USD", Decimal(2)))
    assert (await counter.get("CrmBoardColumn", ident))["OpportunitiesValue"] == 170.0
    first = (await counter.rows("CrmBoardColumn", orderby="OpportunitiesValue", dir=1))[0]
    assert first["Id"] == ident


async def test_a_board_with_columns_and_a_column_with_deals_stay(counter: Counter) -> None:
    deal = await counter.deal()
    for entity, ident in (("CrmBoardColumn", deal["CrmBoardColumnId"]), ("CrmBoard", deal["CrmBoardColumnCrmBoardId"])):
        reply = await counter.send("olga", "DELETE", path_of(entity, ident))
        assert (reply.status_code, reply.json()["WasSuccessful"]) == (200, False)
        assert ("stages" in reply.json()["Message"]) or ("opportunities" in reply.json()["Message"])
        await counter.get(entity, ident)


async def test_an_empty_board_and_column_go(counter: Counter) -> None:
    ident = (await board(counter))["Id"]
    stage = await column(counter, ident)
    for entity, gone in (("CrmBoardColumn", stage["Id"]), ("CrmBoard", ident)):
        assert (await counter.send("olga", "DELETE", path_of(entity, gone))).json()["WasSuccessful"] is True
        assert (await counter.send("olga", "GET", path_of(entity, gone))).status_code == 404


async def test_members_may_read_boards_and_not_shape_them(counter: Counter) -> None:
    assert await counter.ids("CrmBoard", "mia")
    body = {"BusinessId": counter.location, "Name": "Mine"}
    assert (await counter.send("mia", "POST", path_of("CrmBoard"), json=body)).status_code == 401


async def test_every_move_is_a_step_of_history(counter: Counter) -> None:
    deal = await counter.deal()
    moved = await counter.put("CrmOpportunity", {**deal, "CrmBoardColumnId": counter.stage(1)}, "mia")
    first, second = await counter.rows("CrmOpportunityHistory", CrmOpportunityHistory_CrmOpportunity=deal["Id"])
    assert (first["OldCrmBoardColumnId"], first["FromTime"]) == (None, None)
    assert (second["OldCrmBoardColumnName"], second["NewCrmBoardColumnName"]) == (
        deal["CrmBoardColumnName"],
        moved["CrmBoardColumnName"],
    )
    assert (second["FromTime"], second["UserFullName"]) == (first["ToTime"], "Mia Example")


async def test_a_client_may_write_correct_and_remove_steps_of_its_own(counter: Counter) -> None:
    deal = await counter.deal()
    body = {"CrmOpportunityId": deal["Id"], "NewCrmBoardColumnId": counter.stage(2), "ToTime": "2026-02-03T04:05:06Z"}
    step = await counter.post("CrmOpportunityHistory", **body)
    changed = await counter.put("CrmOpportunityHistory", {**step, "OldCrmBoardColumnId": counter.stage(1)})
    assert changed["OldCrmBoardColumnId"] == counter.stage(1)
    assert (await counter.send("olga", "DELETE", path_of("CrmOpportunityHistory", step["Id"]))).status_code == 200
    assert step["Id"] not in await counter.ids("CrmOpportunityHistory")


async def test_the_history_of_a_hidden_deal_is_hidden(counter: Counter) -> None:
    deal = await counter.deal()
    sharing = Sharing(True, (counter.cast.mia.uid, counter.cast.carl.uid))
    await opportunities.change(counter.db, counter.cast.mia, deal["Id"], Change(sharing=sharing))
    (step,) = await counter.rows("CrmOpportunityHistory")
    assert await counter.rows("CrmOpportunityHistory", "noah") == []
    assert (await counter.send("noah", "GET", path_of("CrmOpportunityHistory", step["Id"]))).status_code == 404
