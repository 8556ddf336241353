"""Reports and the public form in our own API."""

from __future__ import annotations

from decimal import Decimal

from dealwright.actions import opportunities
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client


async def deal(db: Database, cast: Cast, stage: int, amount: int, sharing: Sharing | None = None) -> None:
    change = Change(stage_id=stage, amount=Decimal(amount), currency="USD", responsible=cast.noah.uid)
    if sharing is not None:
        change.sharing = sharing
    await opportunities.create(db, cast.noah, change)


async def test_a_report_says_what_the_caller_sees(
    db: Database, cast: Cast, stages: list[int], mia: Client, olga: Client
) -> None:
    await deal(db, cast, stages[-2], 10)
    await deal(db, cast, stages[-2], 500, Sharing(True, (cast.noah.uid,)))
    for client, value in ((mia, "10.00"), (olga, "510.00")):
        answer = (await client.get("/reports/data", params={"kind": "sales_by_managers", "period": "today"})).json()
        [sheet] = answer["sheets"]
        assert [column["form"] for column in sheet["columns"][:3]] == ["text", "count", "money"]
        assert sheet["rows"][0][0] == "Noah Example"
        assert sheet["rows"][0][2] == value
        assert (answer["has_data"], answer["missing_rates"], answer["currency"]) == (True, [], "USD")
    narrowed = {"kind": "sales_by_managers", "manager_id": str(cast.ids["mia"])}
    assert not (await olga.get("/reports/data", params=narrowed)).json()["has_data"]


async def test_there_are_ten_reports(mia: Client) -> None:
    assert len({one["kind"] for one in (await mia.get("/reports")).json()["data"]}) == 10


async def test_a_report_that_there_is_none_of_is_refused(mia: Client) -> None:
    for query in ({"kind": "horoscope"}, {"kind": "sales_funnel", "period": "soon"}, {"manager_id": "99"}):
        answer = await mia.get("/reports/data", params={"kind": "sales_funnel", **query})
        assert answer.status_code == 400, query
    wrong = await mia.post("/reports/work", json={"kind": "sales_funnel", "manager_ids": [99]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/manager_ids")


async def test_a_report_that_is_being_made_can_be_watched_and_ended(mia: Client, olga: Client) -> None:
    assert (await mia.get("/reports/work")).status_code == 404
    began = await mia.post("/reports/work", json={"kind": "sales_funnel"})
    assert (began.status_code, began.json()["state"]) == (202, "waiting")
    assert (await mia.get("/reports/work")).json()["id"] == began.json()["id"]
    assert (await olga.get("/reports/work")).status_code == 404
    assert (await mia.delete("/reports/work")).status_code == 204
    assert (await mia.get("/report-files")).json()["data"] == []


async def test_nobody_reports_without_the_right(people: dict[str, Client]) -> None:
    assert (await people["rita"].get("/reports/data", params={"kind": "sales_funnel"})).status_code == 403


async def test_the_public_form_is_designed_by_crm_administrators(
    stages: list[int], mia: Client, people: dict[str, Client]
) -> None:
    carl = people["carl"]
    assert (await carl.get("/web-form")).status_code == 404
    key = (await carl.post("/web-form/key", json={})).json()["key"]
    said = {"title": "Ask us", "stage_id": stages[1]}
    headers = {"Content-Type": "application/merge-patch+json"}
    changed = (await carl.patch("/web-form", json=said, headers=headers)).json()
    assert (changed["key"], changed["path"], changed["title"]) == (key, f"/forms/{key}", "Ask us")
    assert (await mia.get("/web-form")).json() == changed
    assert (await mia.patch("/web-form", json=said, headers=headers)).status_code == 403
    assert (await mia.post("/web-form/key", json={})).status_code == 403
    without = (await carl.patch("/web-form", json={"stage_id": None}, headers=headers)).json()
    assert (without["stage_id"], without["title"]) == (None, "Ask us")
