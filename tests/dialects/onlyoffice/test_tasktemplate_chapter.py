"""Task template containers and templates over the wire (contacts-tasks-cases §5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids

DAY = 864_000_000_000
KINDS = {"contact": "Contact", "person": "Person", "company": "Company", "opportunity": "Opportunity", "case": "Case"}


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def box(clerk: Clerk, kind: str = "opportunity", title: str = "After the call") -> int:
    return int((await clerk.post(f"crm/{kind}/tasktemplatecontainer", "mia", title=title))["id"])


def category(clerk: Clerk) -> int:
    return clerk.db.rules.items_of("task_category")[0].id


async def template(clerk: Clerk, container: int, **said: Any) -> Any:
    own = {"title": "Send the offer", "categoryid": category(clerk), "offsetTicks": DAY}
    return await clerk.post(f"crm/tasktemplatecontainer/{container}/tasktemplate", "mia", **{**own, **said})


@pytest.mark.parametrize("kind", KINDS)
async def test_a_container_is_listed_under_its_kind_alone(clerk: Clerk, kind: str) -> None:
    made = await box(clerk, kind)
    shown = {"title": "After the call", "entityType": KINDS[kind], "id": made}
    assert await clerk.get(f"crm/{kind}/tasktemplatecontainer") == [shown]
    assert await clerk.get(f"crm/tasktemplatecontainer/{made}") == shown
    for other in KINDS.keys() - {kind}:
        assert await clerk.get(f"crm/{other}/tasktemplatecontainer") == []


async def test_a_template_tells_everything(clerk: Clerk) -> None:
    container, noah = await box(clerk), clerk.cast.noah
    said = {"description": "By mail", "responsibleid": noah.uid, "isNotify": True, "deadLineIsFixed": True}
    made = await template(clerk, container, **said)
    assert made["responsible"]["id"] == noah.uid
    assert made["category"]["title"] == "Phone call"
    assert {name: made[name] for name in made.keys() - {"responsible", "category"}} == {
        **{"containerID": container, "title": "Send the offer", "description": "By mail", "isNotify": True},
        **{"offsetTicks": DAY, "deadLineIsFixed": True, "id": made["id"]},
    }
    assert await clerk.get(f"crm/tasktemplatecontainer/tasktemplate/{made['id']}") == made
    assert await clerk.get(f"crm/tasktemplatecontainer/{container}/tasktemplate") == [made]
    assert (await clerk.get(f"crm/tasktemplatecontainer/{container}"))["items"] == [made]


async def test_the_category_tells_how_many_tasks_are_of_it(clerk: Clerk) -> None:
    container = await box(clerk)
    made = await template(clerk, container)
    assert "relativeItemsCount" not in made["category"]
    await clerk.post("crm/task", title="Call", deadline="2031-05-06", categoryId=category(clerk))
    shown = await clerk.get(f"crm/tasktemplatecontainer/tasktemplate/{made['id']}")
    assert shown["category"]["relativeItemsCount"] == 1


async def test_a_template_is_replaced_by_the_id_in_the_body(clerk: Clerk) -> None:
    container = await box(clerk)
    first, second = await template(clerk, container), await template(clerk, container, title="Call")
    path = f"crm/tasktemplatecontainer/{container}/tasktemplate"
    said: dict[str, Any] = {"title": "Write", "categoryid": category(clerk)}
    changed = await clerk.put(path, "mia", id=first["id"], **said)
    assert (changed["id"], changed["title"], changed["offsetTicks"]) == (first["id"], "Write", 0)
    assert ids(await clerk.get(path)) == [first["id"], second["id"]]
    assert await clerk.no("PUT", path, id=UNKNOWN, **said) == (404, NOT_FOUND)
    assert await clerk.no("PUT", path, **said) == (400, BAD_ARGUMENT)


async def test_a_container_is_renamed_and_deleted_with_its_templates(clerk: Clerk) -> None:
    container = await box(clerk)
    made = await template(clerk, container)
    path = f"crm/tasktemplatecontainer/{container}"
    assert (await clerk.put(path, "mia", title="Later"))["title"] == "Later"
    assert ids((await clerk.delete(path, "mia"))["items"]) == [made["id"]]
    assert await clerk.no("GET", path) == (404, NOT_FOUND)
    assert await clerk.no("GET", f"crm/tasktemplatecontainer/tasktemplate/{made['id']}") == (404, NOT_FOUND)
    assert (await clerk.no("DELETE", path))[0] == 500


async def test_a_deleted_template_is_answered_and_gone(clerk: Clerk) -> None:
    container = await box(clerk)
    made = await template(clerk, container)
    path = f"crm/tasktemplatecontainer/tasktemplate/{made['id']}"
    assert await clerk.delete(path, "mia") == made
    assert await clerk.no("DELETE", path) == (404, NOT_FOUND)
    assert "items" not in await clerk.get(f"crm/tasktemplatecontainer/{container}")


@pytest.mark.parametrize(
    ("said", "status"),
    [({"title": " "}, 400), ({"categoryid": 0}, 400), ({"categoryid": UNKNOWN}, 404), ({"offsetTicks": "x"}, 400)],
)
async def test_a_bad_template_is_refused(clerk: Clerk, said: dict[str, Any], status: int) -> None:
    container = await box(clerk)
    own = {"title": "Send the offer", "categoryid": category(clerk), **said}
    assert (await clerk.no("POST", f"crm/tasktemplatecontainer/{container}/tasktemplate", **own))[0] == status


async def test_what_is_missing_is_missing(clerk: Clerk) -> None:
    said: dict[str, Any] = {"title": "x", "categoryid": category(clerk)}
    for verb, path in (
        ("GET", f"crm/tasktemplatecontainer/{UNKNOWN}"),
        ("PUT", f"crm/tasktemplatecontainer/{UNKNOWN}"),
        ("GET", f"crm/tasktemplatecontainer/{UNKNOWN}/tasktemplate"),
        ("POST", f"crm/tasktemplatecontainer/{UNKNOWN}/tasktemplate"),
    ):
        assert await clerk.no(verb, path, **said) == (404, NOT_FOUND), path
    assert await clerk.no("POST", "crm/case/tasktemplatecontainer", title="") == (400, BAD_ARGUMENT)
    assert await clerk.no("GET", "crm/tasktemplatecontainer/0") == (400, BAD_ARGUMENT)


async def test_without_the_right_there_are_no_templates(clerk: Clerk) -> None:
    assert await clerk.no("GET", "crm/case/tasktemplatecontainer", by="rita") == (403, ACCESS_DENIED)
