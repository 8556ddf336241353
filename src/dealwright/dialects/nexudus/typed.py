"""One wire value in, one typed value out, whatever member or filter it is for (conventions §8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from dealwright.dialects.nexudus import enums
from dealwright.dialects.nexudus.entity import Member
from dealwright.domain.text import is_storable
from dealwright.domain.values import AMOUNT_LIMIT, plain

Convert = Callable[[object], object]

ID_LIMIT: Final = 2**31
INT_LIMIT: Final = 2**31
LONG_LIMIT: Final = 2**63
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,4})?")
_TOP: Final = Decimal(AMOUNT_LIMIT)
_BILLIONTH: Final = Decimal(1).scaleb(-9)
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
_DATE_LENGTH: Final = 40


class Refused(ValueError):
    """A value that its type does not allow; `code` is one of the domain's, the text says what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CustomValue(NamedTuple):
    """One item of CustomFields as sent: the field's name, and a text, number, yes/no or null."""

    name: str
    value: str | int | Decimal | bool | None


def _wrong() -> Refused:
    return Refused("type", "is not a valid value")


def whole(sent: object) -> int:
    """Read an integer of 64 bits from a number or its text; 5.0 is 5."""
    if type(sent) is int:
        number = sent
    elif isinstance(sent, str) and _WHOLE.fullmatch(sent.strip()):
        number = int(sent)
    else:
        number = _integral(sent)
    if not -LONG_LIMIT <= number < LONG_LIMIT:
        raise Refused("out_of_range", "is out of range")
    return number


def _integral(sent: object) -> int:
    if isinstance(sent, Decimal) and _is_within(sent) and sent == sent.quantize(_ONE):
        return int(sent.quantize(_ONE))
    raise _wrong()


def integer(sent: object) -> int:
    """Read an integer of 32 bits, which is what the contract's `int` is."""
    number = whole(sent)
    if not -INT_LIMIT <= number < INT_LIMIT:
        raise Refused("out_of_range", "is out of range")
    return number


def reference(sent: object) -> int:
    """Read the id of one of our records; an id that none can have is refused like one that none has."""
    number = whole(sent)
    if not 0 < number < ID_LIMIT:
        raise Refused("unknown", "does not exist")
    return number


def decimal(sent: object) -> Decimal:
    """Read an exact amount: at most nine decimal places, below 10^15 either side of zero."""
    if type(sent) is int and -AMOUNT_LIMIT < sent < AMOUNT_LIMIT:
        return Decimal(sent)
    amount = _amount(sent)
    if not _is_within(amount):
        raise Refused("out_of_range", "must be below 10^15")
    if amount != amount.quantize(_BILLIONTH):
        raise Refused("out_of_range", "has more than nine decimal places")
    return plain(amount) if amount else _ZERO


def _is_within(amount: Decimal) -> bool:
    # Asked before anything is computed with it: 1e999999 costs nothing that way.
    return amount.is_finite() and -_TOP < amount < _TOP


def _amount(sent: object) -> Decimal:
    if isinstance(sent, Decimal):
        return sent
    if type(sent) is int:
        return _TOP
    if isinstance(sent, str) and _DECIMAL.fullmatch(sent.strip()):
        return Decimal(sent.strip())
    raise _wrong()


def boolean(sent: object) -> bool:
    """Read true or false, also as text or as 1 and 0 (conventions §3, Bodies)."""
    if sent is True or sent is False:
        return sent
    if isinstance(sent, str | int):
        known = _BOOLEANS.get(str(sent).strip().lower())
        if known is not None:
            return known
    raise _wrong()


def instant(sent: object) -> datetime:
    """Read an ISO date, with or without time; without a zone it is UTC. Digits beyond a microsecond are cut."""
    if not isinstance(sent, str) or len(sent) > _DATE_LENGTH:
        raise _wrong()
    text = sent.strip()
    try:
        moment = _parsed(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong() from None


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # A plus sign that a client did not escape arrives in a query string as a blank.
        return datetime.fromisoformat("+".join(text.rsplit(" ", 1)))


def text(sent: object) -> str:
    """Read a text; a number is taken as it is written. NUL and lone surrogates cannot be stored."""
    if type(sent) is int or isinstance(sent, Decimal):
        return str(sent)
    if not isinstance(sent, str):
        raise _wrong()
    if not is_storable(sent):
        raise Refused("format", "holds a character that cannot be stored")
    return sent


def needed_text(sent: object) -> str:
    """Read a text that must say something."""
    said = text(sent)
    if not said.strip():
        raise Refused("required", "is a required field")
    return said


def ids(sent: object, one: Callable[[object], int]) -> tuple[int, ...]:
    """Read a list of ids, each once; as text `1,2` or `[1,2]`."""
    if isinstance(sent, str):
        sent = [part for part in sent.strip().removeprefix("[").removesuffix("]").split(",") if part.strip()]
    if not isinstance(sent, list):
        raise _wrong()
    return tuple(dict.fromkeys(one(item) for item in sent))


def enumerated(sent: object, enum: str) -> int:
    """Read a number of the enum, or a name of it in any case; others are refused (crm §1).

    Of a list that the portal manages any number is read: the deed refuses those that the list does not hold.
    """
    number = enums.number_of(enum, sent.strip()) if isinstance(sent, str) else None
    if number is None:
        number = whole(sent)
    if enum not in enums.MANAGED and number not in enums.ENUMS[enum]:
        raise Refused("out_of_range", "is not one of the known values")
    return number


def custom_fields(sent: object) -> tuple[CustomValue, ...]:
    """Read `{"Data": [{"Name", "Value"}]}`; what else stands in an item is ignored."""
    if not isinstance(sent, dict) or not isinstance(sent.get("Data"), list):
        raise _wrong()
    return tuple(_custom_value(item) for item in sent["Data"])


def _custom_value(item: object) -> CustomValue:
    if not isinstance(item, dict) or not isinstance(item.get("Name"), str):
        raise _wrong()
    value = item.get("Value")
    if isinstance(value, str):
        value = text(value)
    elif isinstance(value, list | dict):
        raise _wrong()
    return CustomValue(text(item["Name"]), value)


_CONVERTERS: Final[Mapping[str, Convert]] = {
    "str": text,
    "int": integer,
    "bool": boolean,
    "dec": decimal,
    "dt": instant,
    "fields": custom_fields,
}


def converter(member: Member, required: bool = False) -> Convert:
    """Return what reads a member's value from a body; `required` texts must say something."""
    if member.enum:
        return partial(enumerated, enum=member.enum)
    if member.base == "int[]":
        return partial(ids, one=reference if member.to else whole)
    if member.is_reference:
        return reference if member.to else whole
    return needed_text if required and member.base == "str" else _CONVERTERS[member.base]
