"""Invoices, items and taxes in our own API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealwright.actions import invoices
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Change
from tests.cast import Cast
from tests.dialects.native.conftest import Client

Json = dict[str, Any]
PATCH = {"Content-Type": "application/merge-patch+json"}


async def made(client: Client, path: str, body: Json) -> Json:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"].endswith(f"{path}/{answer.json()['id']}")
    assert answer.headers["etag"] == '"v1"'
    found: Json = answer.json()
    return found


async def contact(client: Client, name: str = "Acme", **values: Any) -> int:
    return int((await made(client, "/contacts", {"kind": "company", "name": name, **values}))["id"])


async def invoice(client: Client, **values: Any) -> Json:
    usual: Json = {"lines": [{"description": "Advice", "price": "10.50", "quantity": "2"}], "currency": "EUR"}
    if "contact_id" not in values:
        values["contact_id"] = await contact(client, allow_duplicate=True)
    return await made(client, "/invoices", {**usual, **values})


@pytest.fixture
def carl(people: dict[str, Client]) -> Client:
    """The CRM administrator's client."""
    return people["carl"]


async def test_a_draft_takes_what_is_not_said_from_portal_contact_and_item(
    mia: Client, carl: Client, db: Database
) -> None:
    tax = await made(carl, "/invoice-taxes", {"name": "VAT", "rate_percent": "20"})
    item = await made(carl, "/invoice-items", {"title": "Desk", "price": {"amount": "99.90"}, "tax_ids": [tax["id"]]})
    address = {"city": "Riga", "category": 3}
    found = await made(
        mia,
        "/invoices",
        {"contact_id": await contact(mia, addresses=[address]), "lines": [{"item_id": item["id"], "quantity": "2"}]},
    )
    today = datetime.now(UTC).date()
    assert (found["number"], found["status"], found["total"]) == (
        *("INV-0000001", "draft", {"amount": "239.76", "currency": db.rules.default_currency}),
    )
    assert found["net"]["amount"] == "199.80"
    assert found["taxes"] == [{"tax_id": tax["id"], "name": "VAT", "rate_percent": "20", "amount": "39.96"}]
    assert (found["issued_on"], found["due_on"]) == (str(today), str(today + timedelta(30)))
    assert (found["billing_address"]["city"], found["delivery_address"]) == ("Riga", None)
    [line] = found["lines"]
    assert (line["price"], line["quantity"], line["tax_ids"], line["amount"]) == ("99.90", "2", [tax["id"]], "199.80")


async def test_it_is_got_under_its_tag(mia: Client) -> None:
    found = await invoice(mia)
    answer = await mia.get(f"/invoices/{found['id']}")
    assert (answer.json(), answer.headers["etag"]) == (found, '"v1"')
    known = await mia.get(f"/invoices/{found['id']}", headers={"If-None-Match": '"v1"'})
    assert known.status_code == 304
    sparse = await mia.get(f"/invoices/{found['id']}", params={"fields": "id,total"})
    assert (sparse.json(), "etag" in sparse.headers) == ({"id": found["id"], "total": found["total"]}, False)


async def test_the_tag_of_a_draft_follows_its_taxes(mia: Client, carl: Client) -> None:
    tax = await made(carl, "/invoice-taxes", {"name": "VAT", "rate_percent": "20"})
    found = await invoice(mia, lines=[{"description": "x", "price": "100", "tax_ids": [tax["id"]]}])
    await carl.patch(f"/invoice-taxes/{tax['id']}", json={"rate_percent": "50"}, headers=PATCH)
    answer = await mia.get(f"/invoices/{found['id']}", headers={"If-None-Match": '"v1"'})
    assert (answer.status_code, answer.json()["total"]["amount"]) == (200, "150.00")


async def test_a_patch_changes_what_it_mentions_under_if_match(mia: Client) -> None:
    found = await invoice(mia, terms="30 days", purchase_order="PO 1")
    path, [line] = f"/invoices/{found['id']}", found["lines"]
    lines = [{"id": line["id"], "description": "Advice", "price": "11"}, {"description": "More", "price": "1"}]
    body = {"terms": None, "lines": lines, "due_on": "2031-02-01"}
    answer = await mia.patch(path, json=body, headers={**PATCH, "If-Match": '"v1"'})
    changed = answer.json()
    assert (changed["terms"], changed["purchase_order"], changed["due_on"]) == (None, "PO 1", "2031-02-01")
    assert (changed["lines"][0]["id"], changed["total"]["amount"]) == (line["id"], "12.00")
    late = await mia.patch(path, json={"terms": "x"}, headers={**PATCH, "If-Match": '"v1"'})
    assert (late.status_code, late.json()["current"], late.json()["differing"]) == (412, changed, ["terms"])


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"contact_id": 99}, "#/contact_id", "unknown"),
        ({"lines": []}, "#/lines", "too_short"),
        ({"lines": [{"quantity": "1"}]}, "#/lines/0/price", "required"),
        ({"lines": [{"description": "x", "price": "-1"}]}, "#/lines/0/price", "out_of_range"),
        ({"lines": [{"item_id": 99}]}, "#/lines/0/item_id", "unknown"),
        ({"currency": "XXX"}, "#/currency", "unknown"),
        ({"exchange_rate": "0"}, "#/exchange_rate", "out_of_range"),
        ({"number": ""}, "#/number", "too_short"),
        ({"colour": "red"}, "#/colour", "unknown_member"),
    ],
)
async def test_what_is_wrong_is_pointed_at(mia: Client, body: Json, pointer: str, code: str) -> None:
    said = {"contact_id": await contact(mia), "lines": [{"description": "x", "price": "1"}], **body}
    answer = await mia.post("/invoices", json=said)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_taken_number_is_pointed_at(mia: Client) -> None:
    await invoice(mia, number="A-1")
    answer = await mia.post(
        "/invoices",
        json={"contact_id": 1, "number": "a-1", "lines": [{"description": "x", "price": "1"}]},
    )
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("#/number", "duplicate")]


async def test_it_is_sent_paid_and_no_longer_changed(mia: Client, carl: Client) -> None:
    item = await made(
        carl, "/invoice-items", {"title": "Desk", "price": {"amount": "1"}, "tracked": True, "stock": "5"}
    )
    found = await invoice(mia, lines=[{"item_id": item["id"], "quantity": "2"}])
    path = f"/invoices/{found['id']}"
    refused = await mia.post(f"{path}/status", json={"status": "paid"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/status")
    late = await mia.post(f"{path}/status", json={"status": "sent"}, headers={"If-Match": '"v9"'})
    assert late.status_code == 412
    sent = await mia.post(f"{path}/status", json={"status": "sent"}, headers={"If-Match": '"v1"'})
    assert (sent.json()["status"], sent.headers["etag"]) == ("sent", '"v2"')
    assert (await mia.get(f"/invoice-items/{item['id']}")).json()["stock"] == "3"
    assert (await mia.post(f"{path}/status", json={"status": "paid"})).json()["status"] == "paid"
    assert (await mia.patch(path, json={"terms": "x"}, headers=PATCH)).status_code == 403


async def test_the_pdf_is_sent_as_it_is(mia: Client) -> None:
    found = await invoice(mia, number="A-1")
    answer = await mia.get(f"/invoices/{found['id']}/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert "A-1.pdf" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) == int(answer.headers["content-length"])
    assert (await mia.get(f"/invoices/{found['id']}/pdf")).content == answer.content


async def test_to_the_trash_and_back(mia: Client) -> None:
    found = await invoice(mia)
    path = f"/invoices/{found['id']}"
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404
    back = await mia.post(f"{path}/restore")
    assert (back.status_code, back.json()["lines"]) == (200, found["lines"])


async def test_the_list_is_filtered_ordered_and_reaches_its_end(mia: Client) -> None:
    acme, zoo = await contact(mia), await contact(mia, "Zoo")
    days = ["2031-01-03", "2031-01-01", "2031-01-02"]
    made_ = [await invoice(mia, contact_id=acme, issued_on=day, due_on=day, number=f"N{day}") for day in days]
    other = await invoice(mia, contact_id=zoo, currency="USD", number="Z", issued_on="2031-05-05")
    await mia.post(f"/invoices/{other['id']}/status", json={"status": "sent"})
    for params, expected in (
        ({"contact_id": acme, "sort": "issued_on"}, [1, 2, 0]),
        ({"contact_id": acme, "sort": "-issued_on"}, [0, 2, 1]),
        ({"status": ["draft", "paid"]}, [0, 1, 2]),
        ({"issued_from": "2031-01-02", "issued_to": "2031-01-02"}, [2]),
        ({"due_to": "2031-01-01"}, [1]),
        ({"currency": "EUR", "q": "acme"}, [0, 1, 2]),
    ):
        found: list[int] = []
        query: dict[str, Any] = {"limit": 2, "total": "exact", **params}
        while True:
            page = (await mia.get("/invoices", params=query)).json()
            found += [row["id"] for row in page["data"]]
            assert page["page"]["total"] == len(expected), params
            if not page["page"]["has_more"]:
                break
            query["cursor"] = page["page"]["next_cursor"]
        assert found == [made_[place]["id"] for place in expected], params
    assert (await mia.get("/invoices", params={"sort": "total"})).status_code == 400


async def test_items_are_changed_listed_and_deleted(carl: Client, mia: Client) -> None:
    item = await made(carl, "/invoice-items", {"title": "Desk", "price": {"amount": "9.5", "currency": "EUR"}})
    path = f"/invoice-items/{item['id']}"
    changed = (await carl.patch(path, json={"price": {"amount": "10"}, "sku": "D-1"}, headers=PATCH)).json()
    assert (changed["price"], changed["version"]) == ({"amount": "10.00", "currency": "EUR"}, 2)
    assert (await mia.get(path)).json() == changed
    for params, count in (({"sku": "d-1"}, 1), ({"tracked": "true"}, 0), ({"q": "des"}, 1), ({"q": "x"}, 0)):
        assert len((await mia.get("/invoice-items", params=params)).json()["data"]) == count, params
    assert (await mia.patch(path, json={"title": "x"}, headers=PATCH)).status_code == 403
    found = await invoice(mia, lines=[{"item_id": item["id"]}])
    in_use = await carl.delete(path)
    assert (in_use.status_code, in_use.json()["errors"][0]["code"]) == (409, "in_use")
    await mia.delete(f"/invoices/{found['id']}")
    assert (await carl.delete(path)).status_code == 204


async def test_taxes_are_changed_and_deleted(carl: Client, mia: Client) -> None:
    tax = await made(carl, "/invoice-taxes", {"name": "VAT", "rate_percent": "20"})
    path = f"/invoice-taxes/{tax['id']}"
    answer = await carl.patch(path, json={"rate_percent": "12.5"}, headers={**PATCH, "If-Match": '"v1"'})
    assert (answer.json()["rate_percent"], answer.headers["etag"]) == ("12.5", '"v2"')
    again = await carl.post("/invoice-taxes", json={"name": "vat", "rate_percent": "1"})
    assert [(error["pointer"], error["code"]) for error in again.json()["errors"]] == [("#/name", "duplicate")]
    assert [row["name"] for row in (await mia.get("/invoice-taxes")).json()["data"]] == ["VAT"]
    assert (await mia.delete(path)).status_code == 403
    assert (await carl.delete(path)).status_code == 204
    assert (await carl.get(path)).status_code == 404


async def test_days_are_days_in_the_portals_zone(mia: Client, db: Database, cast: Cast) -> None:
    await db.apply_rules([Change(schema.location, {"time_zone": "Pacific/Auckland"}, {"id": 1})], None)
    found = await invoice(mia, issued_on="2031-01-02")
    full = await invoices.get(db, cast.mia, found["id"])
    assert (full.invoice.issued_at, found["issued_on"]) == (datetime(2031, 1, 1, 11, tzinfo=UTC), "2031-01-02")
