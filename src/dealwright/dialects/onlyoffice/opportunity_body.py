"""The body of POST and PUT opportunity (opportunities §2.1): what it says in our words, and how it is refused."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.failures import Failure, denied
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.domain.errors import Invalid
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage import contacts

BID_TYPES: Final = Names({"FixedBid": 0, "PerHour": 1, "PerDay": 2, "PerWeek": 3, "PerMonth": 4, "PerYear": 5})
WORDS: Final = {"stage_id.unknown": "Deal milestone is not found"}

_NANO = Decimal(1).scaleb(-9)
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def creation(call: Call) -> Change:
    """Return what a new opportunity shall be; the primary contact is a participant too (§2.1 POST order).

    Refuses with 400 what cannot be read.
    """
    change = _said(call)
    primary = [change.contact_id] if isinstance(change.contact_id, int) else []
    change.members = [*call.bag.integers("members"), *primary]
    return change


def replacement(call: Call) -> Change:
    """Return what an opportunity shall be from now on: what is absent is reset, participants apart (§2.1 PUT order).

    Refuses with 400 what cannot be read.
    """
    change = _said(call)
    if members := call.bag.integers("members"):
        change.members = members
    return change


def _said(call: Call) -> Change:
    bag = call.bag
    contact = bag.integer("contactid")
    return Change(
        title=bag.text("title"),
        description=bag.text("description"),
        contact_id=contact if contact > 0 else None,
        responsible=bag.guid("responsibleid"),
        billing=bag.enum("bidType", BID_TYPES),
        amount=_amount(bag),
        currency=(bag.text("bidCurrencyAbbr") or "").upper(),
        periods=bag.integer("perPeriodValue"),
        stage_id=bag.integer("stageid"),
        probability=min(max(bag.integer("successProbability"), 0), 100),
        closed_at=call.date("actualCloseDate"),
        expected_close=call.date("expectedCloseDate"),
        custom=custom_values(bag),
        sharing=sharing(bag),
        notify=bag.boolean("isNotify"),
        zero_keeps_none=True,
        keeps_values=True,
    )


def sharing(bag: Bag) -> Sharing:
    """Return who shall see: `isPrivate` and `accessList` (§3.2)."""
    return Sharing(bag.boolean("isPrivate"), tuple(bag.guids("accessList")))


def _amount(bag: Bag) -> Decimal:
    """Return the bid to the nine places that the contract stores."""
    return bag.decimal("bidValue").quantize(_NANO, context=_WIDE)


def custom_values(bag: Bag) -> dict[int, str | None]:
    """Return the values of custom fields, trimmed; an empty one says nothing, it clears nothing (§2.1)."""
    return {field: text for field, value in bag.pairs("customFieldList") if (text := value.strip())}


def is_complete(change: Change) -> bool:
    """Tell whether the four needed fields were sent: title, responsible, currency and stage (§2.1)."""
    found = isinstance(change.stage_id, int) and change.stage_id > 0
    return found and bool(change.title and change.currency) and change.responsible != NO_GUID


async def refused(call: Call, change: Change, refusal: Invalid) -> Invalid | Failure:
    """Return how the contract refuses this: a contact that is there but hidden is 403, a missing one 400 (§2.1)."""
    wrong = {(problem.field, problem.code) for problem in refusal.problems}
    if ("contact_id", "unknown") not in wrong or not isinstance(change.contact_id, int):
        return refusal
    return denied() if await contacts.exists_for_anybody(call.db, change.contact_id) else refusal
