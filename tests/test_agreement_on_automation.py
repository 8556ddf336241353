"""A stage with automation does the same whichever face brings a deal there; it was made through Nexudus."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dealwright.storage import schema
from dealwright.storage.database import Database
from tests.actions.about_automation import events, letters, person, rows
from tests.office import Office, opened
from tests.test_agreement import contact, make

WAYS = ("onlyoffice put", "onlyoffice stage", "nexudus", "native", "onlyoffice new", "nexudus new", "native new")


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        yield found


async def post(office: Office, path: str, **body: Any) -> int:
    """Make a record as Olga through Nexudus; return its id."""
    answer = await office.send("olga", "POST", f"/api/crm/{path}", body)
    assert answer.json().get("WasSuccessful"), answer.text
    return int(answer.json()["Value"]["Id"])


async def stage(office: Office, **flags: bool) -> int:
    """The id of a stage that writes, makes a task and does what the flags say, as a Nexudus client makes it."""
    place, board = office.db.rules.location.id, office.db.rules.default_pipeline.id
    said = {"Subject": "Welcome, {FullName}", "MessageText": "<p>{companyname}</p>"}
    text = await post(office, "cannedresponses", BusinessId=place, Name="Welcome", **said)
    tasks = await post(office, "tasklists", BusinessId=place, Name="Onboarding", Active=True)
    item = {"TaskListId": tasks, "ResponsibleId": office.cast.ids["noah"], "DelayInHours": 24, "NotifyByEmail": True}
    await post(office, "taskitems", Name="Call", Active=True, **item)
    own = {"CannedResponseId": text, "TaskListId": tasks, "UseTaskListAsResponsible": True}
    return await post(office, "crmboardcolumns", CrmBoardId=board, Name="Set off", Position=9999, **own, **flags)


async def brought(office: Office, way: str, stage_id: int) -> tuple[int, int]:
    """Bring a deal of a new contact into the stage in one way; return the ids of deal and contact."""
    contact_id, face = await contact(office), way.split(maxsplit=1)[0]
    ident = 0 if way.endswith("new") else await make(office, contact_id)
    answer = await asked(office, way, ident, contact_id, stage_id)
    assert answer.is_success, answer.text
    if ident:
        return ident, contact_id
    said = answer.json()
    found = {"onlyoffice": said.get("response"), "nexudus": said.get("Value"), "native": said}[face]
    return int(found.get("id") or found.get("Id")), contact_id


async def asked(office: Office, way: str, ident: int, contact_id: int, stage_id: int) -> httpx.Response:
    """Say it in the words of the face."""
    mia = office.cast.mia
    form = {"title": "Ten desks", "stageid": str(stage_id), "responsibleid": mia.uid, "contactid": str(contact_id)}
    form |= {"bidCurrencyAbbr": "USD", "bidValue": "100"}
    body: dict[str, Any] = {"Name": "Ten desks", "CrmBoardColumnId": stage_id, "CoworkerId": contact_id}
    body |= {"ResponsibleId": mia.id, "Position": 1_000_000}
    ours = {"title": "Ten desks", "stage_id": stage_id, "contact_id": contact_id, "responsible_id": mia.id}
    return await {
        "onlyoffice put": lambda: office.send("mia", "PUT", f"/api/2.0/crm/opportunity/{ident}", form),
        "onlyoffice stage": lambda: office.send("mia", "PUT", f"/api/2.0/crm/opportunity/{ident}/stage/{stage_id}"),
        "onlyoffice new": lambda: office.send("mia", "POST", "/api/2.0/crm/opportunity", form),
        "nexudus": lambda: office.send("mia", "PUT", "/api/crm/crmopportunities", {**body, "Id": ident}),
        "nexudus new": lambda: office.send("mia", "POST", "/api/crm/crmopportunities", body),
        "native": lambda: office.send("mia", "PATCH", f"/api/v1/opportunities/{ident}", {"stage_id": stage_id}),
        "native new": lambda: office.send("mia", "POST", "/api/v1/opportunities", ours),
    }[way]()


async def came_of_it(office: Office, deal: int, contact_id: int) -> dict[str, Any]:
    """Everything that a stage did, without ids and moments."""
    db = office.db
    [task] = [row for row in await rows(db, schema.task) if row["opportunity_id"] == deal]
    [message] = [row for row in await rows(db, schema.message) if row["contact_id"] == contact_id]
    whole, changes = await person(db, contact_id), await events(db, "contact", contact_id)
    about = await events(db, "task", task["id"])
    [opportunity] = [row for row in await rows(db, schema.opportunity) if row["id"] == deal]
    return {
        "task": {
            name: value
            for name, value in task.items()
            if name not in {"id", "uid", "deadline", "created_at", "updated_at", "contact_id", "opportunity_id"}
        },
        "task on": task["contact_id"] == opportunity["contact_id"],
        "message": (message["subject"], message["body"], message["created_by"]),
        "letters": [row["kind"] for row in await rows(db, schema.outbox) if _is_about(row, task["uid"])],
        "account": None if whole is None else whole.contact.active,
        "deal's contact": opportunity["contact_id"] and "kept",
        "events": [(row["kinds"], row["via"], row["actor_id"]) for row in (changes[-1], *about)],
    }


def _is_about(row: dict[str, Any], task_uid: str) -> bool:
    return task_uid in json.dumps([row["about"], row["payload"]])


@pytest.mark.parametrize("flag", ["DeactivateAccount", "DeleteAccount"])
async def test_every_face_sets_the_same_off(office: Office, flag: str) -> None:
    into, found = await stage(office, **{flag: True}), {}
    for way in WAYS:
        found[way] = await came_of_it(office, *(await brought(office, way, into)))
    first = found["onlyoffice stage"]
    assert {way: one for way, one in found.items() if one != first} == {}
    kind = "contact.deleted" if flag == "DeleteAccount" else "contact.changed"
    assert first["account"] is (None if flag == "DeleteAccount" else False)
    mia = office.cast.ids["mia"]
    assert first["events"] == [(kind, "automation", mia), ("task.created", "automation", mia)]
    assert first["task"]["responsible"] == office.cast.noah.uid
    assert first["message"] == ("Welcome, Desk & Co", "<p>Desk &amp; Co</p>", mia)
    assert await letters(office.db) == []  # these contacts have no address


async def test_every_face_shows_what_a_stage_does_and_none_loses_it(office: Office) -> None:
    into = await stage(office, ActivateAccount=True, ProposalsSent=True, Bookings=True)
    column = (await office.send("olga", "GET", f"/api/crm/crmboardcolumns/{into}")).json()
    await office.send("olga", "PUT", f"/api/2.0/crm/opportunity/stage/{into}/color", {"color": "#FF0000"})
    await office.send("olga", "PATCH", f"/api/v1/stages/{into}", {"title": "Renamed"})
    after = (await office.send("olga", "GET", f"/api/crm/crmboardcolumns/{into}")).json()
    flags = (
        "CannedResponseId",
        "TaskListId",
        "UseTaskListAsResponsible",
        "ActivateAccount",
        "ProposalsSent",
        "Bookings",
    )
    assert after["Name"] == "Renamed"
    assert {name: after[name] for name in (*flags, "Bookings")} == {name: column[name] for name in (*flags, "Bookings")}


async def test_every_face_shows_the_deal_of_who_wrote_to_us(office: Office) -> None:
    into, ann = await stage(office, ContactMessages=True), await contact(office)
    said = {"contact_id": ann, "subject": "Desks", "body": "Are they still to be had?"}
    assert (await office.send("mia", "POST", "/api/v1/messages", said)).status_code == 201
    [message] = (
        await office.send("mia", "GET", "/api/spaces/coworkermessages", params={"CoworkerMessage_Incoming": "true"})
    ).json()["Records"]
    assert (message["CoworkerId"], message["Incoming"], message["IsNewMessage"]) == (ann, True, True)
    [deal] = (await office.send("mia", "GET", "/api/v1/opportunities", params={"stage_id": into})).json()["data"]
    theirs = (await office.send("mia", "GET", f"/api/2.0/crm/opportunity/{deal['id']}")).json()["response"]
    other = (await office.send("mia", "GET", f"/api/crm/crmopportunities/{deal['id']}")).json()
    assert (theirs["stage"]["id"], other["CrmBoardColumnId"]) == (into, into)
    assert (theirs["contact"]["id"], other["CoworkerId"], deal["contact_id"]) == (ann, ann, ann)
