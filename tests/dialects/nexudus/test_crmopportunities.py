"""Opportunities over the wire: the PUT from every side, and what it leaves alone (crm §4; domain)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import currencies, opportunities
from dealwright.domain.currency import Quote
from dealwright.domain.opportunity import Change, Sharing
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, path_of

REQUIRED = ("Id", "CrmBoardColumnId", "CoworkerId", "Position")
DEFAULTS: Json = {"Completed": False, "Reminded": False, "Status": 1}


def least(deal: Json, **members: Any) -> Json:
    """The smallest body that may replace a deal."""
    return {**{name: deal[name] for name in REQUIRED}, **members}


async def everything(counter: Counter) -> Json:
    """A value for every member that a client may write."""
    other = await counter.customer("bob@example.com", FullName="Bob Ray")
    team = await counter.post("Team", BusinessId=counter.location, Name="Founders", Description="Two of them")
    kind = await counter.post("OpportunityType", BusinessId=counter.location, Name="Desk")
    return {
        "Name": "Corner office",
        "TeamId": team["Id"],
        "OpportunityTypeId": kind["Id"],
        "ResponsibleId": counter.cast.ids["noah"],
        "ReferrerId": other["Id"],
        "AgentId": other["Id"],
        "Notes": "By the window",
        "Completed": True,
        "DueDate": "2031-03-04T10:15:00Z",
        "Value": 1250.5,
        "Reminded": True,
        "LeadSource": 13,
        "LossReason": 4,
        "Status": 3,
        "WonOn": "2031-05-06T07:08:09Z",
        "LostOn": "2031-06-07T08:09:10.123Z",
        **{f"Utm{name}": name.lower() for name in ("Source", "Medium", "Campaign", "Content", "Term")},
    }


async def test_a_put_writes_every_member_and_without_them_resets_every_one(counter: Counter) -> None:
    said = await everything(counter)
    deal = await counter.put("CrmOpportunity", least(await counter.deal(), **said))
    assert {name: deal[name] for name in said} == said
    assert (deal["TeamName"], deal["OpportunityTypeName"], deal["ResponsibleFullName"]) == (
        "Founders",
        "Desk",
        "Noah Example",
    )
    bare = await counter.put("CrmOpportunity", least(deal))
    assert {name: bare[name] for name in said} == {name: DEFAULTS.get(name) for name in said}


async def test_a_put_touches_nothing_that_this_vendor_does_not_know(counter: Counter) -> None:
    deal = await counter.deal()
    mia = counter.cast.mia
    said = Change(
        currency="USD", probability=37, billing=3, periods=2, sharing=Sharing(True, (mia.uid, counter.cast.noah.uid))
    )
    said.members = [deal["CoworkerId"]]
    await opportunities.change(counter.db, mia, deal["Id"], said)
    await counter.put("CrmOpportunity", least(deal, Name="Renamed", Value=5))
    after = await opportunities.get(counter.db, mia, deal["Id"])
    kept = after.opportunity
    assert (kept.probability, kept.billing, kept.periods, kept.private) == (37, 3, 2, True)
    assert [one.id for one in after.members] == [deal["CoworkerId"]]
    assert len(after.shared_with) == 2


async def test_a_record_that_is_fetched_and_sent_back_changes_nothing(counter: Counter) -> None:
    await counter.post("CustomField", **custom_field(counter, "Floor", 6))
    deal = await counter.put("CrmOpportunity", least(await counter.deal(), **await everything(counter)))
    version = (await opportunities.get(counter.db, counter.cast.olga, deal["Id"])).opportunity.version
    assert await counter.put("CrmOpportunity", deal) == deal
    assert (await opportunities.get(counter.db, counter.cast.olga, deal["Id"])).opportunity.version == version


def custom_field(counter: Counter, name: str, kind: int, **members: Any) -> Json:
    """The body of a custom field of deals."""
    places = {"BusinessId": counter.location, "DisplayOrder": 1, "CustomFieldIndex": len(counter.db.rules.fields) + 1}
    return {
        **places,
        "Name": name,
        "RecordType": 4,
        "FieldType": kind,
        "CoworkerFieldPosition": 1,
        "Visibility": 1,
        **members,
    }


async def test_custom_fields_are_written_by_name_and_told_with_their_type(counter: Counter) -> None:
    await counter.post("CustomField", **custom_field(counter, "Floor", 6))
    await counter.post("CustomField", **custom_field(counter, "View", 4, AvailableOptions="park, street"))
    sent = {"Data": [{"Name": "floor", "Value": 3}, {"Name": "View", "Value": "park"}]}
    deal = await counter.deal(CustomFields=sent)
    assert deal["CustomFields"] == {
        "Data": [
            {"Name": "Floor", "DisplayName": "Floor", "Value": "3", "FieldType": 6},
            {"Name": "View", "DisplayName": "View", "Value": "park", "FieldType": 4},
        ]
    }
    less = await counter.put("CrmOpportunity", least(deal, CustomFields={"Data": [{"Name": "Floor", "Value": None}]}))
    assert [item["Name"] for item in less["CustomFields"]["Data"]] == ["View"]


@pytest.mark.parametrize("item", [{"Name": "Nothing", "Value": "x"}, {"Name": "Floor", "Value": "third"}])
async def test_a_custom_value_that_cannot_be_is_refused(counter: Counter, item: Json) -> None:
    await counter.post("CustomField", **custom_field(counter, "Floor", 6))
    body = {"CrmBoardColumnId": counter.stage(0), "CoworkerId": (await counter.customer())["Id"], "Position": 1}
    assert await counter.refused("CrmOpportunity", "POST", {**body, "CustomFields": {"Data": [item]}}) == [
        "CustomFields"
    ]


@pytest.mark.parametrize(
    ("member", "named"),
    [
        *(("CrmBoardColumnId", "CrmBoardColumn"), ("CoworkerId", "Coworker"), ("TeamId", "Team")),
        *(("OpportunityTypeId", "OpportunityType"), ("ResponsibleId", "Responsible"), ("ReferrerId", "Referrer")),
        *(("AgentId", "Agent"), ("LeadSource", "LeadSource"), ("LossReason", "LossReason")),
    ],
)
async def test_what_points_at_nothing_is_refused_by_the_name_of_the_relation(
    counter: Counter, member: str, named: str
) -> None:
    deal = await counter.deal(Name="kept")
    assert await counter.refused("CrmOpportunity", "PUT", least(deal, Name="lost", **{member: NO_ID})) == [named]
    assert await counter.get("CrmOpportunity", deal["Id"]) == deal


async def test_everything_that_points_at_nothing_is_named_at_once(counter: Counter) -> None:
    deal = await counter.deal()
    named = await counter.refused("CrmOpportunity", "PUT", least(deal, CoworkerId=NO_ID, TeamId=NO_ID, LeadSource=3))
    assert set(named) == {"Coworker", "Team", "LeadSource"}


async def test_a_customer_may_be_left_out_only_where_the_deal_has_none(counter: Counter) -> None:
    made = await opportunities.create(counter.db, counter.cast.mia, Change(stage_id=counter.stage(0), title="Found"))
    ident = made.opportunity.id
    deal = await counter.get("CrmOpportunity", ident)
    assert (deal["CoworkerId"], deal["CoworkerFullName"], deal["CoworkerCoworkerType"]) == (None, None, None)
    assert (await counter.put("CrmOpportunity", {**deal, "Name": "Renamed"}))["Name"] == "Renamed"
    other = await counter.deal()
    assert await counter.refused("CrmOpportunity", "PUT", {**other, "CoworkerId": None}) == ["Coworker"]
    assert await counter.refused("CrmOpportunity", "PUT", {**other, "Id": NO_ID, "CoworkerId": None}) == ["Coworker"]


async def test_the_value_is_shown_in_the_currency_of_the_location_and_sending_it_back_keeps_what_is_stored(
    counter: Counter,
) -> None:
    deal = await counter.deal()
    await opportunities.change(
        counter.db, counter.cast.mia, deal["Id"], Change(amount=Decimal("10.01"), currency="EUR")
    )
    assert (await counter.get("CrmOpportunity", deal["Id"]))["Value"] is None
    await currencies.set_rate(counter.db, counter.cast.olga, Quote("EUR", "USD", Decimal("1.5")))
    shown = await counter.get("CrmOpportunity", deal["Id"])
    assert shown["Value"] == 15.015
    await counter.put("CrmOpportunity", {**shown, "Name": "Renamed"})
    stored = (await opportunities.get(counter.db, counter.cast.mia, deal["Id"])).opportunity
    assert (stored.amount, stored.currency) == (Decimal("10.01"), "EUR")
    await counter.put("CrmOpportunity", {**shown, "Value": 20})
    stored = (await opportunities.get(counter.db, counter.cast.mia, deal["Id"])).opportunity
    assert (stored.amount, stored.currency) == (Decimal(20), "USD")


@pytest.mark.parametrize("value", ["999999999999999.999999999", "-0.000000001", "0.1"])
async def test_a_value_is_exact_to_the_last_place(counter: Counter, value: str) -> None:
    deal = await counter.deal()
    body = least(deal)
    raw = "{" + ",".join(f'"{name}":{number}' for name, number in body.items()) + f',"Value":{value}}}'
    headers = {"Content-Type": "application/json"}
    assert (await counter.send("mia", "PUT", path_of("CrmOpportunity"), content=raw, headers=headers)).is_success
    text = (await counter.send("mia", "GET", path_of("CrmOpportunity", deal["Id"]))).text
    assert f'"Value":{value},' in text


async def test_entering_a_stage_that_wins_decides_and_leaving_it_listens(counter: Counter) -> None:
    deal = await counter.deal()
    won = await counter.put("CrmOpportunity", least(deal, CrmBoardColumnId=counter.stage(-2), Status=1))
    assert (won["Status"], won["Completed"], won["WonOn"]) == (2, True, won["CrmUpdatedOn"])
    back = await counter.put("CrmOpportunity", {**won, "CrmBoardColumnId": counter.stage(1)})
    assert (back["Status"], back["Completed"]) == (2, True)
    open_again = await counter.put("CrmOpportunity", least(won, CrmBoardColumnId=counter.stage(2)))
    assert (open_again["Status"], open_again["Completed"]) == (1, False)


async def test_without_a_name_a_deal_is_called_after_its_customer(counter: Counter) -> None:
    assert (await counter.deal())["ToStringText"] == "Ann Lee"
    assert (await counter.deal(Name="Corner office"))["ToStringText"] == "Corner office"


async def test_a_deleted_deal_is_gone_for_everybody(counter: Counter) -> None:
    deal = await counter.deal()
    reply = await counter.send("mia", "DELETE", path_of("CrmOpportunity", deal["Id"]))
    assert (reply.status_code, reply.json()["Value"]) == (200, {"Id": deal["Id"]})
    for method in ("GET", "DELETE"):
        assert (await counter.send("olga", method, path_of("CrmOpportunity", deal["Id"]))).status_code == 404
    assert await counter.ids("CrmOpportunity") == []
    assert (await counter.send("olga", "PUT", path_of("CrmOpportunity"), json=deal)).status_code == 404


async def test_a_private_deal_is_not_there_for_others(counter: Counter) -> None:
    deal, mia = await counter.deal(), counter.cast.mia
    sharing = Sharing(True, (mia.uid, counter.cast.carl.uid))
    await opportunities.change(counter.db, mia, deal["Id"], Change(sharing=sharing))
    assert (await counter.send("noah", "GET", path_of("CrmOpportunity", deal["Id"]))).status_code == 404
    assert (await counter.send("noah", "PUT", path_of("CrmOpportunity"), json=deal)).status_code == 404
    assert await counter.ids("CrmOpportunity", "noah") == []
    assert await counter.ids("CrmOpportunity", "noah", CrmOpportunity_CrmBoardColumn=counter.stage(0)) == []
    assert await counter.ids("CrmOpportunity", "mia") == [deal["Id"]]


async def test_of_a_customer_out_of_sight_the_card_is_shown_with_the_deal(counter: Counter) -> None:
    from dealwright.actions import contacts
    from dealwright.domain.contact import ContactChange, Share

    deal = await counter.deal()
    await contacts.change(counter.db, counter.cast.carl, deal["CoworkerId"], ContactChange(sharing=Share.NOBODY))
    assert (await counter.send("noah", "GET", path_of("Coworker", deal["CoworkerId"]))).status_code == 404
    seen = await counter.get("CrmOpportunity", deal["Id"], "noah")
    assert (seen["CoworkerFullName"], seen["CoworkerEmail"]) == ("Ann Lee", "ann@example.com")
    assert (await counter.send("noah", "PUT", path_of("CrmOpportunity"), json={**seen, "Name": "Mine"})).is_success


async def test_a_put_costs_one_read_and_one_write_and_a_get_one_read(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = await counter.deal(**await everything(counter))
    calls: list[str] = []
    for name in ("rows", "write"):
        monkeypatch.setattr(counter.db, name, noted(calls, name, getattr(counter.db, name)))
    moved = {**deal, "Name": "Renamed", "CrmBoardColumnId": counter.stage(1), "Position": 5}
    for body, expected in ((moved, ["rows", "write"]), ({**moved, "Name": "Again"}, ["rows", "write"])):
        calls.clear()
        assert (await counter.send("mia", "PUT", path_of("CrmOpportunity"), json=body)).is_success
        assert calls == expected
    calls.clear()
    assert (await counter.send("mia", "GET", path_of("CrmOpportunity", deal["Id"]))).is_success
    assert calls == ["rows"]


def noted(calls: list[str], name: str, method: Any) -> Any:
    """Return a method that notes each of its calls."""

    async def call(*arguments: Any, **given: Any) -> Any:
        calls.append(name)
        return await method(*arguments, **given)

    return call
