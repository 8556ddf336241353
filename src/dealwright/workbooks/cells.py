"""What a cell of a workbook says: its number by its format becomes the text that a person would have typed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

Shown = Callable[[str], str]
"""Makes the text of a number as the file has it."""

_WHOLE: Final = re.compile(r"0|-?[1-9]\d*")
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ZEROS: Final = re.compile(r"0{2,20}")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EASTERN_DATES: Final = frozenset((*range(27, 37), *range(50, 59)))
"""Numbers of formats that are dates in the East of Asia, and in files from there."""


def unescaped(text: str) -> str:
    """Return a text with the characters that XML cannot hold, which a workbook writes as `_x000D_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code < 0xE000 else chr(code)


def shown(number: int, codes: Mapping[int, str], since_1904: bool) -> Shown:
    """Return how the numbers of a format are shown: it has a number, and a code where the file or the standard says.

    Dates are ISO, percentages have their sign, zeros that a format puts before a number stay.
    """
    from openpyxl.styles.numbers import (  # noqa: PLC0415 - only if needed
        BUILTIN_FORMATS,
        is_date_format,
        is_timedelta_format,
    )

    code = codes.get(number) or BUILTIN_FORMATS.get(number) or "General"
    first = _QUOTED.sub("", code.partition(";")[0])
    if is_timedelta_format(code):
        return partial(_moment, since_1904, True)
    if number in _EASTERN_DATES or is_date_format(code):
        return partial(_moment, since_1904, False)
    if "%" in first:
        return _percentage
    return partial(_padded, len(first)) if _ZEROS.fullmatch(first) else plain


def plain(text: str) -> str:
    """Return a number without an exponent, and without what only the arithmetic of floats has added to it."""
    if _WHOLE.fullmatch(text):
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    if not math.isfinite(value):
        return text
    rounded = f"{value:.15g}"
    near = abs(float(rounded) - value) <= 2 * math.ulp(value)
    return _digits(Decimal(rounded if near else repr(value)))


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def _percentage(text: str) -> str:
    found = plain(text)
    return f"{_digits(Decimal(found) * 100)}%" if _is_number(found) else found


def _padded(places: int, text: str) -> str:
    found = plain(text)
    return found.zfill(places) if found.isdecimal() else found


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _moment(since_1904: bool, is_length: bool, text: str) -> str:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415

    try:
        found = from_excel(float(text), MAC_EPOCH if since_1904 else WINDOWS_EPOCH, is_length)
    except (ValueError, OverflowError):
        return plain(text)
    return _said(found)


def _said(found: object) -> str:
    """Return a moment, a time of day or a length of time as text; midnight is the whole day."""
    if isinstance(found, timedelta):
        minutes, seconds = divmod(int(found.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(found, datetime):
        midnight = found.time() == time()
        return found.date().isoformat() if midnight else found.isoformat(" ")
    return str(found)


def dated(text: str) -> str:
    """Return a date that the file has as text, as `shown` would say it."""
    try:
        return _said(datetime.fromisoformat(text))
    except ValueError:
        return text
