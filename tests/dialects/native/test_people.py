"""Users and roles in our own API: who is told what, who grants what to whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions.sign_in import API, issue
from dealwright.domain.actor import RIGHTS, Sight, Standing
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.cast import PASSWORD, Cast, hire, role
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_me import bearer
from tests.dialects.native.test_opportunities import pointers

Json = dict[str, Any]
PATCH = {"Content-Type": "application/merge-patch+json"}
EVENTS = Query(select(schema.event.c.kinds, schema.event.c.before, schema.event.c.after).order_by(schema.event.c.id))
LETTERS = Query(select(schema.outbox.c.kind, schema.outbox.c.payload))
KEEPS_PEOPLE = [
    f"{entity}-{verb}" for entity in ("User", "Role") for verb in ("List", "Read", "Create", "Edit", "Delete")
]


async def made(client: Client, path: str, **values: Any) -> Json:
    answer = await client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    assert answer.headers["location"] == f"/api/v1{path}/{found['id']}"
    return found


async def patched(client: Client, path: str, **values: Any) -> Json:
    answer = await client.patch(path, json=values, headers=PATCH)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def refused(client: Client, path: str, **values: Any) -> int:
    return (await client.patch(path, json=values, headers=PATCH)).status_code


async def last_event(db: Database) -> tuple[str, Json, Json]:
    kinds, before, after = (await db.rows(EVENTS))[-1]
    return kinds, json.loads(before), json.loads(after)


async def walked(client: Client, path: str) -> list[Json]:
    """Everything of a list, page by page."""
    found, cursor = [], ""
    while True:
        answer = (await client.get(f"{path}{cursor}")).json()
        found += answer["data"]
        if not answer["page"]["has_more"]:
            return found
        cursor = f"&cursor={answer['page']['next_cursor']}"


# Roles ------------------------------------------------------------------------------------------------------


async def test_a_role_is_made_read_changed_and_taken_from_everybody(olga: Client, db: Database, cast: Cast) -> None:
    scout = await made(olga, "/roles", name=" Scout ", rights=["Team-Read", "Team-List", "Team-List"])
    assert (scout["name"], scout["rights"], scout["created_by"]) == ("Scout", ["Team-List", "Team-Read"], cast.olga.id)
    path = f"/roles/{scout['id']}"
    answer = await olga.get(path)
    tag = answer.headers["etag"]
    assert answer.json() == scout
    assert (await olga.get(path, headers={"If-None-Match": tag})).status_code == 304
    rita = await patched(olga, f"/users/{cast.rita.id}", role_ids=[*db.rules.users[cast.rita.id].role_ids, scout["id"]])
    assert (rita["standing"], cast.rita.may("Team-List")) == ("limited", True)
    changed = await patched(olga, path, rights=["Team-Read"], description="Looks")
    assert (changed["name"], changed["rights"], cast.rita.may("Team-List")) == ("Scout", ["Team-Read"], False)
    stale = await olga.patch(path, json={"rights": []}, headers={**PATCH, "If-Match": tag})
    assert (stale.status_code, stale.json()["current"], stale.json()["differing"]) == (412, changed, ["rights"])
    assert (await olga.delete(path, headers={"If-Match": tag})).status_code == 412
    assert (await olga.delete(path, headers={"If-Match": stale.headers["etag"]})).status_code == 204
    assert (await olga.get(path)).status_code == 404
    assert not cast.rita.may("Team-Read")
    kinds, before, _ = await last_event(db)
    assert (kinds, before["rights"], before["user_ids"]) == ("role.deleted", ["Team-Read"], [cast.rita.id])


async def test_what_is_wrong_with_a_role_is_pointed_at(olga: Client) -> None:
    answer = await olga.post("/roles", json={"name": " ", "rights": ["Moon-Walk"]})
    assert set(pointers(answer)) == {("#/name", "required"), ("#/rights", "unknown")}
    answer = await olga.post("/roles", json={"name": "crmopportunity-LIST"})
    assert pointers(answer) == [("#/name", "duplicate")]


async def test_roles_are_listed_to_their_end_and_found(olga: Client, mia: Client) -> None:
    assert {right for one in await walked(mia, "/roles?limit=50&sort=name") for right in one["rights"]} == RIGHTS
    names = [one["name"] for one in await walked(olga, "/roles?limit=2&sort=-name&q=TEAM-")]
    assert names == ["Team-Read", "Team-List", "Team-Edit", "Team-Delete", "Team-Create"]
    assert [one["name"] for one in (await olga.get("/roles?right=Team-Edit")).json()["data"]] == ["Team-Edit"]
    assert (await olga.get("/roles?sort=size")).status_code == 400


# Users ------------------------------------------------------------------------------------------------------


async def test_who_has_no_password_is_written_to_unless_told_otherwise(olga: Client, db: Database) -> None:
    await made(olga, "/users", email="a@example.com", password=PASSWORD)
    await made(olga, "/users", email="b@example.com", invite=False)
    assert await db.rows(LETTERS) == []
    lea = await made(olga, "/users", email=" lea@example.com ", first_name="Lea", last_name="Byron")
    assert (lea["email"], lea["name"], lea["standing"], lea["sight"]) == (
        "lea@example.com",
        "Lea Byron",
        "member",
        "all",
    )
    [(kind, payload)] = await db.rows(LETTERS)
    assert (kind, json.loads(payload)["to_uid"]) == ("user.invited", lea["uid"])
    answer = await olga.post("/users", json={"email": "c@example.com", "password": PASSWORD, "invite": True})
    assert pointers(answer) == [("#/invite", "not_allowed")]


async def test_no_secret_is_told_and_to_members_not_how_far_somebody_sees(
    people: dict[str, Client], db: Database, cast: Cast
) -> None:
    await patched(people["olga"], f"/users/{cast.noah.id}", password=PASSWORD, sight="team")
    for client in (people["olga"], people["mia"]):
        text = (await client.get(f"/users/{cast.noah.id}")).text + (await client.get("/users")).text
        assert PASSWORD not in text
        assert str(db.rules.passwords[cast.noah.id])[:20] not in text
    told = {name: (await people[name].get(f"/users/{cast.noah.id}")).json() for name in ("olga", "mia")}
    assert told["olga"].keys() - told["mia"].keys() == {"sight", "team_ids", "two_factor"}
    assert told["olga"]["sight"] == "team"
    assert (await people["mia"].get(f"/users/{cast.mia.id}")).json()["sight"] == "all"
    for name in ("rita", "gus"):
        assert (await people[name].get("/users")).json()["right"] == "User-List"
    for answer in (
        await people["carl"].patch(f"/users/{cast.noah.id}", json={"title": "x"}, headers=PATCH),
        await people["carl"].post("/users", json={"email": "x@example.com"}),
        await people["carl"].post("/roles", json={"name": "x"}),
        await people["carl"].delete(f"/users/{cast.noah.id}"),
    ):
        assert answer.status_code == 403


async def test_people_are_listed_and_found(olga: Client, cast: Cast) -> None:
    await patched(olga, f"/users/{cast.noah.id}", active=False)
    reading = cast.db.rules.users[cast.rita.id].role_ids[0]
    for query, expected in (
        ("sort=name&limit=2", ["carl", "gus", "mia", "noah", "olga", "rita"]),
        ("sort=-name&active=true", ["rita", "olga", "mia", "gus", "carl"]),
        ("active=false", ["noah"]),
        (f"role_id={reading}", ["rita"]),
        ("standing=crm_admin", ["carl"]),
        ("q=EXAMPLE%20mi", ["mia"]),
    ):
        found = await walked(olga, f"/users?{query}")
        assert [one["first_name"].lower() for one in found] == expected, query
    assert (await olga.get("/users?active=true&total=exact&limit=1")).json()["page"]["total"] == 5


async def test_a_change_is_kept_once_and_a_stale_one_is_refused(olga: Client, db: Database, cast: Cast) -> None:
    path, reads = f"/users/{cast.noah.id}", [role(db, "Team-Read"), role(db, "Team-List")]
    tag = (await olga.get(path)).headers["etag"]
    changed = await patched(olga, path, role_ids=reads, sight="own", title="Sales", location_id=db.rules.location.id)
    assert (changed["standing"], changed["role_ids"], changed["sight"]) == ("limited", sorted(reads), "own")
    kinds, before, after = await last_event(db)
    assert (kinds, before["role_ids"], after["role_ids"]) == ("user.changed", [], sorted(reads))
    assert (before["sight"], after["sight"]) == (Sight.ALL, Sight.OWN)
    count = len(await db.rows(EVENTS))
    assert await patched(olga, path, role_ids=reads[::-1], sight="own", location_id=db.rules.location.id) == changed
    assert len(await db.rows(EVENTS)) == count
    stale = await olga.patch(path, json={"sight": "team"}, headers={**PATCH, "If-Match": tag})
    assert (stale.status_code, stale.json()["differing"], stale.json()["current"]) == (412, ["sight"], changed)
    back = await patched(olga, path, standing="member", role_ids=[], location_id=None)
    assert (back["standing"], back["role_ids"], back["location_id"]) == ("member", [], None)


async def test_what_is_wrong_with_somebody_is_pointed_at(olga: Client, cast: Cast) -> None:
    said = {"email": "no address", "role_ids": [9999], "location_id": 9999}
    found = {("#/email", "format"), ("#/role_ids", "unknown"), ("#/location_id", "unknown")}
    assert set(pointers(await olga.post("/users", json=said))) == found
    for values, expected in (
        ({"email": "Olga@Example.com"}, ("#/email", "duplicate")),
        ({"email": "x@example.com", "team_ids": [9999]}, ("#/team_ids", "unknown")),
        ({"email": "x@example.com", "password": "short"}, ("#/password", "too_short")),
    ):
        assert pointers(await olga.post("/users", json=values)) == [expected]


async def test_who_is_removed_frees_the_address_and_comes_back_only_to_a_free_one(
    people: dict[str, Client], olga: Client, cast: Cast
) -> None:
    path = f"/users/{cast.noah.id}"
    assert (await olga.delete(path)).status_code == 204
    assert (await people["noah"].get("/me")).status_code == 401
    assert (await olga.get(path)).json()["active"] is False
    other = await made(olga, "/users", email="noah@example.com")
    answer = await olga.patch(path, json={"active": True}, headers=PATCH)
    assert pointers(answer) == [("#/email", "duplicate")]
    await patched(olga, f"/users/{other['id']}", email="other@example.com")
    assert (await patched(olga, path, active=True))["active"] is True


async def test_the_last_owner_stays(olga: Client, cast: Cast) -> None:
    path = f"/users/{cast.olga.id}"
    for values in ({"active": False}, {"standing": "admin"}):
        assert pointers(await olga.patch(path, json=values, headers=PATCH)) == [("#/standing", "not_allowed")]
    assert pointers(await olga.delete(path)) == [("#/standing", "not_allowed")]
    mia = f"/users/{cast.mia.id}"
    await patched(olga, mia, standing="owner")
    await patched(olga, mia, active=False)
    assert (await patched(olga, mia, standing="member"))["standing"] == "member"
    await patched(olga, mia, standing="owner", active=True)
    assert (await olga.delete(path)).status_code == 204


# Nobody grants what they lack -------------------------------------------------------------------------------


@pytest.fixture
async def hanna(nobody: Client, db: Database, cast: Cast) -> Client:
    """Somebody who keeps people and roles and may read teams, and whose sight is her own."""
    rights = [role(db, right) for right in (*KEEPS_PEOPLE, "Team-Read")]
    cast.ids["hanna"] = await hire(db, "hanna", PASSWORD, role_ids=rights, sight=Sight.OWN)
    secret = (await issue(db, cast.ids["hanna"], API, None)).secret
    return Client(transport=nobody._transport, base_url=nobody.base_url, headers=bearer(secret))


async def test_who_keeps_people_gives_what_she_has_and_no_more(hanna: Client, db: Database, cast: Cast) -> None:
    team, deal = role(db, "Team-Read"), role(db, "CrmOpportunity-Read")
    await made(hanna, "/roles", name="Teams", rights=["Team-Read"])
    answer = await hanna.post("/roles", json={"name": "Deals", "rights": ["Team-Read", "CrmOpportunity-Read"]})
    assert (answer.status_code, answer.json()["right"]) == (403, "CrmOpportunity-Read")
    assert (await patched(hanna, f"/roles/{deal}", description="Reads deals"))["rights"] == ["CrmOpportunity-Read"]
    assert await refused(hanna, f"/roles/{team}", rights=["Team-Read", "Team-Edit"]) == 403

    ida = await made(hanna, "/users", email="ida@example.com", standing="limited", role_ids=[team], sight="own")
    path = f"/users/{ida['id']}"
    for values in ({"sight": "all"}, {"standing": "member"}, {"role_ids": [team, deal]}):
        assert await refused(hanna, path, **values) == 403, values
    for said in ({"role_ids": [team], "sight": "team"}, {"standing": "member"}, {"standing": "owner"}):
        answer = await hanna.post("/users", json={"email": "x@example.com", "sight": "own", **said})
        assert answer.status_code == 403, said
    await patched(hanna, path, title="Helper", password=PASSWORD)


async def test_who_keeps_people_takes_nobody_over_who_may_more(hanna: Client, db: Database, cast: Cast) -> None:
    rita = f"/users/{cast.rita.id}"
    for values in ({"password": PASSWORD}, {"email": "mine@example.com"}):
        assert await refused(hanna, rita, **values) == 403, values
    roles = [*db.rules.users[cast.rita.id].role_ids, role(db, "Team-Read")]
    assert await refused(hanna, rita, role_ids=roles) == 403  # she would use it on more than Hanna sees
    await patched(hanna, rita, title="Reader", role_ids=roles, sight="own")
    for name in ("mia", "olga"):
        assert await refused(hanna, f"/users/{cast.ids[name]}", title="x") == 403
        assert (await hanna.delete(f"/users/{cast.ids[name]}")).status_code == 403
    await patched(hanna, rita, active=False)
    assert await refused(hanna, rita, active=True) == 403


async def test_a_token_with_a_scope_hands_on_no_more_than_it_has(
    olga: Client, nobody: Client, db: Database, cast: Cast
) -> None:
    made_ = await olga.post("/tokens", json={"label": "people", "scope": [*KEEPS_PEOPLE, "Team-Read"]})
    headers = {**bearer(made_.json()["secret"])}
    for method, path, body in (
        ("POST", "/users", {"email": "x@example.com"}),
        ("POST", "/users", {"email": "x@example.com", "standing": "admin"}),
        ("PATCH", f"/users/{cast.olga.id}", {"password": PASSWORD}),
        ("PATCH", f"/users/{cast.mia.id}", {"standing": "admin"}),
    ):
        assert (await nobody.request(method, path, json=body, headers=headers)).status_code == 403, (method, body)
    guest = {"email": "guest@example.com", "standing": "guest"}
    assert (await nobody.post("/users", json=guest, headers=headers)).status_code == 201
    assert db.rules.logins["guest@example.com"].standing is Standing.GUEST
    assert (await nobody.delete(f"/users/{cast.mia.id}", headers=headers)).status_code == 204
