"""The people of the portal (conventions §8)."""

from __future__ import annotations

import pytest

from tests.cast import PASSWORD
from tests.dialects.onlyoffice.desk import BAD, DENIED, MISSING, Desk, Json

UNKNOWN = (404, "User not found")
NOBODY = "5f0d7f2c-3b1a-4c55-9d0e-0a1b2c3d4e5f"
NEW: Json = {"email": "ann@example.com", "firstname": "Ann", "lastname": "Lee", "password": PASSWORD}


def names(people: list[Json]) -> list[str]:
    return [person["userName"] for person in people]


async def test_ones_own_profile_is_whole(desk: Desk) -> None:
    shown = await desk.ok("mia", "GET", "people/@self")
    assert shown == {
        **{"id": desk.cast.mia.uid, "displayName": "Mia Example", "userName": "mia", "isVisitor": False},
        **{"firstName": "Mia", "lastName": "Example", "email": "mia@example.com", "status": 1, "activationStatus": 1},
        **{"terminated": None, "isAdmin": False, "isLDAP": False, "isOwner": False, "isSSO": False},
        "avatarSmall": "/skins/default/images/default_user_photo_size_32-32.png",
        "avatarMedium": "/skins/default/images/default_user_photo_size_48-48.png",
        "avatar": "/skins/default/images/default_user_photo_size_82-82.png",
        "profileUrl": "http://office.test/Products/People/Profile.aspx?user=mia",
        **{"quotaLimit": 0, "usedSpace": 0, "docsSpace": 0, "mailSpace": 0, "talkSpace": 0},
    }


async def test_rank_is_told(desk: Desk) -> None:
    people = {person["userName"]: person for person in await desk.ok("mia", "GET", "people")}
    assert [name for name in people if people[name]["isOwner"]] == ["olga"]
    assert [name for name in people if people[name]["isAdmin"]] == ["olga"]
    assert [name for name in people if people[name].get("listAdminModules")] == ["carl"]
    assert [name for name in people if people[name]["isVisitor"]] == ["gus"]


async def test_somebody_is_found_by_guid_name_and_mail(desk: Desk) -> None:
    noah = desk.cast.noah.uid
    for path in (f"people/{noah}", f"people/{noah.upper()}", "people/NOAH", "people/email?email=Noah@Example.com"):
        assert (await desk.ok("mia", "GET", path))["id"] == noah
    for path in (f"people/{NOBODY}", "people/nobody", "people/email?email=x@y.z", "people/email"):
        assert await desk.refusal("mia", "GET", path) == UNKNOWN


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("people", "carl gus mia noah olga rita"),
        ("people?count=2&startIndex=1", "gus mia"),
        ("people/status/Active", "carl gus mia noah olga rita"),
        ("people/status/2", ""),
        ("people/search?query=MIA exa", "mia"),
        ("people/@search/noah@", "noah"),
        ("people/filter", "carl gus mia noah olga rita"),
        ("people/filter?filterValue=ri", "rita"),
        ("people/filter?isAdministrator=true", "carl olga"),
        ("people/filter?employeeType=Visitor", "gus"),
        ("people/filter?employeeType=User&isAdministrator=false", "mia noah rita"),
        ("people/filter?employeeStatus=Terminated", ""),
        ("people/filter?activationStatus=Pending", ""),
        (f"people/filter?groupId={NOBODY}", ""),
    ],
)
async def test_the_lists_find_who_is_asked_for(desk: Desk, path: str, found: str) -> None:
    assert names(await desk.ok("mia", "GET", path)) == found.split()


async def test_a_filtered_list_has_its_total_and_a_short_form(desk: Desk) -> None:
    reply = await desk.send("mia", "GET", "people/simple/filter?filterValue=example&count=2")
    assert reply.json()["total"] == 6
    assert [set(person) for person in reply.json()["response"]] == [
        {"id", "displayName", "avatarSmall", "profileUrl"},
    ] * 2


async def test_an_administrator_hires(desk: Desk) -> None:
    more = {"title": "Pilot", "location": "Rome", "sex": "female", "birthday": "1990-02-03", "comment": "New"}
    contacts = {"contacts[0][type]": "phone", "contacts[0][value]": "123"}
    made = await desk.ok("olga", "POST", "people", data={**NEW, **more, **contacts})
    assert (made["email"], made["displayName"], made["title"]) == ("ann@example.com", "Ann Lee", "Pilot")
    assert (made["location"], made["sex"], made["notes"]) == ("Rome", "female", "New")
    assert (made["birthday"], made["contacts"]) == (
        "1990-02-03T00:00:00.0000000Z",
        [{"type": "phone", "value": "123"}],
    )
    assert await desk.ok("mia", "GET", f"people/{made['id']}") == made
    assert (await desk.ok("", "POST", "authentication", data={"userName": "ann", "password": PASSWORD}))["token"]


async def test_what_a_client_makes_of_a_password_signs_in_where_it_is_sent_again(desk: Desk) -> None:
    hashed = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
    said = {name: value for name, value in NEW.items() if name != "password"}
    await desk.ok("olga", "POST", "people", data={**said, "passwordHash": hashed})
    signs_in = {"userName": "ann", "passwordHash": hashed}
    assert (await desk.ok("", "POST", "authentication", data=signs_in))["token"]
    reply = await desk.send("", "POST", "authentication", data={**signs_in, "passwordHash": hashed[::-1]})
    assert reply.status_code == 500


@pytest.mark.parametrize(
    "change", [{"email": ""}, {"email": "x"}, {"email": "Mia@example.com"}, {"firstname": " "}, {"password": "short"}]
)
async def test_nobody_is_hired_without_names_a_mail_of_their_own_or_a_good_password(desk: Desk, change: Json) -> None:
    assert await desk.refusal("olga", "POST", "people", data={**NEW, **change}) == BAD


async def test_only_administrators_hire_change_and_dismiss(desk: Desk) -> None:
    noah = desk.cast.noah.uid
    for name in ("carl", "mia", "rita", "gus"):
        assert await desk.refusal(name, "POST", "people", data=NEW) == DENIED
        assert await desk.refusal(name, "PUT", f"people/{noah}", data={"title": "Boss"}) == DENIED
        assert await desk.refusal(name, "DELETE", f"people/{noah}") == DENIED


async def test_a_change_keeps_what_it_does_not_mention(desk: Desk) -> None:
    noah = desk.cast.noah.uid
    await desk.ok("olga", "PUT", f"people/{noah}", data={"title": "Seller", "location": "Rome"})
    changed = await desk.ok("olga", "PUT", f"people/{noah}", data={"firstname": "Noé", "comment": "x"})
    assert (changed["displayName"], changed["title"], changed["location"]) == ("Noé Example", "Seller", "Rome")
    deal = await desk.sale(responsibleid=noah)
    assert (deal["responsible"]["displayName"], deal["responsible"]["title"]) == ("Noé Example", "Seller")


async def test_a_guest_is_made_and_made_a_member_again(desk: Desk) -> None:
    noah = f"people/{desk.cast.noah.uid}"
    assert (await desk.ok("olga", "PUT", noah, data={"isVisitor": "true"}))["isVisitor"] is True
    assert await desk.refusal("noah", "GET", "crm/opportunity/filter") == (403, "Forbidden")
    assert (await desk.ok("olga", "PUT", noah, data={"isVisitor": "false"}))["isVisitor"] is False
    assert await desk.ok("noah", "GET", "crm/opportunity/filter") == []


async def test_only_who_was_suspended_is_removed(desk: Desk) -> None:
    uid = desk.cast.noah.uid
    noah = f"people/{uid}"
    assert await desk.refusal("olga", "DELETE", noah) == (500, "The user is not suspended")
    suspended = await desk.ok("olga", "PUT", noah, data={"disable": "true"})
    assert suspended["status"] == 2
    assert suspended["terminated"] is not None
    assert names(await desk.ok("mia", "GET", "people/status/Terminated")) == ["noah"]
    assert (await desk.ok("olga", "DELETE", noah))["id"] == uid
    for method in ("PUT", "DELETE"):
        assert await desk.refusal("olga", method, f"people/{NOBODY}") == UNKNOWN


async def test_a_guest_knows_only_the_own_mail(desk: Desk) -> None:
    assert (await desk.ok("gus", "GET", "people/@self"))["email"] == "gus@example.com"
    assert await desk.refusal("gus", "GET", "people") == DENIED


async def test_there_are_no_groups(desk: Desk) -> None:
    assert await desk.ok("mia", "GET", "group") == []
    assert (await desk.refusal("mia", "GET", f"group/{NOBODY}"))[0] == MISSING[0]
    assert (await desk.refusal("mia", "GET", "group/x"))[0] == 400
