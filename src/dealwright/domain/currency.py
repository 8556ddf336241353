"""Currencies and dated rates: exact conversion between them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from dealwright.domain.errors import Problem
from dealwright.domain.values import NANOS

PLACES: Final = Decimal(1).scaleb(-9)
RATE_LIMIT: Final = Decimal("99999999.99")
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency; `id` is its ISO 4217 number."""

    id: int
    code: str
    title: str
    symbol: str
    culture: str
    convertible: bool
    basic: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in another, since an instant; `history` is newest first."""

    id: int
    source: str
    target: str
    history: tuple[tuple[datetime, Decimal], ...]

    @property
    def value(self) -> Decimal:
        """The present rate."""
        return self.history[0][1]

    def at(self, moment: datetime) -> Decimal | None:
        """Return the rate that was in force at an instant, None before the first."""
        return next((value for since, value in self.history if since <= moment), None)


Rates = dict[tuple[str, str], Rate]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody says one unit of a currency is worth in another; nothing means that there is no rate."""

    source: str
    target: str
    value: Decimal

    @property
    def kept(self) -> Decimal:
        """The rate as it is kept: to nine places, half to even."""
        return self.value.quantize(PLACES, context=_EXACT)


def quote_problems(quote: Quote, known: Container[str]) -> list[Problem]:
    """Return what is wrong with a quote: codes are known as they are spelled, a rate is from 0 to 99999999.99."""
    codes = (("from_currency", quote.source), ("to_currency", quote.target))
    problems = [Problem(name, "unknown", "is no currency", code) for name, code in codes if code not in known]
    value = quote.value
    if not value.is_finite() or not 0 <= value <= RATE_LIMIT:
        problems.append(Problem("rate", "out_of_range", f"must be from 0 to {RATE_LIMIT}", value))
    elif value and not quote.kept:
        problems.append(Problem("rate", "out_of_range", "has at most nine decimal places", value))
    return problems


def rate_between(rates: Rates, source: str, target: str, moment: datetime | None = None) -> Decimal | None:
    """Return the factor from one currency to another, by the rate or the inverse of its opposite; None without one."""
    if source == target:
        return Decimal(1)
    direct = _in_force(rates.get((source, target)), moment)
    if direct is not None:
        return direct
    opposite = _in_force(rates.get((target, source)), moment)
    return None if not opposite else _EXACT.divide(Decimal(1), opposite)


def _in_force(rate: Rate | None, moment: datetime | None) -> Decimal | None:
    if rate is None:
        return None
    return rate.value if moment is None else rate.at(moment)


def summed(units: int, nanos: int) -> Decimal:
    """Return the exact amount of summed units and billionths (both may exceed what one amount can be)."""
    whole, parts = divmod(nanos, NANOS)
    amount = _EXACT.add(Decimal(units + whole), Decimal(parts).scaleb(-9))
    return amount.quantize(Decimal(1), context=_EXACT) if not parts else _EXACT.normalize(amount)


def converted(
    amount: Decimal, rates: Rates, source: str, target: str, moment: datetime | None = None
) -> Decimal | None:
    """Return an amount in another currency, to nine places, half to even; None where there is no rate."""
    if source == target:
        return amount
    factor = rate_between(rates, source, target, moment)
    return None if factor is None else _EXACT.multiply(amount, factor).quantize(PLACES, context=_EXACT)
