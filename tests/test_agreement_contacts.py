"""One deed on a contact through every face leaves the same row, the same event, the same refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select

from dealwright.actions import custom_fields
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.office import FACES, Office, opened

VOLATILE: Final = {"id", "uid", "created_at", "updated_at", "deleted_at", "extra"}
"""What differs by nature; `extra` holds what one vendor knows beyond a CRM."""


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        yield found


async def make(office: Office, **said: Any) -> int:
    """A company that an ONLYOFFICE client makes."""
    form = {"companyName": "Desk & Co", "about": "Desks", "shareType": 1, **said}
    answer = await office.send("mia", "POST", "/api/2.0/crm/contact/company", form)
    return int(answer.json()["response"]["id"])


async def change(office: Office, face: str, name: str, ident: int, title: str, about: str) -> httpx.Response:
    """Say through one face: this name, these words about it."""
    if face == "onlyoffice":
        form = {"companyName": title, "about": about, "shareType": 1}
        return await office.send(name, "PUT", f"/api/2.0/crm/contact/company/{ident}", form)
    if face == "nexudus":
        body = {"Id": ident, "CoworkerType": 2, "FullName": title, "ProfileSummary": about}
        return await office.send(name, "PUT", "/api/spaces/coworkers", body)
    return await office.send(name, "PATCH", f"/api/v1/contacts/{ident}", {"name": title, "about": about})


async def tag(office: Office, face: str, ident: int) -> httpx.Response:
    """Put the tag `VIP` on a company."""
    if face == "onlyoffice":
        return await office.send("mia", "POST", f"/api/2.0/crm/contact/{ident}/tag", {"tagName": "VIP"})
    if face == "nexudus":
        kept = {"Id": ident, "CoworkerType": 2, "FullName": "Desk & Co", "ProfileSummary": "Desks"}
        return await office.send("mia", "PUT", "/api/spaces/coworkers", {**kept, "ProfileTags": "VIP"})
    return await office.send("mia", "PATCH", f"/api/v1/contacts/{ident}", {"tags": ["VIP"]})


async def value(office: Office, face: str, ident: int, field_id: int) -> httpx.Response:
    """Give the custom field `Floor` the value 3."""
    if face == "onlyoffice":
        path = f"/api/2.0/crm/contact/{ident}/customfield/{field_id}"
        return await office.send("mia", "POST", path, {"fieldValue": "3"})
    if face == "nexudus":
        kept = {"Id": ident, "CoworkerType": 2, "FullName": "Desk & Co", "ProfileSummary": "Desks"}
        fields = {"Data": [{"Name": "Floor", "Value": "3"}]}
        return await office.send("mia", "PUT", "/api/spaces/coworkers", {**kept, "CustomFields": fields})
    return await office.send("mia", "PATCH", f"/api/v1/contacts/{ident}", {"custom": {str(field_id): "3"}})


async def delete(office: Office, face: str, ident: int) -> httpx.Response:
    """Delete a company."""
    if face == "onlyoffice":
        return await office.send("mia", "DELETE", f"/api/2.0/crm/contact/{ident}")
    if face == "nexudus":
        body = {"Key": "COWORKER_DELETE", "Ids": [ident], "Parameters": []}
        return await office.send("mia", "POST", "/api/spaces/coworkers/runcommand", body)
    return await office.send("mia", "DELETE", f"/api/v1/contacts/{ident}")


async def row(office: Office, ident: int) -> dict[str, Any]:
    """The stored contact, without what differs by nature."""
    query = Query(select(schema.contact).where(schema.contact.c.id == ident))
    found = await office.db.first(query)
    assert found is not None
    values = dict(zip(query.keys, found, strict=True))
    return {name: one for name, one in values.items() if name not in VOLATILE}


async def events(office: Office, ident: int) -> list[Any]:
    """The events of a contact after its creation, without what differs by nature."""
    columns = (schema.event.c.kinds, schema.event.c.actor_id, schema.event.c.before, schema.event.c.after)
    about = schema.event.c.subject == "contact", schema.event.c.subject_id == ident
    rows = await office.db.rows(Query(select(*columns).where(*about).order_by(schema.event.c.id)))
    return [(kinds, actor, _stable(before), _stable(after)) for kinds, actor, before, after in rows[1:]]


def _stable(text: str) -> dict[str, Any]:
    return {name: one for name, one in json.loads(text).items() if name not in VOLATILE}


async def native(office: Office, ident: int) -> dict[str, Any]:
    """The contact as our own API shows it to its maker, without what differs by nature."""
    shown: dict[str, Any] = (await office.send("mia", "GET", f"/api/v1/contacts/{ident}")).json()
    return {name: one for name, one in shown.items() if name not in VOLATILE}


async def test_a_change_leaves_the_same_row_and_event(office: Office) -> None:
    found = []
    for face in FACES:
        ident = await make(office)
        answer = await change(office, face, "mia", ident, "Desk and Sons", "Desks and chairs")
        assert answer.status_code == 200, answer.text
        found.append((await row(office, ident), await events(office, ident), await native(office, ident)))
    assert found[0] == found[1] == found[2]
    assert (found[0][0]["version"], found[0][2]["display_name"]) == (2, "Desk and Sons")
    assert len(found[0][1]) == 1


async def test_a_tag_leaves_the_same_row_and_event(office: Office) -> None:
    found = []
    for face in FACES:
        ident = await make(office)
        answer = await tag(office, face, ident)
        assert answer.status_code in (200, 201), answer.text
        found.append((await row(office, ident), await events(office, ident), await native(office, ident)))
    assert found[0] == found[1] == found[2]
    assert (found[0][2]["tags"], found[0][1][0][2:]) == (["VIP"], ({"tags": None}, {"tags": ["VIP"]}))
    tags = await office.db.rows(Query(select(schema.tag.c.title).where(schema.tag.c.title == "VIP")))
    assert len(tags) == 1


async def test_a_custom_value_leaves_the_same_row_and_event(office: Office) -> None:
    said = FieldChange(subject="company", label="Floor", type=FieldType.TEXT)
    field = await custom_fields.create(office.db, office.cast.olga, said)
    found = []
    for face in FACES:
        ident = await make(office)
        answer = await value(office, face, ident, field.id)
        assert answer.status_code in (200, 201), answer.text
        found.append((await row(office, ident), await events(office, ident), await native(office, ident)))
    assert found[0] == found[1] == found[2]
    assert found[0][2]["custom"] == {str(field.id): "3"}
    assert found[0][1][0][3] == {"custom": {str(field.id): "3"}}


async def test_a_deletion_leaves_the_same_row_and_event(office: Office) -> None:
    found = []
    for face in FACES:
        ident = await make(office)
        answer = await delete(office, face, ident)
        assert answer.status_code in (200, 204), answer.text
        found.append((await row(office, ident), await events(office, ident)))
        assert (await office.send("mia", "GET", f"/api/v1/contacts/{ident}")).status_code == 404
    assert found[0] == found[1] == found[2]
    assert [kinds for kinds, _, _, _ in found[0][1]] == ["contact.deleted"]


async def test_every_face_refuses_alike_and_changes_nothing(office: Office) -> None:
    hidden, readable = {"shareType": 0, "managerList[]": [office.cast.mia.uid]}, {"shareType": 2}
    for made, name, title, statuses in (
        # The contract of ONLYOFFICE tells a hidden contact from a missing one.
        (hidden, "noah", "New", [403, 404, 404]),
        (readable, "noah", "New", [403, 401, 403]),
        ({}, "rita", "New", [403, 401, 403]),
        ({}, "mia", " ", [400, 400, 422]),
    ):
        ids = {face: await make(office, **made) for face in FACES}
        answers = [(await change(office, face, name, ids[face], title, "New")).status_code for face in FACES]
        assert answers == statuses, (name, title)
        for ident in ids.values():
            stored = await row(office, ident)
            assert (stored["version"], stored["about"]) == (1, "Desks")
            assert await events(office, ident) == []


async def test_all_faces_show_one_truth(office: Office) -> None:
    ident = await make(office)
    await tag(office, "onlyoffice", ident)
    kept = {"Id": ident, "CoworkerType": 2, "FullName": "Desk & Co", "ProfileTags": "VIP, new"}
    said = {**kept, "Email": "desk@example.com", "LandLine": "+371 6", "Address": "Main 1", "CityName": "Riga"}
    assert (await office.send("mia", "PUT", "/api/spaces/coworkers", said)).status_code == 200
    onlyoffice = (await office.send("mia", "GET", f"/api/2.0/crm/contact/{ident}")).json()["response"]
    nexudus = (await office.send("mia", "GET", f"/api/spaces/coworkers/{ident}")).json()
    ours = (await office.send("mia", "GET", f"/api/v1/contacts/{ident}")).json()
    infos = {info["infoType"]: info["data"] for info in onlyoffice["commonData"]}
    assert (infos[1], infos[0]) == (nexudus["Email"], nexudus["LandLine"]) == ("desk@example.com", "+371 6")
    assert {info["kind"]: info["value"] for info in ours["infos"]} == {"email": "desk@example.com", "phone": "+371 6"}
    assert onlyoffice["addresses"][0]["city"] == nexudus["CityName"] == ours["addresses"][0]["city"] == "Riga"
    titles = (await office.send("mia", "GET", f"/api/2.0/crm/contact/tag/{ident}")).json()["response"]
    assert sorted(titles) == ours["tags"] == ["VIP", "new"]
    assert nexudus["ProfileTags"] == "VIP, new"
