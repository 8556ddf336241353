"""Invoices, items and taxes between the wire and our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import UNSET

from dealwright.actions import invoice_settings
from dealwright.actions.deed import now
from dealwright.actions.invoice_lines import SaidLine
from dealwright.actions.invoice_taxes import FullTax
from dealwright.dialects.native import invoice_shapes as shapes
from dealwright.dialects.native import members, times
from dealwright.dialects.native.shapes import Money
from dealwright.dialects.native.stamps import stamps
from dealwright.dialects.native.written import day_of, decimal_text
from dealwright.domain.contact_info import ADDRESS_PARTS
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.invoice import Invoice, InvoiceChange, Line, Status, line_cost, tax_totals
from dealwright.domain.invoice_item import ItemChange, TaxChange
from dealwright.domain.values import UNSET as UNSAID
from dealwright.domain.values import plain
from dealwright.storage.invoice_items import FullItem
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.rules import Rules

STATUSES: Final[dict[Status, shapes.StatusName]] = {
    Status.DRAFT: "draft",
    Status.SENT: "sent",
    Status.REJECTED: "rejected",
    Status.PAID: "paid",
    Status.ARCHIVED: "archived",
}
STATUSES_BY_NAME: Final = {name: status for status, name in STATUSES.items()}
POINTERS: Final[Mapping[str, str]] = {"issued_at": "issued_on", "due_at": "due_on", "rate": "exchange_rate"}
ITEM_POINTERS: Final[Mapping[str, str]] = {
    **{"price": "price/amount", "currency": "price/currency"},
    **{"tax1_id": "tax_ids/0", "tax2_id": "tax_ids/1"},
}
TAX_POINTERS: Final[Mapping[str, str]] = {"rate": "rate_percent"}
"""Where our fields stand in the documents of this face."""

DUE_DAYS: Final = timedelta(days=30)
_EXACT: Final = Context(prec=80)
_PLAIN: Final = (
    *("number", "contact_id", "consignee_id", "opportunity_id", "language", "currency", "purchase_order", "terms"),
    *("description", "system_id"),
)


def invoice(rules: Rules, full: FullInvoice) -> shapes.Invoice:
    """Return an invoice as it goes over the wire."""
    own = full.invoice
    net = _sum(line_cost(line, own.taxes).amount for line in own.lines)
    return shapes.Invoice(
        **stamps(own),
        number=own.number,
        status=STATUSES[own.status],
        issued_on=_day(own.issued_at, rules.zone),
        due_on=_day(own.due_at, rules.zone),
        contact_id=own.contact_id,
        consignee_id=own.consignee_id,
        opportunity_id=own.opportunity_id,
        billing_address=_address(own.billing_address),
        delivery_address=_address(own.delivery_address),
        language=own.language,
        exchange_rate=_text(own.rate),
        purchase_order=own.purchase_order,
        terms=own.terms,
        description=own.description,
        lines=[_line(own, line) for line in own.lines],
        taxes=list(_taxes(own)),
        net=Money(amount=decimal_text(net), currency=own.currency),
        total=Money(amount=decimal_text(own.cost), currency=own.currency),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def _day(at: datetime, zone: ZoneInfo) -> date:
    found = day_of(at, zone)
    assert found is not None
    return found


def _text(number: Decimal) -> str:
    return f"{plain(number):f}"


def _address(parts: Mapping[str, str] | None) -> shapes.InvoiceAddress | None:
    if parts is None:
        return None
    return shapes.InvoiceAddress(**{name: parts.get(name, "") for name in ADDRESS_PARTS})


def _line(own: Invoice, line: Line) -> shapes.InvoiceLine:
    return shapes.InvoiceLine(
        id=line.id,
        item_id=line.item_id,
        description=line.description,
        quantity=_text(line.quantity),
        price=decimal_text(plain(line.price)),
        discount_percent=_text(line.discount),
        tax_ids=list(line.tax_ids),
        amount=decimal_text(line_cost(line, own.taxes).amount),
    )


def _taxes(own: Invoice) -> Iterator[shapes.InvoiceTaxTotal]:
    for one, amount in tax_totals(own.lines, own.taxes).items():
        tax = own.taxes[one]
        yield shapes.InvoiceTaxTotal(
            tax_id=one, name=tax.name, rate_percent=_text(tax.rate), amount=decimal_text(amount)
        )


def change_of(said: shapes.InvoicePatch, rules: Rules) -> tuple[InvoiceChange, list[SaidLine] | None]:
    """Return the change that a patch means, and its lines, which are still to be filled. Refuses with Invalid."""
    change = InvoiceChange()
    members.say(change, said, _PLAIN)
    for name in ("billing_address", "delivery_address"):
        if (parts := getattr(said, name)) is not UNSET:
            setattr(change, name, None if parts is None else _parts(parts))
    if said.exchange_rate is not UNSET:
        change.rate = Decimal(said.exchange_rate)
    problems = [*_say_day(change, "issued_at", said.issued_on, rules), *_say_day(change, "due_at", said.due_on, rules)]
    if problems:
        raise Invalid(*problems)
    return change, None if said.lines is UNSET else [_said_line(line) for line in said.lines]


def draft_of(said: shapes.InvoiceDraft, rules: Rules) -> tuple[InvoiceChange, list[SaidLine]]:
    """Return the change that makes a new invoice, with what the portal adds to it. Refuses with Invalid."""
    change, lines = change_of(said, rules)
    today = now().astimezone(rules.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if change.issued_at is UNSAID:
        change.issued_at = today.astimezone(UTC)
    if change.due_at is UNSAID:
        change.due_at = change.issued_at + DUE_DAYS
    if change.currency is UNSAID:
        change.currency = rules.default_currency
    if change.terms is UNSAID:
        change.terms = invoice_settings.terms(rules) or None
    return change, lines or []


def _parts(said: shapes.InvoiceAddressSaid) -> dict[str, str]:
    return {name: value for name in ADDRESS_PARTS if (value := getattr(said, name))}


def _say_day(change: InvoiceChange, name: str, said: Any, rules: Rules) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(said, date):
        return
    yield from times.say(change, name, datetime(said.year, said.month, said.day, tzinfo=rules.zone))


def _said_line(said: shapes.InvoiceLineSaid) -> SaidLine:
    return SaidLine(
        id=0 if said.id is UNSET else said.id,
        item_id=said.item_id,
        description=said.description,
        quantity=Decimal(said.quantity),
        price=UNSAID if said.price is UNSET else Decimal(said.price),
        discount=Decimal(said.discount_percent),
        tax_ids=UNSAID if said.tax_ids is UNSET else said.tax_ids,
    )


# Items and taxes --------------------------------------------------------------------------------------------


def item(_: Rules, full: FullItem) -> shapes.InvoiceItem:
    """Return an item as it goes over the wire."""
    own = full.item
    price = Money(amount=decimal_text(plain(own.price)), currency=own.currency) if own.currency else None
    return shapes.InvoiceItem(
        **stamps(own),
        title=own.title,
        sku=own.sku,
        description=own.description,
        price=price,
        tracked=own.tracked,
        stock=_text(own.stock),
        tax_ids=[one for one in (own.tax1_id, own.tax2_id) if one is not None],
    )


def item_change_of(said: shapes.InvoiceItemPatch) -> ItemChange:
    """Return the change that a patch of an item means."""
    change = ItemChange()
    members.say(change, said, ("title", "sku", "description", "tracked", "system_id"))
    if said.price is not UNSET:
        change.price = Decimal(said.price.amount)
        if said.price.currency is not UNSET:
            change.currency = said.price.currency
    if said.stock is not UNSET:
        change.stock = Decimal(said.stock)
    if said.tax_ids is not UNSET:
        change.tax1_id, change.tax2_id = [*said.tax_ids, None, None][:2]
    return change


def tax(_: Rules, full: FullTax) -> shapes.InvoiceTax:
    """Return a tax as it goes over the wire."""
    own = full.tax
    return shapes.InvoiceTax(
        **stamps(own),
        name=own.name,
        description=own.description,
        rate_percent=_text(own.rate),
    )


def tax_change_of(said: shapes.InvoiceTaxPatch) -> TaxChange:
    """Return the change that a patch of a tax means."""
    change = TaxChange()
    members.say(change, said, ("name", "description", "system_id"))
    if said.rate_percent is not UNSET:
        change.rate = Decimal(said.rate_percent)
    return change
