"""Invoices: what their lines come to, who may change them, and the moves between their states."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import IntEnum
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Problem
from dealwright.domain.naming import found, name_problem, text_problem, text_problems
from dealwright.domain.values import AMOUNT_LIMIT, UNSET, Unset, plain

CENT: Final = Decimal("0.01")
PLACES: Final = Decimal(1).scaleb(-9)
HUNDRED: Final = Decimal(100)
MOST_LINES: Final = 1000
NOTHING: Final = Decimal(0)
ADDRESS_LENGTH: Final = 1000
DIGITS: Final = 15
LARGEST_TEMPLATE: Final = 2**15 - 1
_EXACT: Final = Context(prec=90, rounding=ROUND_HALF_EVEN)


class Status(IntEnum):
    """How far an invoice has come; the numbers are stored (and ONLYOFFICE's)."""

    DRAFT = 1
    SENT = 2
    REJECTED = 3
    PAID = 4
    ARCHIVED = 5


MOVES: Final = {
    (Status.DRAFT, Status.SENT): "invoice.sent",
    (Status.SENT, Status.PAID): "invoice.paid",
    (Status.SENT, Status.REJECTED): "invoice.rejected",
    (Status.REJECTED, Status.DRAFT): "invoice.reopened",
    (Status.PAID, Status.SENT): "invoice.unpaid",
}
"""The moves there are, each with its event; every other one is none."""
OUT: Final = frozenset({Status.SENT, Status.PAID})
"""In these what is sold has left the stock, unless the invoice lies in the trash."""


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax as an invoice knows it; `rate` is in percent."""

    name: str
    rate: Decimal


Taxes = Mapping[int, Tax]


@dataclass(slots=True, kw_only=True)
class Line:
    """Something sold: `quantity` times `price`, less `discount` percent. Id 0: new. `position` orders the lines."""

    id: int = 0
    item_id: int | None = None
    tax1_id: int | None = None
    tax2_id: int | None = None
    position: int = 0
    description: str | None = None
    quantity: Decimal = NOTHING
    price: Decimal = NOTHING
    discount: Decimal = NOTHING

    @property
    def tax_ids(self) -> tuple[int, ...]:
        """The taxes on the line, the first one first."""
        return tuple(one for one in (self.tax1_id, self.tax2_id) if one is not None)


@dataclass(frozen=True, slots=True)
class LineCost:
    """What a line comes to: the amount after the discount, and each tax on it."""

    amount: Decimal
    discount: Decimal
    taxes: tuple[tuple[int, Decimal], ...]

    @property
    def total(self) -> Decimal:
        """The amount with its taxes."""
        return _EXACT.add(self.amount, sum((amount for _, amount in self.taxes), NOTHING))


@dataclass(slots=True, kw_only=True)
class Invoice:
    """A demand for money. `rate` is what a unit of its currency is worth in the portal's; addresses are kept as parts.

    `taxes` are those of its lines as they were when it was last written or sent; `taken` is what it has out of the
    stock of items, so that exactly this comes back.
    """

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    status: Status = Status.DRAFT
    number: str = ""
    issued_at: datetime
    due_at: datetime
    template: int = 0
    contact_id: int = 0
    consignee_id: int | None = None
    opportunity_id: int | None = None
    billing_address: Mapping[str, str] | None = None
    delivery_address: Mapping[str, str] | None = None
    language: str | None = None
    currency: str = ""
    rate: Decimal = Decimal(1)
    purchase_order: str | None = None
    terms: str | None = None
    description: str | None = None
    cost: Decimal = NOTHING
    file_id: int | None = None
    taxes: Taxes = field(default_factory=dict)
    taken: Mapping[int, Decimal] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()

    def managed_by(self, actor: Actor) -> bool:
        """Tell whether this person may move or delete the invoice: who made it, administrators."""
        return actor.is_crm_admin or self.created_by == actor.id

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may change the invoice: it must be a draft, too."""
        return self.status is Status.DRAFT and self.managed_by(actor)


@dataclass(slots=True, kw_only=True)
class InvoiceChange:
    """What a deed says about an invoice: for each field nothing (UNSET) or a value; lines replace those there are.

    An address is said by its parts, or by the id of one of the contact's (billing) or the consignee's (delivery).
    """

    number: str | Unset = UNSET
    issued_at: datetime | Unset = UNSET
    due_at: datetime | Unset = UNSET
    template: int | Unset = UNSET
    contact_id: int | Unset = UNSET
    consignee_id: int | Unset | None = UNSET
    opportunity_id: int | Unset | None = UNSET
    billing_address: Mapping[str, str] | Unset | None = UNSET
    delivery_address: Mapping[str, str] | Unset | None = UNSET
    billing_address_id: int | Unset = UNSET
    delivery_address_id: int | Unset = UNSET
    language: str | Unset | None = UNSET
    currency: str | Unset = UNSET
    rate: Decimal | Unset = UNSET
    purchase_order: str | Unset | None = UNSET
    terms: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    lines: Sequence[Line] | Unset = UNSET
    system_id: str | Unset | None = UNSET
    created_at: datetime | Unset = UNSET
    updated_at: datetime | Unset = UNSET


COMPARED: Final = tuple(
    name
    for name in Invoice.__slots__
    if name not in {"id", "uid", "version", "updated_at", "updated_by", "lines", "taxes", "taken", "file_id"}
)
"""Fields whose difference makes a change a change; the lines are compared beside them."""
_NOT_PLAIN: Final = {"billing_address_id", "delivery_address_id", "lines", "updated_at"}
_PLAIN: Final = tuple(f.name for f in fields(InvoiceChange) if f.name not in _NOT_PLAIN)
_TEXTS: Final = ("language", "purchase_order", "terms", "description", "system_id")


# What it comes to --------------------------------------------------------------------------------------------


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to two places, half to even."""
    return amount.quantize(CENT, context=_EXACT)


def line_cost(line: Line, taxes: Taxes) -> LineCost:
    """Return what a line comes to; each step is rounded to two places, half to even."""
    gross = rounded(_EXACT.multiply(line.price, line.quantity))
    discount = _percent(gross, line.discount)
    net = _EXACT.subtract(gross, discount)
    owed = tuple((one, _percent(net, taxes[one].rate)) for one in line.tax_ids if one in taxes)
    return LineCost(net, discount, owed)


def cost_of(lines: Iterable[Line], taxes: Taxes) -> Decimal:
    """Return what lines come to, taxes included, exact."""
    total = NOTHING
    for line in lines:
        total = _EXACT.add(total, line_cost(line, taxes).total)
    return total


def tax_totals(lines: Iterable[Line], taxes: Taxes) -> dict[int, Decimal]:
    """Return what each tax comes to over all lines, in the order in which the taxes occur."""
    totals: dict[int, Decimal] = {}
    for line in lines:
        for one, amount in line_cost(line, taxes).taxes:
            totals[one] = _EXACT.add(totals.get(one, NOTHING), amount)
    return totals


def _percent(amount: Decimal, percent: Decimal) -> Decimal:
    return rounded(_EXACT.divide(_EXACT.multiply(amount, percent), HUNDRED))


# Changes -----------------------------------------------------------------------------------------------------


def kept(amount: Decimal) -> Decimal:
    """Return a number to the nine places that are kept, half to even, without trailing zeros."""
    return plain(amount.quantize(PLACES, context=_EXACT))


def problems_of(change: InvoiceChange) -> list[Problem]:
    """Return what is wrong with a change by itself, whatever it points at."""
    problems = text_problems((name, value) for name in _TEXTS if isinstance(value := getattr(change, name), str))
    if change.number is not UNSET:
        problems += found(name_problem("number", change.number))
    if change.rate is not UNSET and not 0 < change.rate < AMOUNT_LIMIT:
        problems.append(Problem("rate", "out_of_range", "must be above 0", change.rate))
    if change.template is not UNSET and not 0 <= change.template <= LARGEST_TEMPLATE:
        problems.append(Problem("template", "out_of_range", f"must be from 0 to {LARGEST_TEMPLATE}", change.template))
    for name in ("billing_address", "delivery_address"):
        parts = getattr(change, name)
        problems += _address_problems(name, parts) if isinstance(parts, Mapping) else []
    return problems + (lines_problems(change.lines) if change.lines is not UNSET else [])


def _address_problems(name: str, parts: Mapping[str, str]) -> list[Problem]:
    problems = text_problems((name, part) for part in parts.values())
    if sum(map(len, parts.values())) > ADDRESS_LENGTH:
        problems.append(Problem(name, "too_long", f"has at most {ADDRESS_LENGTH} characters"))
    return problems


def lines_problems(lines: Sequence[Line]) -> list[Problem]:
    """Return what is wrong with lines by themselves: there must be one, no number below 0, at most 100 % off."""
    if not lines:
        return [Problem("lines", "required", "an invoice needs a line")]
    if len(lines) > MOST_LINES:
        return [Problem("lines", "too_long", f"has at most {MOST_LINES} lines", len(lines))]
    return [problem for place, line in enumerate(lines) for problem in _line_problems(f"lines/{place}", line)]


def _line_problems(place: str, line: Line) -> list[Problem]:
    limits = (("quantity", AMOUNT_LIMIT), ("price", AMOUNT_LIMIT), ("discount", HUNDRED + PLACES))
    problems = [
        Problem(f"{place}/{name}", "out_of_range", f"must be from 0 to {HUNDRED if name == 'discount' else '10^15'}")
        for name, limit in limits
        if not 0 <= getattr(line, name) < limit
    ]
    return problems + found(text_problem(f"{place}/description", line.description))


def changed(before: Invoice, change: InvoiceChange) -> Invoice:
    """Return the invoice as it is after a change, what it comes to apart; what it points at is not looked at."""
    after = replace(before, **{name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET})
    after.number, after.rate = after.number.strip(), kept(after.rate)
    if change.lines is not UNSET:
        after.lines = tuple(_kept_line(line, place) for place, line in enumerate(change.lines))
    return after


def _kept_line(line: Line, place: int) -> Line:
    quantity, price, discount = kept(line.quantity), kept(line.price), kept(line.discount)
    return replace(line, position=line.position or place, quantity=quantity, price=price, discount=discount)


def differences(before: Invoice, after: Invoice) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]


def priced(invoice: Invoice, taxes: Taxes) -> Invoice:
    """Return the invoice with what it comes to by these taxes, and with those of its lines remembered."""
    own = {one: taxes[one] for line in invoice.lines for one in line.tax_ids if one in taxes}
    return replace(invoice, taxes=own, cost=cost_of(invoice.lines, own))


def cost_problems(invoice: Invoice) -> list[Problem]:
    """Return what is wrong with what an invoice comes to: both databases keep amounts below 10^15."""
    if abs(invoice.cost) < AMOUNT_LIMIT:
        return []
    return [Problem("lines", "out_of_range", "must come to less than 10^15", invoice.cost)]


# The stock ---------------------------------------------------------------------------------------------------


def taking(invoice: Invoice, tracked: Collection[int]) -> dict[int, Decimal]:
    """Return what an invoice has to have out of the stock of those items that are tracked: all it sells, or nothing."""
    taken: dict[int, Decimal] = {}
    for line in invoice.lines if invoice.status in OUT else ():
        if line.item_id is not None and line.item_id in tracked and line.quantity:
            taken[line.item_id] = _EXACT.add(taken.get(line.item_id, NOTHING), line.quantity)
    return taken


def stock_moves(before: Mapping[int, Decimal], after: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return what comes to the stock of each item (below 0: leaves it) from what was taken before and is after."""
    items = sorted({*before, *after})
    moves = {one: _EXACT.subtract(before.get(one, NOTHING), after.get(one, NOTHING)) for one in items}
    return {one: amount for one, amount in moves.items() if amount}


# Numbers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numbering:
    """How new invoices are numbered: a prefix, and digits whose first value and width `first` gives."""

    automatic: bool = True
    prefix: str = "INV-"
    first: str = "0000001"

    def highest(self, numbers: Iterable[str]) -> str | None:
        """Return the highest of the numbers that are ours: the prefix, and nothing but digits behind it."""
        ours = (one for one in numbers if one.startswith(self.prefix) and _is_digits(one[len(self.prefix) :]))
        return max(ours, key=lambda one: int(one[len(self.prefix) :]), default=None)

    def following(self, last: str | None, distance: int = 1) -> str:
        """Return the number that many behind the last one of ours; without one the first, the second and so on."""
        number = int(self.first) - 1 if last is None else int(last[len(self.prefix) :])
        return f"{self.prefix}{number + distance:0{len(self.first)}d}"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def numbering_problems(numbering: Numbering) -> list[Problem]:
    """Return what is wrong with a numbering: automatic numbers need a prefix and up to 15 digits."""
    problems = found(text_problem("prefix", numbering.prefix))
    if numbering.automatic and not numbering.prefix.strip():
        problems.append(Problem("prefix", "required", "is a required field", numbering.prefix))
    if len(numbering.prefix) > 50:
        problems.append(Problem("prefix", "too_long", "has at most 50 characters"))
    digits = numbering.first
    if not _is_digits(digits):
        problems.append(Problem("number", "format", f"must be up to {DIGITS} digits", digits[:40]))
    return problems
