"""Users, locations, custom fields and the small records, over the wire (related; crm §7 to §13)."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.domain.actor import Standing
from tests.cast import role
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, path_of

SECRET = "Another-Horse-9-Battery"


async def staff(counter: Counter, *rights: str, **members: Any) -> Json:
    """Make a user with the roles of these rights."""
    roles = [role(counter.db, right) for right in rights]
    body: Json = {"FullName": "Una Ray", "Email": "una@example.com", "Password": SECRET, "UserRoles": roles}
    return await counter.post("User", **{**body, **members})


async def test_a_user_holds_exactly_the_roles_that_were_given_and_takes_deltas(counter: Counter) -> None:
    una = await staff(counter, "CrmBoard-List")
    user = counter.db.rules.users[una["Id"]]
    assert (user.standing, user.first_name, user.last_name) == (Standing.LIMITED, "Una", "Ray")
    assert (una["IsAdmin"], una["APIAccess"], una["Active"]) == (True, True, True)
    gone, come = role(counter.db, "CrmBoard-List"), role(counter.db, "Team-List")
    changed = await counter.put(
        "User", {**una, "UserRoles": None, "AddedUserRoles": [come], "RemovedUserRoles": [gone]}
    )
    assert (changed["UserRoles"], changed["AddedUserRoles"]) == ([come], None)
    kept = await counter.put("User", {name: una[name] for name in ("Id", "FullName", "Email")})
    assert (kept["UserRoles"], kept["APIAccess"], kept["Active"]) == ([come], True, True)


async def test_no_password_is_shown_and_none_is_needed_to_change_a_user(counter: Counter) -> None:
    una = await staff(counter)
    assert SECRET not in (await counter.send("olga", "GET", path_of("User", una["Id"]))).text
    before = counter.db.rules.passwords[una["Id"]]
    await counter.put("User", {**una, "FullName": "Una Fox"})
    assert counter.db.rules.passwords[una["Id"]] == before
    await counter.put("User", {**una, "NewPassword": f"{SECRET}!"})
    assert counter.db.rules.passwords[una["Id"]] != before


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"Email": "olga@example.com"}, "Email"),
        ({"Email": "no address"}, "Email"),
        ({"UserRoles": [NO_ID]}, "UserRoles"),
        ({"DefaultBusinessId": NO_ID}, "DefaultBusiness"),
        ({"Businesses": [NO_ID]}, "Businesses"),
        ({"Password": "x"}, "Password"),
    ],
)
async def test_what_is_wrong_with_a_user_is_named(counter: Counter, members: Json, named: str) -> None:
    body = {"FullName": "Una Ray", "Email": "una@example.com", **members}
    assert await counter.refused("User", "POST", body) == [named]


async def test_whoever_is_to_be_no_administrator_becomes_a_guest_and_back(counter: Counter) -> None:
    una = await staff(counter, IsAdmin=False)
    assert (una["IsAdmin"], counter.db.rules.users[una["Id"]].standing) == (False, Standing.GUEST)
    back = await counter.put("User", {**una, "IsAdmin": True})
    assert (back["IsAdmin"], counter.db.rules.users[una["Id"]].standing) == (True, Standing.MEMBER)


async def test_members_do_not_make_users_and_nobody_grants_what_they_lack(counter: Counter) -> None:
    body = {"FullName": "Una Ray", "Email": "una@example.com"}
    assert (await counter.send("mia", "POST", path_of("User"), json=body)).status_code == 401
    assert (await counter.send("carl", "POST", path_of("User"), json=body)).status_code == 401


async def test_there_is_a_role_for_every_right(counter: Counter) -> None:
    (found,) = await counter.rows("Role", Role_Name="CrmOpportunityHistory-Delete")
    assert found["Id"] == role(counter.db, "CrmOpportunityHistory-Delete")


async def test_a_location_says_its_country_currency_and_time_zone_by_number(counter: Counter) -> None:
    place = (await counter.rows("Business"))[0]
    assert (place["CurrencyId"], place["CurrencyCode"], place["CountryId"]) == (840, "USD", 840)
    changed = await counter.put("Business", {"Id": place["Id"], "CurrencyId": 978, "Phone": "+371 6"})
    assert (changed["CurrencyCode"], changed["Name"], changed["Phone"]) == ("EUR", place["Name"], "+371 6")
    assert await counter.refused("Business", "PUT", {"Id": place["Id"], "CurrencyId": 7}) == ["Currency"]
    assert await counter.refused("Business", "PUT", {"Id": place["Id"], "CountryId": 7}) == ["Country"]


async def test_currencies_are_read_by_their_number(counter: Counter) -> None:
    euro = await counter.get("Currency", 978)
    assert (euro["Code"], euro["Format"]) == ("EUR", "€{0:0.00}")
    assert (await counter.rows("Currency", Currency_Code="eur"))[0] == euro
    names = [row["Name"] for row in await counter.rows("Currency")]
    assert names == sorted(names, key=str.lower)


def field(counter: Counter, **members: Any) -> Json:
    """The body of a custom field."""
    needed = {"BusinessId": counter.location, "Name": "Floor", "DisplayOrder": 1, "RecordType": 4, "FieldType": 1}
    return {**needed, "CoworkerFieldPosition": 1, "CustomFieldIndex": 1, "Visibility": 1, **members}


async def test_options_of_a_choice_are_separated_by_commas(counter: Counter) -> None:
    made = await counter.post("CustomField", **field(counter, FieldType=4, AvailableOptions="red, green,,blue"))
    assert made["AvailableOptions"] == "red,green,blue"
    assert counter.db.rules.fields[made["Id"]].options == ("red", "green", "blue")
    none = await counter.post("CustomField", **field(counter, FieldType=4, CustomFieldIndex=2))
    assert none["AvailableOptions"] == ""


@pytest.mark.parametrize(
    ("members", "named"),
    [({"RecordType": 11}, "RecordType"), ({"FieldType": 9}, "FieldType"), ({"BusinessId": NO_ID}, "Business")],
)
async def test_a_custom_field_that_cannot_be_is_refused(counter: Counter, members: Json, named: str) -> None:
    assert await counter.refused("CustomField", "POST", field(counter, **members)) == [named]


async def test_a_number_is_taken_once(counter: Counter) -> None:
    await counter.post("CustomField", **field(counter))
    assert await counter.refused("CustomField", "POST", field(counter, Name="Wing")) == ["CustomFieldIndex"]


async def test_a_type_in_use_is_not_deleted_and_fills_notes(counter: Counter) -> None:
    kind = await counter.post("OpportunityType", BusinessId=counter.location, Name="Desk", NotesTemplate="Budget:")
    deal = await counter.deal(OpportunityTypeId=kind["Id"])
    assert deal["Notes"] == "Budget:"
    reply = await counter.send("olga", "DELETE", path_of("OpportunityType", kind["Id"]))
    assert (reply.status_code, reply.json()["WasSuccessful"]) == (200, False)
    assert (await counter.send("olga", "DELETE", path_of("CrmOpportunity", deal["Id"]))).is_success
    assert (await counter.send("olga", "DELETE", path_of("OpportunityType", kind["Id"]))).json()[
        "WasSuccessful"
    ] is True


async def test_a_task_list_makes_tasks_when_a_deal_enters_its_stage(counter: Counter) -> None:
    tasks = await counter.post("TaskList", BusinessId=counter.location, Name="Welcome", Active=True)
    item = {"TaskListId": tasks["Id"], "ResponsibleId": counter.cast.ids["noah"], "DelayInHours": 24}
    made = await counter.post("TaskItem", **item, Name="Send brochure", Active=True)
    board = counter.db.rules.default_pipeline.id
    stage = await counter.post("CrmBoardColumn", CrmBoardId=board, Name="Met", Position=9999, TaskListId=tasks["Id"])
    deal = await counter.deal(CrmBoardColumnId=stage["Id"])
    (found,) = await counter.rows("CoworkerTask", CoworkerTask_Coworker=deal["CoworkerId"])
    assert (found["Name"], found["TaskListName"], found["TaskItemUniqueId"]) == (
        "Send brochure",
        "Welcome",
        made["UniqueId"],
    )
    assert found["ResponsibleFullName"] == "Noah Example"
    reply = await counter.send("olga", "DELETE", path_of("TaskList", tasks["Id"]))
    assert (reply.status_code, reply.json()["WasSuccessful"]) == (200, False)
