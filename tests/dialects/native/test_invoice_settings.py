"""How invoices are numbered and who sends them, in our own API."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from dealwright.dialects.native.routing import PREFIX
from dealwright.storage.database import Database
from tests.dialects.native.conftest import Client

PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def carl(people: dict[str, Client]) -> Client:
    """The CRM administrator's client."""
    return people["carl"]


async def patched(client: Client, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = await client.patch(path, json=body, headers=PATCH)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def picture(width: int = 2400, height: int = 600) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "JPEG")
    return out.getvalue()


async def test_invoices_begin_as_the_settings_say(mia: Client, carl: Client) -> None:
    usual = {"automatic": True, "prefix": "INV-", "first_number": "0000001", "terms": ""}
    assert (await mia.get("/invoice-settings")).json() == usual
    changed = await patched(carl, "/invoice-settings", {"prefix": "2026/", "first_number": "07"})
    assert changed == {**usual, "prefix": "2026/", "first_number": "07"}
    assert (await patched(carl, "/invoice-settings", {"terms": "Thirty days"}))["prefix"] == "2026/"
    company = (await mia.post("/contacts", json={"kind": "company", "name": "Acme"})).json()["id"]
    line = {"description": "Advice", "price": "10"}
    made = (await mia.post("/invoices", json={"contact_id": company, "lines": [line]})).json()
    assert (made["number"], made["terms"]) == ("2026/07", "Thirty days")


async def test_what_is_wrong_with_the_settings_is_pointed_at_and_nothing_is_kept(carl: Client) -> None:
    wrong = await patched(carl, "/invoice-settings", {"automatic": True, "prefix": " ", "terms": "Now"}, 422)
    assert [(one["pointer"], one["code"]) for one in wrong["errors"]] == [("#/prefix", "required")]
    wrong = await patched(carl, "/invoice-settings", {"first_number": "1a"}, 422)
    assert wrong["errors"][0]["pointer"] == "#/first_number"
    assert (await carl.get("/invoice-settings")).json()["terms"] == ""


async def test_one_change_is_one_event(carl: Client, db: Database) -> None:
    before = db.rules.stamp
    await patched(carl, "/invoice-settings", {"prefix": "A-", "first_number": "1", "terms": "Now"})
    assert db.rules.stamp == before + 1
    await patched(carl, "/invoice-settings", {"prefix": "A-"})
    assert db.rules.stamp == before + 1


async def test_the_organisation_is_told_and_changed_member_by_member(mia: Client, carl: Client) -> None:
    assert (await mia.get("/organisation")).json() == {"name": "", "address": None, "logo": None}
    await patched(carl, "/organisation", {"name": "Example & Co"})
    found = await patched(carl, "/organisation", {"address": {"city": "Dublin"}})
    address = {"street": "", "city": "Dublin", "state": "", "zip": "", "country": ""}
    assert found == {"name": "Example & Co", "address": address, "logo": None}
    assert (await patched(carl, "/organisation", {"address": None}))["address"] is None


async def test_a_logo_comes_goes_and_is_a_picture(mia: Client, carl: Client) -> None:
    assert (await mia.get("/organisation/logo")).status_code == 404
    answer = await carl.post("/organisation/logo", content=picture())
    assert (answer.status_code, answer.json()["logo"]) == (200, f"{PREFIX}/organisation/logo")
    found = await mia.get("/organisation/logo")
    assert found.headers["content-type"] == "image/png"
    with Image.open(BytesIO(found.content)) as kept:
        assert kept.size == (1200, 300)
    wrong = await carl.post("/organisation/logo", content=b"no picture")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "format")
    assert (await carl.delete("/organisation/logo")).status_code == 204
    assert (await mia.get("/organisation")).json()["logo"] is None


@pytest.mark.parametrize("path", ["/invoice-settings", "/organisation", "/organisation/logo", "/web-form"])
async def test_only_administrators_change_them_and_members_read_them(people: dict[str, Client], path: str) -> None:
    for name, reads in (("olga", {200, 404}), ("mia", {200, 404}), ("gus", {403})):
        assert (await people[name].get(path)).status_code in reads
    for name, writes in (("carl", {200, 404, 422}), ("mia", {403}), ("gus", {403})):
        send = people[name].post if path.endswith("logo") else people[name].patch
        assert (await send(path, content=b"{}", headers=PATCH)).status_code in writes
