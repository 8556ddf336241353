"""Opportunities: how a deal is shown, and what a body says about one (crm §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from dealwright.actions import opportunities
from dealwright.dialects.nexudus.entities.crmopportunities import CRM_OPPORTUNITY
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import (
    Values,
    custom_change,
    custom_items,
    responsible_values,
    stage_values,
    standard,
    user_uid,
)
from dealwright.dialects.nexudus.sources import Tables, Walk
from dealwright.domain.currency import converted
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.opportunity import Change
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import UNSET
from dealwright.storage import records_cards
from dealwright.storage.records_cards import Card
from dealwright.storage.rules import Rules

_AS_STORED: Final = (
    *("title", "stage_id", "position", "contact_id", "team_id", "kind_id", "referrer_id", "agent_id", "description"),
    *("completed", "follow_up_at", "reminded", "lead_source", "loss_reason", "won_at", "lost_at", "moved_at"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
    *("contact.display_name", "contact.company_name", "contact.email"),
    *("team.name", "team.description", "team.profile_website"),
)
_COMPANY: Final = 2
WALKS: Final[Mapping[str, Walk]] = {
    "outcome": ("outcome", lambda status: status - 1),
    "contact.kind": ("contact.is_company", lambda kind: kind == _COMPANY),
}


async def _one(call: Call, record_id: int) -> Card:
    return await records_cards.read(call.db, call.actor, record_id)


async def _gone(call: Call, record_id: int) -> Card:
    return await records_cards.read(call.db, call.actor, record_id, trashed=True)


async def _many(call: Call, ids: Sequence[int]) -> list[Card]:
    return await records_cards.read_many(call.db, call.actor, ids)


def shown(rules: Rules, card: Card) -> Values:
    """Return a deal in our words as this vendor shows it: its value in the currency of its location (crm §4)."""
    kind = rules.kinds.get(card["kind_id"] or 0)
    is_company = card["contact.is_company"]
    stamps = (card["created_at"], card["updated_at"], card["updated_by"])
    return {
        **standard(rules, card["id"], card["uid"], card["system_id"], stamps),
        **{name: card[name] for name in _AS_STORED},
        **stage_values(rules, card["stage_id"]),
        **responsible_values(rules, card["responsible"]),
        "contact.kind": None if is_company is None else _COMPANY if is_company else 1,
        "kind.name": kind.values["name"] if kind else None,
        "amount": _shown_amount(rules, card),
        "outcome": card["outcome"] + 1,
        "custom": custom_items(rules, card["custom"], "opportunity"),
    }


def _shown_amount(rules: Rules, card: Card) -> Decimal | None:
    amount: Decimal | None = card["amount"]
    currency: str | None = card["currency"]
    if amount is None or currency is None:
        return amount
    return converted(amount, rules.rates, currency, rules.location_of_stage(card["stage_id"]).currency)


def change_of(rules: Rules, body: Body) -> Change:
    """Return what a body says about a deal. Refuses with Invalid a responsible or a custom field that is not there."""
    said: dict[str, Any] = dict(body.values)
    said["responsible"] = user_uid(rules, said["responsible"])
    if isinstance(said["outcome"], int):
        said["outcome"] = Outcome(said["outcome"] - 1)
    if "custom" in said:
        said["custom"] = custom_change(rules, said["custom"], "opportunity")
    return Change(**said, amount_is_local=True)


async def create(call: Call, body: Body) -> Done:
    """Make a deal; see actions.opportunities.create."""
    deal = await opportunities.create(call.db, call.actor, change_of(call.db.rules, body))
    return Done(deal.opportunity.id, deal.opportunity.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Replace a deal; see actions.opportunities.change. No customer may be told where the deal has none (domain)."""
    said = change_of(call.db.rules, body)
    if body.owed:
        await _forgive(call, body)
        said.contact_id = UNSET
    deal = await opportunities.change(call.db, call.actor, body.id, said)
    return Done(deal.opportunity.id, deal.opportunity.updated_at)


async def _forgive(call: Call, body: Body) -> None:
    """Refuse with Invalid unless the stored deal has no customer either."""
    try:
        card = await _one(call, body.id)
    except NotFound:
        card = None
    if card is None or card["contact_id"] is not None:
        raise invalid("contact_id", "required", "is a required field")


async def remove(call: Call, record_id: int) -> Done:
    """Move a deal to the trash; see actions.opportunities.delete."""
    deal = await opportunities.delete(call.db, call.actor, record_id)
    return Done(deal.opportunity.id, deal.opportunity.updated_at)


OPPORTUNITIES: Final = Handler(
    entity=CRM_OPPORTUNITY,
    source=Tables(CRM_OPPORTUNITY, "opportunity", _one, _many, shown, WALKS, _gone),
    create=create,
    change=change,
    remove=remove,
    checked=frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE}),
)
