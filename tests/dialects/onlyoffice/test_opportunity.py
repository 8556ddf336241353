"""One opportunity over the wire: its shape, and what POST, PUT, the stage route and DELETE make of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities
from dealwright.actions.people import change_user
from dealwright.config import Settings
from dealwright.domain.contact import Share
from dealwright.domain.custom_field import FieldType
from dealwright.domain.opportunity import Change
from dealwright.domain.people import UserChange
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from tests.dialects.onlyoffice.desk import BAD, DENIED, MISSING, Desk, Json, opened

NO_DATE = "0001-01-01T00:00:00.0000000Z"
GHOST = "5f0d7f2c-3b1a-4c55-9d0e-0a1b2c3d4e5f"
NO_STAGE = (400, "Deal milestone is not found")
UNKNOWN = 999_999_999


def mia(desk: Desk) -> Json:
    return {
        "id": desk.cast.mia.uid,
        "displayName": "Mia Example",
        "avatarSmall": "/skins/default/images/default_user_photo_size_32-32.png",
        "profileUrl": "http://office.test/Products/People/Profile.aspx?user=mia",
    }


def titles_of(fields: list[Json]) -> list[tuple[str, str]]:
    return [(field["label"], field["fieldValue"]) for field in fields]


# The object -------------------------------------------------------------------------------------------------


async def test_the_smallest_opportunity_leaves_out_what_is_empty(desk: Desk) -> None:
    deal = await desk.sale()
    stage = desk.db.rules.stages[desk.stage(0)]
    assert deal.pop("created").endswith("Z")
    assert deal == {
        **{"createBy": mia(desk), "members": [], "title": "Ten desks", "description": "", "responsible": mia(desk)},
        "bidCurrency": {
            **{"title": "Euro", "symbol": "€", "abbreviation": "EUR", "cultureName": "EU"},
            **{"isConvertable": True, "isBasic": True},
        },
        "stage": {
            **{"successProbability": 1, "stageType": 0, "title": "Initial contact", "color": "#e795c1"},
            **{"description": stage.description, "id": stage.id},
        },
        **{"actualCloseDate": NO_DATE, "expectedCloseDate": NO_DATE, "isPrivate": False, "accessList": []},
        **{"canEdit": True, "customFields": [], "id": deal["id"]},
    }


async def test_the_members_stand_in_the_order_of_the_contract(desk: Desk) -> None:
    company = await desk.contact("ACME")
    more: Json = {
        "bidType": 4,
        "bidValue": "1500.5",
        "perPeriodValue": 12,
        "successProbability": 20,
        "description": "x",
    }
    deal = await desk.sale(contactid=company, isPrivate=True, accessList=[desk.cast.noah.uid], **more)
    assert list(deal) == [
        *("createBy", "created", "members", "contact", "title", "description", "responsible", "bidType", "bidValue"),
        *("bidCurrency", "perPeriodValue", "stage", "successProbability", "actualCloseDate", "expectedCloseDate"),
        *("isPrivate", "accessList", "canEdit", "customFields", "id"),
    ]


async def test_a_contact_is_shown_in_base_form(desk: Desk) -> None:
    company = await desk.contact("ACME", Share.READ)
    shown = (await desk.sale(contactid=company))["contact"]
    photo = (
        f"http://office.test/Products/CRM/HttpHandlers/filehandler.ashx?action=contactphotoulr&cid={company}&isc=True"
    )
    assert shown == {
        **{"smallFotoUrl": f"{photo}&ps=1", "mediumFotoUrl": f"{photo}&ps=2", "displayName": "ACME"},
        **{"isCompany": True, "isPrivate": False, "isShared": True, "shareType": 2, "currency": None},
        **{"canEdit": False, "canDelete": False, "id": company},
    }


async def test_a_hidden_contact_is_shown_alone_but_not_in_rows_nor_among_members(desk: Desk) -> None:
    hidden = await desk.contact("ACME", Share.NOBODY, (desk.cast.noah.uid,))
    deal = await desk.sale("noah", contactid=hidden)
    assert [member["id"] for member in deal["members"]] == [hidden]
    assert [person["displayName"] for person in deal["contact"]["accessList"]] == ["Noah Example"]
    seen = await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}")
    assert (seen["contact"]["displayName"], seen["contact"]["isPrivate"], seen["members"]) == ("ACME", True, [])
    (row,) = await desk.ok("mia", "GET", "crm/opportunity/filter")
    assert "contact" not in row


async def test_rows_tell_the_access_list_of_private_ones_alone(desk: Desk) -> None:
    await desk.sale(title="public")
    await desk.sale(title="private", isPrivate=True, accessList=[desk.cast.noah.uid])
    private, public = await desk.ok("mia", "GET", "crm/opportunity/filter?sortBy=title")
    assert "accessList" not in public
    assert {person["displayName"] for person in private["accessList"]} == {"Mia Example", "Noah Example"}


async def test_a_person_the_portal_does_not_know_is_a_removed_profile(desk: Desk) -> None:
    responsible = (await desk.sale(responsibleid=GHOST))["responsible"]
    assert (responsible["displayName"], responsible["profileUrl"]) == ("profile removed", "")


async def test_custom_fields_are_those_with_a_value_and_all_headings_by_position(desk: Desk) -> None:
    size, empty = await desk.field("Size", position=3), await desk.field("Empty", position=2)
    await desk.field("More", FieldType.HEADING, position=1)
    seats = await desk.field("Seats", FieldType.INTEGER, position=4)
    values = [{"key": size, "value": " big "}, {"Key": empty, "Value": "  "}, {"key": seats, "value": "ten"}]
    deal = await desk.sale(customFieldList=[*values, {"key": UNKNOWN, "value": "x"}])
    assert titles_of(deal["customFields"]) == [("More", ""), ("Size", "big"), ("Seats", "ten")]
    assert deal["customFields"][1] == {
        **{"entityId": deal["id"], "label": "Size", "fieldValue": "big", "fieldType": 0, "position": 3, "mask": ""},
        "id": size,
    }
    assert (deal["customFields"][2]["fieldType"], deal["customFields"][2]["mask"]) == (0, '{"size":40}')


async def test_a_deal_of_another_face_without_title_shows_the_contacts_name(desk: Desk) -> None:
    company = await desk.contact("ACME")
    change = Change(stage_id=desk.stage(0), contact_id=company)
    made = await opportunities.create(desk.db, desk.cast.mia, change)
    shown = await desk.ok("mia", "GET", f"crm/opportunity/{made.opportunity.id}")
    assert (shown["title"], shown["responsible"]["displayName"]) == ("ACME", "profile removed")
    assert "bidCurrency" not in shown


async def test_amounts_keep_every_digit_and_a_decimal_part(desk: Desk) -> None:
    for sent, shown in (
        ("1000", "1000.0"),
        ("0.123456789", "0.123456789"),
        ("1e3", "1000.0"),
        ("0.0000000015", "0.000000002"),
    ):
        deal = await desk.sale(bidValue=sent)
        reply = await desk.send("mia", "GET", f"crm/opportunity/{deal['id']}")
        assert f'"bidValue":{shown},' in reply.text


async def test_somebody_who_may_only_read_cannot_edit(desk: Desk) -> None:
    deal = await desk.sale()
    seen = await desk.ok("rita", "GET", f"crm/opportunity/{deal['id']}")
    assert seen["canEdit"] is False
    for method, path in (("PUT", ""), ("DELETE", ""), ("PUT", f"/stage/{desk.stage(1)}"), ("PUT", "/access")):
        assert await desk.refusal("rita", method, f"crm/opportunity/{deal['id']}{path}", json={}) == DENIED


async def test_the_public_address_of_the_settings_stands_in_every_link(db: Database) -> None:
    settings = Settings(public_url="https://crm.example.com/", onlyoffice_names="documented")
    async with opened(db, settings) as desk:
        deal = await desk.sale()
        assert deal["CreateBy"]["ProfileUrl"] == "https://crm.example.com/Products/People/Profile.aspx?user=mia"


# Documented names -------------------------------------------------------------------------------------------


async def test_documented_names_are_given_to_who_prefers_them(desk: Desk) -> None:
    deal, prefer = await desk.sale(), {"Prefer": "names=documented"}
    for method, path, body in (
        ("GET", f"/{deal['id']}", None),
        ("GET", "/filter", None),
        ("PUT", f"/{deal['id']}", desk.form()),
        ("PUT", f"/{deal['id']}/stage/{desk.stage(1)}", None),
        ("PUT", "/access", {"opportunityid": [deal["id"]]}),
        ("PUT", "", {"opportunityids": [deal["id"]]}),
    ):
        reply = await desk.send("mia", method, f"crm/opportunity{path}", json=body, headers=prefer)
        said = reply.json()["response"]
        shown = said[0] if isinstance(said, list) else said
        assert (shown["ID"], shown["BidValue"], shown["PerPeriodValue"]) == (deal["id"], 0.0, 0), path
        assert reply.headers["preference-applied"] == "names=documented"


# GET --------------------------------------------------------------------------------------------------------


async def test_what_is_not_there_is_told_apart_as_the_contract_has_it(desk: Desk) -> None:
    hidden = await desk.sale("olga", isPrivate=True, accessList=[desk.cast.olga.uid])
    assert await desk.refusal("mia", "GET", "crm/opportunity/0") == BAD
    assert await desk.refusal("mia", "GET", f"crm/opportunity/{UNKNOWN}") == MISSING
    assert await desk.refusal("mia", "GET", f"crm/opportunity/{hidden['id']}") == MISSING


# POST -------------------------------------------------------------------------------------------------------


async def test_the_primary_contact_and_the_given_ones_become_members(desk: Desk) -> None:
    company, other = await desk.contact("ACME"), await desk.contact("Umbrella")
    hidden = await desk.contact("Hidden", Share.NOBODY)
    deal = await desk.sale(contactid=company, members=[other, other, hidden, UNKNOWN])
    assert [member["id"] for member in deal["members"]] == [company, other]


@pytest.mark.parametrize("sent", [None, ""])
@pytest.mark.parametrize("name", ["title", "responsibleid", "bidCurrencyAbbr", "stageid"])
async def test_a_needed_field_is_asked_for(desk: Desk, name: str, sent: str | None) -> None:
    assert await desk.refusal("mia", "POST", "crm/opportunity", data=desk.form(**{name: sent})) == BAD


async def test_what_points_nowhere_is_refused_in_the_order_of_the_contract(desk: Desk) -> None:
    hidden = await desk.contact("Hidden", Share.NOBODY)
    for fields, answer in (
        ({"stageid": UNKNOWN, "contactid": hidden, "bidCurrencyAbbr": "XQZ"}, NO_STAGE),
        ({"contactid": hidden, "bidCurrencyAbbr": "XQZ"}, DENIED),
        ({"contactid": UNKNOWN}, BAD),
        ({"bidCurrencyAbbr": "XQZ"}, BAD),
        ({"title": "x" * 256}, BAD),
        ({"bidValue": "1e15"}, BAD),
    ):
        assert await desk.refusal("mia", "POST", "crm/opportunity", data=desk.form(**fields)) == answer, fields
        deal = await desk.sale()
        said = desk.form(**fields)
        assert await desk.refusal("mia", "PUT", f"crm/opportunity/{deal['id']}", data=said) == answer, fields


@pytest.mark.parametrize(("sent", "kept"), [(-5, None), (0, None), (1, 1), (100, 100), (9999, 100)])
async def test_the_probability_is_clamped(desk: Desk, sent: int, kept: int | None) -> None:
    assert (await desk.sale(successProbability=sent)).get("successProbability") == kept


@pytest.mark.parametrize(("sent", "kept"), [("PerMonth", 4), ("permonth", 4), ("2", 2), ("17", 17), ("", None)])
async def test_the_bid_type_is_a_name_or_any_number(desk: Desk, sent: str, kept: int | None) -> None:
    assert (await desk.sale(bidType=sent)).get("bidType") == kept


# PUT --------------------------------------------------------------------------------------------------------


async def test_a_put_answers_what_a_get_answers_afterwards(desk: Desk) -> None:
    company, field = await desk.contact("ACME"), await desk.field("Size")
    deal = await desk.sale(contactid=company)
    body = desk.form(
        title="Twenty desks",
        bidValue=2.25,
        description="New",
        bidType="PerDay",
        perPeriodValue=3,
        successProbability=90,
        bidCurrencyAbbr="usd",
        expectedCloseDate="2031-05-06T07:08:09.123Z",
        stageid=desk.stage(2),
        customFieldList=[{"key": field, "value": "big"}],
        isPrivate=True,
        accessList=[desk.cast.noah.uid],
    )
    answered = await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}", json=body)
    assert answered == await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}")
    assert (answered["bidValue"], answered["bidCurrency"]["abbreviation"]) == (2.25, "USD")
    assert answered["expectedCloseDate"] == "2031-05-06T07:08:09.1230000Z"


async def test_a_put_resets_what_it_leaves_out_but_not_members_nor_custom_values(desk: Desk) -> None:
    company, field = await desk.contact("ACME"), await desk.field("Size")
    full = await desk.sale(
        contactid=company,
        description="x",
        bidType=1,
        bidValue=5,
        perPeriodValue=2,
        successProbability=40,
        actualCloseDate="2031-01-02",
        expectedCloseDate="2031-03-04",
        customFieldList=[{"key": field, "value": "big"}],
        isPrivate=True,
        accessList=[desk.cast.noah.uid],
    )
    left = await desk.ok("mia", "PUT", f"crm/opportunity/{full['id']}", data=desk.form())
    assert not {"contact", "bidType", "bidValue", "perPeriodValue", "successProbability"} & set(left)
    assert (left["description"], left["actualCloseDate"], left["expectedCloseDate"]) == ("", NO_DATE, NO_DATE)
    assert (left["isPrivate"], left["accessList"]) == (False, [])
    assert ([member["id"] for member in left["members"]], titles_of(left["customFields"])) == (
        [company],
        [("Size", "big")],
    )


async def test_the_members_of_a_put_replace_the_members_and_the_primary_contact_is_none(desk: Desk) -> None:
    company, other, hidden = [await desk.contact(name) for name in ("A", "B", "C")]
    deal = await desk.sale(members=[company])
    body = desk.form(contactid=hidden, members=[other])
    changed = await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}", json=body)
    assert [member["id"] for member in changed["members"]] == [other]
    gone = desk.form(members=[UNKNOWN])
    assert (await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}", json=gone))["members"] == []


async def test_only_administrators_and_the_maker_set_who_sees_it(desk: Desk) -> None:
    deal = await desk.sale(isPrivate=True, accessList=[desk.cast.noah.uid])
    path, noah = f"crm/opportunity/{deal['id']}", {"isPrivate": True, "accessList": [desk.cast.noah.uid]}
    assert (await desk.ok("noah", "PUT", path, json=desk.form(title="Theirs")))["isPrivate"] is True
    changed = await desk.ok("carl", "PUT", path, json=desk.form(**noah))
    assert {person["displayName"] for person in changed["accessList"]} == {"Noah Example", "Carl Example"}
    assert (await desk.ok("carl", "PUT", path, json=desk.form(isPrivate=True)))["isPrivate"] is False


async def test_a_missing_deal_counts_before_wrong_fields(desk: Desk) -> None:
    hidden = await desk.sale("olga", isPrivate=True, accessList=[desk.cast.olga.uid])
    for number in (0, UNKNOWN, hidden["id"]):
        for body in ({}, desk.form(stageid=UNKNOWN), desk.form(title="x" * 256), desk.form()):
            assert await desk.refusal("mia", "PUT", f"crm/opportunity/{number}", data=body) == MISSING


async def test_a_value_that_cannot_be_read_counts_before_everything(desk: Desk) -> None:
    assert (await desk.refusal("mia", "PUT", f"crm/opportunity/{UNKNOWN}", data=desk.form(stageid="x")))[0] == 400


async def test_a_put_couples_nothing_to_the_stage(desk: Desk) -> None:
    deal = await desk.sale()
    won = await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}", data=desk.form(stageid=desk.stage(-2)))
    assert (won["stage"]["stageType"], won["actualCloseDate"]) == (1, NO_DATE)
    assert "successProbability" not in won


async def test_a_zero_keeps_an_amount_that_another_face_left_open(desk: Desk) -> None:
    made = await opportunities.create(desk.db, desk.cast.mia, Change(stage_id=desk.stage(0), title="Open"))
    number = made.opportunity.id
    await desk.ok("mia", "PUT", f"crm/opportunity/{number}", data=desk.form(title="Named"))
    assert (await opportunities.get(desk.db, desk.cast.mia, number)).opportunity.amount is None


async def test_who_is_given_access_is_told_when_asked_for(desk: Desk) -> None:
    noah: Json = {"isPrivate": True, "accessList": [desk.cast.noah.uid]}
    await desk.sale(**noah)
    assert await mails(desk) == []
    await desk.sale(**noah, isNotify=True)
    assert await mails(desk) == ["mail.shared"]


async def mails(desk: Desk) -> list[str]:
    return [row[0] for row in await desk.db.rows(Query(select(schema.outbox.c.kind)))]


async def test_a_right_that_was_taken_away_elsewhere_works_at_once(desk: Desk, database_url: str) -> None:
    deal = await desk.sale()
    elsewhere = await connect(database_url)
    await change_user(elsewhere, None, desk.cast.noah.id, UserChange(active=False))
    await elsewhere.close()
    for method in ("GET", "PUT"):
        reply = await desk.send("noah", method, f"crm/opportunity/{deal['id']}", json=desk.form())
        assert reply.status_code == 401


async def test_puts_at_the_same_time_all_succeed(desk: Desk) -> None:
    deal = await desk.sale()
    path = f"crm/opportunity/{deal['id']}"
    sent = [desk.ok("mia", "PUT", path, json=desk.form(title=f"Title {number}")) for number in range(8)]
    answered = await asyncio.gather(*sent)
    assert [each["title"] for each in answered] == [f"Title {number}" for number in range(8)]


# The stage route --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_body", [True, False])
async def test_the_stage_route_brings_probability_and_close_date(desk: Desk, in_body: bool) -> None:
    deal = await desk.sale(successProbability=66, expectedCloseDate="2031-05-06")
    path = f"crm/opportunity/{deal['id']}/stage/{1 if in_body else desk.stage(-2)}"
    body = {"opportunityid": deal["id"], "stageid": desk.stage(-2)} if in_body else None
    won = await desk.ok("mia", "PUT", path, data=body)
    assert (won["stage"]["id"], won["successProbability"]) == (desk.stage(-2), 100)
    assert won["actualCloseDate"] > deal["created"]
    assert won["expectedCloseDate"] == deal["expectedCloseDate"]
    back = await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}/stage/{desk.stage(3)}")
    assert (back["successProbability"], back["actualCloseDate"]) == (20, NO_DATE)


async def test_the_stage_route_refuses_what_is_not_there(desk: Desk) -> None:
    deal, stage = await desk.sale(), desk.stage(1)
    hidden = await desk.sale("olga", isPrivate=True, accessList=[desk.cast.olga.uid])
    for number, stage_id, answer in (
        (0, stage, BAD),
        (deal["id"], 0, BAD),
        (deal["id"], UNKNOWN, MISSING),
        (UNKNOWN, stage, MISSING),
        (hidden["id"], stage, MISSING),
    ):
        assert await desk.refusal("mia", "PUT", f"crm/opportunity/{number}/stage/{stage_id}") == answer


# DELETE, and the dates --------------------------------------------------------------------------------------


async def test_a_deleted_deal_is_answered_bare_and_gone(desk: Desk) -> None:
    company, field = await desk.contact("ACME"), await desk.field("Size")
    values: Json = {"customFieldList": [{"key": field, "value": "big"}], "isPrivate": True}
    deal = await desk.sale(contactid=company, accessList=[desk.cast.noah.uid], **values)
    gone = await desk.ok("noah", "DELETE", f"crm/opportunity/{deal['id']}")
    assert (gone["id"], gone["contact"]["id"]) == (deal["id"], company)
    assert (gone["members"], gone["accessList"], gone["customFields"], gone["isPrivate"]) == ([], [], [], False)
    for method in ("GET", "DELETE"):
        assert await desk.refusal("mia", method, f"crm/opportunity/{deal['id']}") == MISSING


async def test_a_put_on_the_collection_deletes_those_that_are_there(desk: Desk) -> None:
    first, second, kept = [await desk.sale(title=name) for name in "abc"]
    ids = {"opportunityids[]": [second["id"], first["id"], second["id"], UNKNOWN]}
    gone = await desk.ok("mia", "PUT", "crm/opportunity", data=ids)
    assert [deal["id"] for deal in gone] == [second["id"], first["id"]]
    assert (await desk.ok("mia", "GET", f"crm/opportunity/{kept['id']}"))["title"] == "c"
    assert await desk.refusal("mia", "PUT", "crm/opportunity") == BAD


@pytest.mark.parametrize("route", ["creationdate", "lastmodifeddate"])
async def test_a_date_is_set_and_answered_with_nothing(desk: Desk, route: str) -> None:
    deal, name = await desk.sale(), {"creationdate": "creationDate"}.get(route, "lastModifedDate")
    path = f"crm/opportunity/{deal['id']}/{route}"
    for sent, kept in (("2020-02-03T04:05:06Z", "2020-02-03T04:05:06"), (None, "0001-01-01T00:00:00")):
        reply = await desk.send("noah", "PUT", path, data={name: sent} if sent else None)
        assert reply.json() == {"status": 0, "statusCode": 200, "response": {}}
        stored: Any = (await opportunities.get(desk.db, desk.cast.mia, deal["id"])).opportunity
        found = stored.created_at if route == "creationdate" else stored.updated_at
        assert found.isoformat() == f"{kept}+00:00"
    assert await desk.refusal("mia", "PUT", f"crm/opportunity/{UNKNOWN}/{route}") == MISSING


async def test_the_first_moment_of_all_is_shown_as_no_date(desk: Desk) -> None:
    deal = await desk.sale()
    await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}/creationdate")
    assert (await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}"))["created"] == NO_DATE
