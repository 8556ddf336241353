"""Task templates in our own API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_contacts import ADA
from tests.dialects.native.test_contacts import add as add_contact
from tests.dialects.native.test_tasks import wrong_at

DAY = 86_400


async def add(client: Client, *tasks: dict[str, Any], subject: str = "person") -> dict[str, Any]:
    """Create a template and return it."""
    answer = await client.post("/task-templates", json={"subject": subject, "title": "Welcome", "tasks": list(tasks)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_template_is_kept_with_its_tasks(mia: Client, cast: Cast) -> None:
    task = {
        **{"title": "Call", "description": "Say hello", "responsible_id": cast.ids["noah"], "category_id": 12},
        **{"notify": True, "due_after_seconds": DAY, "from_midnight": True},
    }
    made = await add(mia, task, {"title": "Write"})
    assert {name: made["tasks"][0][name] for name in task} == task
    assert made["tasks"][1]["responsible_id"] is None
    answer = await mia.get(f"/task-templates/{made['id']}")
    assert (answer.json(), answer.headers["etag"]) == (made, '"v1"')
    assert (await mia.get("/task-templates?subject=person")).json()["data"] == [made]
    assert (await mia.get("/task-templates?subject=case")).json()["data"] == []


async def test_tasks_are_replaced_as_a_whole_by_their_ids(mia: Client) -> None:
    made = await add(mia, {"title": "Call"}, {"title": "Write"})
    path, kept = f"/task-templates/{made['id']}", made["tasks"][1]
    patch = {"tasks": [{**kept, "title": "Write again"}, {"title": "Visit"}]}
    changed = await mia.patch(path, json=patch, headers={"If-Match": '"v1"'})
    assert [(task["id"] == kept["id"], task["title"]) for task in changed.json()["tasks"]] == [
        (True, "Write again"),
        (False, "Visit"),
    ]
    late = await mia.patch(path, json={"title": "x"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["differing"]) == (412, ["title"])
    assert (await mia.delete(path, headers={"If-Match": '"v1"'})).status_code == 412
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404


async def test_the_tasks_of_a_template_are_made_for_a_record(mia: Client) -> None:
    ada, company = await add_contact(mia, **ADA), await add_contact(mia, kind="company", name="Engines")
    made = await add(mia, {"title": "Call", "due_after_seconds": DAY}, {"title": "Write", "from_midnight": True})
    path = f"/task-templates/{made['id']}/apply"
    call, write = (await mia.post(path, json={"contact_id": ada["id"]})).json()["data"]
    due = datetime.fromisoformat(call["due_at"])
    assert abs(due - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
    assert write["due_at"].endswith("T00:00:00Z")
    assert [task["id"] for task in (await mia.get(f"/tasks?contact_id={ada['id']}")).json()["data"]] == [
        call["id"],
        write["id"],
    ]
    for body in ({}, {"contact_id": company["id"]}, {"contact_id": 999_999}, {"opportunity_id": 1}):
        assert (await mia.post(path, json=body)).status_code == 422, body


async def test_what_is_wrong_is_pointed_at(mia: Client) -> None:
    tasks = [{"title": "Call", "category_id": 1}, {"title": "Write", "id": 999}]
    answer = await mia.post("/task-templates", json={"subject": "case", "title": "x", "tasks": tasks})
    assert sorted(wrong_at(answer)) == ["#/tasks/0/category_id", "#/tasks/1/id"]
    tasks = [{"title": "Call", "responsible_id": 999_999}]
    answer = await mia.post("/task-templates", json={"subject": "case", "title": "x", "tasks": tasks})
    assert wrong_at(answer) == ["#/tasks/0/responsible_id"]


async def test_without_the_right_there_are_none(people: dict[str, Client]) -> None:
    assert (await people["rita"].get("/task-templates")).status_code == 403
