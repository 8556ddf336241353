"""Small values every rule speaks in: absence, instants and exact money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, Literal


class Absence(Enum):
    """What a change can say about a field beside a value."""

    UNSET = "unset"
    DERIVE = "derive"

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        return False


UNSET: Final = Absence.UNSET
DERIVE: Final = Absence.DERIVE
Unset = Literal[Absence.UNSET]
Derive = Literal[Absence.DERIVE]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NANOS: Final = 1_000_000_000
AMOUNT_LIMIT: Final = 10**15
_MICROSECOND: Final = timedelta(microseconds=1)
_NANO: Final = Decimal(1).scaleb(-9)


def micros(moment: datetime) -> int:
    """Return an aware instant as microseconds since 1970, as it is stored."""
    return (moment - EPOCH) // _MICROSECOND


def instant(stored: int) -> datetime:
    """Return the aware UTC instant that was stored as microseconds since 1970."""
    return EPOCH + timedelta(microseconds=stored)


def split(amount: Decimal) -> tuple[int, int]:
    """Return an amount as (floor, billionths above it); the pair sorts and sums exactly.

    Refuses with ValueError what is not finite, has more than nine places or reaches 10**15.
    """
    if not amount.is_finite() or abs(amount) >= AMOUNT_LIMIT:
        raise ValueError("an amount must be below 10^15")
    if amount != amount.quantize(_NANO):
        raise ValueError("an amount has at most nine decimal places")
    units = int(amount // 1)
    if amount < units:
        units -= 1
    return units, int((amount - units) * NANOS)


def join(units: int, nanos: int) -> Decimal:
    """Return the amount that `split` took apart, without trailing zeros."""
    if not nanos:
        return Decimal(units)
    return plain(Decimal(units) + Decimal(nanos).scaleb(-9))


def plain(amount: Decimal) -> Decimal:
    """Return an amount without trailing zeros and without an exponent."""
    if amount == amount.to_integral_value():
        return amount.quantize(Decimal(1))
    return amount.normalize()
