"""Cases in our own API."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import custom_fields
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers


async def add(client: Client, title: str = "Keys", **members: Any) -> dict[str, Any]:
    """Create a case and return it."""
    answer = await client.post("/cases", json={"title": title, **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def contact(client: Client, name: str = "Acme") -> int:
    """Create a company and return its id."""
    answer = await client.post("/contacts", json={"kind": "company", "name": name, "allow_duplicate": True})
    return int(answer.json()["id"])


async def titles(client: Client, query: str = "") -> list[str]:
    """The titles that a list finds."""
    answer = await client.get(f"/cases?{query}")
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["data"]]


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast, db: Database) -> None:
    change = FieldChange(subject="case", label="Door", type=FieldType.TEXT)
    field = (await custom_fields.create(db, cast.carl, change)).id
    company = await contact(mia)
    people = [cast.ids["mia"], cast.ids["noah"]]
    sent = {"closed": True, "shared_with": people, "custom": {str(field): "red"}, "system_id": "k1"}
    answer = await mia.post("/cases", json={"title": "Keys", "member_ids": [company, 999], **sent})
    made = answer.json()
    assert {name: made[name] for name in sent} == sent
    assert (made["title"], made["member_ids"], made["tags"], made["created_by"]) == ("Keys", [company], [], people[0])
    assert (answer.headers["etag"], answer.headers["location"]) == ('"v1"', f"/api/v1/cases/{made['id']}")
    again = await mia.get(f"/cases/{made['id']}")
    assert (again.json(), again.headers["etag"]) == (made, '"v1"')
    assert (await mia.get(f"/cases/{made['id']}", headers={"If-None-Match": '"v1"'})).status_code == 304
    chosen = await mia.get(f"/cases/{made['id']}?fields=id,title")
    assert (chosen.json(), "etag" in chosen.headers) == ({"id": made["id"], "title": "Keys"}, False)


async def test_a_patch_changes_what_it_mentions(mia: Client, cast: Cast) -> None:
    first, second = await contact(mia), await contact(mia, "Other")
    made = await add(mia, member_ids=[first], shared_with=[cast.ids["noah"]])
    path = f"/cases/{made['id']}"
    after = (await mia.patch(path, json={"member_ids": [second], "shared_with": None})).json()
    assert (after["member_ids"], after["shared_with"], after["title"], after["version"]) == ([second], None, "Keys", 2)
    same = await mia.patch(path, json={"title": "Keys"})
    assert (same.json(), same.headers["etag"]) == (after, '"v2"')


async def test_a_case_is_closed_and_reopened(mia: Client) -> None:
    path = f"/cases/{(await add(mia))['id']}"
    for verb, version in (("close", 2), ("close", 2), ("reopen", 3)):
        answer = await mia.post(f"{path}/{verb}")
        assert (answer.json()["closed"], answer.headers["etag"]) == (verb == "close", f'"v{version}"')
    assert (await mia.post(f"{path}/close", headers={"If-Match": '"v1"'})).status_code == 412
    assert (await mia.patch(path, json={"closed": True})).json()["closed"] is True


async def test_lost_updates_are_told(mia: Client, people: dict[str, Client]) -> None:
    path = f"/cases/{(await add(mia))['id']}"
    first = await people["noah"].patch(path, json={"title": "Badges"}, headers={"If-Match": '"v1"'})
    said = {"title": "Rooms", "closed": False, "custom": {}}
    late = await mia.patch(path, json=said, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["differing"], late.headers["etag"]) == (412, ["title"], '"v2"')
    assert late.json()["current"] == first.json()
    assert (await mia.delete(path, headers={"If-Match": '"v1"'})).status_code == 412


async def test_a_case_goes_to_the_trash_and_comes_back(mia: Client) -> None:
    made = await add(mia)
    path = f"/cases/{made['id']}"
    assert (await mia.delete(path)).status_code == 204
    assert [(await mia.get(path)).status_code, (await mia.delete(path)).status_code] == [404, 404]
    assert await titles(mia) == []
    back = (await mia.post(f"{path}/restore")).json()
    assert back == {**made, "version": 3, "updated_at": back["updated_at"]}
    assert (await mia.post(f"{path}/restore")).status_code == 404
    assert await titles(mia) == ["Keys"]


async def test_who_may_not_share_is_told_so(mia: Client, people: dict[str, Client], cast: Cast) -> None:
    path = f"/cases/{(await add(mia))['id']}"
    answer = await people["noah"].patch(path, json={"shared_with": [cast.ids["noah"]], "title": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await mia.get(path)).json()["title"] == "Keys"
    shared = (await people["carl"].patch(path, json={"shared_with": [cast.ids["noah"]]})).json()
    assert shared["shared_with"] == [cast.ids["carl"], cast.ids["noah"]]
    assert (await mia.get(path)).status_code == 404


async def test_what_is_wrong_with_a_case_is_pointed_at(mia: Client) -> None:
    assert pointers(await mia.post("/cases", json={})) == [("#/title", "required")]
    assert pointers(await mia.post("/cases", json={"title": "  "})) == [("#/title", "required")]
    assert pointers(await mia.post("/cases", json={"title": "x", "shared_with": [999]})) == [
        ("#/shared_with", "unknown")
    ]
    assert pointers(await mia.post("/cases", json={"title": "x", "custom": {"77": "x"}})) == [
        ("#/custom/77", "unknown")
    ]
    assert await titles(mia) == []


async def test_a_case_needs_its_right(people: dict[str, Client], mia: Client) -> None:
    path = f"/cases/{(await add(mia))['id']}"
    for method, at in (("GET", "/cases"), ("GET", path), ("POST", f"{path}/close"), ("DELETE", path)):
        answer = await people["rita"].request(method, at)
        assert (answer.status_code, answer.json()["right"].split("-")[0]) == (403, "Case")


async def test_the_list_is_narrowed_by_every_filter(mia: Client) -> None:
    company = await contact(mia)
    await add(mia, "Büro", member_ids=[company])
    await add(mia, "Keys", closed=True)
    for query, found in (
        ("q=bur", ["Büro"]),
        ("q=!", []),
        ("closed=true", ["Keys"]),
        ("closed=false", ["Büro"]),
        (f"contact_id={company}", ["Büro"]),
        ("tag=vip", []),
        ("sort=-title", ["Keys", "Büro"]),
        ("fields=title&sort=title", ["Büro", "Keys"]),
    ):
        assert await titles(mia, query) == found, query
    assert (await mia.get("/cases?q=bur&total=exact")).json()["page"]["total"] == 1
    for wrong in ("sort=version", "fields=colour", "cursor=x", "owner=1"):
        assert (await mia.get(f"/cases?{wrong}")).status_code == 400, wrong


@pytest.mark.parametrize("sort", ["id", "-id", "title", "-title", "created_at", "-created_at"])
async def test_the_list_is_walked_to_its_end_in_every_order(mia: Client, sort: str) -> None:
    for title in "abcab":
        await add(mia, title)
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await mia.get(f"/cases?limit=2&sort={sort}&total=exact{cursor}")).json()
        assert page["page"]["total"] == 5
        found += page["data"]
        if not page["page"]["has_more"]:
            break
        cursor = f"&cursor={page['page']['next_cursor']}"
    key = sort.removeprefix("-")
    places = [(each[key], each["id"]) for each in found]
    assert places == sorted(places, reverse=sort.startswith("-"))
    assert len({ident for _, ident in places}) == 5
