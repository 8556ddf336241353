"""Managed lists, custom fields and tags in our own API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.native.conftest import Client
from tests.dialects.native.test_contacts import ADA
from tests.dialects.native.test_contacts import add as add_contact
from tests.dialects.native.test_tasks import wrong_at


async def field(client: Client, **members: Any) -> dict[str, Any]:
    """Create a custom field and return it."""
    answer = await client.post("/custom-fields", json={"subject": "opportunity", "label": "Floor", **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(client: Client, path: str, member: str = "title") -> list[Any]:
    return [one[member] for one in (await client.get(path)).json()["data"]]


# Lists -------------------------------------------------------------------------------------------------------


async def test_an_entry_is_made_changed_ordered_and_deleted(olga: Client, mia: Client) -> None:
    made = (await olga.post("/lists/contact_status", json={"title": "Lukewarm", "color": "#123456"})).json()
    assert await listed(mia, "/lists/contact_status") == ["Cold", "Warm", "Hot", "Lukewarm"]
    path = f"/lists/contact_status/{made['id']}"
    assert (await mia.get(path)).json() == made
    assert (await olga.patch(path, json={"color": "#000000"})).json() == {**made, "color": "#000000"}
    await olga.post("/lists/contact_status/order", json={"ids": [made["id"], 1]})
    assert (await listed(mia, "/lists/contact_status"))[0] == "Lukewarm"
    assert (await olga.delete(path)).status_code == 204
    assert (await olga.get(path)).status_code == 404


async def test_fixed_lists_are_only_read(olga: Client) -> None:
    assert (await listed(olga, "/lists/loss_reason", "number"))[0] == 1
    assert (await olga.post("/lists/loss_reason", json={"title": "Rain"})).status_code == 405
    assert (await olga.delete("/lists/loss_reason/51")).status_code == 405
    assert (await olga.get("/lists/shoe_size")).status_code == 404


async def test_an_entry_in_use_goes_with_somewhere_to_move_its_records(olga: Client) -> None:
    await olga.post("/tasks", json={"title": "Call", "category_id": 12})
    template = {"subject": "case", "title": "x", "tasks": [{"title": "Call", "category_id": 12}]}
    made = (await olga.post("/task-templates", json=template)).json()
    assert (await olga.get("/lists/task_category/12")).json()["uses"] == 1
    refused = await olga.delete("/lists/task_category/12")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert (await olga.delete("/lists/task_category/12?move_to=12")).status_code == 422
    assert (await olga.delete("/lists/task_category/12?move_to=13")).status_code == 204
    assert (await olga.get("/lists/task_category/13")).json()["uses"] == 1
    kept = (await olga.get(f"/task-templates/{made['id']}")).json()
    assert (kept["tasks"][0]["category_id"], kept["version"]) == (13, 2)


async def test_the_last_entry_stays(olga: Client) -> None:
    for ident in (4, 5, 6):
        assert (await olga.delete(f"/lists/contact_type/{ident}")).status_code == 204
    assert (await olga.delete("/lists/contact_type/7")).status_code == 422


async def test_a_title_is_taken_once_and_an_entry_of_another_list_is_not_there(olga: Client) -> None:
    assert wrong_at(await olga.post("/lists/contact_type", json={"title": " client "})) == ["#/title"]
    assert (await olga.get("/lists/contact_status/4")).status_code == 404
    assert (await olga.patch("/lists/contact_type/4", json={"title": "Partner"})).status_code == 422


async def test_administrators_alone_keep_lists(people: dict[str, Client]) -> None:
    assert (await people["mia"].post("/lists/contact_type", json={"title": "x"})).status_code == 403
    assert (await people["mia"].delete("/lists/contact_type/4")).status_code == 403
    assert (await people["rita"].get("/lists/contact_type")).status_code == 403
    assert (await people["rita"].get("/lists/loss_reason")).status_code == 200


# Custom fields -----------------------------------------------------------------------------------------------


async def test_a_choice_has_options_and_a_text_a_size(olga: Client) -> None:
    choice = await field(olga, type="choice", options=["ground", "first"])
    assert (choice["options"], choice["columns"], choice["uses"]) == (["ground", "first"], None, 0)
    text, long = await field(olga, type="text", columns=60), await field(olga, type="long_text", rows=5)
    assert (text["columns"], text["rows"]) == (60, None)
    assert (long["columns"], long["rows"]) == (40, 5)
    number = await field(olga, type="decimal", label="Area")
    assert (await olga.get(f"/custom-fields/{number['id']}")).json() == number
    assert await listed(olga, "/custom-fields?subject=opportunity", "label") == ["Floor", "Floor", "Floor", "Area"]
    assert await listed(olga, "/custom-fields?subject=case", "label") == []


async def test_a_field_with_values_keeps_its_options(olga: Client) -> None:
    made = await field(olga, subject="contact", type="choice", options=["a", "b"])
    await add_contact(olga, **ADA, custom={str(made["id"]): "a"})
    path = f"/custom-fields/{made['id']}"
    assert (await olga.get(path)).json()["uses"] == 1
    assert wrong_at(await olga.patch(path, json={"options": ["b"]})) == ["#/options"]
    changed = (await olga.patch(path, json={"options": ["b", "a", "c"], "label": "Letter"})).json()
    assert (changed["options"], changed["label"], changed["uses"]) == (["b", "a", "c"], "Letter", 1)
    assert (await olga.patch(path, json={"type": "text"})).json()["type"] == "choice"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"type": "choice"}, "#/options"),
        ({"type": "date", "options": ["a"]}, "#/options"),
        ({"type": "text", "rows": 2}, "#/rows"),
        ({"type": "text", "location_id": 999}, "#/location_id"),
    ],
)
async def test_what_a_field_has_not_is_refused(olga: Client, members: dict[str, Any], pointer: str) -> None:
    answer = await olga.post("/custom-fields", json={"subject": "case", "label": "x", **members})
    assert (answer.status_code, wrong_at(answer)) == (422, [pointer])


async def test_fields_are_ordered_and_deleted(olga: Client, mia: Client) -> None:
    ids = [(await field(olga, type="date", label=label))["id"] for label in "abc"]
    order = await olga.post("/custom-fields/order", json={"ids": ids[::-1]})
    assert [one["label"] for one in order.json()["data"]] == ["c", "b", "a"]
    assert await listed(mia, "/custom-fields", "label") == ["c", "b", "a"]
    assert (await mia.delete(f"/custom-fields/{ids[0]}")).status_code == 403
    assert (await olga.delete(f"/custom-fields/{ids[0]}")).status_code == 204
    assert (await mia.get(f"/custom-fields/{ids[0]}")).status_code == 404


# Tags --------------------------------------------------------------------------------------------------------


async def test_a_tag_is_renamed_wherever_it_is(mia: Client) -> None:
    ada = await add_contact(mia, **ADA, tags=["Hot", "New"])
    made = next(tag for tag in (await mia.get("/tags?subject=contact")).json()["data"] if tag["title"] == "Hot")
    assert made["uses"] == 1
    changed = await mia.patch(f"/tags/{made['id']}", json={"title": " Very hot "})
    assert changed.json() == {**made, "title": "Very hot"}
    found = (await mia.get(f"/contacts/{ada['id']}")).json()
    assert (found["tags"], found["version"]) == (["New", "Very hot"], ada["version"] + 1)
    assert wrong_at(await mia.patch(f"/tags/{made['id']}", json={"title": "NEW"})) == ["#/title"]
    assert (await mia.patch(f"/tags/{made['id']}", json={"title": "very HOT"})).json()["title"] == "very HOT"
    assert (await mia.delete(f"/tags/{made['id']}")).status_code == 204
    assert (await mia.get(f"/contacts/{ada['id']}")).json()["tags"] == ["New"]


async def test_a_tag_is_of_one_kind_of_record(people: dict[str, Client]) -> None:
    mia, rita = people["mia"], people["rita"]
    made = (await mia.post("/tags", json={"subject": "case", "title": "urgent"})).json()
    assert (await mia.get(f"/tags/{made['id']}")).json() == made
    assert (await mia.post("/tags", json={"subject": "case", "title": "URGENT"})).status_code == 422
    assert (await mia.post("/tags", json={"subject": "opportunity", "title": "urgent"})).status_code == 201
    assert await listed(rita, "/tags") == ["urgent"]
    assert (await rita.get(f"/tags/{made['id']}")).status_code == 403
    assert (await rita.get("/tags?subject=case")).status_code == 403
    assert (await mia.get("/tags/999999")).status_code == 404
