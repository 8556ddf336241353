"""Deals as answers of this dialect: single, in rows or just deleted, in the names the caller asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from dealwright.actions.many import Done
from dealwright.dialects.onlyoffice import documented
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, one
from dealwright.dialects.onlyoffice.writing import opportunity, opportunity_row
from dealwright.storage.opportunities import Deal

KIND: Final = "opportunity"
"""What the list parameter `type` calls an opportunity (conventions §7)."""


def single(call: Call, deal: Deal) -> Answer:
    """Answer one deal in its single form (opportunities §1.1)."""
    return named(call, one(_names(call, opportunity(call.portal, call.actor, deal))))


def deleted(call: Call, deal: Deal) -> Answer:
    """Answer a deal that was just deleted: nothing hangs on it any more (opportunities §2.2 route 9)."""
    return single(call, _bare(deal))


def all_deleted(call: Call, done: Done[Deal]) -> Answer:
    """Answer deals that were just deleted together (opportunities §2.2 routes 6 and 7)."""
    shown = (opportunity(call.portal, call.actor, _bare(deal)) for deal in done.shown)
    return named(call, everything([_names(call, each) for each in shown], done.count))


def all_changed(call: Call, done: Done[Deal]) -> Answer:
    """Answer deals that were just changed together, in their list form (opportunities §2.2 routes 4 and 5)."""
    return named(call, everything(rows(call, done.shown), done.count))


def rows(call: Call, deals: Iterable[Deal]) -> Sequence[object]:
    """Return deals in their list form (opportunities §1.1)."""
    return [_names(call, opportunity_row(call.portal, call.actor, deal)) for deal in deals]


def named(call: Call, answer: Answer) -> Answer:
    """Return the answer, which tells a client that asked for documented names that it was heard."""
    return replace(answer, headers=[documented.APPLIED]) if call.prefers_documented_names else answer


def _names(call: Call, shown: Mapping[str, object]) -> Mapping[str, object]:
    return documented.opportunity(shown) if call.wants_documented_names else shown


def _bare(deal: Deal) -> Deal:
    return Deal(replace(deal.opportunity, private=False), deal.contact)
