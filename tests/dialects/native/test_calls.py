"""Telephone calls in our own API."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_contacts import ADA
from tests.dialects.native.test_contacts import add as add_contact
from tests.dialects.native.test_tasks import wrong_at

PHONE = {"kind": "phone", "value": "+44 20 7946 0000", "is_primary": True}


async def add(client: Client, **members: Any) -> dict[str, Any]:
    """Record a call and return it."""
    answer = await client.post("/calls", json=members)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_everything_that_is_sent_is_kept(mia: Client, cast: Cast) -> None:
    ada = await add_contact(mia, **ADA)
    sent = {
        **{"external_id": "CA1", "from_number": "1", "to_number": "2", "status": "missed", "contact_id": ada["id"]},
        **{"answered_by_id": cast.ids["noah"], "dialed_at": "2026-11-03T09:30:00Z", "seconds": 7, "price": "0.125"},
        **{"record_url": "https://example.com/1.mp3", "record_seconds": 6, "system_id": "S"},
    }
    made = await add(mia, **sent)
    assert {name: made[name] for name in sent} == sent
    assert (await mia.get(f"/calls/{made['id']}")).json() == made
    again = await mia.post("/calls", json={"external_id": "CA1"})
    assert (again.status_code, wrong_at(again)) == (422, ["#/external_id"])


async def test_a_call_is_linked_by_number_and_by_hand(mia: Client) -> None:
    made = await add(mia, from_number="02079460000")
    path = f"/calls/{made['id']}/link"
    assert (made["contact_id"], (await mia.post(path)).json()["contact_id"]) == (None, None)
    ada = await add_contact(mia, **ADA, infos=[PHONE])
    assert (await mia.post(path)).json()["contact_id"] == ada["id"]
    other = await add_contact(mia, kind="company", name="Engines")
    assert (await mia.post(path, json={"contact_id": other["id"]})).json()["contact_id"] == other["id"]
    assert wrong_at(await mia.post(path, json={"contact_id": 999_999})) == ["#/contact_id"]


async def test_a_call_has_parts_which_have_none(mia: Client) -> None:
    whole = await add(mia, from_number="+1 555 0100")
    part = await add(mia, parent_id=whole["id"])
    assert (whole["parent_id"], part["parent_id"]) == (None, whole["id"])
    listed = (await mia.get(f"/calls?parent_id={whole['id']}")).json()["data"]
    assert [one["id"] for one in listed] == [part["id"]]
    for parent, code in ((part["id"], "not_allowed"), (99, "unknown")):
        answer = await mia.post("/calls", json={"parent_id": parent})
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("#/parent_id", code)]


async def test_calls_are_listed_page_by_page(mia: Client) -> None:
    ids = [(await add(mia, from_number=f"0{place}0", status="answered"))["id"] for place in range(5)]
    first = (await mia.get("/calls?limit=3&total=exact")).json()
    rest = (await mia.get(f"/calls?limit=3&cursor={first['page']['next_cursor']}")).json()
    assert [call["id"] for call in first["data"] + rest["data"]] == ids[::-1]
    assert (first["page"]["total"], rest["page"]["has_more"]) == (5, False)
    assert [call["id"] for call in (await mia.get("/calls?number=030&sort=id")).json()["data"]] == [ids[3]]
    assert (await mia.get("/calls?status=missed")).json()["data"] == []
    assert (await mia.get("/calls?dialed_to=2001-01-01T00:00:00Z")).json()["data"] == []


async def test_what_is_wrong_is_pointed_at(mia: Client) -> None:
    answer = await mia.post("/calls", json={"price": "-1", "answered_by_id": 999_999})
    assert wrong_at(answer) == ["#/answered_by_id"]
    assert wrong_at(await mia.post("/calls", json={"price": "-1"})) == ["#/price"]
