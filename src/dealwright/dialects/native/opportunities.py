"""Opportunities in our own API: list, get, create, change, move, win, lose, to the trash and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import UNSET

from dealwright.actions import opportunities as deals
from dealwright.actions import stages
from dealwright.dialects.native import listing, pages
from dealwright.dialects.native.conditions import tag_of
from dealwright.dialects.native.listing import ListQuery, RecordQuery
from dealwright.dialects.native.opportunity_shapes import (
    MEMBERS,
    Lose,
    Move,
    Moved,
    Opportunity,
    OpportunityDraft,
    OpportunityPatch,
    Restore,
    Win,
)
from dealwright.dialects.native.pages import Source
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.said import POINTERS, change_of
from dealwright.dialects.native.shapes import Listing
from dealwright.dialects.native.shelves import Shelf
from dealwright.dialects.native.written import opportunity as written
from dealwright.dialects.native.written import totals_of
from dealwright.domain.errors import Forbidden, NotFound, invalid
from dealwright.domain.opportunity import Change
from dealwright.domain.values import UNSET as UNSAID
from dealwright.storage import opportunities as store
from dealwright.storage import opportunity_lists, opportunity_pages
from dealwright.storage.opportunities import Deal

_PATH: Final = "/opportunities"
_ONE: Final = "/opportunities/{id}"
_SHELF: Final = Shelf(_PATH, written, deals.get, store.read)

# Reading ----------------------------------------------------------------------------------------------------


async def list_opportunities(call: Call, query: ListQuery) -> Reply[Listing[Opportunity]]:
    """List opportunities.

    Page by page in the order of `sort`; missing values come first, or last where an order is turned round. The
    cursor of one list is no cursor of another.
    """
    db, actor = call.db, call.actor
    actor.require(deals.LIST)
    pages.check_members(query.fields, MEMBERS)
    keys, criteria = listing.keys_of(query), listing.criteria_of(query, db.rules, actor)
    source = Source(
        lambda after, limit: opportunity_pages.find_places(db, actor, criteria, keys, after, limit),
        lambda ids: _read_many(call, ids),
        lambda: opportunity_lists.total(db, actor, criteria),
    )
    this = listing.about(query, criteria)
    return await pages.page(call, query, this, source, lambda deal: listing.shown(db.rules, deal, query))


async def _read_many(call: Call, ids: Sequence[int]) -> Sequence[Deal]:
    """Return the deals of a page; where there are none nothing else has looked at the rules stamp."""
    found = await store.read_many(call.db, call.actor, ids)
    if not found:
        await store.confirm(call.db, call.actor)
    return found


async def get_opportunity(call: Call, query: RecordQuery) -> Reply[Opportunity]:
    """Get an opportunity.

    The default body has an `ETag`, its version; with `fields` or `include` there is none.
    """
    pages.check_members(query.fields, MEMBERS)
    deal = await deals.get(call.db, call.actor, call.id)
    tag = tag_of(deal.opportunity.version) if listing.is_default(query) else None
    return Reply(listing.shown(call.db.rules, deal, query), tag)


# Writing ----------------------------------------------------------------------------------------------------


async def create_opportunity(call: Call, body: OpportunityDraft) -> Reply[Opportunity]:
    """Create an opportunity in a stage; what the stage brings follows."""
    change = await _change_of(call, body)
    change.amount_is_local = change.amount is not UNSAID and change.currency is UNSAID
    return _SHELF.made(call, await deals.create(call.db, call.actor, change))


async def change_opportunity(call: Call, body: OpportunityPatch) -> Reply[Opportunity]:
    """Change an opportunity by a merge patch.

    A change of the stage is a move to its end. `If-Match` guards against overwriting somebody else's change.
    """
    change = await _change_of(call, body)
    await _check_sharing(call, change)
    return await _SHELF.under(call, lambda v: deals.change(call.db, call.actor, call.id, change, v), body)


async def move_opportunity(call: Call, body: Move) -> Reply[Moved]:
    """Move an opportunity to a place in a stage.

    The answer holds the card and the totals of the stages it left and entered. Fields that the stage requires are
    refused by name with 422; send them along in `values`.
    """
    db, actor = call.db, call.actor
    actor.require(deals.EDIT)
    left = (await store.read(db, actor, call.id)).opportunity.stage_id
    values = OpportunityPatch() if body.values is UNSET else body.values
    change = await _change_of(call, values, body.stage_id)
    await _check_sharing(call, change)
    place = await _place(call, body)
    change.stage_id, change.position = body.stage_id, UNSAID if place is None else place
    deal = await _SHELF.held(call, lambda v: deals.change(db, actor, call.id, change, v), body)
    entered = [left, body.stage_id]
    totals = totals_of(db.rules, await stages.totals(db, actor, entered), entered)
    return Reply(Moved(opportunity=written(db.rules, deal), totals=totals))


async def win_opportunity(call: Call, body: Win) -> Reply[Opportunity]:
    """Win an opportunity.

    It moves to its pipeline's first won stage; without one it is won where it stands.
    """
    return await _SHELF.under(call, lambda v: deals.win(call.db, call.actor, call.id, v), body)


async def lose_opportunity(call: Call, body: Lose) -> Reply[Opportunity]:
    """Lose an opportunity, for a reason.

    It moves to its pipeline's first lost stage; without one it is lost where it stands.
    """
    reason = None if body.reason_id is UNSET else body.reason_id
    return await _SHELF.under(call, lambda v: deals.lose(call.db, call.actor, call.id, reason, v), body)


async def delete_opportunity(call: Call) -> Reply[None]:
    """Move an opportunity to the trash, its tasks with it."""
    return await _SHELF.gone(call, lambda v: deals.delete(call.db, call.actor, call.id, v))


async def restore_opportunity(call: Call, body: Restore) -> Reply[Opportunity]:
    """Take an opportunity back from the trash.

    It goes to the end of its stage; where that is gone, name another.
    """
    stage_id = None if body.stage_id is UNSET else body.stage_id
    return _SHELF.told(call, await deals.restore(call.db, call.actor, call.id, stage_id))


# What a request means ---------------------------------------------------------------------------------------


async def _change_of(call: Call, said: OpportunityPatch, stage_id: int | None = None) -> Change:
    """Return the change in our words; the days it names are days where the deal will stand."""
    return change_of(said, call.db.rules, await _zone(call, said, stage_id))


async def _zone(call: Call, said: OpportunityPatch, stage_id: int | None) -> ZoneInfo:
    rules = call.db.rules
    one_zone = len({location.time_zone for location in rules.locations.values()}) == 1
    if one_zone or said.expected_close_on in (UNSET, None):
        return rules.zone
    wanted = stage_id or said.stage_id
    if wanted is UNSET:
        wanted = (await store.read(call.db, call.actor, call.id)).opportunity.stage_id
    return ZoneInfo(rules.location_of_stage(wanted).time_zone) if wanted in rules.stages else rules.zone


async def _check_sharing(call: Call, change: Change) -> None:
    """Refuse what the deed would pass over in silence."""
    if change.sharing is UNSAID:
        return
    call.actor.require(deals.EDIT)
    if not deals.may_share(call.actor, await store.read(call.db, call.actor, call.id)):
        raise Forbidden("only CRM administrators and the creator may say who sees this opportunity")


async def _place(call: Call, body: Move) -> int | None:
    """Return the position that is asked for; beside a card it is the card's own, or the next number."""
    said = {name: value for name in ("before", "after", "position") if (value := getattr(body, name)) is not UNSET}
    if len(said) > 1:
        raise invalid("position", "not_allowed", "name one of before, after and position")
    for name in ("before", "after"):
        if name in said:
            card = await _neighbour(call, body, name, said[name])
            return card if name == "before" else card + 1
    return said.get("position")


async def _neighbour(call: Call, body: Move, name: str, card_id: int) -> int:
    try:
        card = (await store.read(call.db, call.actor, card_id)).opportunity
    except NotFound:
        raise invalid(name, "unknown", "is no opportunity") from None
    if card.stage_id != body.stage_id or card.position is None:
        raise invalid(name, "not_allowed", "stands in another stage")
    return card.position


_IN_VALUES: Final = {name: f"values/{POINTERS.get(name, name)}" for name in Change.__slots__}
_OF_A_MOVE: Final = _IN_VALUES | {name: name for name in ("stage_id", "position")}
_OF_A_LOSS: Final = {**POINTERS, "loss_reason": "reason_id"}

ROUTES: Final = (
    Route("GET", _PATH, list_opportunities, right=deals.LIST, checked=True),
    Route("POST", _PATH, create_opportunity, 201, right=deals.CREATE, checked=True, names=POINTERS),
    Route("GET", _ONE, get_opportunity, right=deals.READ, checked=True),
    Route("PATCH", _ONE, change_opportunity, right=deals.EDIT, checked=True, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_opportunity, 204, right=deals.DELETE, checked=True, guarded=True),
    Route("POST", f"{_ONE}/move", move_opportunity, right=deals.EDIT, checked=True, guarded=True, names=_OF_A_MOVE),
    Route(
        *("POST", f"{_ONE}/win", win_opportunity),
        right=deals.EDIT,
        checked=True,
        guarded=True,
        bodiless=True,
        names=POINTERS,
    ),
    Route(
        *("POST", f"{_ONE}/lose", lose_opportunity),
        right=deals.EDIT,
        checked=True,
        guarded=True,
        bodiless=True,
        names=_OF_A_LOSS,
    ),
    Route("POST", f"{_ONE}/restore", restore_opportunity, right=deals.DELETE, bodiless=True, names=POINTERS),
)
