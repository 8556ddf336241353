"""Notes in our own API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers

MAILS = Query(select(schema.outbox.c.payload).where(schema.outbox.c.kind == "mail.noted"))


async def contact(client: Client, name: str = "Acme", **members: Any) -> int:
    """Create a company and return its id."""
    said = {"kind": "company", "name": name, "allow_duplicate": True, **members}
    return int((await client.post("/contacts", json=said)).json()["id"])


async def add(client: Client, **members: Any) -> dict[str, Any]:
    """Write a note and return it."""
    answer = await client.post("/notes", json={"content": "We met", **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def said(client: Client, query: str = "") -> list[str]:
    """What the notes of a list say."""
    answer = await client.get(f"/notes?{query}")
    assert answer.status_code == 200, answer.text
    return [each["content"] for each in answer.json()["data"]]


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast, db: Database) -> None:
    company, category = await contact(mia), db.rules.items_of("history_category")[1].id
    file = (await mia.post("/files?title=offer.pdf", content=b"%PDF")).json()["id"]
    sent = {"contact_id": company, "category_id": category, "file_ids": [file], "system_id": "n1"}
    answer = await mia.post("/notes", json={"content": "We met", "created_at": "2026-03-02T14:30:00Z", **sent})
    made = answer.json()
    assert {name: made[name] for name in sent} == sent
    assert (made["content"], made["created_at"]) == ("We met", "2026-03-02T14:30:00Z")
    assert (made["opportunity_id"], made["case_id"], made["created_by"]) == (None, None, cast.ids["mia"])
    assert (answer.headers["etag"], answer.headers["location"]) == ('"v1"', f"/api/v1/notes/{made['id']}")
    again = await mia.get(f"/notes/{made['id']}")
    assert (again.json(), again.headers["etag"]) == (made, '"v1"')
    assert (await mia.get(f"/notes/{made['id']}", headers={"If-None-Match": '"v1"'})).status_code == 304
    chosen = await mia.get(f"/notes/{made['id']}?fields=id,content")
    assert (chosen.json(), "etag" in chosen.headers) == ({"id": made["id"], "content": "We met"}, False)


async def test_a_note_without_a_category_is_of_the_first(mia: Client, db: Database) -> None:
    made = await add(mia, contact_id=await contact(mia))
    assert made["category_id"] == db.rules.items_of("history_category")[0].id


async def test_a_patch_changes_what_it_mentions(mia: Client, people: dict[str, Client]) -> None:
    made = await add(mia, contact_id=await contact(mia))
    path = f"/notes/{made['id']}"
    after = (await mia.patch(path, json={"content": "We met twice"})).json()
    assert (after["content"], after["contact_id"], after["version"]) == ("We met twice", made["contact_id"], 2)
    late = await mia.patch(path, json={"content": "Never"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["differing"], late.headers["etag"]) == (412, ["content"], '"v2"')
    assert (await people["noah"].patch(path, json={"content": "x"})).status_code == 403
    assert (await people["noah"].delete(path)).status_code == 403
    assert (await mia.delete(path, headers={"If-Match": '"v1"'})).status_code == 412
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        *(({"content": ""}, "#/content", "too_short"), ({"content": " "}, "#/content", "required")),
        *(({"category_id": 999}, "#/category_id", "unknown"), ({"contact_id": None}, "#/contact_id", "required")),
        *(({"contact_id": 999}, "#/contact_id", "unknown"), ({"file_ids": [999]}, "#/file_ids", "unknown")),
        *(({"category_id": -2}, "#/category_id", "out_of_range"), ({"tell": [999]}, "#/tell", "unknown")),
        ({"sort": "x"}, "#/sort", "unknown_member"),
    ],
)
async def test_what_is_no_note_is_pointed_at(mia: Client, members: dict[str, Any], pointer: str, code: str) -> None:
    one = await contact(mia)
    answer = await mia.post("/notes", json={"content": "x", "contact_id": one, **members})
    assert answer.status_code == 422
    assert pointers(answer) == [(pointer, code)]


async def test_notes_are_found_by_what_is_known_of_them(mia: Client, people: dict[str, Client], cast: Cast) -> None:
    company = await contact(mia)
    person = {"kind": "person", "first_name": "Ann", "last_name": "Lee", "company_id": company}
    ann = (await mia.post("/contacts", json=person)).json()["id"]
    await add(mia, content="Old desks", contact_id=company, created_at="2026-01-01T10:00:00Z")
    await add(people["noah"], content="New chairs", contact_id=ann, created_at="2026-01-02T10:00:00Z")
    assert await said(mia) == ["New chairs", "Old desks"]
    assert await said(mia, "sort=created_at") == ["Old desks", "New chairs"]
    assert await said(mia, f"contact_id={company}") == ["Old desks"]
    assert await said(mia, f"company_id={company}&sort=id") == ["Old desks", "New chairs"]
    assert await said(mia, f"author_id={cast.ids['noah']}") == ["New chairs"]
    assert await said(mia, "q=DESK") == ["Old desks"]
    assert await said(mia, "since=2026-01-02T00:00:00Z") == ["New chairs"]
    assert await said(mia, "until=2026-01-01T10:00:00Z") == ["Old desks"]
    assert await said(mia, "category_id=-2") == []
    first = (await mia.get("/notes?limit=1&total=exact")).json()
    assert (first["page"]["total"], first["page"]["has_more"]) == (2, True)
    assert await said(mia, f"limit=1&cursor={first['page']['next_cursor']}") == ["Old desks"]
    for wrong in ("sort=content", "fields=nothing", "contact_id=0", "category_id=-4"):
        assert (await mia.get(f"/notes?{wrong}")).status_code == 400


async def test_notes_are_hidden_with_their_record(mia: Client, people: dict[str, Client]) -> None:
    hidden = await contact(mia, sharing="managers")
    made = await add(mia, contact_id=hidden)
    assert await said(people["noah"]) == []
    assert (await people["noah"].get(f"/notes/{made['id']}")).status_code == 404
    assert (await people["noah"].post("/notes", json={"content": "x", "contact_id": hidden})).status_code == 422
    assert (await people["rita"].get("/notes")).json()["right"] == "CoworkerNote-List"


async def test_people_are_told_by_mail(mia: Client, cast: Cast, db: Database) -> None:
    await add(mia, contact_id=await contact(mia), tell=[cast.ids["noah"], cast.ids["mia"]])
    [(payload,)] = await db.rows(MAILS)
    assert json.loads(payload)["to_uid"] == cast.noah.uid
