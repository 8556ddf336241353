"""Teams in our own API."""

from __future__ import annotations

from typing import Any

from dealwright.domain.contact import Share
from dealwright.storage.database import Database
from tests.actions.about_contacts import firm
from tests.cast import Cast
from tests.dialects.native.conftest import Client

Json = dict[str, Any]
PATCH = {"Content-Type": "application/merge-patch+json"}


async def team(client: Client, name: str = "Sales", **values: Any) -> Json:
    answer = await client.post("/teams", json={"name": name, **values})
    assert answer.status_code == 201, answer.text
    assert (answer.headers["location"], answer.headers["etag"]) == (f"/api/v1/teams/{answer.json()['id']}", '"v1"')
    found: Json = answer.json()
    return found


async def firms(db: Database, cast: Cast, *names: str) -> list[int]:
    return [(await firm(db, cast.mia, name)).contact.id for name in names]


async def test_a_new_team_is_read_back_as_made(mia: Client, db: Database, cast: Cast) -> None:
    acme, zoe = await firms(db, cast, "Acme", "Zoe")
    made = await team(
        mia,
        " Sales ",
        description="All",
        website="https://example.com",
        member_ids=[zoe, acme],
        administrator_ids=[zoe],
    )
    assert (made["name"], made["description"], made["website"]) == ("Sales", "All", "https://example.com")
    assert (made["member_ids"], made["administrator_ids"]) == ([acme, zoe], [zoe])
    assert (made["location_id"], made["created_by"]) == (db.rules.location.id, cast.mia.id)
    answer = await mia.get(f"/teams/{made['id']}")
    assert (answer.json(), answer.headers["etag"]) == (made, '"v1"')
    again = await mia.get(f"/teams/{made['id']}", headers={"If-None-Match": '"v1"'})
    assert again.status_code == 304


async def test_what_is_wrong_is_pointed_at(mia: Client) -> None:
    answer = await mia.post("/teams", json={"name": "x", "member_ids": [99], "location_id": 98})
    assert answer.status_code == 422
    assert {(one["pointer"], one["code"]) for one in answer.json()["errors"]} == {
        *{("#/member_ids", "unknown"), ("#/location_id", "unknown")}
    }
    assert (await mia.post("/teams", json={"name": " "})).json()["errors"][0]["pointer"] == "#/name"


async def test_a_patch_replaces_who_belongs_to_it_and_members_come_and_go(
    mia: Client, db: Database, cast: Cast
) -> None:
    acme, zoe, ann = await firms(db, cast, "Acme", "Zoe", "Ann")
    made = await team(mia, member_ids=[acme, zoe])
    path = f"/teams/{made['id']}"
    changed = (await mia.patch(path, json={"member_ids": [ann], "description": None}, headers=PATCH)).json()
    assert (changed["member_ids"], changed["version"], changed["name"]) == ([ann], 2, "Sales")
    said = {"add": [acme], "remove": [ann, zoe], "add_administrators": [zoe]}
    moved = (await mia.post(f"{path}/members", json=said)).json()
    assert (moved["member_ids"], moved["administrator_ids"], moved["version"]) == ([acme], [zoe], 3)


async def test_whom_one_may_not_see_is_not_told_and_stays(
    mia: Client, people: dict[str, Client], db: Database, cast: Cast
) -> None:
    acme, zoe = await firms(db, cast, "Acme", "Zoe")
    hidden = (await firm(db, cast.mia, "Hidden", sharing=Share.NOBODY)).contact.id
    made = await team(mia, member_ids=[acme, hidden])
    noah, path = people["noah"], f"/teams/{made['id']}"
    assert (await noah.get(path)).json()["member_ids"] == [acme]
    assert [one["member_ids"] for one in (await noah.get("/teams")).json()["data"]] == [[acme]]
    assert (await noah.patch(path, json={"member_ids": [zoe]}, headers=PATCH)).json()["member_ids"] == [zoe]
    stale = await noah.patch(path, json={"name": "x"}, headers={**PATCH, "If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["current"]["member_ids"]) == (412, [zoe])
    assert (await mia.get(path)).json()["member_ids"] == [zoe, hidden]


async def test_a_list_is_narrowed_ordered_and_goes_on(mia: Client, db: Database, cast: Cast) -> None:
    acme, zoe = await firms(db, cast, "Acme", "Zoe")
    for name, who in (("Bravo", acme), ("alpha", zoe), ("Charlie", acme), ("Álpha two", zoe)):
        await team(mia, name, member_ids=[who])
    names, cursor = [], ""
    while True:
        answer = (await mia.get(f"/teams?sort=name&limit=3&total=exact{cursor}")).json()
        assert answer["page"]["total"] == 4
        names += [one["name"] for one in answer["data"]]
        if not answer["page"]["has_more"]:
            break
        cursor = f"&cursor={answer['page']['next_cursor']}"
    assert names == ["alpha", "Álpha two", "Bravo", "Charlie"]
    for query, expected in (("q=ALPHA", 2), (f"contact_id={acme}", 2), ("location_id=99", 0), ("sort=-id", 4)):
        assert len((await mia.get(f"/teams?{query}")).json()["data"]) == expected, query
    assert (await mia.get("/teams?sort=size")).status_code == 400


async def test_a_team_goes_to_the_trash_and_comes_back(mia: Client, db: Database, cast: Cast) -> None:
    [acme] = await firms(db, cast, "Acme")
    made = await team(mia, member_ids=[acme])
    path = f"/teams/{made['id']}"
    assert (await mia.delete(path, headers={"If-Match": '"v9"'})).status_code == 412
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404
    back = await mia.post(f"{path}/restore")
    assert (back.status_code, back.json()["member_ids"], back.json()["version"]) == (200, [acme], 3)


async def test_who_may_do_nothing_in_the_crm_sees_no_team(people: dict[str, Client]) -> None:
    made = await team(people["olga"])
    for answer in (
        await people["gus"].get("/teams"),
        await people["gus"].get(f"/teams/{made['id']}"),
        await people["gus"].post(f"/teams/{made['id']}/members", json={"add": [1]}),
    ):
        assert answer.status_code == 403
