"""Opportunities in our own API: what is sent is kept, what is guarded is guarded, what is deleted comes back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import pipelines
from dealwright.actions import stages as stage_deeds
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import PipelineChange, StageChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.opportunities import read
from dealwright.storage.writes import Change as Write
from tests.cast import Cast
from tests.dialects.native.conftest import Client

PATCH = {"Content-Type": "application/merge-patch+json"}


async def make(client: Client, stage_id: int, **members: Any) -> dict[str, Any]:
    """Create an opportunity and return it."""
    answer = await client.post("/opportunities", json={"stage_id": stage_id, "title": "Ten desks", **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patch(client: Client, ident: int, **members: Any) -> dict[str, Any]:
    """Change an opportunity and return it."""
    answer = await client.patch(f"/opportunities/{ident}", json=members)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def pointers(answer: Any) -> list[tuple[str, str]]:
    """What is wrong, as (pointer, code)."""
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


# Creating ---------------------------------------------------------------------------------------------------


async def test_a_new_opportunity_is_where_location_says(mia: Client, stages: list[int]) -> None:
    answer = await mia.post("/opportunities", json={"stage_id": stages[0], "title": "Ten desks"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"v1"'
    assert answer.headers["location"] == "/api/v1/opportunities/1"
    there = await mia.get("/opportunities/1")
    assert there.headers["etag"] == '"v1"'
    assert there.json() == answer.json()


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast, stages: list[int]) -> None:
    contact = (await mia.post("/contacts", json={"kind": "company", "name": "Lovelace & Co"})).json()["id"]
    sent = {
        "title": "Zwölf Tische",
        "description": "Mit Lampen",
        "contact_id": contact,
        "member_ids": [contact],
        "referrer_id": contact,
        "agent_id": contact,
        "responsible_id": cast.ids["noah"],
        "amount": {"amount": "-0.000000001", "currency": "JPY"},
        "billing": "month",
        "periods": 12,
        "probability": 55,
        "expected_close_on": "2027-02-28",
        "closed_at": "2026-01-02T03:04:05.000006Z",
        "won_at": None,
        "loss_reason_id": 4,
        "lead_source_id": 1,
        "follow_up_at": "2026-05-01T10:00:00Z",
        "reminded": True,
        "utm": {"source": "a", "medium": "b", "campaign": "c", "content": "d", "term": None},
        "shared_with": [cast.ids["mia"], cast.ids["noah"]],
        "system_id": "S-1",
    }
    made = await make(mia, stages[0], **sent)
    assert {name: made[name] for name in sent} == {**sent, "shared_with": sorted([cast.ids["mia"], cast.ids["noah"]])}
    assert made["responsible_uid"] == cast.noah.uid
    assert made["created_by"] == made["updated_by"] == cast.ids["mia"]
    assert (await mia.get(f"/opportunities/{made['id']}")).json() == made


async def test_an_amount_without_a_currency_is_in_the_currency_of_the_location(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0], amount={"amount": "7"})
    assert made["amount"] == {"amount": "7.00", "currency": "USD"}


async def test_a_stage_is_needed(mia: Client, stages: list[int]) -> None:
    answer = await mia.post("/opportunities", json={"title": "Nowhere"})
    assert answer.status_code == 422
    assert pointers(answer) == [("#/stage_id", "required")]
    answer = await mia.post("/opportunities", json={"stage_id": 777})
    assert pointers(answer) == [("#/stage_id", "unknown")]


async def test_everything_that_is_wrong_is_named_at_once(mia: Client, stages: list[int]) -> None:
    wrong = {"stage_id": "x", "title": 5, "amount": {"amount": 5, "x": 1}, "surprise": 1, "probability": 101}
    answer = await mia.post("/opportunities", json=wrong)
    assert sorted(pointers(answer)) == [
        ("#/amount/amount", "type"),
        ("#/probability", "out_of_range"),
        ("#/stage_id", "type"),
        ("#/surprise", "unknown_member"),
        ("#/title", "type"),
    ]
    said = {"stage_id": stages[0], "contact_id": 99, "loss_reason_id": 777, "kind_id": 5, "custom": {"9": "x"}}
    answer = await mia.post("/opportunities", json=said)
    assert ("#/contact_id", "unknown") in pointers(answer)
    assert ("#/loss_reason_id", "unknown") in pointers(answer)
    answer = await mia.post("/opportunities", json={"stage_id": stages[0], "custom": {"9": "x"}})
    assert pointers(answer) == [("#/custom/9", "unknown")]
    answer = await mia.post("/opportunities", json={"stage_id": stages[0], "responsible_id": 9, "shared_with": [9]})
    assert pointers(answer) == [("#/responsible_id", "unknown"), ("#/shared_with", "unknown")]


async def test_dates_that_no_calendar_has_in_utc_are_refused(mia: Client, stages: list[int]) -> None:
    sent = {"stage_id": stages[0], "closed_at": "0001-01-01T00:00:00+10:00"}
    answer = await mia.post("/opportunities", json=sent)
    assert pointers(answer) == [("#/closed_at", "out_of_range")]


# Changing ---------------------------------------------------------------------------------------------------


async def test_a_patch_changes_what_it_mentions_and_null_clears(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0], description="Old", amount={"amount": "10", "currency": "EUR"})
    changed = await patch(mia, made["id"], description=None, amount={"amount": "12.5"}, utm={"source": "x"})
    assert changed["title"] == "Ten desks"
    assert changed["description"] is None
    assert changed["amount"] == {"amount": "12.50", "currency": "EUR"}
    assert changed["utm"]["source"] == "x"
    assert changed["version"] == 2
    changed = await patch(mia, made["id"], amount=None, utm=None)
    assert changed["amount"] is None
    assert changed["utm"] == dict.fromkeys(("source", "medium", "campaign", "content", "term"))


async def test_a_patch_that_changes_nothing_makes_no_version(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0], amount={"amount": "10", "currency": "EUR"})
    assert await patch(mia, made["id"]) == made
    assert await patch(mia, made["id"], title="Ten desks", amount={"amount": "10.000"}) == made


async def test_both_media_of_a_patch_are_read(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0])
    answer = await mia.patch(f"/opportunities/{made['id']}", content=b'{"title": "A"}', headers=PATCH)
    assert answer.json()["title"] == "A"
    assert (await patch(mia, made["id"], title="B"))["title"] == "B"


async def test_changing_the_stage_moves_to_its_end(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0])
    changed = await patch(mia, made["id"], stage_id=stages[4])
    assert (changed["stage_id"], changed["probability"]) == (stages[4], 50)


async def test_only_the_creator_and_crm_administrators_say_who_sees_it(
    people: dict[str, Client], cast: Cast, stages: list[int]
) -> None:
    made = await make(people["mia"], stages[0])
    said = {"shared_with": [cast.ids["noah"]]}
    refused = await people["noah"].patch(f"/opportunities/{made['id']}", json=said)
    assert refused.status_code == 403
    shared = await patch(people["carl"], made["id"], **said)
    assert shared["shared_with"] == sorted([cast.ids["noah"], cast.ids["carl"]])
    assert (await people["mia"].get(f"/opportunities/{made['id']}")).status_code == 404
    everybody = await patch(people["carl"], made["id"], shared_with=None)
    assert everybody["shared_with"] is None
    assert (await people["mia"].patch(f"/opportunities/{made['id']}", json={"shared_with": []})).status_code == 422


async def test_dates_are_days_where_the_opportunity_stands(
    db: Database, cast: Cast, olga: Client, stages: list[int]
) -> None:
    """Tokyo's Christmas Eve begins while it is still the 23rd in UTC."""
    await db.apply_rules([Write(schema.location, {"time_zone": "Asia/Tokyo"}, {"id": 1})], None)
    made = await make(olga, stages[0], expected_close_on="2026-12-24")
    assert made["expected_close_on"] == "2026-12-24"
    stored = (await read(db, cast.olga, made["id"])).opportunity.expected_close
    assert stored is not None
    assert stored.isoformat() == "2026-12-23T15:00:00+00:00"


async def test_the_first_and_last_days_of_all_are_shown_somehow(
    db: Database, cast: Cast, mia: Client, stages: list[int]
) -> None:
    await db.apply_rules([Write(schema.location, {"time_zone": "America/New_York"}, {"id": 1})], None)
    made = await make(mia, stages[0])
    await db.apply([Write(schema.opportunity, {"expected_close": -62135596800000000}, {"id": made["id"]})])
    answer = await mia.get(f"/opportunities/{made['id']}")
    assert date.fromisoformat(answer.json()["expected_close_on"]) == date.min


# Conditions -------------------------------------------------------------------------------------------------


async def test_what_one_has_already_is_not_sent_again(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0])
    path = f"/opportunities/{made['id']}"
    for known in ('"v1"', 'W/"v1"', '"x", "v1"', "*"):
        answer = await mia.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"v1"')
    for other in ('"v2"', '""', '"x"'):
        assert (await mia.get(path, headers={"If-None-Match": other})).status_code == 200
    await patch(mia, made["id"], title="Other")
    assert (await mia.get(path, headers={"If-None-Match": '"v1"'})).status_code == 200


async def test_only_the_default_body_has_a_tag(mia: Client, stages: list[int]) -> None:
    await make(mia, stages[0])
    for query in ("fields=id,title", "include=stage"):
        answer = await mia.get(f"/opportunities/1?{query}", headers={"If-None-Match": "*"})
        assert answer.status_code == 200
        assert "etag" not in answer.headers


async def test_a_lost_update_is_told_what_is_there_now(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0])
    path = f"/opportunities/{made['id']}"
    await patch(mia, made["id"], title="Twelve desks", probability=40)
    sent = {"title": "Nine desks", "probability": 40, "amount": {"amount": "5"}, "utm": {"source": None}}
    answer = await mia.patch(path, json=sent, headers={"If-Match": '"v1"'})
    assert answer.status_code == 412
    assert answer.headers["etag"] == '"v2"'
    assert answer.json()["differing"] == ["title", "amount"]
    assert answer.json()["current"] == (await mia.get(path)).json()
    assert (await mia.patch(path, json=sent, headers={"If-Match": '"v1", "v2"'})).status_code == 200
    assert (await mia.patch(path, json=sent, headers={"If-Match": "*"})).status_code == 200


@pytest.mark.parametrize("tags", ['W/"v1"', '"x"', '"v2"', '""'])
async def test_a_tag_that_is_not_the_present_version_matches_nothing(mia: Client, stages: list[int], tags: str) -> None:
    await make(mia, stages[0])
    said = {"If-Match": tags}
    assert (await mia.patch("/opportunities/1", json={"title": "x"}, headers=said)).status_code == 412
    assert (await mia.post("/opportunities/1/win", headers=said)).status_code == 412
    assert (await mia.post("/opportunities/1/lose", headers=said)).status_code == 412
    assert (await mia.post("/opportunities/1/move", json={"stage_id": stages[1]}, headers=said)).status_code == 412
    assert (await mia.delete("/opportunities/1", headers=said)).status_code == 412
    assert (await mia.get("/opportunities/1")).json()["version"] == 1


@pytest.mark.parametrize("tags", ["v1", '"v1', '"v1" "v2"', "x" * 100, ", ".join(['"v9"'] * 21)])
async def test_a_condition_that_cannot_be_read_is_refused(mia: Client, stages: list[int], tags: str) -> None:
    await make(mia, stages[0])
    answer = await mia.patch("/opportunities/1", json={"title": "x"}, headers={"If-Match": tags})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_condition")


# Moving and closing -----------------------------------------------------------------------------------------


async def cards(client: Client, stage_id: int) -> list[int]:
    """The ids of a stage's cards in their order."""
    answer = await client.get(f"/opportunities?stage_id={stage_id}&sort=position")
    return [each["id"] for each in answer.json()["data"]]


async def test_a_card_goes_before_after_at_and_to_the_end(mia: Client, stages: list[int]) -> None:
    for _ in range(4):
        await make(mia, stages[0])
    there = {"stage_id": stages[0]}
    for said, order in [
        ({"before": 1}, [4, 1, 2, 3]),
        ({"after": 2}, [1, 2, 4, 3]),
        ({"position": 0}, [4, 1, 2, 3]),
        ({"after": 3}, [1, 2, 3, 4]),
    ]:
        answer = await mia.post("/opportunities/4/move", json={**there, **said})
        assert answer.status_code == 200, answer.text
        assert await cards(mia, stages[0]) == order
    answer = await mia.post("/opportunities/1/move", json={"stage_id": stages[1]})
    assert await cards(mia, stages[1]) == [1]
    answer = await mia.post("/opportunities/2/move", json={"stage_id": stages[1], "before": 1})
    assert await cards(mia, stages[1]) == [2, 1]


async def test_a_move_answers_with_the_card_and_both_totals(mia: Client, stages: list[int]) -> None:
    await make(mia, stages[0], amount={"amount": "10.10", "currency": "EUR"})
    await make(mia, stages[0], amount={"amount": "1", "currency": "USD"})
    await make(mia, stages[0])
    answer = (await mia.post("/opportunities/1/move", json={"stage_id": stages[2]})).json()
    assert answer["opportunity"]["stage_id"] == stages[2]
    left, entered = answer["totals"]
    assert (left["stage_id"], left["count"], left["priced_count"]) == (stages[0], 2, 1)
    assert left["amounts"] == [{"amount": "1.00", "currency": "USD"}]
    assert (entered["stage_id"], entered["count"]) == (stages[2], 1)
    assert entered["amounts"] == [{"amount": "10.10", "currency": "EUR"}]


async def test_a_move_beside_a_card_that_is_not_there_is_refused(mia: Client, stages: list[int]) -> None:
    await make(mia, stages[0])
    await make(mia, stages[1])
    move = "/opportunities/1/move"
    answer = await mia.post(move, json={"stage_id": stages[0], "before": 99})
    assert pointers(answer) == [("#/before", "unknown")]
    answer = await mia.post(move, json={"stage_id": stages[0], "after": 2})
    assert pointers(answer) == [("#/after", "not_allowed")]
    answer = await mia.post(move, json={"stage_id": stages[0], "after": 2, "position": 7})
    assert pointers(answer) == [("#/position", "not_allowed")]
    answer = await mia.post(move, json={"stage_id": 99})
    assert pointers(answer) == [("#/stage_id", "unknown")]


async def test_a_move_lists_what_the_stage_requires_and_takes_it_along(db: Database, cast: Cast, mia: Client) -> None:
    first = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    strict = await stage_deeds.create(
        db, cast.olga, StageChange(title="Strict", required_fields=("amount", "utm_source"))
    )
    await make(mia, first)
    answer = await mia.post("/opportunities/1/move", json={"stage_id": strict.id})
    assert answer.status_code == 422
    assert pointers(answer) == [("#/values/amount/amount", "required"), ("#/values/utm/source", "required")]
    values = {"amount": {"amount": "5"}, "utm": {"source": "fair"}}
    answer = await mia.post("/opportunities/1/move", json={"stage_id": strict.id, "values": values})
    assert answer.status_code == 200
    assert answer.json()["opportunity"]["utm"]["source"] == "fair"


async def test_winning_and_losing_are_moves(mia: Client, stages: list[int]) -> None:
    await make(mia, stages[0])
    won = (await mia.post("/opportunities/1/win")).json()
    assert (won["stage_id"], won["outcome"], won["probability"]) == (stages[-2], "won", 100)
    assert won["won_at"] == won["closed_at"] is not None
    answer = await mia.post("/opportunities/1/lose", json={"reason_id": 4})
    lost = answer.json()
    assert (lost["stage_id"], lost["outcome"], lost["loss_reason_id"]) == (stages[-1], "lost", 4)
    assert answer.headers["etag"] == '"v3"'
    answer = await mia.post("/opportunities/1/lose", json={"reason_id": 777})
    assert pointers(answer) == [("#/reason_id", "unknown")]


async def test_a_pipeline_without_a_won_stage_wins_in_place(db: Database, cast: Cast, mia: Client) -> None:
    pipeline = await pipelines.create(db, cast.olga, PipelineChange(name="Rooms"))
    stage = await stage_deeds.create(db, cast.olga, StageChange(title="Asked", pipeline_id=pipeline.id))
    await make(mia, stage.id)
    won = (await mia.post("/opportunities/1/win", json={})).json()
    assert (won["stage_id"], won["outcome"], won["completed"]) == (stage.id, "won", True)


# The trash --------------------------------------------------------------------------------------------------


async def test_what_is_deleted_is_gone_and_comes_back(mia: Client, stages: list[int]) -> None:
    made = await make(mia, stages[0])
    path = f"/opportunities/{made['id']}"
    answer = await mia.delete(path, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await mia.get(path)).status_code == 404
    assert (await mia.patch(path, json={"title": "x"})).status_code == 404
    assert (await mia.delete(path)).status_code == 404
    assert (await mia.get("/opportunities")).json()["data"] == []
    back = await mia.post(f"{path}/restore")
    assert back.status_code == 200
    assert back.json()["title"] == "Ten desks"
    assert back.headers["etag"] == f'"v{back.json()["version"]}"'
    assert (await mia.post(f"{path}/restore")).status_code == 404


async def test_a_restore_asks_for_a_stage_where_the_old_one_is_gone(db: Database, cast: Cast, mia: Client) -> None:
    first = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    passing = await stage_deeds.create(db, cast.olga, StageChange(title="Passing"))
    await make(mia, passing.id)
    await mia.delete("/opportunities/1")
    await stage_deeds.delete(db, cast.olga, passing.id)
    answer = await mia.post("/opportunities/1/restore")
    assert pointers(answer) == [("#/stage_id", "required")]
    answer = await mia.post("/opportunities/1/restore", json={"stage_id": first})
    assert (answer.status_code, answer.json()["stage_id"]) == (200, first)


# Who may ----------------------------------------------------------------------------------------------------


async def test_what_is_hidden_is_not_there(
    db: Database, cast: Cast, people: dict[str, Client], stages: list[int]
) -> None:
    hidden = await deals.create(db, cast.noah, Change(stage_id=stages[0], sharing=Sharing(True, (cast.noah.uid,))))
    path = f"/opportunities/{hidden.opportunity.id}"
    assert (await people["noah"].get(path)).status_code == 200
    assert (await people["olga"].get(path)).status_code == 200
    assert (await people["mia"].get(path)).status_code == 404
    for deed in ("win", "lose", "restore"):
        assert (await people["mia"].post(f"{path}/{deed}")).status_code == 404
    assert (await people["mia"].post(f"{path}/move", json={"stage_id": stages[1]})).status_code == 404


async def test_a_right_that_is_missing_is_named(people: dict[str, Client], stages: list[int]) -> None:
    await make(people["mia"], stages[0])
    rita = people["rita"]
    assert (await rita.get("/opportunities/1")).status_code == 200
    assert (await rita.get("/opportunities")).status_code == 200
    for method, path, right in [
        ("PATCH", "/opportunities/1", "CrmOpportunity-Edit"),
        ("DELETE", "/opportunities/1", "CrmOpportunity-Delete"),
        ("POST", "/opportunities", "CrmOpportunity-Create"),
    ]:
        answer = await rita.request(method, path, json={"stage_id": stages[0]})
        assert (answer.status_code, answer.json()["right"]) == (403, right)
    assert (await people["gus"].get("/opportunities/1")).status_code == 403


async def test_a_right_that_was_just_given_by_somebody_elses_process_counts(
    db: Database, cast: Cast, people: dict[str, Client], stages: list[int], database_url: str
) -> None:
    """This process believes the old rules until something makes it look; a refusal does."""
    from dealwright.actions import people as staff
    from dealwright.domain.people import UserChange
    from dealwright.storage.database import connect
    from tests.cast import role

    await make(people["mia"], stages[0])
    assert (await people["rita"].post("/opportunities/1/win")).status_code == 403
    other = await connect(database_url)
    roles = [*db.rules.users[cast.ids["rita"]].role_ids, role(db, "CrmOpportunity-Edit")]
    await staff.change_user(other, None, cast.ids["rita"], UserChange(role_ids=roles))
    await other.close()
    assert (await people["rita"].post("/opportunities/1/win")).status_code == 200
