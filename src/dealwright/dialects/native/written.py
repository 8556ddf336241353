"""From our records to the shapes that go over the wire."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from dealwright.dialects.native import opportunity_shapes, shapes
from dealwright.dialects.native.said import BILLINGS, POINTERS
from dealwright.dialects.native.shapes import BillingName, ContactCard, Money, OutcomeName, Person, Utm
from dealwright.dialects.native.stamps import stamps
from dealwright.domain.contact import Brief
from dealwright.domain.opportunity import Opportunity
from dealwright.domain.people import User
from dealwright.domain.pipeline import Location, Outcome, Pipeline, Stage
from dealwright.storage.board import Card, CardContact
from dealwright.storage.opportunities import Deal
from dealwright.storage.rules import Rules
from dealwright.storage.totals import StageTotal

OUTCOMES: Final[dict[Outcome, OutcomeName]] = {Outcome.OPEN: "open", Outcome.WON: "won", Outcome.LOST: "lost"}
OUTCOMES_BY_NAME: Final = {name: outcome for outcome, name in OUTCOMES.items()}
_EXACT: Final = Context(prec=80)


def decimal_text(amount: Decimal) -> str:
    """Return an amount as decimal text with two places or as many more as it has."""
    exponent = amount.as_tuple().exponent
    return f"{amount:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{amount:f}"


def day_of(moment: datetime | None, zone: ZoneInfo) -> date | None:
    """Return the calendar day of an instant in a time zone."""
    if moment is None:
        return None
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the first or the last day of all
        return moment.astimezone(UTC).date()


def location_of(rules: Rules, deal: Opportunity) -> Location:
    """Return where a deal stands; in the trash its stage may be gone."""
    return rules.location_of_stage(deal.stage_id) if deal.stage_id in rules.stages else rules.location


def money(deal: Opportunity | Card, location: Location) -> Money | None:
    """Return what a deal is worth, None where it is not priced."""
    if deal.amount is None:
        return None
    return Money(amount=decimal_text(deal.amount), currency=deal.currency or location.currency)


def _billing(number: int) -> BillingName | Literal["other"]:
    return BILLINGS[number] if 0 <= number < len(BILLINGS) else "other"


def user_id(rules: Rules, uid: str | None) -> int | None:
    """Return the id of somebody by uid, None where the portal knows nobody of this uid."""
    user = rules.users_by_uid.get(uid) if uid else None
    return user.id if user else None


def _shared_with(rules: Rules, deal: Deal) -> list[int] | None:
    if not deal.opportunity.private:
        return None
    return sorted(user.id for uid in deal.shared_with if (user := rules.users_by_uid.get(uid)))


def opportunity(rules: Rules, deal: Deal, include: Collection[str] = ()) -> opportunity_shapes.Opportunity:
    """Return a deal with the related records that `include` names."""
    own = deal.opportunity
    location = location_of(rules, own)
    return opportunity_shapes.Opportunity(
        **stamps(own),
        title=own.title,
        description=own.description,
        stage_id=own.stage_id,
        outcome=OUTCOMES[own.outcome],
        completed=own.completed,
        contact_id=own.contact_id,
        member_ids=[brief.id for brief in deal.members],
        team_id=own.team_id,
        kind_id=own.kind_id,
        responsible_id=user_id(rules, own.responsible),
        responsible_uid=own.responsible,
        referrer_id=own.referrer_id,
        agent_id=own.agent_id,
        amount=money(own, location),
        billing=_billing(own.billing),
        periods=own.periods,
        probability=own.probability,
        expected_close_on=day_of(own.expected_close, ZoneInfo(location.time_zone)) if own.expected_close else None,
        closed_at=own.closed_at,
        won_at=own.won_at,
        lost_at=own.lost_at,
        moved_at=own.moved_at,
        loss_reason_id=own.loss_reason,
        lead_source_id=own.lead_source,
        follow_up_at=own.follow_up_at,
        reminded=own.reminded,
        utm=_utm(own),
        shared_with=_shared_with(rules, deal),
        tags=list(deal.tags),
        custom={str(key): value for key, value in deal.custom.items()},
        stage=_stage_of(rules, own) if "stage" in include else UNSET,
        contact=contact_card(deal.contact) if "contact" in include else UNSET,
        responsible=person(rules.users_by_uid.get(own.responsible or "")) if "responsible" in include else UNSET,
    )


def _utm(own: Opportunity) -> Utm:
    return Utm(
        source=own.utm_source,
        medium=own.utm_medium,
        campaign=own.utm_campaign,
        content=own.utm_content,
        term=own.utm_term,
    )


def _stage_of(rules: Rules, deal: Opportunity) -> shapes.Stage | UnsetType:
    return stage(rules.stages[deal.stage_id]) if deal.stage_id in rules.stages else UNSET


def contact_card(brief: Brief | CardContact | None) -> ContactCard | None:
    """Return the card of a contact."""
    if brief is None:
        return None
    kind: Literal["person", "company"] = "company" if brief.is_company else "person"
    return ContactCard(id=brief.id, kind=kind, name=brief.display_name, email=brief.email)


def person(user: User | None) -> Person | None:
    """Return somebody who signs in."""
    return None if user is None else Person(id=user.id, uid=user.uid, name=user.name, email=user.email)


def card(rules: Rules, location: Location, own: Card) -> opportunity_shapes.Card:
    """Return a card of the board; `location` is that of its pipeline."""
    return opportunity_shapes.Card(
        id=own.id,
        uid=own.uid,
        version=own.version,
        title=own.title,
        stage_id=own.stage_id,
        position=own.position,
        outcome=OUTCOMES[own.outcome],
        contact=contact_card(own.contact),
        responsible_id=user_id(rules, own.responsible),
        amount=money(own, location),
        probability=own.probability,
        expected_close_on=day_of(own.expected_close, ZoneInfo(location.time_zone)),
        follow_up_at=own.follow_up_at,
        tags=list(own.tags),
    )


def pipeline(rules: Rules, record: Pipeline) -> shapes.Pipeline:
    """Return a pipeline."""
    location = rules.locations[record.location_id]
    return shapes.Pipeline(
        id=record.id,
        uid=record.uid,
        name=record.name,
        location_id=record.location_id,
        currency=location.currency,
        time_zone=location.time_zone,
        is_default=record.id == rules.default_pipeline.id,
        archived=record.archived,
        system_id=record.system_id,
        created_at=record.stamps.created_at,
        updated_at=record.stamps.updated_at,
    )


def stage(record: Stage) -> shapes.Stage:
    """Return a stage."""
    return shapes.Stage(
        id=record.id,
        uid=record.uid,
        pipeline_id=record.pipeline_id,
        title=record.title,
        description=record.description,
        color=record.color,
        position=record.position,
        probability=record.probability,
        outcome=OUTCOMES[record.outcome],
        expected_days=record.expected_days,
        required_fields=[member_of(name) for name in record.required_fields],
        system_id=record.system_id,
        created_at=record.stamps.created_at,
        updated_at=record.stamps.updated_at,
    )


def member_of(field: str) -> str:
    """Return the member that holds a field of ours, as a path with dots: `utm.source`."""
    path = POINTERS.get(field, field)
    return "amount" if field == "amount" else path.replace("/", ".")


def stage_totals(stage_id: int, total: StageTotal, local: str) -> opportunity_shapes.StageTotals:
    """Return what stands in a stage; amounts without a currency are in the location's (`local`)."""
    sums: dict[str, Decimal] = {}
    for currency, amount in total.amounts.items():
        sums[currency or local] = _EXACT.add(sums.get(currency or local, Decimal(0)), amount)
    return opportunity_shapes.StageTotals(
        stage_id=stage_id,
        count=total.deals,
        priced_count=total.priced,
        due_count=total.due,
        amounts=[opportunity_shapes.Total(amount=decimal_text(sums[code]), currency=code) for code in sorted(sums)],
    )


def totals_of(
    rules: Rules, totals: Mapping[int, StageTotal], stage_ids: Sequence[int]
) -> list[opportunity_shapes.StageTotals]:
    """Return the totals of stages in this order."""
    return [
        stage_totals(one, totals[one], rules.location_of_stage(one).currency)
        for one in dict.fromkeys(stage_ids)
        if one in rules.stages
    ]
