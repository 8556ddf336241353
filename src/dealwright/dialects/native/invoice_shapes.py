"""Invoices, items and taxes as they go over the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import Amount, CurrencyCode, Id, Instant, Money, Name

StatusName = Literal["draft", "sent", "rejected", "paid", "archived"]
Title = Annotated[str, Meta(min_length=1, max_length=255)]
Part = Annotated[str, Meta(max_length=255)]
Percent = Annotated[str, Meta(pattern=r"^-?[0-9]{1,4}(\.[0-9]{1,9})?$", description="In percent.", examples=["19"])]


class InvoiceAddress(Struct, kw_only=True):
    """An address as it was when the invoice was written."""

    street: str
    city: str
    state: str
    zip: str
    country: str


class InvoiceAddressSaid(Body):
    """An address; the whole of it is said."""

    street: Part = ""
    city: Part = ""
    state: Part = ""
    zip: Part = ""
    country: Part = ""


class InvoiceLine(Struct, kw_only=True):
    """Something sold: `amount` is quantity times price, less the discount, without taxes."""

    id: int
    item_id: int | None
    description: str | None
    quantity: Amount
    price: Amount
    discount_percent: Percent
    tax_ids: list[int]
    amount: Amount


class InvoiceLineSaid(Body):
    """A line; with an `id` it is that line of the invoice, changed. Price and taxes are the item's unless said."""

    id: Id | UnsetType = UNSET
    item_id: Id | None = None
    description: str | None = None
    quantity: Amount = "1"
    price: Amount | UnsetType = UNSET
    discount_percent: Percent = "0"
    tax_ids: Annotated[list[Id], Meta(max_length=2)] | UnsetType = UNSET


class InvoiceTaxTotal(Struct, kw_only=True):
    """What one tax comes to; of an invoice that was sent the name and rate are those of that time."""

    tax_id: int
    name: str
    rate_percent: Percent
    amount: Amount


class Invoice(Struct, kw_only=True):
    """A demand for money. `net` is the sum of the lines, `total` what is to be paid.

    `exchange_rate` is what a unit of the currency is worth in the portal's. Days are days in the portal's time zone.
    """

    id: int
    uid: str
    version: int
    number: str
    status: StatusName
    issued_on: date
    due_on: date
    contact_id: int
    consignee_id: int | None
    opportunity_id: int | None
    billing_address: InvoiceAddress | None
    delivery_address: InvoiceAddress | None
    language: str | None
    exchange_rate: Amount
    purchase_order: str | None
    terms: str | None
    description: str | None
    lines: list[InvoiceLine]
    taxes: list[InvoiceTaxTotal]
    net: Money
    total: Money
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = Invoice.__struct_fields__
"""What `fields` can name."""


class InvoicePatch(Body):
    """What to change about a draft (RFC 7396): absent members stay, null clears, lines are replaced as a whole."""

    number: Title | UnsetType = UNSET
    issued_on: date | UnsetType = UNSET
    due_on: date | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    consignee_id: Id | UnsetType | None = UNSET
    opportunity_id: Id | UnsetType | None = UNSET
    billing_address: InvoiceAddressSaid | UnsetType | None = UNSET
    delivery_address: InvoiceAddressSaid | UnsetType | None = UNSET
    language: Annotated[str, Meta(max_length=20, examples=["de-AT"])] | UnsetType | None = UNSET
    currency: CurrencyCode | UnsetType = UNSET
    exchange_rate: Amount | UnsetType = UNSET
    purchase_order: Name | UnsetType | None = UNSET
    terms: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    lines: Annotated[list[InvoiceLineSaid], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class InvoiceDraft(InvoicePatch, kw_only=True):
    """A new invoice, a draft at first.

    Without a number it gets the next one; without days it is issued today and due in thirty days; without a currency
    it is in the portal's, without terms it has the portal's; without addresses it takes those of its contact.
    """

    contact_id: Id
    lines: Annotated[list[InvoiceLineSaid], Meta(min_length=1, max_length=1000)]


class InvoiceStatus(Body):
    """Where to: a draft is sent; what is sent is paid or rejected; what is rejected may be a draft again."""

    status: StatusName


class InvoiceRestore(Body):
    """Nothing needs to be said."""


# Items and taxes --------------------------------------------------------------------------------------------


class InvoiceItem(Struct, kw_only=True):
    """Something for sale; `stock` counts where it is `tracked`, falls when an invoice is sent and may fall below 0."""

    id: int
    uid: str
    version: int
    title: str
    sku: str | None
    description: str | None
    price: Money | None
    tracked: bool
    stock: Amount
    tax_ids: list[int]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class PriceSaid(Body):
    """A price; without a currency the present one stays, or the portal's is meant."""

    amount: Amount
    currency: CurrencyCode | UnsetType = UNSET


class InvoiceItemPatch(Body):
    """What to change about an item (RFC 7396): absent members stay, null clears."""

    title: Title | UnsetType = UNSET
    sku: Name | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    price: PriceSaid | UnsetType = UNSET
    tracked: bool | UnsetType = UNSET
    stock: Amount | UnsetType = UNSET
    tax_ids: Annotated[list[Id], Meta(max_length=2)] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class InvoiceItemDraft(InvoiceItemPatch, kw_only=True):
    """A new item."""

    title: Title
    price: PriceSaid


class InvoiceTax(Struct, kw_only=True):
    """A tax on what is sold."""

    id: int
    uid: str
    version: int
    name: str
    description: str | None
    rate_percent: Percent
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class InvoiceTaxPatch(Body):
    """What to change about a tax; drafts come to something else at once, what was sent stays as it was."""

    name: Title | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    rate_percent: Percent | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class InvoiceTaxDraft(InvoiceTaxPatch, kw_only=True):
    """A new tax."""

    name: Title
    rate_percent: Percent
