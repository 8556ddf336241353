"""Text of the wire into numbers, yes-or-no, guids, enum numbers and instants (conventions §3 and §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Context, Decimal, InvalidOperation
from typing import Final

from dealwright.dialects.onlyoffice.failures import ARGUMENT, OVERFLOW, Failure, unreadable
from dealwright.dialects.onlyoffice.values import FURTHEST_ZONE

INT32: Final = 2**31
INT64: Final = 2**63
ECHO: Final = 100
"""Characters of a bad value that are sent back at most."""

_SIGNED = re.compile(r"[+-]?[0-9]+")
_HEX = re.compile(r"(?:0x|#|&h)([0-9a-f]+)", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_HEX_32 = re.compile(r"[0-9a-f]{32}")
_DASHED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)([:-])(\d\d)\5(\d\d)(?:\.(%s))?(Z|[+-]\d\d:\d\d)?)?"
_STRICT_MOMENT = re.compile(_MOMENT % r"\d{7}|\d{3}", re.ASCII)
_LOOSE_MOMENT = re.compile(_MOMENT % r"\d{1,9}", re.ASCII)
_WIDE = Context(prec=60)
_SMALLEST = Decimal(1).scaleb(-28)


def _badly_formed() -> Failure:
    return unreadable("Input string was not in a correct format.")


def _too_large(kind: str) -> Failure:
    return unreadable(f"The number is too large for {kind}.", OVERFLOW)


def integer(text: str, bound: int = INT32) -> int:
    """Read a whole number from -bound to bound - 1, decimal with a sign or `0x…`/`#…` (conventions §6, int).

    Anything else is refused with 400.
    """
    if len(text) < 10 and text.isdecimal() and text.isascii():
        return int(text)
    text = text.strip()
    if found := _HEX.fullmatch(text):
        return _hexadecimal(found[1], bound)
    if not _SIGNED.fullmatch(text):
        raise _badly_formed()
    # The length is looked at first: turning a million digits into a number is slow.
    digits = text.lstrip("+-0")
    if len(digits) > 19:
        raise _too_large("a whole number")
    number = -int(digits or 0) if text[0] == "-" else int(digits or 0)
    if not -bound <= number < bound:
        raise _too_large("a whole number")
    return number


def _hexadecimal(digits: str, bound: int) -> int:
    """Read two's complement: FFFFFFFF is -1 in 32 bits."""
    significant = digits.lstrip("0")
    if len(significant) > 16 or (number := int(significant or "0", 16)) >= 2 * bound:
        raise _too_large("a whole number")
    return number if number < bound else number - 2 * bound


def decimal(text: str) -> Decimal:
    """Read an exact decimal with `.` and perhaps an exponent (conventions §6, decimal).

    Keeps up to 28 places, as the contract's type does. What is no number, or reaches 10**28, is refused
    with 400.
    """
    text = text.strip()
    if not _DECIMAL.fullmatch(text):
        raise _badly_formed()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _too_large("a decimal number") from None
    return _bounded(number)


def _bounded(number: Decimal) -> Decimal:
    """Return the number with at most 28 places; looks at the exponent before it touches the digits."""
    if not number:
        return Decimal(0)
    if not number.is_finite() or number.adjusted() >= 28:
        raise _too_large("a decimal number")
    places = number.as_tuple().exponent
    if isinstance(places, int) and places < -28:
        return number.quantize(_SMALLEST, context=_WIDE) or Decimal(0)
    return number


def boolean(text: str) -> bool:
    """Read `true` or `false` in any case (conventions §6, bool); all else is refused with 400."""
    word = text.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    raise unreadable("The value is neither true nor false.")


def guid(text: str) -> str:
    """Read a guid with dashes, in braces or parentheses, or as 32 digits; returns lower-case with dashes (§6)."""
    plain = text.strip().lower()
    if plain[:1] + plain[-1:] in ("{}", "()"):
        plain = plain[1:-1]
        if len(plain) == 32:
            raise _no_guid()
    if _DASHED.fullmatch(plain):
        return plain
    if _HEX_32.fullmatch(plain):
        return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"
    raise _no_guid()


def _no_guid() -> Failure:
    return unreadable("Guid should contain 32 digits with 4 dashes.")


class Names:
    """The names of an enum of the contract and their numbers; `texts` are display texts read as well (§6)."""

    def __init__(self, numbers: Mapping[str, int], texts: Mapping[str, int] | None = None) -> None:
        self.numbers = dict(numbers)
        self._known = {name.lower(): number for name, number in {**(texts or {}), **numbers}.items()}
        self._shown = {number: name for name, number in reversed(self.numbers.items())}

    def number(self, text: str) -> int:
        """Read a name in any case, an integer, or names joined by commas, else 400 (§6, enum)."""
        known = self._known.get(text.strip().lower())
        if known is not None:
            return known
        if _SIGNED.fullmatch(text.strip()):
            return integer(text)
        return self._united(text)

    def _united(self, text: str) -> int:
        number = 0
        for name in text.split(","):
            known = self._known.get(name.strip().lower())
            if known is None:
                raise unreadable(f"Requested value '{text[:ECHO]}' was not found.", ARGUMENT)
            number |= known
        return number

    def name(self, number: int) -> str:
        """Return the name of the number, or its digits if it has none."""
        return self._shown.get(number, str(number))


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Read a date of a form, query or path in one of the seven formats (conventions §3, input).

    A date without a zone is meant in `zone`; returns the UTC instant, or None for empty text and for the
    vendor's "no date" of the year 1. Refuses everything else with 400.
    """
    return _moment(text, zone, _STRICT_MOMENT)


def loose_moment(text: str, zone: tzinfo) -> datetime | None:
    """Read a date of a JSON body, where any number of fraction digits from 1 to 9 may stand (§3, last line)."""
    return _moment(text, zone, _LOOSE_MOMENT)


def _moment(text: str, zone: tzinfo, format_: re.Pattern[str]) -> datetime | None:
    if not text:
        return None
    found = format_.fullmatch(text)
    if found is None:
        raise _no_date(text)
    try:
        return _instant(found, zone)
    except (ValueError, OverflowError):
        raise _no_date(text) from None


def _instant(found: re.Match[str], zone: tzinfo) -> datetime | None:
    year, month, day, hour, _, minute, second, fraction, mark = found.groups(default="")
    micros = int(fraction[:6].ljust(6, "0"))
    day_of_calendar = date(int(year), int(month), int(day))
    time_of_day = time(int(hour or 0), int(minute or 0), int(second or 0), micros, _offset(mark) if mark else zone)
    if day_of_calendar == date.min:
        return None
    return datetime.combine(day_of_calendar, time_of_day).astimezone(UTC)


def _offset(mark: str) -> tzinfo:
    """Read `Z` or `±hh:mm`, at most 14 hours; raises ValueError beyond."""
    if mark == "Z":
        return UTC
    hours, minutes = int(mark[1:3]), int(mark[4:6])
    distance = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or distance > FURTHEST_ZONE:
        raise ValueError("no such zone")
    return timezone(-distance if mark[0] == "-" else distance)


def _no_date(text: str) -> Failure:
    return unreadable(f"invalid date time format: {text[:ECHO]}", ARGUMENT)
