"""The public form: what strangers send in becomes records once, and nothing else gets in that way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import httpx
import pytest

from dealwright.actions import contacts, custom_fields, opportunities, portal_settings, stages, web_forms
from dealwright.actions.deed import now
from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.domain.contact import Share
from dealwright.domain.contact_info import Info
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.errors import Forbidden, Invalid
from dealwright.domain.pipeline import StageChange
from dealwright.storage import outbox
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database, connect
from dealwright.storage.opportunity_lists import Criteria, find
from dealwright.storage.query import Page
from tests.cast import Cast, company

VENDOR = "/Products/CRM/HttpHandlers/WebToLeadFromHandler.ashx"
JSON = {"Accept": "application/json"}
SETTINGS = Settings(
    access_log=False,
    public_url="https://crm.example.com",
    form_posts_per_minute=0,
    form_return_hosts="www.example.com, shop.example.com:8443",
)


@pytest.fixture
async def cast(staffed: Database) -> Cast:
    return await company(staffed)


@pytest.fixture
async def key(db: Database, cast: Cast) -> str:
    return await portal_settings.new_form_key(db, cast.olga)


@pytest.fixture
async def http(db: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(SETTINGS, db)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://crm.example.com") as client:
        yield client


async def everybody(db: Database, cast: Cast) -> list[FullContact]:
    return list((await contacts.find(db, cast.olga, ContactCriteria(), Page(0, 50))).rows)


async def deals(db: Database, cast: Cast) -> list[Any]:
    return await find(db, cast.olga, Criteria())


async def test_the_page_asks_and_what_is_filled_in_becomes_a_person(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    page = (await http.get(f"/forms/{key}")).text
    fields = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    assert set(fields) == {"submission", "share_type"}
    sent = fields | {"firstName": "Ann", "contactInfo_Email_1": "ann@example.com", "about": "Ten desks, please"}
    answer = await http.post(f"/forms/{key}", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/forms/{key}?sent=yes")
    assert "Thank you" in (await http.get(answer.headers["location"])).text
    [ann] = await everybody(db, cast)
    assert (ann.contact.display_name, ann.contact.email, ann.contact.about) == ("Ann", "ann@example.com", sent["about"])
    assert ann.contact.sharing is Share.WRITE


async def test_the_same_filling_in_sent_twice_is_one_person(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    sent = {"submission": "one filling-in", "firstName": "Ann", "contactInfo_Email_1": "a@example.com"}
    answers = [await http.post(f"/forms/{key}", data=sent, headers=JSON) for _ in range(2)]
    assert [(answer.status_code, answer.json()["repeated"]) for answer in answers] == [(201, False), (200, True)]
    assert len(await everybody(db, cast)) == 1


async def test_the_same_words_without_a_name_of_their_own_are_one_person_for_a_while(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    for first in ("Ann", "Ann", "Bob"):
        await http.post(VENDOR, data={"web_form_key": key, "firstName": first, "opportunity_title": "Desks"})
    assert sorted(one.contact.display_name for one in await everybody(db, cast)) == ["Ann", "Bob"]
    assert len(await deals(db, cast)) == 2


async def test_the_same_filling_in_sent_twice_at_once_is_one_person(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    sent = {"submission": "one", "firstName": "Ann", "contactInfo_Email_1": "a@example.com", "opportunity_title": "x"}
    answers = await asyncio.gather(*(http.post(f"/forms/{key}", data=sent, headers=JSON) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert (len(await everybody(db, cast)), len(await deals(db, cast))) == (1, 1)


async def test_a_key_that_another_process_changed_is_known_here(
    database_url: str, db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    other = await connect(database_url)
    actor = other.rules.actor(cast.ids["olga"])
    assert actor is not None
    new = await portal_settings.new_form_key(other, actor)
    await other.close()
    assert (await http.post(f"/forms/{key}", data={"firstName": "Ann"})).status_code == 404
    assert (await http.get(f"/forms/{new}")).status_code == 200


async def test_a_form_of_the_vendor_makes_a_person_with_all_that_belongs_to_it(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    new = {"subject": "person", "label": "Size", "type": FieldType.CHOICE, "mask": '["S","L"]'}
    size = await custom_fields.create(db, cast.olga, FieldChange(**new))  # type: ignore[arg-type]
    news = await custom_fields.create(
        db, cast.olga, FieldChange(subject="contact", label="News", type=FieldType.YES_NO)
    )
    answer = await http.post(
        VENDOR,
        data={
            **{"web_form_key": key, "is_company": "false", "firstName": "Ann", "lastName": "Lee", "jobTitle": "Buyer"},
            **{"companyName": "Acme", "about": "Hello", "is_shared": "false", "tag": ["web", "fair"]},
            **{"contactInfo_Email_0": "ann@example.com", "contactInfo_Phone_1": "123", "contactInfo_Skype_9": ""},
            **{"contactInfo_Address_1_City": "Riga", "contactInfo_Address_1_Street": "Brivibas 1"},
            **{f"customField_{size.id}": "L", f"customField_{news.id}": "on", "customField_99999": "x"},
            **{"managers_list": f"{cast.mia.uid},", "notify_list": cast.noah.uid, "return_url": "/thanks"},
        },
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/thanks")
    ann = next(one for one in await everybody(db, cast) if one.contact.display_name == "Ann Lee")
    assert (ann.contact.job_title, ann.contact.email, ann.tags) == ("Buyer", "ann@example.com", ("fair", "web"))
    assert (ann.contact.sharing, ann.managers) == (Share.NOBODY, (cast.mia.uid,))
    assert ann.custom == {size.id: "L", news.id: "true"}
    assert {one.kind for one in ann.infos} == {Info.EMAIL, Info.PHONE, Info.ADDRESS}
    assert '"city": "Riga"' in next(one.data for one in ann.infos if one.kind is Info.ADDRESS)
    assert ann.company is not None
    assert ann.company.display_name == "Acme"
    letters = await outbox.due(db, (web_forms.LETTER,), now() + timedelta(seconds=5), 10)
    assert [letter.payload["to_uid"] for letter in letters] == [cast.noah.uid]
    assert "Message: Hello" in letters[0].payload["text"]
    assert "News: on" in letters[0].payload["text"]


async def test_a_company_is_made_with_the_person_who_wrote(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    names = {"companyName": "Acme", "firstName": "Ann", "lastName": "Lee", "is_company": "true"}
    await http.post(VENDOR, data={"web_form_key": key, **names})
    found = {one.contact.display_name: one for one in await everybody(db, cast)}
    assert found["Acme"].contact.is_company
    assert found["Ann Lee"].contact.company_id == found["Acme"].contact.id


async def test_a_company_that_is_there_is_not_made_again(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    for first in ("Ann", "Bob"):
        await http.post(VENDOR, data={"web_form_key": key, "firstName": first, "companyName": "Acme"})
    assert sorted(one.contact.display_name for one in await everybody(db, cast)) == ["Acme", "Ann", "Bob"]


async def test_fields_of_an_opportunity_make_one(db: Database, cast: Cast, key: str, http: httpx.AsyncClient) -> None:
    said = {"opportunity_title": "Ten desks", "opportunity_value": "990.50", "opportunity_currency": "eur"}
    said |= {"utm_source": "news", "managers_list": cast.mia.uid, "opportunity_expected": "2030-01-31"}
    answer = await http.post(f"/forms/{key}", data={"firstName": "Ann", **said}, headers=JSON)
    assert answer.status_code == 201, answer.text
    [deal] = await deals(db, cast)
    own = deal.opportunity
    assert (own.title, own.amount, own.currency, own.utm_source) == ("Ten desks", Decimal("990.50"), "EUR", "news")
    assert own.responsible == cast.mia.uid
    assert own.expected_close is not None
    assert own.expected_close.year == 2030
    assert deal.contact is not None
    assert deal.contact.display_name == "Ann"
    assert own.private
    assert set(deal.shared_with) == {cast.mia.uid, cast.olga.uid}  # the form acts for the owner


async def test_a_form_with_a_stage_makes_a_deal_of_whatever_is_sent_in(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    columns = db.rules.stages_of(db.rules.default_pipeline.id)
    await web_forms.design(db, cast.carl, title="Get a quote", thanks="Soon!", stage_id=columns[2].id)
    assert "Get a quote" in (await http.get(f"/forms/{key}")).text
    assert "Soon!" in (await http.get(f"/forms/{key}?sent=yes")).text
    await http.post(f"/forms/{key}", data={"firstName": "Ann", "is_shared": "true"})
    await http.post(f"/forms/{key}", data={"firstName": "Bob", "opportunity_stage": str(columns[-1].id)})
    found = {deal.contact.display_name: deal.opportunity.stage_id for deal in await deals(db, cast)}
    assert found == {"Ann": columns[2].id, "Bob": columns[0].id}  # nobody sends in a deal that is lost already


async def test_a_stage_that_asks_for_more_costs_the_deal_and_not_the_person(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    first = db.rules.stages_of(db.rules.default_pipeline.id)[0]
    await stages.change(db, cast.olga, first.id, StageChange(required_fields=("amount",)))
    answer = await http.post(f"/forms/{key}", data={"firstName": "Ann", "opportunity_title": "x"}, headers=JSON)
    assert answer.status_code == 201
    assert [one.contact.display_name for one in await everybody(db, cast)] == ["Ann"]
    assert await deals(db, cast) == []


async def test_what_is_wrong_is_said_at_its_field_and_nothing_filled_in_is_lost(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    said = {"submission": "x", "contactInfo_Email_1": "nonsense", "about": "<b>bold</b>", "tag": "web"}
    answer = await http.post(f"/forms/{key}", data=said)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'id="problem-contactinfo_email_1"' in answer.text
    assert "&lt;b&gt;bold&lt;/b&gt;</textarea>" in answer.text
    assert 'name="tag" value="web"' in answer.text
    assert "<b>bold" not in answer.text
    assert await everybody(db, cast) == []
    as_json = (await http.post(f"/forms/{key}", data=said, headers=JSON)).json()
    assert {one["field"] for one in as_json["problems"]} == {"firstname", "contactinfo_email_1"}


async def test_custom_fields_of_the_form_are_asked_and_checked(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    field = await custom_fields.create(
        db, cast.olga, FieldChange(subject="contact", label="Since", type=FieldType.DATE)
    )
    await web_forms.design(db, cast.olga, field_ids=[field.id])
    assert f'name="customField_{field.id}" type="date"' in (await http.get(f"/forms/{key}")).text
    said = {"firstName": "Ann", f"customField_{field.id}": "yesterday"}
    wrong = (await http.post(f"/forms/{key}", data=said, headers=JSON)).json()
    assert [one["field"] for one in wrong["problems"]] == [f"customfield_{field.id}"]


async def test_a_robot_that_fills_in_what_nobody_sees_is_thanked_and_forgotten(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    answer = await http.post(f"/forms/{key}", data={"firstName": "Bot", "nickname": "http://spam"})
    assert answer.status_code == 303
    assert await everybody(db, cast) == []


async def test_a_key_that_is_not_right_opens_nothing(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    assert (await http.get("/forms/nothing")).status_code == 404
    assert (await http.post("/forms/nothing", data={"firstName": "Ann"})).status_code == 404
    for fields in ({"web_form_key": "nothing", "firstName": "Ann"}, {"firstName": "Ann"}):
        refused = await http.post(VENDOR, data=fields)
        assert refused.status_code == 403
        assert "key of this form is not right" in refused.text
    await portal_settings.new_form_key(db, cast.carl)
    assert (await http.get(f"/forms/{key}")).status_code == 404
    assert await everybody(db, cast) == []


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("/thanks?x=1", True),
        ("https://crm.example.com/x", True),
        ("https://www.example.com/thanks", True),
        ("https://shop.example.com:8443/", True),
        ("https://shop.example.com/", False),
        ("https://evil.example/", False),
        ("https://www.example.com.evil.example/", False),
        ("https://www.example.com@evil.example/", False),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("javascript:alert(1)", False),
        ("/x\nSet-Cookie: a=b", False),
        ("thanks.html", False),
    ],
)
async def test_people_are_sent_back_to_known_addresses_only(
    key: str, http: httpx.AsyncClient, url: str, may: bool
) -> None:
    answer = await http.post(VENDOR, data={"web_form_key": key, "firstName": "Ann", "return_url": url})
    assert answer.headers["location"] == (url if may else f"/forms/{key}?sent=yes")


async def test_a_form_comes_as_parts_or_as_json_too(
    db: Database, cast: Cast, key: str, http: httpx.AsyncClient
) -> None:
    parts: Any = {"firstName": (None, "Ann"), "photo": ("a.png", b"\x89PNG")}
    assert (await http.post(f"/forms/{key}", files=parts, headers=JSON)).status_code == 201
    assert (await http.post(f"/forms/{key}", json={"firstName": "Bob", "tag": ["a"]}, headers=JSON)).status_code == 201
    headers = JSON | {"Content-Type": "application/json"}
    assert (await http.post(f"/forms/{key}", content=b"[1]", headers=headers)).status_code == 400
    assert sorted(one.contact.display_name for one in await everybody(db, cast)) == ["Ann", "Bob"]


async def test_too_much_and_too_often_is_refused(db: Database, cast: Cast, key: str) -> None:
    app = create_app(Settings(access_log=False, form_posts_per_minute=2), db)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm.test") as client:
        much = await client.post(f"/forms/{key}", data={"about": "x" * 300_000}, headers=JSON)
        assert (much.status_code, much.json()["accepted"]) == (413, False)
        answers = [await client.post(f"/forms/{key}", data={"firstName": str(at)}, headers=JSON) for at in range(3)]
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_the_page_keeps_the_strict_headers_and_runs_no_script(key: str, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/forms/{key}")
    policy = answer.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert (await http.get("/assets/form.css")).status_code == 200
    labels, ids = re.findall(r'<label[^>]* for="([^"]+)"', answer.text), re.findall(r' id="([^"]+)"', answer.text)
    assert labels
    assert set(labels) <= set(ids)


async def test_only_crm_administrators_design_the_form(db: Database, cast: Cast, key: str) -> None:
    with pytest.raises(Forbidden):
        await web_forms.design(db, cast.mia, title="Mine")
    with pytest.raises(Invalid):
        await web_forms.design(db, cast.olga, field_ids=[999], stage_id=999)


async def test_who_fills_in_a_form_has_no_rights_beyond_it(db: Database, cast: Cast, key: str) -> None:
    actor = web_forms._owner(db.rules)
    assert actor is not None
    assert actor.rights == web_forms.RIGHTS
    with pytest.raises(Forbidden):
        await opportunities.get(db, actor, 1)
