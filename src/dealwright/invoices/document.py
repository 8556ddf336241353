"""What stands on the paper of one invoice, as plain data: texts ready to be read, in the customer's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from dealwright.domain.currency import Currency
from dealwright.domain.invoice import Invoice, Line, Status, line_cost, tax_totals
from dealwright.invoices.words import Manner, manner_of

_IN_A_COLUMN: Final = re.compile(r"\S{24}(?=\S)")
_IN_A_LINE: Final = re.compile(r"\S{70}(?=\S)")
_WIDE: Final = {"terms", "notes", "title", "footer", "number"}
LETTER_COUNTRIES: Final = {"us", "ca", "mx"}


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on an invoice: a name, an address by its parts."""

    name: str
    address: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that an invoice on paper is made of; `titles` are title and SKU of the items by id."""

    invoice: Invoice
    seller: Party
    customer: Party
    consignee: Party | None
    titles: Mapping[int, tuple[str, str | None]]
    currency: Currency | None
    home_currency: str
    zone: ZoneInfo


def data_of(paper: Paper) -> dict[str, Any]:
    """Return what the template shows: texts, and lists of texts."""
    own, manner = paper.invoice, manner_of(paper.invoice.language)
    title = f"{manner.labels['invoice']} {own.number}"
    made = {
        "language": manner.code[:2],
        "paper": _paper(own.language),
        "labels": dict(manner.labels),
        "title": title,
        "mark": manner.labels["draft"] if own.status is Status.DRAFT else "",
        "stamp": manner.labels["paid"] if own.status is Status.PAID else "",
        "number": own.number,
        "seller": _party(paper.seller, own.language),
        "customer": _party(paper.customer, own.language),
        "consignee": None if paper.consignee is None else _party(paper.consignee, own.language),
        "facts": _facts(paper, manner),
        "columns": {
            "discount": any(line.discount for line in own.lines),
            "tax": any(line.tax_ids for line in own.lines),
        },
        "lines": [_line(paper, manner, line) for line in own.lines],
        "totals": _totals(paper, manner),
        "total": manner.money(own.cost, paper.currency),
        "exchange": _exchange(paper, manner),
        "terms": (own.terms or "").strip(),
        "notes": (own.description or "").strip(),
        "footer": "  ·  ".join(part for part in (paper.seller.name, title) if part),
    }
    return {name: _fitting(value, _IN_A_LINE if name in _WIDE else _IN_A_COLUMN) for name, value in made.items()}


def _fitting(value: Any, too_long: re.Pattern[str]) -> Any:  # noqa: ANN401
    """Return texts so that words wider than their place may be broken, at any depth."""
    if isinstance(value, str):
        return too_long.sub(lambda found: f"{found[0]}\u200b", value)
    if isinstance(value, dict):
        return {name: _fitting(inner, too_long) for name, inner in value.items()}
    return [_fitting(inner, too_long) for inner in value] if isinstance(value, list) else value


def _paper(language: str | None) -> str:
    return "us-letter" if (language or "").lower()[-2:] in LETTER_COUNTRIES else "a4"


def _party(party: Party, language: str | None) -> dict[str, Any]:
    return {"name": party.name, "address": address_lines(party.address, language)}


def address_lines(parts: Mapping[str, str], language: str | None = None) -> list[str]:
    """Return an address as lines: the street, the town as it is written there, the country."""
    street, city, state, code, country = (
        (parts.get(name) or "").strip() for name in ("street", "city", "state", "zip", "country")
    )
    if _paper(language) == "us-letter":
        town = [", ".join(part for part in (city, f"{state} {code}".strip()) if part)]
    else:
        town = [f"{code} {city}".strip(), state]
    lines = [*street.splitlines(), *town, country]
    return [line.strip() for line in lines if line.strip()]


def _facts(paper: Paper, manner: Manner) -> list[dict[str, str]]:
    own = paper.invoice
    days = {name: manner.day(at.astimezone(paper.zone).date()) for name, at in _dates(own)}
    facts = [{"label": manner.labels[name], "value": day} for name, day in days.items()]
    if own.purchase_order:
        facts.append({"label": manner.labels["order"], "value": own.purchase_order})
    return facts


def _dates(own: Invoice) -> Sequence[tuple[str, Any]]:
    return ("issued", own.issued_at), ("due", own.due_at)


def _line(paper: Paper, manner: Manner, line: Line) -> dict[str, str]:
    title, sku = paper.titles.get(line.item_id or 0, ("", None))
    details = (line.description or "").strip()
    taxes = paper.invoice.taxes
    rates = [f"{manner.number(taxes[one].rate)} %" for one in line.tax_ids if one in taxes]
    return {
        "title": title or details or "–",
        "sku": sku or "",
        "details": details if title and details != title else "",
        "quantity": manner.number(line.quantity),
        "price": manner.number(line.price, 2),
        "discount": f"{manner.number(line.discount)} %" if line.discount else "–",
        "tax": " + ".join(rates) or "–",
        "amount": manner.number(line_cost(line, taxes).amount, 2),
    }


def _totals(paper: Paper, manner: Manner) -> list[dict[str, str]]:
    own = paper.invoice
    net = sum((line_cost(line, own.taxes).amount for line in own.lines), Decimal(0))
    off = sum((line_cost(line, own.taxes).discount for line in own.lines), Decimal(0))
    rows = [(manner.labels["subtotal"], net + off)] if off else []
    rows += [(manner.labels["discount"], -off)] if off else [(manner.labels["subtotal"], net)]
    for one, amount in tax_totals(own.lines, own.taxes).items():
        tax = own.taxes[one]
        rows.append((f"{tax.name} ({manner.number(tax.rate)} %)", amount))
    return [{"label": label, "amount": manner.money(amount, paper.currency)} for label, amount in rows]


def _exchange(paper: Paper, manner: Manner) -> str:
    own = paper.invoice
    if own.currency == paper.home_currency:
        return ""
    return f"{manner.labels['rate']}: 1 {own.currency} = {manner.number(own.rate)} {paper.home_currency}"
