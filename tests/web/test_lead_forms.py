"""Lead forms: who submits one is found or made by e-mail, comes into its stage once, and every submission is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from dealwright.actions import contacts, custom_fields, form_pages, opportunities, plain_records, stages, web_forms
from dealwright.actions.deed import now
from dealwright.actions.plain_entities import FORM_PAGE, FORM_REQUEST
from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.errors import Invalid
from dealwright.domain.pipeline import StageChange
from dealwright.storage import outbox, plain_lists
from dealwright.storage import plain_records as store
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.opportunity_lists import Criteria, find
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.query import Page
from tests.cast import Cast, company

JSON = {"Accept": "application/json"}
ANN = {"name": "Ann Marie Lee", "email": "Ann@example.com"}


@dataclass
class Desk:
    """A portal with a lead form, and a stranger in front of it."""

    db: Database
    cast: Cast
    http: httpx.AsyncClient
    page: PlainRecord

    @property
    def path(self) -> str:
        return f"/forms/{self.page.uid}"

    async def send(self, said: dict[str, Any], query: str = "") -> httpx.Response:
        """Submit fields and expect JSON."""
        return await self.http.post(f"{self.path}{query}", data=said, headers=JSON)

    async def people(self) -> list[FullContact]:
        """Everybody who is known."""
        return list((await contacts.find(self.db, self.cast.olga, ContactCriteria(), Page(0, 50))).rows)

    async def deals(self) -> list[Deal]:
        """Every deal."""
        return await find(self.db, self.cast.olga, Criteria())

    async def requests(self) -> list[PlainRecord]:
        """Every submission and invitation."""
        olga = self.cast.olga
        places = await plain_lists.find_places(self.db, olga, FORM_REQUEST.kind, {}, False, None, 50)
        return await store.read_many(self.db, olga, FORM_REQUEST.kind, [int(place[-1] or 0) for place in places])


@pytest.fixture
async def desk(staffed: Database) -> AsyncIterator[Desk]:
    cast = await company(staffed)
    second = staffed.rules.stages_of(staffed.rules.default_pipeline.id)[1]
    said = {"name": "Book a tour", "description": "See our desks.", "active": True, "stage_id": second.id}
    page = await form_pages.create(staffed, cast.olga, {**said, "responsible_id": cast.ids["mia"]})
    app = create_app(Settings(access_log=False, form_posts_per_minute=0), staffed)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm.test") as http:
        yield Desk(staffed, cast, http, page)


async def test_a_stranger_becomes_a_contact_with_a_deal_in_the_stage_of_the_form(desk: Desk) -> None:
    page = (await desk.http.get(f"{desk.path}?utm_source=news&utm_campaign=Spring+%26+Co&x=1")).text
    assert "Book a tour" in page
    assert "See our desks." in page
    fields = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    assert fields.keys() == {"submission", "utm_source", "utm_campaign"}
    said = {**fields, **ANN, "phone": "+44 20 1", "company": "Acme", "message": "Ten desks, please"}
    answer = await desk.http.post(desk.path, data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{desk.path}?sent=yes")
    [deal] = await desk.deals()
    own = deal.opportunity
    assert (own.title, own.description, own.lead_source) == ("Book a tour", "Ten desks, please", 1)
    assert (own.utm_source, own.utm_campaign, own.responsible) == ("news", "Spring & Co", desk.cast.mia.uid)
    assert own.stage_id == desk.page.values["stage_id"]
    people = {one.contact.display_name: one for one in await desk.people()}
    ann = people["Ann Marie Lee"]
    assert (ann.contact.first_name, ann.contact.email) == ("Ann Marie", "Ann@example.com")
    assert (ann.contact.sharing, own.contact_id) == (Share.WRITE, ann.contact.id)
    assert ann.company is not None
    [request] = await desk.requests()
    values = request.values
    assert (values["submitted"], values["contact_id"]) == (True, ann.contact.id)
    assert values["sent_at"] is not None
    assert values["answers"]["Message"] == "Ten desks, please"


async def test_a_known_e_mail_finds_its_contact_and_leaves_it_as_it_is(desk: Desk) -> None:
    email = ContactInfo(kind=Info.EMAIL, data="ann@example.com", is_primary=True)
    known = await contacts.create(
        desk.db, desk.cast.mia, ContactChange(first_name="Ann", last_name="Lane", infos={Info.EMAIL: [email]})
    )
    assert (await desk.send({**ANN, "message": "Again", "phone": "666"})).json() == {
        "accepted": True,
        "repeated": False,
    }
    [ann] = await desk.people()
    assert (ann.contact.id, ann.contact.display_name, len(ann.infos)) == (known.contact.id, "Ann Lane", 1)
    [deal] = await desk.deals()
    assert deal.opportunity.contact_id == known.contact.id
    await desk.send({**ANN, "message": "And again"})
    assert (len(await desk.people()), len(await desk.deals()), len(await desk.requests())) == (1, 2, 2)


async def test_the_deal_of_a_hidden_contact_is_for_its_managers(desk: Desk) -> None:
    email = ContactInfo(kind=Info.EMAIL, data="ann@example.com", is_primary=True)
    hidden = ContactChange(first_name="Ann", infos={Info.EMAIL: [email]}, sharing=Share.NOBODY)
    hidden.managers = [desk.cast.noah.uid]
    await contacts.create(desk.db, desk.cast.olga, hidden)
    await desk.send(ANN)
    [deal] = await desk.deals()
    assert deal.opportunity.private
    assert desk.cast.noah.uid in deal.shared_with


async def test_the_same_submission_is_one_however_often_and_however_close(desk: Desk) -> None:
    said = {**ANN, "submission": "one"}
    answers = await asyncio.gather(*(desk.send(said) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert (len(await desk.people()), len(await desk.deals()), len(await desk.requests())) == (1, 1, 1)


async def test_two_submissions_of_one_stranger_at_once_make_one_contact(desk: Desk) -> None:
    await asyncio.gather(*(desk.send({**ANN, "message": text}) for text in ("One", "Two", "Three")))
    assert (len(await desk.people()), len(await desk.deals())) == (1, 3)


async def test_a_form_without_a_stage_keeps_the_contact_and_what_was_said(desk: Desk) -> None:
    await form_pages.change(desk.db, desk.cast.olga, desk.page.id, {"stage_id": None})
    await desk.send({**ANN, "message": "Hello"})
    [ann] = await desk.people()
    assert ann.contact.about == "Hello"
    assert await desk.deals() == []
    assert len(await desk.requests()) == 1


async def test_custom_fields_of_contact_and_deal_are_asked_and_kept(desk: Desk) -> None:
    db = desk.db
    since, floor, other = [
        await custom_fields.create(db, desk.cast.olga, FieldChange(subject=subject, label=label, type=kind))
        for subject, label, kind in (
            ("contact", "Since", FieldType.DATE),
            ("opportunity", "Floor", FieldType.TEXT),
            ("opportunity", "Other", FieldType.TEXT),
        )
    ]
    await form_pages.change(db, desk.cast.olga, desk.page.id, {"field_ids": [since.id, floor.id]})
    page = (await desk.http.get(desk.path)).text
    assert f'name="customField_{floor.id}"' in page
    wrong = await desk.send({**ANN, f"customField_{since.id}": "yesterday"})
    assert [one["field"] for one in wrong.json()["problems"]] == [f"customfield_{since.id}"]
    said = {f"customField_{since.id}": "2030-01-31", f"customfield_{floor.id}": "third"}
    assert (await desk.send({**ANN, **said, f"customfield_{other.id}": "x"})).status_code == 201
    [ann], [deal] = await desk.people(), await desk.deals()
    assert ann.custom == {since.id: "2030-01-31"}
    assert deal.custom == {floor.id: "third"}
    with pytest.raises(Invalid):
        await form_pages.change(db, desk.cast.olga, desk.page.id, {"field_ids": [999]})


async def test_what_is_wrong_is_said_at_its_field(desk: Desk) -> None:
    answer = await desk.http.post(desk.path, data={"name": "Ann", "email": "nonsense", "utm_source": "news"})
    assert answer.status_code == 422
    assert 'id="problem-email"' in answer.text
    assert 'value="Ann"' in answer.text
    assert 'name="utm_source" value="news"' in answer.text
    missing = await desk.send({"phone": "1"})
    assert {one["field"] for one in missing.json()["problems"]} == {"name", "email"}
    assert await desk.people() == []


async def test_strangers_choose_nothing_but_what_is_asked(desk: Desk) -> None:
    said = {"managers_list": desk.cast.noah.uid, "share_type": "0", "tag": "spam", "opportunity_value": "1000000"}
    said |= {"opportunity_stage": str(desk.db.rules.stages_of(desk.db.rules.default_pipeline.id)[3].id)}
    assert (await desk.send({**ANN, **said})).status_code == 201
    [ann], [deal] = await desk.people(), await desk.deals()
    assert (ann.tags, ann.managers, ann.contact.sharing) == ((), (), Share.WRITE)
    assert (deal.opportunity.amount, deal.opportunity.stage_id) == (None, desk.page.values["stage_id"])


async def test_programs_send_json_and_where_it_came_from(desk: Desk) -> None:
    said = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "nickname": None}
    answer = await desk.http.post(f"{desk.path}?utm_medium=cpc", json=said, headers=JSON)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == "*"
    [deal] = await desk.deals()
    assert deal.opportunity.utm_medium == "cpc"


async def test_an_invitation_is_answered_in_the_name_of_who_was_asked(desk: Desk) -> None:
    bob = await contacts.create(desk.db, desk.cast.mia, ContactChange(first_name="Bob"))
    asked = {"contact_id": bob.contact.id, "form_page_id": desk.page.id, "submitted": False}
    request = await plain_records.create(desk.db, desk.cast.olga, FORM_REQUEST, asked)
    page = (await desk.http.get(f"{desk.path}?request={request.uid}")).text
    assert f'name="request" value="{request.uid}"' in page
    await desk.send({**ANN, "request": request.uid})
    [kept] = await desk.requests()
    assert (kept.id, kept.values["submitted"], kept.values["contact_id"]) == (request.id, True, bob.contact.id)
    [deal] = await desk.deals()
    assert deal.opportunity.contact_id == bob.contact.id
    await desk.send({**ANN, "request": request.uid, "message": "A second time"})
    assert len(await desk.requests()) == 2


async def test_a_robot_is_thanked_and_forgotten(desk: Desk) -> None:
    assert (await desk.send({**ANN, "nickname": "x"})).status_code == 201
    assert await desk.requests() == []


async def test_who_sends_too_often_waits(desk: Desk) -> None:
    app = create_app(Settings(access_log=False, form_posts_per_minute=2), desk.db)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm.test") as http:
        answers = [await http.post(desk.path, data={**ANN, "message": str(at)}, headers=JSON) for at in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_only_an_active_form_is_there(desk: Desk) -> None:
    await form_pages.change(desk.db, desk.cast.olga, desk.page.id, {"active": False})
    assert (await desk.http.get(desk.path)).status_code == 404
    assert (await desk.send(ANN)).status_code == 404
    await form_pages.change(desk.db, desk.cast.olga, desk.page.id, {"active": True})
    assert (await desk.http.get(desk.path.upper().replace("/FORMS/", "/forms/"))).status_code == 200
    await plain_records.delete(desk.db, desk.cast.olga, FORM_PAGE, desk.page.id)
    assert (await desk.http.get(desk.path)).status_code == 404


async def test_who_is_responsible_gets_a_letter(desk: Desk) -> None:
    await desk.send({**ANN, "message": "Hello"})
    letters = await outbox.due(desk.db, (web_forms.LETTER,), now() + timedelta(seconds=5), 10)
    assert [(one.payload["to_uid"], one.payload["title"]) for one in letters] == [(desk.cast.mia.uid, "Ann Marie Lee")]
    assert "Message: Hello" in letters[0].payload["text"]


async def test_a_stage_that_waits_for_forms_takes_the_contact_up_too(desk: Desk) -> None:
    waiting = desk.db.rules.stages_of(desk.db.rules.default_pipeline.id)[3]
    await stages.change(desk.db, desk.cast.olga, waiting.id, StageChange(extra={"SignUps": True}))
    await desk.send({**ANN, "utm_source": "news"})
    found = {deal.opportunity.stage_id: deal.opportunity.utm_source for deal in await desk.deals()}
    assert found == {desk.page.values["stage_id"]: "news", waiting.id: "news"}


async def test_the_deal_can_be_worked_on_by_who_is_responsible(desk: Desk) -> None:
    await desk.send(ANN)
    [deal] = await desk.deals()
    read = await opportunities.get(desk.db, desk.cast.mia, deal.opportunity.id)
    assert read.opportunity.responsible == desk.cast.mia.uid
