"""Telephone calls: who called whom, when, for how long, and whose number that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Final

from dealwright.domain.errors import Problem
from dealwright.domain.naming import NAME_LENGTH, found, name_problem, text_problem
from dealwright.domain.values import UNSET, Unset

SECONDS: Final = 2**31
PRICES: Final = 10**9
PLACES: Final = 9
TAIL: Final = 7
"""How many digits of two numbers must be the same at least where one lacks what the other begins with."""


class CallStatus(IntEnum):
    """What became of a call; the numbers are stored (and ONLYOFFICE's)."""

    INCOMING = 0
    OUTGOING = 1
    ANSWERED = 2
    MISSED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `external_id` is what the telephone system calls it, `answered_by` the uid of a user.

    `parent_id` is the call that it is a part of, such as the one that was put through; that one is no part itself.
    """

    id: int
    uid: str
    external_id: str
    dialed_at: datetime
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    from_number: str = ""
    to_number: str = ""
    status: CallStatus | None = None
    answered_by: str | None = None
    contact_id: int | None = None
    parent_id: int | None = None
    seconds: int = 0
    price: Decimal = Decimal(0)
    record_url: str | None = None
    record_seconds: int = 0

    @property
    def numbers(self) -> tuple[str, str]:
        """Both numbers, that of the other side first: whom we called, or who called us."""
        ours_first = self.status is CallStatus.OUTGOING
        return (self.to_number, self.from_number) if ours_first else (self.from_number, self.to_number)


@dataclass(slots=True, kw_only=True)
class CallChange:
    """What a deed says about a call: for each field nothing (UNSET) or a value."""

    from_number: str | Unset = UNSET
    to_number: str | Unset = UNSET
    status: CallStatus | Unset | None = UNSET
    answered_by: str | Unset | None = UNSET
    contact_id: int | Unset | None = UNSET
    parent_id: int | Unset | None = UNSET
    dialed_at: datetime | Unset = UNSET
    seconds: int | Unset = UNSET
    price: Decimal | Unset = UNSET
    record_url: str | Unset | None = UNSET
    record_seconds: int | Unset = UNSET
    system_id: str | Unset | None = UNSET


def changed(before: Call, change: CallChange) -> Call:
    """Return the call as it is after a change."""
    said = {field.name: getattr(change, field.name) for field in fields(change)}
    return replace(before, **{name: value for name, value in said.items() if value is not UNSET})


def call_problems(call: Call) -> list[Problem]:
    """Return everything about a call that cannot be kept."""
    texts = ("from_number", "to_number", "record_url", "system_id")
    problems = found(name_problem("external_id", call.external_id))
    problems += found(*(text_problem(name, getattr(call, name)) for name in texts), *_too_long(call))
    problems += [
        Problem(name, "out_of_range", "must be from 0 to 2147483647", value)
        for name in ("seconds", "record_seconds")
        if not 0 <= (value := getattr(call, name)) < SECONDS
    ]
    return problems + found(_price_problem(call.price))


def _price_problem(price: Decimal) -> Problem | None:
    if not 0 <= price < PRICES:
        return Problem("price", "out_of_range", "must be from 0 to below 10^9", price)
    if price != round(price, PLACES):
        return Problem("price", "format", f"has at most {PLACES} decimal places", price)
    return None


def _too_long(call: Call) -> Iterator[Problem]:
    for name in ("from_number", "to_number"):
        if len(getattr(call, name)) > NAME_LENGTH:
            yield Problem(name, "too_long", f"has at most {NAME_LENGTH} characters")


def digits_of(number: str) -> str:
    """Return the digits of a telephone number, without zeros and signs before them."""
    return "".join(char for char in number if char.isascii() and char.isdigit()).lstrip("0")


def is_same_number(one: str, other: str) -> bool:
    """Tell whether two spellings are of one telephone number, where one may lack the code of country or place."""
    shorter, longer = sorted((digits_of(one), digits_of(other)), key=len)
    if not shorter:
        return False
    return shorter == longer or (len(shorter) >= TAIL and longer.endswith(shorter))
