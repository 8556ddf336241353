"""What invoices are made of: items for sale, perhaps with a stock, and taxes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from dealwright.domain.errors import Problem
from dealwright.domain.invoice import NOTHING, kept
from dealwright.domain.naming import found, name_problem, text_problem, text_problems
from dealwright.domain.values import AMOUNT_LIMIT, UNSET, Unset

HIGHEST_PRICE: Final = Decimal("99999999.99")
HIGHEST_RATE: Final = Decimal(1000)
LOWEST_RATE: Final = Decimal(-100)
SKU_LENGTH: Final = 255

R = TypeVar("R", bound="InvoiceItem | InvoiceTax")


@dataclass(slots=True, kw_only=True)
class InvoiceItem:
    """Something for sale. `stock` is how many there are; it counts only where it is `tracked`."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    title: str = ""
    sku: str | None = None
    description: str | None = None
    price: Decimal = NOTHING
    currency: str | None = None
    stock: Decimal = NOTHING
    tracked: bool = False
    tax1_id: int | None = None
    tax2_id: int | None = None


@dataclass(slots=True, kw_only=True)
class ItemChange:
    """What a deed says about an item: for each field nothing (UNSET) or a value."""

    title: str | Unset = UNSET
    sku: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    price: Decimal | Unset = UNSET
    currency: str | Unset | None = UNSET
    stock: Decimal | Unset = UNSET
    tracked: bool | Unset = UNSET
    tax1_id: int | Unset | None = UNSET
    tax2_id: int | Unset | None = UNSET
    system_id: str | Unset | None = UNSET


@dataclass(slots=True, kw_only=True)
class InvoiceTax:
    """A tax; `rate` is in percent."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    name: str = ""
    description: str | None = None
    rate: Decimal = NOTHING


@dataclass(slots=True, kw_only=True)
class TaxChange:
    """What a deed says about a tax: for each field nothing (UNSET) or a value."""

    name: str | Unset = UNSET
    description: str | Unset | None = UNSET
    rate: Decimal | Unset = UNSET
    system_id: str | Unset | None = UNSET


ITEM_FIELDS: Final = tuple(f.name for f in fields(ItemChange))
TAX_FIELDS: Final = tuple(f.name for f in fields(TaxChange))
_NUMBERS: Final = ("price", "stock", "rate")


def changed(before: R, change: ItemChange | TaxChange) -> R:
    """Return a record as it is after a change: names trimmed, numbers to nine places."""
    said: dict[str, Any] = {f.name: getattr(change, f.name) for f in fields(change)}
    said = {name: value for name, value in said.items() if value is not UNSET}
    for name in ("title", "name"):
        if name in said:
            said[name] = said[name].strip()
    for name in _NUMBERS:
        if name in said:
            said[name] = kept(said[name])
    return replace(before, **said)


def item_problems(change: ItemChange) -> list[Problem]:
    """Return what is wrong with what is said about an item: a title, a price above 0 and up to 99999999.99."""
    problems = found(name_problem("title", change.title)) if change.title is not UNSET else []
    problems += text_problems((name, _text(getattr(change, name))) for name in ("sku", "description", "system_id"))
    if isinstance(change.sku, str) and len(change.sku) > SKU_LENGTH:
        problems.append(Problem("sku", "too_long", f"has at most {SKU_LENGTH} characters", change.sku[:40]))
    if change.price is not UNSET and not 0 < change.price <= HIGHEST_PRICE:
        problems.append(Problem("price", "out_of_range", f"must be above 0, up to {HIGHEST_PRICE}", change.price))
    if change.stock is not UNSET and not abs(change.stock) < AMOUNT_LIMIT:
        problems.append(Problem("stock", "out_of_range", "must be below 10^15", change.stock))
    return problems


def tax_problems(change: TaxChange) -> list[Problem]:
    """Return what is wrong with what is said about a tax: it needs a name, and a rate from -100 to 1000 percent."""
    problems = found(name_problem("name", change.name)) if change.name is not UNSET else []
    problems += found(text_problem("description", _text(change.description)))
    problems += found(text_problem("system_id", _text(change.system_id)))
    if change.rate is not UNSET and not LOWEST_RATE <= change.rate <= HIGHEST_RATE:
        problems.append(Problem("rate", "out_of_range", f"must be from {LOWEST_RATE} to {HIGHEST_RATE}", change.rate))
    return problems


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
