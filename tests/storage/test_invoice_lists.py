"""Pages of invoices and items: what follows a place, on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealwright.storage import invoice_items, invoice_lists
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import ItemCriteria, ItemOrder
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.keyset import Place
from tests.actions.about_contacts import firm
from tests.actions.about_invoices import draft, item
from tests.cast import Cast


@pytest.mark.parametrize("order", invoice_lists.KEYSET_ORDERS)
@pytest.mark.parametrize("descending", [False, True])
async def test_pages_of_invoices_leave_none_out(
    db: Database, cast: Cast, order: InvoiceOrder, descending: bool
) -> None:
    company = (await firm(db, cast.mia)).contact.id
    made = [(await draft(db, cast.mia, company, number=f"N-{one % 4}{one}")).invoice for one in range(7)]
    await draft(db, cast.carl, (await firm(db, cast.carl, "Other")).contact.id, number="M")
    criteria, found = InvoiceCriteria(contact_id=company), list[Place]()
    while page := await invoice_lists.find_places(
        db, cast.mia, criteria, order, descending, found[-1] if found else None, 2
    ):
        found += page
    keys = {InvoiceOrder.NUMBER: lambda own: (own.number, own.id)}
    expected = sorted(made, key=keys.get(order, lambda own: own.id), reverse=descending)
    assert [place[-1] for place in found] == [own.id for own in expected]
    assert await invoice_lists.total(db, cast.mia, criteria) == 7


@pytest.mark.parametrize("order", invoice_items.KEYSET_ORDERS)
async def test_pages_of_items_leave_none_out(db: Database, cast: Cast, order: ItemOrder) -> None:
    made = [(await item(db, cast, f"Item {9 - one}", price=Decimal(one + 1))).item for one in range(5)]
    criteria, found = ItemCriteria(text="item"), list[Place]()
    while page := await invoice_items.find_places(db, criteria, order, False, found[-1] if found else None, 2):
        found += page
    expected = sorted(made, key=lambda own: own.title) if order is ItemOrder.TITLE else made
    assert [place[-1] for place in found] == [own.id for own in expected]
