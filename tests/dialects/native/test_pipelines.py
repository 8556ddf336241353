"""Pipelines, stages and the board in our own API."""

from __future__ import annotations

from typing import Any

from dealwright.actions import opportunities as deals
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import make, pointers


async def test_pipelines_are_made_changed_and_taken_away(olga: Client) -> None:
    answer = await olga.post("/pipelines", json={"name": "Rooms"})
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/v1/pipelines/2")
    assert (await olga.get("/pipelines/2")).json() == answer.json()
    changed = await olga.patch("/pipelines/2", json={"name": "Rooms and desks", "system_id": "R"})
    assert (changed.json()["name"], changed.json()["system_id"]) == ("Rooms and desks", "R")
    assert (await olga.patch("/pipelines/2", json={"is_default": True})).json()["is_default"] is True
    assert [each["id"] for each in (await olga.get("/pipelines")).json()["data"]] == [2, 1]
    both = await olga.patch("/pipelines/1", json={"is_default": True, "name": "x"})
    assert pointers(both) == [("#/is_default", "not_allowed")]
    assert (await olga.patch("/pipelines/2", json={"archived": True})).status_code == 422
    in_use = await olga.delete("/pipelines/2")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "in_use")
    await olga.patch("/pipelines/1", json={"is_default": True})
    assert (await olga.delete("/pipelines/2")).status_code == 204


async def test_stages_stand_in_their_pipelines_order(olga: Client, stages: list[int]) -> None:
    listed = (await olga.get("/pipelines/1/stages")).json()
    assert [each["id"] for each in listed["data"]] == stages
    assert listed["page"] == {"next_cursor": None, "has_more": False}
    assert (await olga.get("/stages?pipeline_id=1")).json() == listed
    assert (await olga.get("/stages")).json() == listed
    assert (await olga.get("/pipelines/9/stages")).status_code == 404


async def test_a_stage_is_made_changed_and_taken_away(olga: Client, stages: list[int]) -> None:
    said = {"title": "Viewing", "probability": 40, "outcome": "open", "required_fields": ["amount", "utm.source"]}
    answer = await olga.post("/stages", json={**said, "position": 2})
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert {name: made[name] for name in said} == said
    order = [each["id"] for each in (await olga.get("/stages")).json()["data"]]
    assert order[1] == made["id"]
    changed = await olga.patch(f"/stages/{made['id']}", json={"outcome": "lost", "expected_days": None})
    assert changed.json()["outcome"] == "lost"
    assert (await olga.delete(f"/stages/{made['id']}")).status_code == 204
    assert (await olga.get(f"/stages/{made['id']}")).status_code == 404


async def test_what_is_wrong_with_a_stage_is_pointed_at(olga: Client) -> None:
    answer = await olga.post("/stages", json={"title": " ", "pipeline_id": 9, "required_fields": ["shoe_size"]})
    assert sorted(pointers(answer)) == [
        ("#/pipeline_id", "unknown"),
        ("#/required_fields", "unknown"),
        ("#/title", "required"),
    ]


async def test_a_stage_with_opportunities_goes_only_with_a_place_for_them(olga: Client, stages: list[int]) -> None:
    await make(olga, stages[0])
    answer = await olga.delete(f"/stages/{stages[0]}")
    assert (answer.status_code, pointers(answer)) == (409, [("#/opportunities", "in_use")])
    answer = await olga.delete(f"/stages/{stages[0]}?move_to=999")
    assert answer.json()["errors"][0]["parameter"] == "move_to"
    assert (await olga.delete(f"/stages/{stages[0]}?move_to={stages[1]}")).status_code == 204
    assert (await olga.get("/opportunities/1")).json()["stage_id"] == stages[1]


async def test_members_look_at_pipelines_and_leave_them_alone(mia: Client, stages: list[int]) -> None:
    assert (await mia.get("/pipelines")).status_code == 200
    answer = await mia.patch("/pipelines/1", json={"name": "Mine"})
    assert (answer.status_code, answer.json()["right"]) == (403, "CrmBoard-Edit")
    answer = await mia.delete(f"/stages/{stages[0]}")
    assert (answer.status_code, answer.json()["right"]) == (403, "CrmBoardColumn-Delete")


# The board --------------------------------------------------------------------------------------------------


async def columns(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The columns of the board."""
    answer = await client.get(f"/pipelines/1/board{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["columns"]
    return found


async def test_the_board_shows_every_stage_with_its_totals_and_first_cards(mia: Client, stages: list[int]) -> None:
    for number in range(5):
        currency = "EUR" if number % 2 else "USD"
        await make(mia, stages[0], title=f"Desk {number}", amount={"amount": "0.10", "currency": currency})
    await make(mia, stages[1])
    board = await columns(mia, "?cards=2")
    assert [column["stage"]["id"] for column in board] == stages
    first, second, third = board[:3]
    assert first["totals"]["amounts"] == [
        {"amount": "0.20", "currency": "EUR"},
        {"amount": "0.30", "currency": "USD"},
    ]
    assert [card["title"] for card in first["cards"]["data"]] == ["Desk 0", "Desk 1"]
    assert (second["totals"]["count"], second["totals"]["priced_count"]) == (1, 0)
    assert second["cards"]["page"] == {"next_cursor": None, "has_more": False}
    assert third["cards"]["data"] == []


async def test_a_column_goes_on_in_the_list_of_opportunities(mia: Client, stages: list[int]) -> None:
    for _ in range(5):
        await make(mia, stages[0])
    await mia.post("/opportunities/5/move", json={"stage_id": stages[0], "before": 1})
    cards = (await columns(mia, "?cards=2"))[0]["cards"]
    cursor = cards["page"]["next_cursor"]
    rest = (await mia.get(f"/opportunities?stage_id={stages[0]}&sort=position&cursor={cursor}")).json()
    assert [each["id"] for each in cards["data"] + rest["data"]] == [5, 1, 2, 3, 4]
    assert rest["page"]["has_more"] is False


async def test_the_board_counts_and_shows_only_what_one_sees(
    db: Database, cast: Cast, people: dict[str, Client], stages: list[int]
) -> None:
    hidden = Change(stage_id=stages[0], sharing=Sharing(True, (cast.noah.uid,)))
    await deals.create(db, cast.noah, hidden)
    await make(people["mia"], stages[0])
    for name, count in {"mia": 1, "noah": 2, "olga": 2}.items():
        column = (await columns(people[name]))[0]
        assert (column["totals"]["count"], len(column["cards"]["data"])) == (count, count)
    assert (await people["rita"].get("/pipelines/1/board")).status_code == 403


async def test_a_board_without_stages_and_one_that_is_not_there(olga: Client) -> None:
    await olga.post("/pipelines", json={"name": "Rooms"})
    assert (await olga.get("/pipelines/2/board")).json()["columns"] == []
    assert (await olga.get("/pipelines/3/board")).status_code == 404
