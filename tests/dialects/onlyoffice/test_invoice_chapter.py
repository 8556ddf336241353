"""The chapter of invoices, items, lines and taxes over HTTP (invoices-reports-voip §1 and §2)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.domain.contact import Share
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids
from tests.dialects.onlyoffice.desk import BAD, DENIED, MISSING

BASE = {
    *("status", "number", "issueDate", "templateType", "contact", "consignee", "entity", "dueDate", "language"),
    *("currency", "exchangeRate", "purchaseOrderNumber", "terms", "description", "fileID", "createOn", "createBy"),
    *("cost", "canEdit", "canDelete", "id"),
}
NEEDED = {
    **{"number": "A-1", "issueDate": "2031-01-02", "dueDate": "2031-02-01", "currency": "EUR", "exchangeRate": "1"},
    "terms": "30 days",
}


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made_item(clerk: Clerk, **said: Any) -> Any:
    return await clerk.post("crm/invoiceitem", **{"title": "Desk", "price": "10.50", "sku": "D-1", **said})


async def made_tax(clerk: Clerk, **said: Any) -> Any:
    return await clerk.post("crm/invoice/tax", **{"name": "VAT", "rate": "20", **said})


async def filled(clerk: Clerk, **said: Any) -> dict[str, Any]:
    """The fields of an invoice with a contact and a line of its own, unless told."""
    if "contactId" not in said:
        said["contactId"] = (await clerk.company())["id"]
    if "invoiceLines" not in said:
        item = await made_item(clerk)
        said["invoiceLines"] = [{"invoiceItemID": item["id"], "quantity": "2", "price": "10.50"}]
    return {**NEEDED, **said}


async def made(clerk: Clerk, by: str = "olga", **said: Any) -> Any:
    return await clerk.post("crm/invoice", by, **await filled(clerk, **said))


# One invoice ------------------------------------------------------------------------------------------------


async def test_an_invoice_tells_every_member(clerk: Clerk) -> None:
    tax, company, person = await made_tax(clerk), await clerk.company(), await clerk.person()
    item, deal = await made_item(clerk), await clerk.deal(contact_id=company["id"])
    line = {"invoiceItemID": item["id"], "quantity": "2", "price": "10.50", "discount": "10"}
    found = await made(
        clerk,
        contactId=company["id"],
        consigneeId=person["id"],
        entityId=deal,
        language="de-DE",
        purchaseOrderNumber="PO 1",
        description="Thanks",
        templateType=1,
        invoiceLines=[{**line, "invoiceTax1ID": tax["id"], "description": "Oak", "sortOrder": 3}],
    )
    assert set(found) == {*BASE, "invoiceLines"}
    assert found["status"] == {"id": 1, "title": "Draft"}
    assert found["entity"] == {"entityType": "opportunity", "entityId": deal, "entityTitle": "Ten desks"}
    assert (found["contact"]["id"], found["consignee"]["id"]) == (company["id"], person["id"])
    assert (found["issueDate"], found["currency"]["abbreviation"]) == ("2031-01-02T00:00:00.0000000Z", "EUR")
    assert (found["cost"], found["exchangeRate"], found["templateType"]) == (22.68, 1.0, 1)
    [told] = found["invoiceLines"]
    assert told == {
        **{"invoiceID": found["id"], "invoiceItemID": item["id"], "invoiceTax1ID": tax["id"], "invoiceTax2ID": 0},
        **{"sortOrder": 3, "description": "Oak", "quantity": 2.0, "price": 10.5, "discount": 10.0, "id": told["id"]},
    }
    assert await clerk.get(f"crm/invoice/{found['id']}") == found


async def test_decimals_are_written_with_a_place(clerk: Clerk) -> None:
    found = await made(clerk)
    raw = (await clerk.ask("olga", "GET", f"crm/invoice/{found['id']}")).text
    assert '"cost":21.00' in raw
    assert '"quantity":2.0' in raw
    assert '"exchangeRate":1.0' in raw


@pytest.mark.parametrize(
    "name", ["number", "issueDate", "contactId", "dueDate", "currency", "exchangeRate", "terms", "invoiceLines"]
)
async def test_what_is_needed_is_asked_for(clerk: Clerk, name: str) -> None:
    assert await clerk.no("POST", "crm/invoice", **await filled(clerk, **{name: None})) == BAD


@pytest.mark.parametrize(
    "line",
    [
        {"invoiceItemID": UNKNOWN},
        {"invoiceItemID": 0},
        {"invoiceTax1ID": UNKNOWN},
        {"discount": "100.5"},
        {"discount": "-1"},
        {"quantity": "-1"},
        {"price": "-0.01"},
    ],
)
async def test_a_line_that_cannot_be_is_refused(clerk: Clerk, line: dict[str, Any]) -> None:
    item = await made_item(clerk)
    lines = [{"invoiceItemID": item["id"], "quantity": "1", "price": "1", **line}]
    assert await clerk.no("POST", "crm/invoice", **await filled(clerk, invoiceLines=lines)) == BAD


async def test_a_contact_or_deal_that_cannot_be_is_refused(clerk: Clerk) -> None:
    hidden = await clerk.company("mia", shareType=int(Share.NOBODY))
    other, deal = await clerk.company(), await clerk.deal()
    for said, answer in (
        ({"contactId": UNKNOWN}, BAD),
        ({"contactId": hidden["id"]}, DENIED),
        ({"consigneeId": UNKNOWN}, BAD),
        ({"contactId": other["id"], "entityId": deal}, BAD),
        ({"entityId": UNKNOWN}, BAD),
        ({"currency": "XXX"}, BAD),
        ({"exchangeRate": "-1"}, BAD),
    ):
        assert await clerk.no("POST", "crm/invoice", "noah", **await filled(clerk, **said)) == answer, said


async def test_an_address_must_be_for_bills_or_for_deliveries(clerk: Clerk) -> None:
    company = await clerk.company()
    kinds = {}
    for category, city in (("Billing", "Riga"), ("Postal", "Oslo")):
        data = json.dumps({"street": "", "city": city})
        path = f"crm/contact/{company['id']}/data"
        piece = {"infoType": "Address", "category": category, "data": data}
        kinds[category] = (await clerk.post(path, **piece))["id"]
    for said, fits in (
        ({"billingAddressID": kinds["Billing"], "deliveryAddressID": kinds["Postal"]}, True),
        ({"billingAddressID": kinds["Postal"]}, False),
        ({"deliveryAddressID": kinds["Billing"]}, False),
        ({"billingAddressID": UNKNOWN}, False),
    ):
        form = await filled(clerk, contactId=company["id"], number=f"A-{said}", **said)
        reply = await clerk.ask("olga", "POST", "crm/invoice", **form)
        assert reply.status_code == (201 if fits else 400), said


async def test_a_taken_number_is_refused_and_found(clerk: Clerk) -> None:
    found = await made(clerk)
    assert await clerk.no("POST", "crm/invoice", **await filled(clerk, number="a-1")) == BAD
    assert (await clerk.get("crm/invoice/bynumber", number="A-1"))["id"] == found["id"]
    assert await clerk.get("crm/invoice/bynumber/exist", number="A-1") is True
    assert await clerk.get("crm/invoice/bynumber/exist", number="A-2") is False
    assert await clerk.no("GET", "crm/invoice/bynumber", number="A-2") == MISSING
    for path in ("bynumber", "bynumber/exist"):
        assert await clerk.no("GET", f"crm/invoice/{path}") == BAD


async def test_hidden_and_missing_are_told_apart(clerk: Clerk) -> None:
    hidden = await clerk.company("mia", shareType=int(Share.NOBODY))
    found = await made(clerk, "mia", contactId=hidden["id"])
    assert await clerk.no("GET", "crm/invoice/0") == BAD
    for path in (f"crm/invoice/{UNKNOWN}", f"crm/invoice/{UNKNOWN}/pdf", f"crm/invoice/jsondata/{UNKNOWN}"):
        assert await clerk.no("GET", path) == MISSING
    for path in (f"crm/invoice/{found['id']}", f"crm/invoice/{found['id']}/pdf"):
        assert await clerk.no("GET", path, "noah") == DENIED
    assert await clerk.no("GET", "crm/invoice/bynumber", "noah", number="A-1") == DENIED


async def test_put_replaces_all_but_the_number(clerk: Clerk) -> None:
    found = await made(clerk, purchaseOrderNumber="PO 1", description="Thanks")
    item = await made_item(clerk)
    lines = [{"invoiceItemID": item["id"], "quantity": "1", "price": "3"}]
    form = await filled(clerk, contactId=found["contact"]["id"], invoiceLines=lines, number="B-9")
    path = f"crm/invoice/{found['id']}"
    replaced = await clerk.put(path, **form)
    assert (replaced["number"], replaced["cost"], replaced["purchaseOrderNumber"]) == ("A-1", 3.0, None)
    assert [line["invoiceItemID"] for line in replaced["invoiceLines"]] == [item["id"]]
    assert await clerk.no("PUT", path, **{**form, "terms": None}) == BAD
    assert await clerk.no("PUT", path, "noah", **form) == MISSING
    assert await clerk.no("PUT", f"crm/invoice/{UNKNOWN}", **form) == MISSING
    await clerk.put("crm/invoice/status/Sent", invoiceids=[found["id"]])
    assert await clerk.no("PUT", path, **form) == MISSING


async def test_statuses_move_as_the_contract_has_it(clerk: Clerk) -> None:
    item = await made_item(clerk, trackInventory="true", stockQuantity="5")
    lines = [{"invoiceItemID": item["id"], "quantity": "2", "price": "1"}]
    found, other = await made(clerk, invoiceLines=lines), await made(clerk, number="A-2")
    every = [found["id"], other["id"], UNKNOWN]
    assert await clerk.put("crm/invoice/status/Paid", invoiceids=every) == {"key": [], "value": []}
    answer = await clerk.put("crm/invoice/status/Billed", invoiceids=every)
    assert [(each["id"], each["status"]) for each in answer["key"]] == [
        (found["id"], {"id": 2, "title": "Billed"}),
        (other["id"], {"id": 2, "title": "Billed"}),
    ]
    assert "invoiceLines" not in answer["key"][0]
    assert [(each["id"], each["stockQuantity"]) for each in answer["value"]] == [(item["id"], 3.0)]
    answer = await clerk.put("crm/invoice/status/3", invoiceids=[found["id"]])
    assert [each["stockQuantity"] for each in answer["value"]] == [5.0]
    answer = await clerk.put("crm/invoice/status/Draft", invoiceids=[found["id"]])
    assert ([each["status"]["id"] for each in answer["key"]], answer["value"]) == ([1], [])
    assert (await clerk.put("crm/invoice/status/Paid", "noah", invoiceids=[other["id"]]))["key"] == []


@pytest.mark.parametrize("status", ["9", "0", "Lost"])
async def test_there_is_no_such_status(clerk: Clerk, status: str) -> None:
    code, _ = await clerk.no("PUT", f"crm/invoice/status/{status}", invoiceids=[1])
    assert code == 400


async def test_a_status_without_invoices_is_refused(clerk: Clerk) -> None:
    assert await clerk.no("PUT", "crm/invoice/status/Sent") == BAD


async def test_who_made_it_and_administrators_delete_it(clerk: Clerk) -> None:
    found = await made(clerk, "mia")
    path = f"crm/invoice/{found['id']}"
    assert (await clerk.get(path, "noah"))["canDelete"] is False
    assert await clerk.no("DELETE", path, "noah") == DENIED
    assert (await clerk.delete(path, "mia"))["id"] == found["id"]
    assert await clerk.no("GET", path) == MISSING
    mine, other = await made(clerk, "mia"), await made(clerk, number="A-2")
    assert ids(await clerk.delete("crm/invoice", "mia", invoiceids=[mine["id"], other["id"], UNKNOWN])) == [mine["id"]]
    assert await clerk.no("DELETE", "crm/invoice") == BAD


async def test_its_dates_are_set(clerk: Clerk) -> None:
    found = await made(clerk, "mia")
    path = f"crm/invoice/{found['id']}"
    assert await clerk.put(f"{path}/creationdate", "mia", creationDate="2020-01-02T03:04:05Z") == {}
    assert await clerk.put(f"{path}/lastmodifeddate", "mia", lastModifedDate="2020-01-02T03:04:05Z") == {}
    assert (await clerk.get(path))["createOn"] == "2020-01-02T03:04:05.0000000Z"
    assert await clerk.no("PUT", f"{path}/creationdate", "noah", creationDate="2020-01-02") == DENIED
    assert await clerk.no("PUT", f"crm/invoice/{UNKNOWN}/lastmodifeddate") == MISSING


async def test_the_sample_is_what_a_new_one_begins_with(clerk: Clerk) -> None:
    await clerk.put("crm/invoice/settings/terms", terms="At once")
    sample = await clerk.get("crm/invoice/sample", "mia")
    assert (sample["number"], sample["terms"], sample["id"], sample["contact"]) == ("INV-0000001", "At once", 0, None)
    assert [line["quantity"] for line in sample["invoiceLines"]] == [1.0]
    await made(clerk, number=sample["number"])
    assert (await clerk.get("crm/invoice/sample"))["number"] == "INV-0000002"
    await clerk.put("crm/invoice/settings/name", autogenerated=False)
    assert (await clerk.get("crm/invoice/sample"))["number"] == ""


# Lists ------------------------------------------------------------------------------------------------------


async def test_invoices_are_filtered_and_sorted(clerk: Clerk) -> None:
    first, second = await clerk.company(companyName="Zoo"), await clerk.company(companyName="Ark")
    deal = await clerk.deal(contact_id=first["id"])
    one = await made(clerk, number="B", contactId=first["id"], entityId=deal, issueDate="2031-03-01")
    two = await made(clerk, number="A", contactId=second["id"], currency="USD", dueDate="2031-06-01")
    await clerk.put("crm/invoice/status/Sent", invoiceids=[two["id"]])
    for said, expected in (
        ({}, [two, one]),
        ({"sortBy": "IssueDate"}, [two, one]),
        ({"sortBy": "issuedate", "sortOrder": "descending"}, [one, two]),
        ({"sortBy": "Contact"}, [two, one]),
        ({"sortBy": "DueDate"}, [one, two]),
        ({"sortBy": "Status"}, [one, two]),
        ({"sortBy": "Id"}, [one, two]),
        ({"sortBy": "cost"}, [two, one]),
        ({"status": "Billed"}, [two]),
        ({"status": "1"}, [one]),
        ({"currency": "usd"}, [two]),
        ({"issueDateFrom": "2031-02-01"}, [one]),
        ({"issueDateTo": "2031-02-01"}, [two]),
        ({"dueDateFrom": "2031-05-01", "dueDateTo": "2031-07-01"}, [two]),
        ({"entityType": "company", "entityid": first["id"]}, [one]),
        ({"entityType": "opportunity", "entityid": deal}, [one]),
        ({"entityType": "case", "entityid": 1}, []),
        ({"filterValue": "zoo"}, [one]),
        ({"count": "1", "startIndex": "1"}, [one]),
    ):
        assert ids(await clerk.get("crm/invoice/filter", **said)) == ids(expected), said
    body = (await clerk.ask("olga", "GET", "crm/invoice/filter", count="1")).json()
    assert (body["total"], body["nextIndex"], set(body["response"][0])) == (2, 2, BASE)
    assert await clerk.no("GET", "crm/invoice/filter", entityType="bid") == BAD


async def test_the_invoices_of_a_record_are_listed(clerk: Clerk) -> None:
    company = await clerk.company()
    deal = await clerk.deal(contact_id=company["id"])
    found = await made(clerk, contactId=company["id"], entityId=deal)
    await made(clerk, number="A-2")
    for path in (f"contact/invoicelist/{company['id']}", f"company/invoicelist/{company['id']}"):
        assert ids(await clerk.get(f"crm/{path}")) == [found["id"]]
    assert ids(await clerk.get(f"crm/opportunity/invoicelist/{deal}")) == [found["id"]]
    assert await clerk.get(f"crm/contact/invoicelist/{UNKNOWN}") == []
    assert await clerk.no("GET", "crm/contact/invoicelist/0") == BAD


# Paper ------------------------------------------------------------------------------------------------------


async def test_the_pdf_is_a_file_that_can_be_fetched(clerk: Clerk) -> None:
    found = await made(clerk)
    file = await clerk.get(f"crm/invoice/{found['id']}/pdf")
    assert (file["title"], file["fileExst"]) == ("A-1.pdf", ".pdf")
    assert (await clerk.get(f"crm/invoice/{found['id']}"))["fileID"] == file["id"]
    data = await clerk.post("crm/invoice/converter/data", invoiceId=found["id"], storageUrl="", revisionId="r-7")
    assert data == {
        **{"storageUrl": file["viewUrl"], "revisionId": "r-7", "invoiceId": found["id"], "fileId": file["id"]},
    }
    assert await clerk.no("POST", "crm/invoice/converter/data") == BAD


async def test_what_stands_on_the_paper_is_told_as_json(clerk: Clerk) -> None:
    found = await made(clerk, terms='30 days / "net"')
    said = json.loads(await clerk.get(f"crm/invoice/jsondata/{found['id']}"))
    assert (said["number"], said["terms"], said["customer"]["name"]) == ("A-1", '30 days / "net"', "Desk & Co")


# Lines ------------------------------------------------------------------------------------------------------


async def test_lines_are_added_changed_and_deleted(clerk: Clerk) -> None:
    found = await made(clerk, "mia")
    item, ident = (await made_item(clerk))["id"], found["id"]
    said = {"invoiceId": ident, "invoiceItemId": item, "quantity": "3", "price": "2", "sortOrder": "5"}
    line = await clerk.post("crm/invoiceline", "mia", **said)
    assert (line["invoiceID"], line["quantity"], line["sortOrder"]) == (ident, 3.0, 5)
    changed = await clerk.put(f"crm/invoiceline/{line['id']}", "mia", **{**said, "price": "4"})
    assert (changed["id"], changed["price"]) == (line["id"], 4.0)
    assert (await clerk.get(f"crm/invoice/{ident}"))["cost"] == 33.0
    assert await clerk.delete(f"crm/invoiceline/{line['id']}", "mia") == line["id"]
    last = found["invoiceLines"][0]["id"]
    assert (await clerk.no("DELETE", f"crm/invoiceline/{last}", "mia"))[0] == 500
    assert await clerk.no("DELETE", f"crm/invoiceline/{line['id']}", "mia") == MISSING


async def test_lines_of_what_cannot_be_changed_stay(clerk: Clerk) -> None:
    found = await made(clerk, "mia")
    item, line = (await made_item(clerk))["id"], found["invoiceLines"][0]["id"]
    said = {"invoiceId": found["id"], "invoiceItemId": item, "quantity": "3", "price": "2"}
    assert await clerk.no("POST", "crm/invoiceline", "noah", **said) == DENIED
    assert await clerk.no("POST", "crm/invoiceline", **{**said, "invoiceId": UNKNOWN}) == MISSING
    assert await clerk.no("POST", "crm/invoiceline", **{**said, "invoiceId": 0}) == BAD
    assert await clerk.no("POST", "crm/invoiceline", **{**said, "invoiceItemId": UNKNOWN}) == BAD
    other = await made(clerk, number="A-2")
    assert await clerk.no("PUT", f"crm/invoiceline/{line}", **{**said, "invoiceId": other["id"]}) == MISSING
    await clerk.put("crm/invoice/status/Sent", invoiceids=[found["id"]])
    assert await clerk.no("POST", "crm/invoiceline", "mia", **said) == DENIED
    assert await clerk.no("PUT", f"crm/invoiceline/{line}", "mia", **said) == DENIED
    assert await clerk.no("DELETE", f"crm/invoiceline/{line}", "mia") == DENIED


# Items, taxes, settings -------------------------------------------------------------------------------------


async def test_an_item_tells_every_member(clerk: Clerk) -> None:
    tax = await made_tax(clerk)
    item = await made_item(clerk, stockQuantity="2.5", trackInventory="true", invoiceTax1id=tax["id"])
    assert set(item) == {
        *("title", "stockKeepingUnit", "description", "price", "currency", "stockQuantity", "trackInvenory"),
        *("invoiceTax1", "invoiceTax2", "createOn", "createBy", "canEdit", "canDelete", "id"),
    }
    assert (item["invoiceTax1"]["name"], item["invoiceTax2"], item["stockQuantity"]) == ("VAT", None, 2.5)
    assert item["currency"]["abbreviation"] == "USD"
    seen = await clerk.get(f"crm/invoiceitem/{item['id']}", "mia")
    assert (seen["canEdit"], seen["canDelete"]) == (False, False)


async def test_put_replaces_an_item(clerk: Clerk) -> None:
    item = await made_item(clerk, description="Oak", stockQuantity="2", trackInventory="true")
    path = f"crm/invoiceitem/{item['id']}"
    changed = await clerk.put(path, title="Table", price="1")
    assert (changed["title"], changed["description"], changed["trackInvenory"]) == ("Table", "", False)
    assert await clerk.no("PUT", path, title="", price="1") == BAD
    assert await clerk.no("PUT", path, title="x", price="1", invoiceTax2id=UNKNOWN) == BAD
    assert await clerk.no("PUT", path, "mia", title="x", price="1") == DENIED
    assert await clerk.no("PUT", f"crm/invoiceitem/{UNKNOWN}", title="x", price="1") == MISSING


async def test_what_is_sold_or_taxed_stays(clerk: Clerk) -> None:
    tax = await made_tax(clerk)
    item, free = await made_item(clerk, invoiceTax1id=tax["id"]), await made_item(clerk, title="Free")
    await made(clerk, invoiceLines=[{"invoiceItemID": item["id"], "quantity": "1", "price": "1"}])
    assert await clerk.no("DELETE", f"crm/invoiceitem/{item['id']}") == DENIED
    assert await clerk.no("DELETE", f"crm/invoice/tax/{tax['id']}") == DENIED
    assert (await clerk.get(f"crm/invoiceitem/{item['id']}"))["canDelete"] is False
    assert [each["canDelete"] for each in await clerk.get("crm/invoice/tax")] == [False]
    assert ids(await clerk.delete("crm/invoiceitem", ids=[item["id"], free["id"]])) == [free["id"]]
    assert await clerk.no("DELETE", "crm/invoiceitem") == BAD
    assert await clerk.no("DELETE", "crm/invoiceitem", "mia", ids=[item["id"]]) == DENIED


async def test_items_are_filtered_and_sorted(clerk: Clerk) -> None:
    one = await made_item(clerk, title="B", price="2", sku="1", stockQuantity="1", trackInventory="true")
    two = await made_item(clerk, title="A", price="3", sku="0", stockQuantity="0")
    for said, expected in (
        ({}, [two, one]),
        ({"sortBy": "Price"}, [one, two]),
        ({"sortBy": "Quantity"}, [two, one]),
        ({"sortBy": "SKU"}, [two, one]),
        ({"sortBy": "Created", "sortOrder": "descending"}, [two, one]),
        ({"sortBy": "description"}, [two, one]),
        ({"inventoryStock": "true"}, [one]),
        ({"inventoryStock": "false", "status": "1"}, [two]),
        ({"filterValue": "b"}, [one]),
    ):
        assert ids(await clerk.get("crm/invoiceitem/filter", "mia", **said)) == ids(expected), said


async def test_a_tax_has_a_name_of_its_own(clerk: Clerk) -> None:
    tax, other = await made_tax(clerk, description="20 %"), await made_tax(clerk, name="Levy")
    assert set(tax) == {"name", "description", "rate", "createOn", "createBy", "canEdit", "canDelete", "id"}
    assert [each["name"] for each in await clerk.get("crm/invoice/tax", "mia")] == ["Levy", "VAT"]
    empty, taken = (400, "The tax name field cannot be empty"), (400, "The tax name already exists")
    path = f"crm/invoice/tax/{other['id']}"
    assert await clerk.no("POST", "crm/invoice/tax", rate="1") == empty
    assert await clerk.no("POST", "crm/invoice/tax", name="vat") == taken
    assert await clerk.no("PUT", path, name="VAT") == taken
    assert await clerk.no("PUT", path, "mia", name="x") == DENIED
    assert (await clerk.put(path, name="Levy", rate="12.5"))["rate"] == 12.5
    assert (await clerk.delete(path))["id"] == other["id"]
    assert await clerk.no("DELETE", path) == MISSING


async def test_the_settings_are_kept(clerk: Clerk) -> None:
    assert await clerk.get("crm/invoice/settings", "mia") == {
        **{"autogenerated": True, "prefix": "INV-", "number": "0000001", "terms": ""},
        **{"companyName": "", "companyLogoID": 0, "companyAddress": ""},
    }
    said = await clerk.put("crm/invoice/settings/name", autogenerated=True, prefix="X/", number="042")
    assert (said["prefix"], said["number"]) == ("X/", "042")
    assert (await clerk.put("crm/invoice/settings/terms", terms="At once"))["terms"] == "At once"
    for wrong in ({"prefix": "", "number": "1"}, {"prefix": "X", "number": "one"}, {"prefix": "X", "number": ""}):
        assert await clerk.no("PUT", "crm/invoice/settings/name", autogenerated=True, **wrong) == BAD
    assert await clerk.no("PUT", "crm/invoice/settings/name", "mia", autogenerated=True) == DENIED


async def test_a_contact_that_is_invoiced_says_that_it_must_stay(clerk: Clerk) -> None:
    found = await made(clerk)
    path = f"crm/contact/{found['contact']['id']}"
    assert (await clerk.get(path))["canDelete"] is False
    assert await clerk.no("DELETE", path) == DENIED
    await clerk.delete(f"crm/invoice/{found['id']}")
    assert (await clerk.delete(path))["id"] == found["contact"]["id"]
