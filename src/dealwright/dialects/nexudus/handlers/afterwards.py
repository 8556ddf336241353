"""What follows from a write that is done: it is finished even where the rules move meanwhile, and never done again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from dealwright.actions.contacts import EDIT
from dealwright.dialects.nexudus.handling import Call
from dealwright.domain.errors import Conflict, RulesMoved

T = TypeVar("T")
_TRIES: Final = 5


async def afterwards(call: Call, deed: Callable[[Call], Awaitable[T]]) -> T:
    """Do what belongs to a customer that was written, by the present rules.

    Who may make a customer may finish it: the right to change one is lent. A request must not be repeated from its
    start, so a deed that RulesMoved stopped is tried again by itself; it has to bear that.
    """
    for _ in range(_TRIES):
        stamp = call.db.rules.stamp
        actor = replace(call.actor, rights=call.actor.rights | {EDIT}, stamp=stamp)
        try:
            return await deed(call._replace(actor=actor))
        except RulesMoved:
            await call.db.refresh()
    raise Conflict("the customer was written, but the portal's rules are changing right now")
