"""Proposals: what is offered to a contact, and the way from a draft to a yes or a no."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.errors import Problem
from dealwright.domain.naming import found, name_problem
from dealwright.domain.values import AMOUNT_LIMIT, plain

MOST: Final = 2**31 - 1
ACCEPTED_STAYS: Final = "Accepted proposals cannot be changed"


class Status(IntEnum):
    """Where a proposal stands; the numbers are stored."""

    DRAFT = 1
    SENT = 2
    ACCEPTED = 3
    REJECTED = 4


WRITTEN: Final = frozenset(
    {
        (Status.DRAFT, Status.REJECTED),
        (Status.SENT, Status.REJECTED),
        (Status.REJECTED, Status.DRAFT),
    }
)
"""From where to where a plain change may take a proposal; all other ways are deeds of their own."""
SENDING: Final = frozenset({Status.DRAFT, Status.SENT})
"""Where a proposal may stand when it is sent; it may be sent again."""
ACCEPTING: Final = frozenset({Status.SENT})
"""Where a proposal may stand when it is accepted."""


def total(price: Decimal | None, quantity: int) -> Decimal:
    """Return what a proposal comes to; one without a price comes to nothing."""
    return plain((price or Decimal(0)) * quantity)


def problems_of(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a proposal as it is to be; `before` is None for a new one."""
    wrong = found(_status_problem(before, after), name_problem("reference", after["reference"] or ""))
    price, quantity = after["price"], after["quantity"]
    if price is not None and not 0 <= price < AMOUNT_LIMIT:
        wrong.append(Problem("price", "out_of_range", "must be from 0 to below 10^15", price))
    if not 1 <= quantity <= MOST:
        wrong.append(Problem("quantity", "out_of_range", f"must be from 1 to {MOST}", quantity))
    elif price is not None and total(price, quantity) >= AMOUNT_LIMIT:
        wrong.append(Problem("price", "out_of_range", "comes to 10^15 or more", price))
    return wrong


def _status_problem(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Problem | None:
    wanted = after["status"]
    present = before["status"] if before else Status.DRAFT
    if Status.ACCEPTED in (present, wanted):
        return Problem("status", "not_allowed", ACCEPTED_STAYS, wanted)
    if wanted == present or (present, wanted) in WRITTEN:
        return None
    if wanted == Status.SENT:
        return Problem("status", "not_allowed", "A proposal is sent by the command for it", wanted)
    return Problem("status", "not_allowed", "A proposal does not go there from where it stands", wanted)
