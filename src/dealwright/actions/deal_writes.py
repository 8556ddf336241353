"""What a deed on a deal comes to: the deal as it will be and the writes that make it so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from dealwright.actions.deed import happened, new_uid, posted, recorded, values_of
from dealwright.actions.stage_entry import entering, set_off
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.currency import converted
from dealwright.domain.custom_field import values_after
from dealwright.domain.errors import Invalid
from dealwright.domain.event import Event, closing_kind
from dealwright.domain.opportunity import (
    Change,
    Opportunity,
    Sharing,
    changed,
    differences,
    missing_requirements,
    priced,
)
from dealwright.domain.pipeline import Stage
from dealwright.domain.place import Neighbours, at_end, between, spread
from dealwright.domain.values import UNSET
from dealwright.storage import opportunities as store
from dealwright.storage import opportunity_rows as rows
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal, Loaded
from dealwright.storage.writes import Made, Write


@dataclass(slots=True)
class Decision:
    """The deal as it will be, and the writes that make it so (none: nothing differs)."""

    deal: Deal
    writes: list[Write] = field(default_factory=list)


async def decide(
    db: Database, actor: Actor, loaded: Loaded, change: Change, stage: Stage, at: datetime, crowded: int
) -> Decision:
    """Return what a change of a loaded deal comes to. Refuses with Invalid what the stage or a field forbids."""
    old = loaded.deal
    before = old.opportunity
    after = changed(before, change, stage, at)
    after.amount, after.currency = _price(db, before, change, stage)
    moved = after.stage_id != before.stage_id
    if moved:
        _check_requirements(after, stage)
    new = _surroundings(db, actor, loaded, change, after)
    entered = await entering(db, stage, after.contact_id) if moved else None
    entered = entered.freed(old, new) if entered else None
    await _place(db, loaded, change, after, moved, crowded)
    names = differences(before, after)
    links = _link_writes(after.id, old, new)
    if not names and not links and change.updated_at is UNSET:
        return Decision(old)
    after.version = before.version + 1
    after.updated_by = actor.by
    after.updated_at = at if change.updated_at is UNSET else change.updated_at
    writes = [rows.updated(after, names, before.version), *links]
    writes += rows.counted(before, after)
    if {"title", "description"} & set(names):
        writes.append(rows.searchable(after, after.id))
    if moved:
        writes.append(rows.visited(after, after.id, before, new_uid()))
    writes += _mails(actor, change, new, at)
    event = _changed_event(actor, at, names, old, new)
    writes.append(recorded(event, after.id))
    if entered:
        writes += set_off(db.rules, actor, entered, after, after.id, event)
    return Decision(new, writes)


async def decide_creation(
    db: Database,
    actor: Actor,
    loaded: Loaded,
    change: Change,
    stage: Stage,
    at: datetime,
    crowded: int,
    uid: str | None = None,
) -> Decision:
    """Return what the creation of a deal comes to. The primary contact becomes a participant where any are named."""
    blank = replace(loaded.deal.opportunity, uid=uid or new_uid(), created_at=at, created_by=actor.by)
    after = changed(blank, change, stage, at, entering=True)
    after.amount, after.currency = _price(db, blank, change, stage)
    after.updated_by, after.moved_at = actor.by, at
    after.updated_at = at if change.updated_at is UNSET else change.updated_at
    _check_requirements(after, stage)
    new = _surroundings(db, actor, loaded, change, after)
    entered = await entering(db, stage, after.contact_id)
    entered = entered.freed(loaded.deal, new) if entered else None
    await _place(db, loaded, change, after, True, crowded)
    writes: list[Write] = [rows.inserted(after)]
    writes += [*_link_writes(rows.NEW, Deal(blank), new), *rows.counted(None, after)]
    writes += [rows.searchable(after, rows.NEW), rows.visited(after, rows.NEW, None, new_uid())]
    writes += _mails(actor, change, new, at)
    kinds = ["opportunity.created", *_closing(blank, after)]
    facts = {name: value for name in differences(blank, after) if (value := getattr(after, name)) is not None}
    event = happened(actor, at, "opportunity", kinds, None, {**facts, **_links_of(new)})
    writes.append(recorded(event, rows.NEW))
    if entered:
        writes += set_off(db.rules, actor, entered, after, rows.NEW, event)
    return Decision(new, writes)


def decide_removal(actor: Actor, deal: Deal, at: datetime) -> Decision:
    """Return what moving a deal to the trash comes to."""
    gone = replace(deal.opportunity, updated_by=actor.id)
    writes = [*rows.trashed(gone, deal.opportunity.version, at), *rows.counted(deal.opportunity, None)]
    writes.append(recorded(happened(actor, at, "opportunity", ["opportunity.deleted"]), gone.id))
    return Decision(deal, writes)


def decide_return(actor: Actor, deal: Deal, since: int, stage: Stage, position: int, at: datetime) -> Decision:
    """Return what taking a deal back from the trash comes to; it goes to the given place of the stage."""
    before = deal.opportunity
    back = replace(before, stage_id=stage.id, position=position, updated_at=at, updated_by=actor.id)
    writes = [*rows.returned(back, before.version, since), *rows.counted(None, back)]
    if before.stage_id != stage.id:
        back.moved_at = at
        writes.append(rows.visited(back, back.id, before if before.stage_id else None, new_uid()))
    writes.append(recorded(happened(actor, at, "opportunity", ["opportunity.restored"]), back.id))
    return Decision(replace(deal, opportunity=back), writes)


def _price(db: Database, before: Opportunity, change: Change, stage: Stage) -> tuple[Decimal | None, str | None]:
    if not change.amount_is_local:
        return priced(before, change, None, "")
    rules = db.rules
    old = rules.stages.get(before.stage_id)
    shown = before.amount
    if shown is not None and before.currency is not None and old is not None:
        shown = converted(shown, rules.rates, before.currency, rules.location_of_stage(old.id).currency)
    return priced(before, change, shown, rules.location_of_stage(stage.id).currency)


def _check_requirements(after: Opportunity, stage: Stage) -> None:
    if stage.required_fields and (problems := missing_requirements(after, stage)):
        raise Invalid(*problems)


def _surroundings(db: Database, actor: Actor, loaded: Loaded, change: Change, after: Opportunity) -> Deal:
    """Return the deal with the links it will have; sets `private` on the way."""
    old = loaded.deal
    primary = old.contact
    if after.contact_id != old.opportunity.contact_id:
        primary = loaded.refs[after.contact_id] if after.contact_id is not None else None
    shared = _sharing(actor, old, change)
    after.private = shared.private
    return Deal(
        after,
        contact=primary,
        members=_members(actor, loaded, change),
        shared_with=tuple(sorted(shared.users)),
        custom=values_after(db.rules.fields, {"opportunity"}, old.custom, change.custom, change.keeps_values),
        tags=old.tags,
    )


def _sharing(actor: Actor, old: Deal, change: Change) -> Sharing:
    created_by = old.opportunity.created_by
    if change.sharing is UNSET or not (actor.is_crm_admin or created_by in (actor.id, None)):
        return Sharing(old.opportunity.private, old.shared_with)
    return change.sharing.by(actor.uid)


def _members(actor: Actor, loaded: Loaded, change: Change) -> tuple[Brief, ...]:
    if change.members is UNSET:
        return loaded.deal.members
    present = {brief.id: brief for brief in loaded.deal.members}
    seen = {key: brief for key, brief in loaded.refs.items() if brief.seen_by(actor)} | present
    return tuple(seen[one] for one in sorted(set(change.members) & seen.keys()))


async def _place(db: Database, loaded: Loaded, change: Change, after: Opportunity, moved: bool, crowded: int) -> None:
    """Give the deal the place it asks for, or the end of the stage it enters."""
    if change.position is UNSET or (not moved and change.position == loaded.deal.opportunity.position):
        if moved:
            after.position = _end(db, after.stage_id, loaded.around.last, crowded)
        return
    around = loaded.around
    if not moved and change.stage_id is UNSET:
        around = await store.prepare_place(db, after.id, after.stage_id, change.position)
    if around.after is None:
        after.position = _end(db, after.stage_id, around.last, crowded)
        return
    place = between(change.position, around)
    after.position = place if place is not None else await _make_room(db, after, around)


def _end(db: Database, stage_id: int, last: int | None, crowded: int) -> int:
    position = at_end(db.places.last(stage_id, last), crowded)
    db.places.take(stage_id, position)
    return position


async def _make_room(db: Database, deal: Opportunity, around: Neighbours) -> int:
    """Move the cards behind a full place away, the farthest first: their order holds after every single step."""
    assert around.before is not None
    cards = await store.following(db, deal.stage_id, around.before + 1, deal.id)
    free, shifts = spread(around.before, cards)
    old = dict(cards)
    for card, position in sorted(shifts.items(), key=lambda shift: -shift[1]):
        await db.apply([rows.shifted(card, old[card], position)])
    return free


def _link_writes(ident: int | Made, old: Deal, new: Deal) -> list[Write]:
    before, after = (brief.id for brief in old.members), (brief.id for brief in new.members)
    return [
        *rows.linked(ident, before, after),
        *rows.shared(ident, old.shared_with, new.shared_with),
        *rows.valued(ident, old.custom, new.custom),
    ]


def _mails(actor: Actor, change: Change, new: Deal, at: datetime) -> list[Write]:
    if not change.notify or not new.opportunity.private:
        return []
    payload = {"title": new.opportunity.title, "uid": new.opportunity.uid, "by": actor.name}
    return [posted("mail.shared", {**payload, "to_uid": uid}, at) for uid in new.shared_with if uid != actor.uid]


def _closing(before: Opportunity, after: Opportunity) -> list[str]:
    kind = closing_kind(before.outcome, after.outcome)
    return [kind] if kind else []


def _links_of(deal: Deal) -> dict[str, Any]:
    found = {
        "members": [brief.id for brief in deal.members],
        "shared_with": list(deal.shared_with),
        "custom": {str(key): value for key, value in deal.custom.items()},
    }
    return {name: value for name, value in found.items() if value}


def _changed_event(actor: Actor, at: datetime, names: list[str], old: Deal, new: Deal) -> Event:
    before, after = values_of(old.opportunity, names), values_of(new.opportunity, names)
    links_before, links_after = _links_of(old), _links_of(new)
    for name in {*links_before, *links_after}:
        if links_before.get(name) != links_after.get(name):
            before[name], after[name] = links_before.get(name), links_after.get(name)
    kinds = ["opportunity.changed"]
    if "stage_id" in names:
        kinds.append("opportunity.moved")
    if "shared_with" in before or "private" in names:
        kinds.append("opportunity.shared")
    kinds += _closing(old.opportunity, new.opportunity)
    return happened(actor, at, "opportunity", kinds, before, after)
