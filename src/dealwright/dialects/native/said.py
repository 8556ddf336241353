"""From what a client says about an opportunity to a `Change` in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import UNSET

from dealwright.dialects.native import members, people, times
from dealwright.dialects.native.opportunity_shapes import OpportunityPatch
from dealwright.dialects.native.shapes import MoneySaid, UtmSaid
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.opportunity import Change
from dealwright.domain.values import AMOUNT_LIMIT
from dealwright.storage.rules import Rules

BILLINGS: Final = ("fixed", "hour", "day", "week", "month", "year")
POINTERS: Final[Mapping[str, str]] = {
    "amount": "amount/amount",
    "currency": "amount/currency",
    "responsible": "responsible_id",
    "members": "member_ids",
    "expected_close": "expected_close_on",
    "loss_reason": "loss_reason_id",
    "lead_source": "lead_source_id",
    "sharing": "shared_with",
    **{f"utm_{name}": f"utm/{name}" for name in UtmSaid.__struct_fields__},
}
"""Where our fields stand in the documents of this face."""

_PLAIN: Final = (
    *("title", "description", "stage_id", "contact_id", "team_id", "kind_id", "referrer_id", "agent_id"),
    *("periods", "probability", "reminded", "system_id"),
)
_RENAMED: Final = {"loss_reason_id": "loss_reason", "lead_source_id": "lead_source", "member_ids": "members"}
_INSTANTS: Final = ("closed_at", "won_at", "lost_at", "follow_up_at")


def change_of(said: OpportunityPatch, rules: Rules, zone: ZoneInfo) -> Change:
    """Return the change that a patch means; `zone` is where its dates are dates. Refuses with Invalid."""
    change = Change()
    members.say(change, said, _PLAIN)
    for name, ours in _RENAMED.items():
        if (value := getattr(said, name)) is not UNSET:
            setattr(change, ours, value)
    if said.billing is not UNSET:
        change.billing = BILLINGS.index(said.billing)
    if said.custom is not UNSET:
        change.custom = {int(key): value for key, value in said.custom.items()}
    _say_utm(change, said.utm)
    problems = [*_say_amount(change, said.amount), *_say_times(change, said, zone), *_say_people(change, said, rules)]
    if problems:
        raise Invalid(*problems)
    return change


def _say_utm(change: Change, utm: Any) -> None:  # noqa: ANN401
    if utm is UNSET:
        return
    for name in UtmSaid.__struct_fields__:
        value = None if utm is None else getattr(utm, name)
        if value is not UNSET:
            setattr(change, f"utm_{name}", value)


def _say_amount(change: Change, amount: Any) -> Iterator[Problem]:  # noqa: ANN401
    if amount is None:
        change.amount = None
    elif isinstance(amount, MoneySaid):
        if amount.currency is not UNSET:
            change.currency = amount.currency
        if amount.amount is not UNSET:
            change.amount = Decimal(amount.amount) + 0
            if abs(change.amount) >= AMOUNT_LIMIT:
                yield Problem("amount", "out_of_range", "must be below 10^15")


def _say_times(change: Change, said: OpportunityPatch, zone: ZoneInfo) -> Iterator[Problem]:
    for name in _INSTANTS:
        yield from times.say(change, name, getattr(said, name))
    if isinstance(said.expected_close_on, date):
        day = said.expected_close_on
        yield from times.say(change, "expected_close", datetime(day.year, day.month, day.day, tzinfo=zone))
    elif said.expected_close_on is None:
        change.expected_close = None


def _say_people(change: Change, said: OpportunityPatch, rules: Rules) -> Iterator[Problem]:
    yield from people.say(change, "responsible", said.responsible_id, rules)
    yield from people.share(change, said.shared_with, rules)
