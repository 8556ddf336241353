"""Values of ours as this dialect writes them: dates, decimals, absent members, JSON (conventions §2 and §3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

import msgspec

NO_DATE: Final = "0001-01-01T00:00:00.0000000Z"
NO_GUID: Final = "00000000-0000-0000-0000-000000000000"

FURTHEST_ZONE: Final = timedelta(hours=14)
"""Furthest that a zone may be from UTC."""

_MINUTE = timedelta(minutes=1)


class Amount(Decimal):
    """A decimal that the encoder writes with every digit, at least one place, and never an exponent."""

    __slots__ = ()

    def __str__(self) -> str:
        text = format(self, "f")
        return text if "." in text else f"{text}.0"


def moment(at: datetime | None, zone: tzinfo) -> str:
    """Return an aware instant in portal time with seven fraction digits and the zone; NO_DATE for None (§3)."""
    if at is None:
        return NO_DATE
    if getattr(zone, "key", "") == "UTC":  # most portals; the long way costs three times as much
        return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}0Z"
    text = _local(at, zone).isoformat(timespec="microseconds")
    offset = text[26:]
    return f"{text[:26]}0{'Z' if offset == '+00:00' else offset}"


def _local(at: datetime, zone: tzinfo) -> datetime:
    """Return an instant in portal time, in UTC where the format cannot say the portal's time of that day."""
    try:
        local = at.astimezone(zone)
    except OverflowError:  # at either end of the calendar
        return at.astimezone(UTC)
    offset = local.utcoffset() or timedelta()
    sayable = not offset % _MINUTE and abs(offset) <= FURTHEST_ZONE  # many were not before 1900
    return local if sayable else at.astimezone(UTC)


def without_defaults(members: dict[str, object]) -> dict[str, object]:
    """Return the members that are written: null, 0, false and the zero guid are left out, "" and [] stay (§2)."""
    return {name: value for name, value in members.items() if not _is_default(value)}


def _is_default(value: object) -> bool:
    return value is None or value in (0, NO_GUID)


def _said(value: object) -> msgspec.Raw:
    if isinstance(value, Decimal):
        return msgspec.Raw(str(value).encode())
    raise TypeError(f"{type(value).__name__} is not a value of this dialect")


_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=_said).encode


def encoded(document: object) -> bytes:
    """Return a document as JSON in UTF-8 with `/` written as `\\/` (§2).

    Takes what msgspec takes; decimals must be `Amount`, so that none is sent as text by mistake.
    """
    # A slash can only stand inside a JSON string, so that one blind replacement is right, and it is fast.
    return _encode(document).replace(b"/", b"\\/")
