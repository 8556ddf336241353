"""What an item for sale and a tax may be."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dealwright.domain.invoice_item import InvoiceItem, ItemChange, TaxChange, changed, item_problems, tax_problems

AT = datetime(2031, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ItemChange(title=" "), "title"),
        (ItemChange(title="x" * 256), "title"),
        (ItemChange(price=Decimal(0)), "price"),
        (ItemChange(price=Decimal(-1)), "price"),
        (ItemChange(price=Decimal("100000000")), "price"),
        (ItemChange(stock=Decimal(10**15)), "stock"),
        (ItemChange(sku="x" * 256), "sku"),
        (ItemChange(description="\0"), "description"),
    ],
)
def test_an_item_that_cannot_be_is_named(change: ItemChange, field: str) -> None:
    assert [problem.field for problem in item_problems(change)] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (TaxChange(name=""), "name"),
        (TaxChange(rate=Decimal("-100.01")), "rate"),
        (TaxChange(rate=Decimal("1000.01")), "rate"),
        (TaxChange(description="\0"), "description"),
    ],
)
def test_a_tax_that_cannot_be_is_named(change: TaxChange, field: str) -> None:
    assert [problem.field for problem in tax_problems(change)] == [field]


def test_what_is_at_the_edge_may_be() -> None:
    assert item_problems(ItemChange(price=Decimal("99999999.99"), stock=Decimal(-5))) == []
    assert tax_problems(TaxChange(rate=Decimal(-100))) == []


def test_a_change_sets_what_it_mentions_and_leaves_the_rest() -> None:
    before = InvoiceItem(id=1, uid="u", version=1, created_at=AT, updated_at=AT, title="Desk", price=Decimal(9))
    after = changed(before, ItemChange(title=" Oak desk ", stock=Decimal("1.0000000004")))
    assert (after.title, after.price, after.stock) == ("Oak desk", Decimal(9), Decimal(1))
