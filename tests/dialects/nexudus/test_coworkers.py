"""Customers, teams and the tasks on them, over the wire (related, Coworker and Team; crm §8)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dealwright.actions import contacts, locations, tasks
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.pipeline import LocationChange
from dealwright.domain.task import TaskChange
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, path_of

ON = ("Active", "AllowNetworkCheckin", "CanMakeBookings", "CanPurchaseProducts", "NotifyOnNewInvoice")


async def test_a_new_customer_has_the_defaults_of_the_live_service(counter: Counter) -> None:
    made = await counter.customer()
    assert all(made[name] is True for name in ON)
    assert (made["CoworkerType"], made["MondayAttendance"], made["TariffId"], made["Gender"]) == (1, 5, 0, 1)
    assert re.fullmatch(r"\d{5}", made["AccessPincode"])
    assert made["ToStringText"] == "Ann Lee - ann@example.com"
    assert made["ShortDescription"] == f"Ann Lee ({made['Id']})"
    assert (made["GuessedFirstName"], made["GuessedLastName"]) == ("Ann", "Lee")


async def test_what_was_said_is_stored_and_what_is_left_out_is_reset(counter: Counter) -> None:
    said: Json = {
        "MobilePhone": "+371 2",
        "LandLine": "+371 6",
        "Address": "Brivibas 1",
        "CityName": "Riga",
        "State": "LV",
        "PostCode": "LV-1010",
        "ProfileWebsite": "https://desk.example",
        "Linkedin": "ann-lee",
        "ProfileTags": "vip, quiet",
        "Notes": "By the window",
        "Custom7": "seven",
        "DateOfBirth": "1990-05-06T00:00:00Z",
        "TaxRate": 19.1,
        "CanMakeBookings": False,
    }
    made = await counter.customer(**said)
    assert {name: made[name] for name in said} == said
    body = {name: made[name] for name in ("Id", "FullName", "Email")}
    bare = await counter.put("Coworker", body)
    assert {name: bare[name] for name in said if name != "CanMakeBookings"} == {
        name: None for name in said if name != "CanMakeBookings"
    }
    assert (bare["CanMakeBookings"], bare["AccessPincode"]) == (True, made["AccessPincode"])
    stored = (await contacts.get(counter.db, counter.cast.olga, made["Id"])).contact.extra
    assert set(stored) == {"AccessPincode"}


async def test_a_name_that_is_sent_back_is_not_split_anew(counter: Counter) -> None:
    change = ContactChange(first_name="Vincent", last_name="van Gogh", email="vincent@example.com")
    ident = (await contacts.create(counter.db, counter.cast.mia, change)).contact.id
    record = await counter.get("Coworker", ident)
    await counter.put("Coworker", {**record, "Notes": "Paints"})
    contact = (await contacts.get(counter.db, counter.cast.mia, ident)).contact
    assert (contact.first_name, contact.last_name, contact.notes) == ("Vincent", "van Gogh", "Paints")
    await counter.put("Coworker", {**record, "FullName": "Theo van Gogh"})
    contact = (await contacts.get(counter.db, counter.cast.mia, ident)).contact
    assert (contact.first_name, contact.last_name) == ("Theo van", "Gogh")


async def test_what_this_vendor_has_no_word_for_stays(counter: Counter) -> None:
    infos = {Info.EMAIL: [ContactInfo(kind=Info.EMAIL, data="second@example.com")]}
    ident = (await counter.customer())["Id"]
    await contacts.change(counter.db, counter.cast.mia, ident, ContactChange(infos={Info.JABBER: infos[Info.EMAIL]}))
    await counter.put("Coworker", {"Id": ident, "FullName": "Ann Fox", "Email": "ann@example.com"})
    full = await contacts.get(counter.db, counter.cast.mia, ident)
    assert {one.kind for one in full.infos} == {Info.EMAIL, Info.JABBER}


async def test_tags_changed_elsewhere_are_told_as_they_are_now(counter: Counter) -> None:
    made = await counter.customer(ProfileTags="vip, quiet")
    await contacts.change(counter.db, counter.cast.mia, made["Id"], ContactChange(tags=["quiet", "Loud"]))
    assert (await counter.get("Coworker", made["Id"]))["ProfileTags"] == "Loud, quiet"


async def test_an_email_belongs_to_one_customer(counter: Counter) -> None:
    await counter.customer()
    body = {"FullName": "Ann Two", "Email": "ANN@example.com"}
    assert await counter.refused("Coworker", "POST", body) == ["Email"]
    other = await counter.customer("other@example.com")
    assert await counter.refused("Coworker", "PUT", {**other, "Email": "ann@example.com"}) == ["Email"]


async def test_an_email_may_be_left_out_only_where_the_customer_has_none(counter: Counter) -> None:
    change = ContactChange(is_company=True, name="Desk & Co")
    ident = (await contacts.create(counter.db, counter.cast.mia, change)).contact.id
    record = await counter.get("Coworker", ident)
    assert (record["Email"], record["CoworkerType"], record["CompanyName"]) == (None, 2, "Desk & Co")
    assert (await counter.put("Coworker", {**record, "Notes": "x"}))["Notes"] == "x"
    ann = await counter.customer()
    assert await counter.refused("Coworker", "PUT", {**ann, "Email": None}) == ["Email"]


async def test_teams_are_told_on_both_sides_and_changed_by_deltas(counter: Counter) -> None:
    ann, bob = await counter.customer(), await counter.customer("bob@example.com", FullName="Bob Ray")
    team = await counter.post("Team", BusinessId=counter.location, Name="Founders", TeamMembers=[ann["Id"]])
    assert (team["TeamMembers"], team["CoworkerIds"], team["CoworkerFullNames"]) == (
        [ann["Id"]],
        str(ann["Id"]),
        "Ann Lee",
    )
    seen = await counter.get("Coworker", ann["Id"])
    assert (seen["Teams"], seen["TeamNames"], seen["TeamIds"]) == ([team["Id"]], "Founders", str(team["Id"]))
    body = {name: team[name] for name in ("Id", "BusinessId", "Name")}
    swapped = await counter.put("Team", {**body, "AddedTeamMembers": [bob["Id"]], "RemovedTeamMembers": [ann["Id"]]})
    assert swapped["TeamMembers"] == [bob["Id"]]
    joined = await counter.put("Coworker", {**ann, "Teams": None, "AddedTeams": [team["Id"]]})
    assert (joined["Teams"], joined["AddedTeams"]) == ([team["Id"]], None)
    assert await counter.refused("Team", "PUT", {**body, "TeamMembers": [NO_ID]}) == ["TeamMembers"]


async def test_customers_are_deleted_by_the_command_alone(counter: Counter) -> None:
    ann = await counter.customer()
    assert (await counter.send("olga", "DELETE", path_of("Coworker", ann["Id"]))).status_code == 405
    body = {"Key": "coworker_delete", "Ids": [ann["Id"]], "Parameters": []}
    reply = await counter.send("olga", "POST", path_of("Coworker", "runcommand"), json=body)
    assert (reply.status_code, reply.json()["WasSuccessful"]) == (200, True)
    assert (await counter.send("olga", "GET", path_of("Coworker", ann["Id"]))).status_code == 404
    again = await counter.send("olga", "POST", path_of("Coworker", "runcommand"), json=body)
    assert (again.status_code, again.json()["WasSuccessful"]) == (200, False)


async def task(counter: Counter, **members: Any) -> Json:
    """Make a task on a customer."""
    ann = (await counter.ids("Coworker") or [(await counter.customer())["Id"]])[0]
    body: Json = {
        "BusinessId": counter.location,
        "CoworkerId": ann,
        "Name": "Call",
        "ResponsibleId": counter.cast.ids["mia"],
    }
    return await counter.post("CoworkerTask", **{**body, **members})


async def test_a_task_expands_what_it_points_at(counter: Counter) -> None:
    made = await task(counter)
    await counter.post("Team", BusinessId=counter.location, Name="Founders", TeamMembers=[made["CoworkerId"]])
    seen = await counter.get("CoworkerTask", made["Id"])
    assert (seen["CoworkerFullName"], seen["CoworkerTeamNames"]) == ("Ann Lee", "Founders")
    assert (seen["ResponsibleFullName"], seen["ToStringText"], seen["Completed"]) == ("Mia Example", "Call", False)


async def test_the_local_due_date_is_the_clock_on_the_wall(counter: Counter) -> None:
    await locations.change(counter.db, counter.cast.olga, counter.location, LocationChange(time_zone="Europe/Riga"))
    made = await task(counter, DueDate="2031-07-01T12:00:00Z")
    assert made["DueDateLocal"] == "2031-07-01T15:00:00Z"
    local = await task(counter, DueDateLocal="2031-01-01T12:00:00Z")
    assert local["DueDate"] == "2031-01-01T10:00:00Z"
    assert await counter.put("CoworkerTask", local) == local


async def test_tasks_are_listed_by_their_due_date(counter: Counter) -> None:
    days = [3, 1, 2]
    ids = {day: (await task(counter, DueDate=f"2031-01-0{day}"))["Id"] for day in days}
    assert await counter.ids("CoworkerTask") == [ids[1], ids[2], ids[3]]


async def test_a_task_that_hangs_on_nothing_can_be_sent_back(counter: Counter) -> None:
    made = (await tasks.create(counter.db, counter.cast.mia, TaskChange(title="Think"))).task
    record = await counter.get("CoworkerTask", made.id)
    assert (record["CoworkerId"], record["BusinessId"]) == (None, counter.location)
    assert (await counter.put("CoworkerTask", {**record, "Completed": True}))["Completed"] is True
    hanging = await task(counter)
    assert await counter.refused("CoworkerTask", "PUT", {**hanging, "CoworkerId": None}) == ["Coworker"]


@pytest.mark.parametrize("member", ["CoworkerId", "ResponsibleId", "BusinessId"])
async def test_a_task_that_points_at_nothing_is_refused(counter: Counter, member: str) -> None:
    made = await task(counter)
    named = await counter.refused("CoworkerTask", "PUT", {**made, member: NO_ID})
    assert named == [member.removesuffix("Id")]
