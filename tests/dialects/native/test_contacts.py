"""Contacts in our own API."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers

ADA = {"kind": "person", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}


async def add(client: Client, **members: Any) -> dict[str, Any]:
    """Create a contact and return it."""
    answer = await client.post("/contacts", json=members)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast) -> None:
    company = await add(mia, kind="company", name="Analytical Engines")
    sent = {
        **ADA,
        "company_id": company["id"],
        "job_title": "Countess",
        "about": "Writes programs",
        "industry": "Computing",
        "currency": "GBP",
        "sharing": "read",
        "manager_ids": [cast.ids["mia"], cast.ids["noah"]],
        "active": False,
        "notes": "Likes tea",
        "tags": ["Lead", "VIP"],
        "system_id": "A1",
    }
    made = await add(mia, **sent)
    assert {name: made[name] for name in sent} == sent
    assert (made["display_name"], made["company_name"]) == ("Ada Lovelace", "Analytical Engines")
    answer = await mia.get(f"/contacts/{made['id']}")
    assert (answer.json(), answer.headers["etag"]) == (made, '"v1"')


async def test_a_list_of_infos_replaces_the_one_before(mia: Client) -> None:
    phone = {"kind": "phone", "value": "+44 1", "category": 1, "is_primary": True}
    site = {"kind": "website", "value": "https://ada.example.com"}
    made = await add(mia, **ADA, infos=[phone, site], addresses=[{"city": "London", "zip": "SW1"}])
    kinds = [each["kind"] for each in made["infos"]]
    assert sorted(kinds) == ["email", "phone", "website"]
    assert made["addresses"][0]["city"] == "London"
    kept = next(each for each in made["infos"] if each["kind"] == "phone")
    changed = (await mia.patch(f"/contacts/{made['id']}", json={"infos": [{**kept, "value": "+44 2"}]})).json()
    assert changed["infos"] == [{**kept, "value": "+44 2"}]
    assert changed["email"] is None
    assert changed["addresses"] == made["addresses"]
    changed = (await mia.patch(f"/contacts/{made['id']}", json={"addresses": [], "email": "new@example.com"})).json()
    assert (changed["addresses"], changed["email"]) == ([], "new@example.com")


async def test_a_contact_that_is_probably_there_already_is_refused_once(mia: Client) -> None:
    made = await add(mia, **ADA)
    for twin in (
        {"kind": "person", "first_name": "Augusta", "email": "ADA@example.com"},
        {"kind": "person", "first_name": "ada", "last_name": "LOVELACE"},
    ):
        answer = await mia.post("/contacts", json=twin)
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
        card = {"id": made["id"], "kind": "person", "name": "Ada Lovelace", "email": "ada@example.com"}
        assert answer.json()["candidates"] == [card]
        assert (await mia.post("/contacts", json={**twin, "allow_duplicate": True})).status_code == 201
    assert (await mia.post("/contacts", json={"kind": "company", "name": "Ada Lovelace"})).status_code == 201


async def test_lost_updates_of_contacts_are_told_too(mia: Client) -> None:
    made = await add(mia, **ADA)
    path = f"/contacts/{made['id']}"
    first = await mia.patch(path, json={"job_title": "Countess"}, headers={"If-Match": '"v1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"v2"')
    late = await mia.patch(path, json={"job_title": "Poet", "last_name": "Lovelace"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["differing"]) == (412, ["job_title"])
    assert late.json()["current"] == first.json()
    assert (await mia.get(path, headers={"If-None-Match": '"v2"'})).status_code == 304
    assert (await mia.delete(path, headers={"If-Match": '"v1"'})).status_code == 412
    assert (await mia.delete(path, headers={"If-Match": '"v2"'})).status_code == 204
    assert (await mia.get(path)).status_code == 404


async def test_what_is_wrong_with_a_contact_is_pointed_at(mia: Client) -> None:
    assert pointers(await mia.post("/contacts", json={"first_name": "Ada"})) == [("#/kind", "required")]
    assert pointers(await mia.post("/contacts", json={"kind": "company"})) == [("#/name", "required")]
    sent = {**ADA, "company_id": 77, "currency": "ZZZ", "status_id": 77, "team_ids": [5]}
    assert sorted(pointers(await mia.post("/contacts", json=sent))) == [
        ("#/company_id", "unknown"),
        ("#/currency", "unknown"),
        ("#/status_id", "unknown"),
        ("#/team_ids", "unknown"),
    ]
    answer = await mia.post("/contacts", json={**ADA, "manager_ids": [99]})
    assert pointers(answer) == [("#/manager_ids", "unknown")]
    answer = await mia.post("/contacts", json={**ADA, "infos": [{"kind": "pigeon", "value": "x"}, {}]})
    assert pointers(answer) == [("#/infos/0/kind", "not_allowed")]


async def test_the_list_is_walked_to_its_end_in_every_order(mia: Client) -> None:
    company = await add(mia, kind="company", name="Zeta")
    for name in ("Äda", "ada", "Bob", "Álf"):
        said = {"company_id": company["id"], "email": f"{name}@x.yz", "tags": ["T"], "allow_duplicate": True}
        await add(mia, kind="person", first_name=name, **said)

    async def ids(query: str) -> list[int]:
        found: list[int] = []
        cursor = ""
        while True:
            page = (await mia.get(f"/contacts?limit=2&{query}{cursor}")).json()
            found += [each["id"] for each in page["data"]]
            if not page["page"]["has_more"]:
                return found
            cursor = f"&cursor={page['page']['next_cursor']}"

    first = company["id"]
    assert await ids("") == [first, first + 1, first + 2, first + 3, first + 4]
    assert await ids("sort=name") == [first + 1, first + 2, first + 4, first + 3, first]
    assert await ids("sort=-name") == [first, first + 3, first + 4, first + 2, first + 1]
    assert await ids("sort=-created_at") == [first + 4, first + 3, first + 2, first + 1, first]
    assert await ids("q=ad") == [first + 1, first + 2]
    assert await ids("kind=company") == [first]
    assert await ids(f"company_id={first}&tag=t") == [first + 1, first + 2, first + 3, first + 4]
    assert await ids("email=BOB@x.yz") == [first + 3]
    page = (await mia.get("/contacts?total=exact&kind=person&limit=1&fields=id")).json()
    assert (page["page"]["total"], page["data"]) == (4, [{"id": first + 1}])
    assert (await mia.get("/contacts?sort=shoe_size")).status_code == 400
    assert (await mia.get("/contacts?q=!!!&total=exact")).json()["page"]["total"] == 0


async def test_a_contact_of_other_managers_is_not_there(people: dict[str, Client], cast: Cast) -> None:
    made = await add(people["mia"], **ADA, sharing="managers")
    path = f"/contacts/{made['id']}"
    assert made["manager_ids"] == [cast.ids["mia"]]
    assert (await people["noah"].get(path)).status_code == 404
    assert (await people["carl"].get(path)).status_code == 200
    assert (await people["noah"].get("/contacts")).json()["data"] == []
    assert (await people["rita"].get("/contacts")).status_code == 403


async def test_a_contact_comes_back_from_the_trash(mia: Client) -> None:
    made = await add(mia, **ADA)
    path = f"/contacts/{made['id']}"
    assert (await mia.post(f"{path}/restore")).status_code == 404
    await mia.delete(path)
    back = await mia.post(f"{path}/restore", json={})
    assert (back.status_code, back.headers["etag"], back.json()["version"]) == (200, '"v3"', 3)
    assert {**back.json(), "version": 1, "updated_at": made["updated_at"]} == made


async def test_a_deal_whose_contact_goes_to_the_trash_is_a_new_one_to_who_knows_it(mia: Client) -> None:
    contact = await add(mia, **ADA)
    stage = (await mia.get("/pipelines")).json()["data"][0]["id"]
    stage_id = (await mia.get(f"/pipelines/{stage}/stages")).json()["data"][0]["id"]
    said = {"title": "Desks", "stage_id": stage_id, "contact_id": contact["id"], "member_ids": [contact["id"]]}
    deal = await mia.post("/opportunities", json=said)
    path = f"/opportunities/{deal.json()['id']}"
    for verb, contact_id in (("delete", None), ("restore", contact["id"])):
        etag = (await mia.get(path)).headers["etag"]
        answer = await (mia.delete(f"/contacts/{contact['id']}") if verb == "delete" else _restored(mia, contact["id"]))
        assert answer.status_code in (200, 204)
        fresh = await mia.get(path, headers={"If-None-Match": etag})
        assert (fresh.status_code, fresh.json()["contact_id"]) == (200, contact_id)


async def _restored(client: Client, ident: int) -> Any:
    return await client.post(f"/contacts/{ident}/restore")


async def test_two_contacts_are_made_one_under_if_match(mia: Client) -> None:
    gone = await add(mia, kind="company", name="A", about="Old", tags=["T"])
    into = await add(mia, kind="company", name="B")
    path, said = f"/contacts/{into['id']}/merge", {"from_id": gone["id"]}
    late = await mia.post(path, json=said, headers={"If-Match": '"v9"'})
    assert (late.status_code, late.json()["current"]) == (412, into)
    done = await mia.post(path, json=said, headers={"If-Match": '"v1"'})
    assert (done.json()["about"], done.json()["tags"], done.headers["etag"]) == ("Old", ["T"], '"v2"')
    assert (await mia.get(f"/contacts/{gone['id']}")).status_code == 404
    assert (await mia.post(path, json=said)).status_code == 404
    assert pointers(await mia.post(path, json={"from_id": into["id"]})) == [("#/from_id", "not_allowed")]


async def test_contacts_are_found_by_all_that_is_known_of_them(mia: Client, cast: Cast) -> None:
    phone = {"kind": "phone", "value": "+44 20 1"}
    first = await add(mia, kind="company", name="A", infos=[phone], manager_ids=[cast.ids["mia"]])
    second = await add(mia, kind="company", name="B", email="b@example.com")

    async def ids(query: str) -> list[int]:
        return [each["id"] for each in (await mia.get(f"/contacts?{query}")).json()["data"]]

    assert await ids("info=%2B44") == [first["id"]]
    assert await ids("info=B@ex") == [second["id"]]
    assert await ids("info=%20") == []
    assert await ids("manager=me") == await ids(f"manager={cast.ids['mia']}") == [first["id"]]
    assert await ids("manager=none") == [second["id"]]
    assert await ids("manager=77") == []
    assert await ids("status_id=0&type_id=0&has_opportunity=false") == [first["id"], second["id"]]
    assert await ids("has_opportunity=true") == await ids("created_to=2020-01-01T00:00:00Z") == []
    assert await ids("created_from=2020-01-01T00:00:00Z") == [first["id"], second["id"]]
