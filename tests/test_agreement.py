"""One deed through every face leaves the same row, the same event, the same refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import Table, select

from dealwright.actions import cases, follow_ups
from dealwright.actions import opportunities as deals
from dealwright.actions.deed import now
from dealwright.domain.case import CaseChange
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage import outbox, schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.office import FACES, Office, opened

VOLATILE = {"id", "uid", "updated_at", "moved_at", "won_at", "lost_at", "closed_at", "created_at", "position"}


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        yield found


async def contact(office: Office) -> int:
    """A contact to sell to."""
    answer = await office.send(
        "mia", "POST", "/api/2.0/crm/contact/company", {"companyName": "Desk & Co", "shareType": 1}
    )
    return int(answer.json()["response"]["id"])


async def make(office: Office, contact_id: int, **values: Any) -> int:
    """A deal by Mia that says nothing an ONLYOFFICE client could not say."""
    said = Change(
        stage_id=office.stage(0),
        title="Ten desks",
        contact_id=contact_id,
        responsible=office.cast.mia.uid,
        amount=Decimal(100),
        currency="USD",
        **values,
    )
    return (await deals.create(office.db, office.cast.mia, said)).opportunity.id


async def change(
    office: Office, face: str, name: str, ident: int, contact_id: int, title: str, amount: float, stage: int
) -> httpx.Response:
    """Say through one face: this title, this amount, this stage and that stage's probability."""
    mia, probability = (
        office.cast.mia,
        office.db.rules.stages[stage].probability if stage in office.db.rules.stages else 0,
    )
    if face == "onlyoffice":
        form = {
            **{"title": title, "bidValue": str(amount), "stageid": str(stage), "responsibleid": mia.uid},
            **{"bidCurrencyAbbr": "USD", "contactid": str(contact_id), "successProbability": str(probability)},
        }
        return await office.send(name, "PUT", f"/api/2.0/crm/opportunity/{ident}", form)
    if face == "nexudus":
        body = {
            **{"Id": ident, "Name": title, "Value": amount, "CrmBoardColumnId": stage, "CoworkerId": contact_id},
            **{"ResponsibleId": mia.id, "Position": 1_000_000},
        }
        return await office.send(name, "PUT", "/api/crm/crmopportunities", body)
    patch = {"title": title, "amount": {"amount": str(amount), "currency": "USD"}, "stage_id": stage}
    return await office.send(name, "PATCH", f"/api/v1/opportunities/{ident}", patch)


async def row(office: Office, ident: int, table: Table = schema.opportunity) -> dict[str, Any]:
    """The stored record, without what differs by nature."""
    query = Query(select(table).where(table.c.id == ident))
    found = await office.db.first(query)
    assert found is not None
    values = dict(zip(query.keys, found, strict=True))
    return {name: value for name, value in values.items() if name not in VOLATILE}


async def events(office: Office, ident: int, subject: str = "opportunity") -> list[Any]:
    """The events of a record, without what differs by nature."""
    columns = (schema.event.c.kinds, schema.event.c.actor_id, schema.event.c.before, schema.event.c.after)
    about = schema.event.c.subject == subject, schema.event.c.subject_id == ident
    rows = await office.db.rows(Query(select(*columns).where(*about).order_by(schema.event.c.id)))
    return [(kinds, actor, _stable(before), _stable(after)) for kinds, actor, before, after in rows]


def _stable(text: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(text).items() if name not in VOLATILE}


async def through_every_face(office: Office, name: str, stage: int, **values: Any) -> list[Any]:
    """Do the deed through each face on a deal of its own; return answers, rows and events."""
    contact_id, found = await contact(office), []
    for face in FACES:
        ident = await make(office, contact_id, **values)
        answer = await change(office, face, name, ident, contact_id, "Twenty desks", 250.5, stage)
        found.append((answer.status_code, await row(office, ident), await events(office, ident)))
    return found


@pytest.mark.parametrize("place", [0, 1, 7], ids=["in place", "moved", "won"])
async def test_a_change_leaves_the_same_row_and_event(office: Office, place: int) -> None:
    results = await through_every_face(office, "mia", office.stage(place))
    assert {status for status, _, _ in results} == {200}
    rows = [{k: v for k, v in row.items() if not (place == 7 and k in {"closed_at"})} for _, row, _ in results]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0]["title"] == "Twenty desks"
    assert results[0][2] == results[1][2] == results[2][2]
    assert len(results[0][2]) == 2


async def test_an_unknown_stage_is_refused_everywhere_and_changes_nothing(office: Office) -> None:
    results = await through_every_face(office, "mia", 999_999)
    assert [status for status, _, _ in results] == [400, 400, 422]
    assert all(row["title"] == "Ten desks" and row["version"] == 1 for _, row, _ in results)
    assert all(len(found) == 1 for _, _, found in results)


async def test_a_hidden_deal_is_missing_everywhere(office: Office) -> None:
    sharing = Sharing(True, (office.cast.mia.uid,))
    results = await through_every_face(office, "noah", office.stage(1), sharing=sharing)
    assert [status for status, _, _ in results] == [404, 404, 404]
    assert all(row["version"] == 1 for _, row, _ in results)


async def test_a_missing_right_is_refused_everywhere(office: Office) -> None:
    results = await through_every_face(office, "rita", office.stage(1))
    assert [status for status, _, _ in results] == [403, 401, 403]
    assert all(row["version"] == 1 for _, row, _ in results)


async def test_a_deletion_leaves_the_same_row_and_event(office: Office) -> None:
    contact_id, found = await contact(office), []
    paths = ("/api/2.0/crm/opportunity/{}", "/api/crm/crmopportunities/{}", "/api/v1/opportunities/{}")
    for path in paths:
        ident = await make(office, contact_id)
        answer = await office.send("mia", "DELETE", path.format(ident))
        stored = await row(office, ident)
        assert stored.pop("deleted_at") is not None
        found.append((stored, await events(office, ident)))
        assert answer.status_code in (200, 204)
    assert found[0] == found[1] == found[2]


async def test_all_faces_show_one_truth(office: Office) -> None:
    contact_id = await contact(office)
    ident = await make(office, contact_id)
    await change(office, "nexudus", "mia", ident, contact_id, "Thirty desks", 75.25, office.stage(2))
    onlyoffice = (await office.send("mia", "GET", f"/api/2.0/crm/opportunity/{ident}")).json()["response"]
    nexudus = (await office.send("mia", "GET", f"/api/crm/crmopportunities/{ident}")).json()
    native = (await office.send("mia", "GET", f"/api/v1/opportunities/{ident}")).json()
    assert (onlyoffice["title"], nexudus["Name"], native["title"]) == ("Thirty desks",) * 3
    assert (onlyoffice["bidValue"], nexudus["Value"], native["amount"]["amount"]) == (75.25, 75.25, "75.25")
    assert onlyoffice["stage"]["id"] == nexudus["CrmBoardColumnId"] == native["stage_id"] == office.stage(2)


async def test_a_case_is_one_record_to_both_faces_that_have_it(office: Office) -> None:
    contact_id = await contact(office)
    path = "/api/2.0/crm/case"
    made = (await office.send("mia", "POST", path, {"title": "Keys", "members[]": contact_id})).json()["response"]
    native = (await office.send("noah", "GET", f"/api/v1/cases/{made['id']}")).json()
    assert (native["title"], native["member_ids"], native["closed"]) == ("Keys", [contact_id], False)
    patch = {"title": "Badges", "closed": True, "shared_with": [office.cast.noah.id]}
    await office.send("mia", "PATCH", f"/api/v1/cases/{made['id']}", patch)
    shown = (await office.send("noah", "GET", f"{path}/{made['id']}")).json()["response"]
    assert (shown["title"], shown["isClosed"], shown["isPrivate"]) == ("Badges", True, True)
    assert {person["id"] for person in shown["accessList"]} == {office.cast.mia.uid, office.cast.noah.uid}
    assert [member["id"] for member in shown["members"]] == [contact_id]


async def test_a_deed_on_a_case_leaves_the_same_row_and_event(office: Office) -> None:
    deeds = (("PUT", "/api/2.0/crm/case/{}/close"), ("POST", "/api/v1/cases/{}/close"))
    gone = ("/api/2.0/crm/case/{}", "/api/v1/cases/{}")
    found = []
    for (method, path), bin_path in zip(deeds, gone, strict=True):
        ident = (await cases.create(office.db, office.cast.mia, CaseChange(title="Keys"))).case.id
        assert (await office.send("noah", method, path.format(ident))).status_code == 200
        assert (await office.send("mia", "DELETE", bin_path.format(ident))).status_code in (200, 204)
        stored = await row(office, ident, schema.case)
        assert stored.pop("deleted_at") is not None
        found.append((stored, await events(office, ident, "case")))
    assert found[0] == found[1]
    assert [kinds for kinds, *_ in found[0][1]] == ["case.created", "case.changed,case.closed", "case.deleted"]


async def test_a_note_leaves_the_same_row_and_event_and_refusal(office: Office) -> None:
    ident, category = await make(office, await contact(office)), office.db.rules.items_of("history_category")[1].id
    theirs = {"entityType": "opportunity", "entityId": ident, "categoryId": category, "content": "We met"}
    ours = {"opportunity_id": ident, "category_id": category, "content": "We met"}
    ways = (("/api/2.0/crm/history", theirs, {"content": ""}), ("/api/v1/notes", ours, {"content": " "}))
    found = []
    for path, said, wrong in ways:
        answer = (await office.send("mia", "POST", path, said)).json()
        number = answer["response"]["id"] if "response" in answer else answer["id"]
        assert (await office.send("mia", "POST", path, said | wrong)).status_code in (400, 422)
        assert (await office.send("noah", "DELETE", f"{path}/{number}")).status_code == 403
        assert (await office.send("mia", "DELETE", f"{path}/{number}")).status_code in (200, 204)
        stored = await row(office, number, schema.note)
        assert stored.pop("deleted_at") is not None
        found.append((stored, await events(office, number, "note")))
    assert found[0] == found[1]
    assert [kinds for kinds, *_ in found[0][1]] == ["note.created", "note.deleted"]


async def test_a_lead_of_a_nexudus_form_is_one_deal_to_everybody(office: Office) -> None:
    """A stranger submits it, an ONLYOFFICE client moves it, our own API reads it; history and reminder agree."""
    mia, db = office.cast.mia, office.db
    form = {"BusinessId": db.rules.location.id, "Name": "Tour", "Description": "Come in", "Active": True}
    form |= {"CrmBoardColumnId": office.stage(0), "ResponsibleId": mia.id}
    page = (await office.send("olga", "POST", "/api/content/formpages", form)).json()["Value"]
    sent = {"name": "Ann Lee", "email": "ann@example.com", "message": "Ten desks?", "utm_source": "news"}
    answer = await office.http.post(f"/forms/{page['UniqueId']}", data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    [lead] = (await office.send("mia", "GET", "/api/crm/crmopportunities")).json()["Records"]
    ident, path = lead["Id"], f"/api/v1/opportunities/{lead['Id']}"
    assert (await office.send("mia", "PATCH", path, {"follow_up_at": "2026-01-05T09:00:00Z"})).status_code == 200
    moved = await office.send("mia", "PUT", f"/api/2.0/crm/opportunity/{ident}/stage/{office.stage(2)}", {})
    assert moved.json()["response"]["stage"]["id"] == office.stage(2)

    native = (await office.send("noah", "GET", path)).json()
    assert (native["title"], native["stage_id"], native["description"]) == ("Tour", office.stage(2), "Ten desks?")
    assert (native["responsible_id"], native["utm"]["source"]) == (mia.id, "news")
    ours = (await office.send("noah", "GET", f"/api/v1/contacts/{native['contact_id']}")).json()
    theirs = moved.json()["response"]["contact"]
    assert (ours["display_name"], theirs["displayName"]) == ("Ann Lee", "Ann Lee")

    steps = (
        await office.send(
            "mia", "GET", f"/api/crm/crmopportunityhistories?CrmOpportunityHistory_CrmOpportunity={ident}"
        )
    ).json()["Records"]
    told = [(step["OldCrmBoardColumnId"], step["NewCrmBoardColumnId"], step["UserId"]) for step in steps]
    owner = office.cast.olga.id
    assert told == [(None, office.stage(0), owner), (office.stage(0), office.stage(2), mia.id)]

    assert await follow_ups.is_due(db)
    await follow_ups.tell(db)
    [letter] = await outbox.due(db, (follow_ups.LETTER,), now(), 10)
    assert letter.payload["responsible"] == mia.uid
    assert (await office.send("mia", "GET", f"/api/crm/crmopportunities/{ident}")).json()["Reminded"] is True
    assert not await follow_ups.is_due(db)
    found = [(kinds, actor) for kinds, actor, _, _ in await events(office, ident)]
    assert found == [
        ("opportunity.created", owner),
        ("opportunity.changed", mia.id),
        ("opportunity.changed,opportunity.moved", mia.id),
        ("opportunity.reminded", None),
    ]
