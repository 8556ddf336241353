"""Tasks, custom fields and lists: made through one face, changed through another, one record to all of them."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx
import pytest

from dealwright.actions import tasks
from dealwright.domain.task import TaskChange
from dealwright.storage import schema
from tests.office import FACES, Office
from tests.test_agreement import contact, events, office, row

__all__ = ["office"]

DUE = "2031-05-06T10:00:00Z"
LATER = "2031-06-01T08:30:00Z"
CATEGORY = 12
PAIRS = list(product(FACES, FACES))
OURS = [("onlyoffice", "native"), ("native", "onlyoffice")]
BOTH = ("onlyoffice", "native")


def id_of(face: str, answer: httpx.Response) -> int:
    """The id of what a face has made."""
    body = answer.json()
    found = {"onlyoffice": lambda: body["response"]["id"], "nexudus": lambda: body["Value"]["Id"]}
    return int(found[face]() if face in found else body["id"])


async def kinds(office: Office, ident: int, subject: str) -> list[str]:
    return [kinds for kinds, *_ in await events(office, ident, subject)]


# Tasks -------------------------------------------------------------------------------------------------------


async def say_task(
    office: Office, face: str, name: str, contact_id: int, title: str, due: str, ident: int | None = None
) -> httpx.Response:
    """Make a task of Mia's through one face, or say of one: this title, this due date, this contact."""
    mia, verb = office.cast.mia, "POST" if ident is None else "PUT"
    if face == "onlyoffice":
        form = {"title": title, "deadline": due.replace("Z", ".000Z"), "responsibleId": mia.uid}
        form |= {"categoryId": str(CATEGORY), "contactId": str(contact_id)}
        return await office.send(name, verb, f"/api/2.0/crm/task{'' if ident is None else f'/{ident}'}", form)
    if face == "nexudus":
        body: dict[str, Any] = {"BusinessId": 1, "CoworkerId": contact_id, "Name": title, "ResponsibleId": mia.id}
        body |= {"DueDate": due} | ({} if ident is None else {"Id": ident})
        return await office.send(name, verb, "/api/crm/coworkertasks", body)
    said = {"title": title, "due_at": due, "responsible_id": mia.id, "contact_id": contact_id}
    if ident is None:
        return await office.send(name, "POST", "/api/v1/tasks", said)
    return await office.send(name, "PATCH", f"/api/v1/tasks/{ident}", said)


async def made_task(office: Office, contact_id: int) -> int:
    change = TaskChange(title="Call Ada", category_id=CATEGORY, contact_id=contact_id)
    return (await tasks.create(office.db, office.cast.mia, change)).task.id


@pytest.mark.parametrize(("maker", "changer"), PAIRS)
async def test_a_task_is_one_record_to_every_face(office: Office, maker: str, changer: str) -> None:
    contact_id = await contact(office)
    ident = id_of(maker, await say_task(office, maker, "mia", contact_id, "Call Ada", DUE))
    changed = await say_task(office, changer, "mia", contact_id, "Visit Ada", LATER, ident)
    assert changed.status_code == 200, changed.text
    native = (await office.send("noah", "GET", f"/api/v1/tasks/{ident}")).json()
    assert {name: native[name] for name in ("title", "due_at", "responsible_id", "contact_id", "closed")} == {
        **{"title": "Visit Ada", "due_at": LATER, "responsible_id": office.cast.mia.id},
        **{"contact_id": contact_id, "closed": False},
    }
    assert await kinds(office, ident, "task") == ["task.created", "task.changed"]


async def test_a_change_of_a_task_leaves_the_same_row_and_event(office: Office) -> None:
    contact_id, found = await contact(office), []
    for face in FACES:
        ident = await made_task(office, contact_id)
        answer = await say_task(office, face, "mia", contact_id, "Visit Ada", LATER, ident)
        assert answer.status_code == 200, answer.text
        found.append((await row(office, ident, schema.task), await events(office, ident, "task")))
    assert found[0] == found[1] == found[2]
    assert found[0][0]["title"] == "Visit Ada"


async def test_a_task_that_is_somebody_elses_is_refused_everywhere(office: Office) -> None:
    contact_id, found = await contact(office), []
    for face in FACES:
        ident = await made_task(office, contact_id)
        answer = await say_task(office, face, "noah", contact_id, "Mine", LATER, ident)
        found.append(answer.status_code)
        assert (await row(office, ident, schema.task))["title"] == "Call Ada"
        assert await kinds(office, ident, "task") == ["task.created"]
    assert found == [403, 401, 403]


async def test_a_deleted_task_leaves_the_same_row_and_event(office: Office) -> None:
    contact_id, found = await contact(office), []
    for path in ("/api/2.0/crm/task/{}", "/api/crm/coworkertasks/{}", "/api/v1/tasks/{}"):
        ident = await made_task(office, contact_id)
        answer = await office.send("mia", "DELETE", path.format(ident))
        stored = await row(office, ident, schema.task)
        assert stored.pop("deleted_at") is not None
        assert answer.status_code in (200, 204)
        found.append((stored, await events(office, ident, "task")))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("face", BOTH)
async def test_a_template_is_one_record_to_both_faces_that_have_it(office: Office, face: str) -> None:
    contact_id = await contact(office)
    containers = "/api/2.0/crm/company/tasktemplatecontainer"
    if face == "onlyoffice":
        box = id_of(face, await office.send("mia", "POST", containers, {"title": "Welcome"}))
        form = {"title": "Call", "categoryid": str(CATEGORY), "offsetTicks": str(10_000_000)}
        await office.send("mia", "POST", f"/api/2.0/crm/tasktemplatecontainer/{box}/tasktemplate", form)
    else:
        task = {"title": "Call", "category_id": CATEGORY, "due_after_seconds": 1}
        said = {"subject": "company", "title": "Welcome", "tasks": [task]}
        box = id_of(face, await office.send("mia", "POST", "/api/v1/task-templates", said))
    [shown] = (await office.send("noah", "GET", containers)).json()["response"]
    native = (await office.send("noah", "GET", f"/api/v1/task-templates/{box}")).json()
    assert (shown["id"], shown["title"], native["title"]) == (box, "Welcome", "Welcome")
    assert (shown["items"][0]["offsetTicks"], native["tasks"][0]["due_after_seconds"]) == (10_000_000, 1)
    assert shown["items"][0]["id"] == native["tasks"][0]["id"]
    [made] = (
        await office.send("mia", "POST", f"/api/v1/task-templates/{box}/apply", {"contact_id": contact_id})
    ).json()["data"]
    listed = (await office.send("mia", "GET", "/api/2.0/crm/task/filter")).json()["response"]
    assert [(task["id"], task["contact"]["id"]) for task in listed] == [(made["id"], contact_id)]


# Custom fields -----------------------------------------------------------------------------------------------


async def say_field(office: Office, face: str, name: str, label: str, ident: int | None = None) -> httpx.Response:
    """Make a custom field of deals through one face, a choice of red and green, or give it another label."""
    if face == "onlyoffice":
        form = {"label": label, "fieldType": "2", "mask": '["red","green"]'}
        path = f"/api/2.0/crm/opportunity/customfield{'' if ident is None else f'/{ident}'}"
        return await office.send(name, "POST" if ident is None else "PUT", path, form)
    if face == "nexudus":
        body: dict[str, Any] = {"BusinessId": 1, "Name": label, "RecordType": 4, "FieldType": 4, "DisplayOrder": 0}
        body |= {"AvailableOptions": "red,green", "CustomFieldIndex": 1, "Visibility": 1, "CoworkerFieldPosition": 1}
        body |= {} if ident is None else {"Id": ident}
        return await office.send(name, "POST" if ident is None else "PUT", "/api/crm/customfields", body)
    said: dict[str, Any] = {"label": label, "options": ["red", "green"]}
    if ident is None:
        body = {**said, "subject": "opportunity", "type": "choice"}
        return await office.send(name, "POST", "/api/v1/custom-fields", body)
    return await office.send(name, "PATCH", f"/api/v1/custom-fields/{ident}", said)


@pytest.mark.parametrize(("maker", "changer"), PAIRS)
async def test_a_custom_field_is_one_record_to_every_face(office: Office, maker: str, changer: str) -> None:
    ident = id_of(maker, await say_field(office, maker, "olga", "Wall"))
    changed = await say_field(office, changer, "olga", "Floor", ident)
    assert changed.status_code == 200, changed.text
    native = (await office.send("noah", "GET", f"/api/v1/custom-fields/{ident}")).json()
    assert {name: native[name] for name in ("label", "type", "options", "subject", "position")} == {
        **{"label": "Floor", "type": "choice", "options": ["red", "green"]},
        **{"subject": "opportunity", "position": 0},
    }
    assert await kinds(office, ident, "custom_field") == ["custom_field.created", "custom_field.changed"]


async def test_a_custom_field_is_made_by_administrators_in_every_face(office: Office) -> None:
    found = [(await say_field(office, face, "mia", "Wall")).status_code for face in FACES]
    assert found == [403, 401, 403]
    assert not office.db.rules.fields


async def test_a_deleted_custom_field_leaves_the_same_event(office: Office) -> None:
    found = []
    for path in ("/api/2.0/crm/opportunity/customfield/{}", "/api/crm/customfields/{}", "/api/v1/custom-fields/{}"):
        ident = id_of("native", await say_field(office, "native", "olga", "Wall"))
        assert (await office.send("olga", "DELETE", path.format(ident))).status_code in (200, 204)
        found.append(await events(office, ident, "custom_field"))
        assert ident not in office.db.rules.fields
    assert found[0] == found[1] == found[2]


# Lists -------------------------------------------------------------------------------------------------------


async def say_entry(office: Office, face: str, name: str, title: str, ident: int | None = None) -> httpx.Response:
    """Make a contact status through one face, or give it another title."""
    said = {"title": title, "color": "#123456", "description": "Words"}
    if face == "onlyoffice":
        path = f"/api/2.0/crm/contact/status{'' if ident is None else f'/{ident}'}"
        return await office.send(name, "POST" if ident is None else "PUT", path, said)
    path = f"/api/v1/lists/contact_status{'' if ident is None else f'/{ident}'}"
    return await office.send(name, "POST" if ident is None else "PATCH", path, said)


@pytest.mark.parametrize(("maker", "changer"), OURS)
async def test_an_entry_of_a_list_is_one_record_to_both_faces(office: Office, maker: str, changer: str) -> None:
    ident = id_of(maker, await say_entry(office, maker, "olga", "Lukewarm"))
    assert (await say_entry(office, changer, "olga", "Tepid", ident)).status_code == 200
    native = (await office.send("noah", "GET", f"/api/v1/lists/contact_status/{ident}")).json()
    theirs = (await office.send("noah", "GET", f"/api/2.0/crm/contact/status/{ident}")).json()["response"]
    assert (native["title"], native["color"], native["position"]) == ("Tepid", "#123456", 4)
    assert (theirs["title"], theirs["color"], theirs["sortOrder"]) == ("Tepid", "#123456", 4)
    assert await kinds(office, ident, "list_item") == ["list_item.created", "list_item.changed"]


async def test_a_change_of_an_entry_leaves_the_same_row_and_event(office: Office) -> None:
    found = []
    for face in BOTH:
        ident = id_of("native", await say_entry(office, "native", "olga", "Lukewarm"))
        await say_entry(office, face, "olga", "Tepid", ident)
        found.append((await row(office, ident, schema.list_item), await events(office, ident, "list_item")))
        await office.send("olga", "DELETE", f"/api/v1/lists/contact_status/{ident}")
    assert found[0] == found[1]


async def test_an_entry_in_use_stays_whoever_is_asked(office: Office) -> None:
    contact_id = await contact(office)
    await office.send("mia", "PUT", f"/api/2.0/crm/contact/{contact_id}/status", {"contactStatusid": "1"})
    paths = ("/api/2.0/crm/contact/status/1", "/api/v1/lists/contact_status/1")
    assert [(await office.send("olga", "DELETE", path)).status_code for path in paths] == [400, 409]
    assert [(await office.send("mia", "DELETE", path)).status_code for path in paths] == [403, 403]
    assert 1 in office.db.rules.items
    assert await kinds(office, 1, "list_item") == []
