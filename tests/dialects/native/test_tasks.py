"""Tasks in our own API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_contacts import ADA
from tests.dialects.native.test_contacts import add as add_contact
from tests.dialects.native.test_opportunities import pointers

DUE = "2031-05-06T10:00:00Z"


async def add(client: Client, title: str = "Call Ada", **members: Any) -> dict[str, Any]:
    """Create a task and return it."""
    answer = await client.post("/tasks", json={"title": title, **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def wrong_at(answer: httpx.Response) -> list[str]:
    """The pointers of everything that is wrong."""
    return [pointer for pointer, _ in pointers(answer)]


async def titles(client: Client, query: str = "") -> list[str]:
    return [task["title"] for task in (await client.get(f"/tasks?{query}")).json()["data"]]


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast) -> None:
    contact = await add_contact(mia, **ADA)
    deal = (await mia.post("/opportunities", json={"title": "Desks", "stage_id": 1})).json()
    case = (await mia.post("/cases", json={"title": "Keys"})).json()
    sent = {
        "description": "About the desks",
        "due_at": DUE,
        "alert_minutes": 15,
        "notify": True,
        "responsible_id": cast.ids["noah"],
        "category_id": 12,
        "contact_id": contact["id"],
        "opportunity_id": deal["id"],
        "case_id": case["id"],
        "system_id": "T1",
    }
    made = await add(mia, **sent)
    assert {name: made[name] for name in sent} == sent
    assert (made["created_by"], made["closed"], made["responsible_uid"]) == (cast.ids["mia"], False, cast.noah.uid)
    answer = await mia.get(f"/tasks/{made['id']}")
    assert (answer.json(), answer.headers["etag"]) == (made, '"v1"')


async def test_a_task_of_nobody_in_particular_is_ones_own(mia: Client, cast: Cast) -> None:
    assert (await add(mia))["responsible_id"] == cast.ids["mia"]
    assert (await add(mia, responsible_id=None))["responsible_id"] is None


async def test_a_patch_changes_what_it_mentions_under_the_version(mia: Client) -> None:
    made = await add(mia, due_at=DUE, description="x")
    path = f"/tasks/{made['id']}"
    changed = await mia.patch(path, json={"title": "Write", "description": None}, headers={"If-Match": '"v1"'})
    assert changed.json() == {**made, **changed.json()} | {"title": "Write", "description": None, "due_at": DUE}
    assert changed.headers["etag"] == '"v2"'
    late = await mia.patch(path, json={"title": "Visit"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["differing"]) == (412, ["title"])
    assert late.json()["current"]["title"] == "Write"
    same = await mia.patch(path, json={"title": "Write"})
    assert same.headers["etag"] == '"v2"'


async def test_a_task_is_closed_opened_and_put_in_the_trash(mia: Client) -> None:
    path = f"/tasks/{(await add(mia))['id']}"
    assert (await mia.post(f"{path}/close")).json()["closed"] is True
    assert (await mia.post(f"{path}/reopen")).json()["closed"] is False
    assert (await mia.post(f"{path}/close", headers={"If-Match": '"v1"'})).status_code == 412
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404
    back = await mia.post(f"{path}/restore")
    assert (back.status_code, back.headers["etag"]) == (200, f'"v{back.json()["version"]}"')
    assert (await mia.get(path)).json() == back.json()
    assert (await mia.post(f"{path}/restore")).status_code == 404


async def test_the_list_is_narrowed_by_everything_that_is_given(mia: Client, cast: Cast) -> None:
    company = await add_contact(mia, kind="company", name="Engines")
    ada = await add_contact(mia, **ADA, company_id=company["id"])
    deal = (await mia.post("/opportunities", json={"title": "Desks", "stage_id": 1})).json()
    case = (await mia.post("/cases", json={"title": "Keys"})).json()
    await add(mia, "first", due_at=DUE, contact_id=ada["id"], category_id=13)
    await add(mia, "second", due_at="2031-06-01T00:00:00Z", responsible_id=cast.ids["noah"], opportunity_id=deal["id"])
    await add(mia, "third", closed=True, case_id=case["id"])
    for query, expected in {
        "": ["first", "second", "third"],
        "sort=-title": ["third", "second", "first"],
        "sort=due_at": ["third", "first", "second"],
        "sort=-due_at": ["second", "first", "third"],
        "responsible=me": ["first", "third"],
        f"responsible={cast.ids['noah']}": ["second"],
        "responsible=999999": [],
        f"contact_id={ada['id']}": ["first"],
        f"company_id={company['id']}": ["first"],
        f"opportunity_id={deal['id']}": ["second"],
        f"case_id={case['id']}": ["third"],
        "category_id=13": ["first"],
        "closed=true": ["third"],
        "closed=false": ["first", "second"],
        f"due_from={DUE}&due_to={DUE}": ["first"],
        "due_to=2031-12-31T00:00:00%2B02:00&q=SEC": ["second"],
    }.items():
        assert await titles(mia, query) == expected, query


@pytest.mark.parametrize("sort", ["due_at", "-due_at", "title", "-id"])
async def test_pages_reach_the_end_whatever_the_order(mia: Client, sort: str) -> None:
    for place in range(7):
        await add(mia, f"task {place % 3}", **({"due_at": DUE} if place % 2 else {}))
    whole = [task["id"] for task in (await mia.get(f"/tasks?sort={sort}")).json()["data"]]
    found: list[int] = []
    cursor = ""
    for _ in range(4):
        body = (await mia.get(f"/tasks?sort={sort}&limit=2&total=exact&fields=id{cursor}")).json()
        found += [task["id"] for task in body["data"]]
        cursor = f"&cursor={body['page']['next_cursor']}"
        assert body["page"]["total"] == 7
    assert (found, body["page"]["has_more"]) == (whole, False)


async def test_a_group_is_a_task_for_each_contact_or_none(mia: Client) -> None:
    ids = [(await add_contact(mia, kind="company", name=name))["id"] for name in ("One", "Two")]
    made = (await mia.post("/tasks/group", json={"title": "Card", "contact_ids": [*ids, ids[0]]})).json()["data"]
    assert [task["contact_id"] for task in made] == ids
    answer = await mia.post("/tasks/group", json={"title": "Card", "contact_ids": [*ids, 999_999]})
    assert (answer.status_code, wrong_at(answer)) == (422, ["#/contact_id"])
    both = await mia.post("/tasks/group", json={"title": "Card", "contact_ids": ids, "contact_id": ids[0]})
    assert both.status_code == 422
    assert len((await mia.get("/tasks")).json()["data"]) == 2


async def test_what_is_wrong_is_pointed_at(mia: Client) -> None:
    wrong = {"title": "x", "responsible_id": 999_999}
    assert wrong_at(await mia.post("/tasks", json=wrong)) == ["#/responsible_id"]
    wrong = {"title": "x", "contact_id": 999_999, "category_id": 1, "opportunity_id": 999_999}
    assert sorted(wrong_at(await mia.post("/tasks", json=wrong))) == [
        "#/category_id",
        "#/contact_id",
        "#/opportunity_id",
    ]
    assert (await mia.get("/tasks?sort=shoe_size")).status_code == 400
    assert (await mia.get("/tasks?due_from=0001-01-01T00:00:00%2B14:00")).status_code == 400


async def test_a_task_is_changed_by_who_does_or_made_it(people: dict[str, Client], cast: Cast) -> None:
    made = await add(people["mia"])
    path = f"/tasks/{made['id']}"
    assert (await people["noah"].get(path)).status_code == 200
    assert (await people["noah"].patch(path, json={"title": "mine"})).status_code == 403
    assert (await people["carl"].patch(path, json={"responsible_id": cast.ids["noah"]})).status_code == 200
    assert (await people["noah"].post(f"{path}/close")).status_code == 200
    assert (await people["rita"].get("/tasks")).status_code == 403
