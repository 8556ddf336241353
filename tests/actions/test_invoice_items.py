"""Deeds on items for sale and on taxes, on both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import invoice_items, invoice_taxes, invoices
from dealwright.actions.invoice_lines import SaidLine, filled
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.invoice_item import ItemChange, TaxChange
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import ItemCriteria, ItemOrder
from dealwright.storage.query import Page
from tests.actions.about_contacts import events, problems
from tests.actions.about_invoices import draft, item, line, tax
from tests.cast import Cast


async def titles(db: Database, cast: Cast, order: ItemOrder = ItemOrder.TITLE, **criteria: Any) -> str:
    """The titles of the items that match."""
    found = await invoice_items.find(db, cast.mia, ItemCriteria(**criteria), Page(), order)
    assert found.total == len(found.rows)
    return " ".join(full.item.title for full in found.rows)


async def test_a_new_item_is_read_back_as_made(db: Database, cast: Cast) -> None:
    vat = await tax(db, cast)
    made = await item(
        db, cast, " Desk ", sku="D-1", description="Oak", stock=Decimal("2.5"), tax1_id=vat.tax.id, tax2_id=vat.tax.id
    )
    assert await invoice_items.get(db, cast.mia, made.item.id) == made
    own = made.item
    assert (own.title, own.sku, own.price, own.stock, own.tracked) == (
        *("Desk", "D-1", Decimal("10.5"), Decimal("2.5"), True),
    )
    assert (own.currency, made.tax1, made.tax2) == (db.rules.default_currency, vat.tax, vat.tax)
    assert [kinds for kinds, _, _ in await events(db, "invoice_item", own.id)] == ["invoice_item.created"]


async def test_an_item_needs_a_title_a_price_and_taxes_that_are_there(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        await invoice_items.create(db, cast.carl, ItemChange())
    assert problems(caught) == {("title", "required"), ("price", "required")}
    with pytest.raises(Invalid) as caught:
        await item(db, cast, tax1_id=9, tax2_id=8, currency="XXX")
    assert problems(caught) == {("tax1_id", "unknown"), ("tax2_id", "unknown"), ("currency", "unknown")}


async def test_only_administrators_keep_items_and_taxes(db: Database, cast: Cast) -> None:
    made, vat = await item(db, cast), await tax(db, cast)
    for actor in (cast.mia, cast.rita, cast.gus):
        for deed in (
            invoice_items.create(db, actor, ItemChange(title="x", price=Decimal(1))),
            invoice_items.change(db, actor, made.item.id, ItemChange(title="x")),
            invoice_items.delete(db, actor, made.item.id),
            invoice_items.delete_many(db, actor, [made.item.id]),
            invoice_taxes.create(db, actor, TaxChange(name="x")),
            invoice_taxes.change(db, actor, vat.tax.id, TaxChange(name="x")),
            invoice_taxes.delete(db, actor, vat.tax.id),
        ):
            with pytest.raises(Forbidden):
                await deed
    assert [full.tax.name for full in await invoice_taxes.find(db, cast.mia)] == ["VAT"]
    with pytest.raises(Forbidden):
        await invoice_taxes.find(db, cast.rita)


async def test_an_administrator_with_a_narrow_token_keeps_nothing(db: Database, cast: Cast) -> None:
    reader = cast.carl.narrowed(frozenset({"Invoice-Read", "Invoice-List"}), "test")
    with pytest.raises(Forbidden):
        await invoice_items.create(db, reader, ItemChange(title="x", price=Decimal(1)))
    with pytest.raises(Forbidden):
        await invoice_taxes.create(db, reader, TaxChange(name="x"))


async def test_a_change_counts_a_version_and_says_what_differs(db: Database, cast: Cast) -> None:
    made = await item(db, cast)
    changed = await invoice_items.change(db, cast.carl, made.item.id, ItemChange(price=Decimal(12), title="Desk"))
    assert (changed.item.version, changed.item.price) == (2, Decimal(12))
    assert (await events(db, "invoice_item", made.item.id))[1] == (
        *("invoice_item.changed", {"price": "10.5"}, {"price": "12"}),
    )
    assert await invoice_items.change(db, cast.carl, made.item.id, ItemChange(title="Desk")) == changed
    with pytest.raises(Outdated):
        await invoice_items.change(db, cast.carl, made.item.id, ItemChange(title="x"), version=1)


async def test_what_stands_on_an_invoice_cannot_be_deleted(db: Database, cast: Cast) -> None:
    vat, levy = await tax(db, cast), await tax(db, cast, "Levy")
    sold = await item(db, cast, tax1_id=levy.tax.id)
    made = await draft(db, cast.mia, lines=[line(sold, tax2_id=vat.tax.id)])
    assert (await invoice_items.get(db, cast.mia, sold.item.id)).in_use
    assert all(full.in_use for full in await invoice_taxes.find(db, cast.mia))
    for deed in (
        invoice_items.delete(db, cast.carl, sold.item.id),
        invoice_taxes.delete(db, cast.carl, vat.tax.id),
        invoice_taxes.delete(db, cast.carl, levy.tax.id),
    ):
        with pytest.raises(Invalid) as caught:
            await deed
        assert problems(caught) == {("invoices", "in_use")}
    assert await invoice_items.delete_many(db, cast.carl, [sold.item.id, 99]) == []
    await invoices.delete(db, cast.mia, made.invoice.id)
    assert len(await invoice_items.delete_many(db, cast.carl, [sold.item.id, sold.item.id])) == 1
    for one in (vat, levy):
        await invoice_taxes.delete(db, cast.carl, one.tax.id)
    assert await invoice_taxes.find(db, cast.mia) == []
    with pytest.raises(NotFound):
        await invoice_items.get(db, cast.mia, sold.item.id)


async def test_an_invoice_from_the_trash_has_lost_a_tax_that_is_gone(db: Database, cast: Cast) -> None:
    vat = await tax(db, cast)
    made = await draft(db, cast.mia, lines=[line(tax1_id=vat.tax.id)])
    await invoices.delete(db, cast.mia, made.invoice.id)
    await invoice_taxes.delete(db, cast.carl, vat.tax.id)
    back = await invoices.restore(db, cast.mia, made.invoice.id)
    assert (back.invoice.lines[0].tax1_id, back.invoice.cost) == (None, Decimal(21))


async def test_a_tax_has_a_name_of_its_own(db: Database, cast: Cast) -> None:
    vat, levy = await tax(db, cast, "Väť"), await tax(db, cast, "Levy")
    with pytest.raises(Invalid) as caught:
        await tax(db, cast, "VAT")
    assert problems(caught) == {("name", "duplicate")}
    with pytest.raises(Invalid) as caught:
        await invoice_taxes.change(db, cast.carl, levy.tax.id, TaxChange(name="vat"))
    assert problems(caught) == {("name", "duplicate")}
    with pytest.raises(Invalid) as caught:
        await invoice_taxes.create(db, cast.carl, TaxChange(rate=Decimal(1)))
    assert problems(caught) == {("name", "required")}
    changed = await invoice_taxes.change(db, cast.carl, vat.tax.id, TaxChange(name="VÄT", rate=Decimal("12.5")))
    assert await invoice_taxes.get(db, cast.mia, vat.tax.id) == changed
    assert changed.tax.version == 2


async def test_items_are_found_by_what_is_known_of_them(db: Database, cast: Cast) -> None:
    await item(db, cast, "Beta", sku="X-9", price=Decimal(5), stock=Decimal(1))
    await item(db, cast, "Ámber", sku="B-2", price=Decimal("5.5"), stock=Decimal("-0.5"))
    await item(db, cast, "Cosy", sku="A-1", price=Decimal(4))
    for criteria, expected in (
        ({}, "Ámber Beta Cosy"),
        ({"tracked": True}, "Ámber Beta"),
        ({"tracked": False}, "Cosy"),
        ({"text": "amb"}, "Ámber"),
        ({"text": "x-9"}, "Beta"),
        ({"sku": "a-1"}, "Cosy"),
    ):
        assert await titles(db, cast, **criteria) == expected, criteria
    for order, expected in (
        (ItemOrder.PRICE, "Cosy Beta Ámber"),
        (ItemOrder.STOCK, "Ámber Cosy Beta"),
        (ItemOrder.SKU, "Cosy Ámber Beta"),
        (ItemOrder.CREATED, "Beta Ámber Cosy"),
        (ItemOrder.ID, "Beta Ámber Cosy"),
    ):
        assert await titles(db, cast, order) == expected, order


async def test_a_line_takes_over_what_its_item_brings(db: Database, cast: Cast) -> None:
    vat = await tax(db, cast)
    sold = await item(db, cast, tax2_id=vat.tax.id)
    said = [
        SaidLine(item_id=sold.item.id),
        SaidLine(item_id=sold.item.id, price=Decimal(1), tax_ids=[], quantity=Decimal(3)),
        SaidLine(description="Planning", price=Decimal(2), tax_ids=[vat.tax.id]),
    ]
    found = [(str(each.quantity), str(each.price), each.tax_ids) for each in await filled(db, said)]
    assert found == [("1", "10.5", (vat.tax.id,)), ("3", "1", ()), ("1", "2", (vat.tax.id,))]
    with pytest.raises(Invalid) as caught:
        await filled(db, [SaidLine()])
    assert problems(caught) == {("lines/0/price", "required"), ("lines/0/description", "required")}
