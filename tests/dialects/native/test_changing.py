"""What differs from the present state is named, and nothing else."""

from __future__ import annotations

import pytest
from msgspec import UNSET, Struct

from dealwright.dialects.native.changing import differing
from dealwright.dialects.native.invoice_shapes import InvoiceAddressSaid, InvoiceItemPatch, PriceSaid
from dealwright.dialects.native.shapes import Money


class Present(Struct):
    title: str
    price: Money | None


class Addressed(Struct):
    address: InvoiceAddressSaid


@pytest.mark.parametrize(
    ("price", "names"),
    [
        (PriceSaid(amount="10"), []),
        (PriceSaid(amount="10.00", currency="EUR"), []),
        (PriceSaid(amount="10", currency="USD"), ["price"]),
        (PriceSaid(amount="11"), ["price"]),
        (UNSET, []),
    ],
)
def test_an_amount_differs_only_if_it_is_another_one(price: PriceSaid, names: list[str]) -> None:
    present = Present(title="Desk", price=Money(amount="10.0", currency="EUR"))
    assert differing(InvoiceItemPatch(title="Desk", price=price), present) == names


def test_an_amount_differs_from_none() -> None:
    assert differing(InvoiceItemPatch(price=PriceSaid(amount="0")), Present(title="Desk", price=None)) == ["price"]


def test_a_postal_code_is_no_number() -> None:
    said, present = InvoiceAddressSaid(zip="01230"), InvoiceAddressSaid(zip="1230")
    assert differing(Addressed(address=said), Addressed(address=present)) == ["address"]
    assert differing(Addressed(address=present), Addressed(address=present)) == []
