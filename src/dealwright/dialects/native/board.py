"""The board in our own API: a pipeline's stages with their totals and the first cards of each."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from dealwright.actions import opportunities as deals
from dealwright.actions import stages as stage_deeds
from dealwright.dialects.native import listing, pages, written
from dealwright.dialects.native.listing import ListQuery
from dealwright.dialects.native.opportunity_shapes import Board, Card, Column
from dealwright.dialects.native.pipelines import pipeline_of
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Listing
from dealwright.domain.pipeline import Stage
from dealwright.storage import opportunities as store
from dealwright.storage.board import first_cards
from dealwright.storage.keyset import Place
from dealwright.storage.opportunities import Deal
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.rules import Rules


class BoardQuery(Query):
    """How much of the board is wanted."""

    cards: Annotated[int, Meta(ge=1, le=100, description="How many cards of each stage at most.")] = 30


async def get_board(call: Call, query: BoardQuery) -> Reply[Board]:
    """Get the board of a pipeline.

    Totals are exact and per currency, over all that you see. The cards of a stage go on in the list of opportunities:
    `stage_id=…&sort=position&cursor=` and the column's `next_cursor`.
    """
    db, actor, rules = call.db, call.actor, call.db.rules
    actor.require(deals.LIST)
    actor.require("CrmBoard-Read")
    pipeline = pipeline_of(call)
    stages = rules.stages_of(pipeline.id)
    ids = [stage.id for stage in stages]
    totals = await stage_deeds.totals(db, actor, ids)
    places = await first_cards(db, actor, ids, query.cards + 1)
    shown = [ident for one in ids for ident in pages.ids_of(places[one], query.cards)]
    found = {deal.opportunity.id: deal for deal in await store.read_many(db, actor, shown)}
    local = rules.locations[pipeline.location_id].currency
    columns = [
        Column(
            stage=written.stage(stage),
            totals=written.stage_totals(stage.id, totals[stage.id], local),
            cards=_cards(rules, stage, places[stage.id], query.cards, found),
        )
        for stage in stages
    ]
    return Reply(Board(pipeline=written.pipeline(rules, pipeline), columns=columns))


def _cards(rules: Rules, stage: Stage, places: list[Place], most: int, found: dict[int, Deal]) -> Listing[Card]:
    onward = ListQuery(stage_id=[stage.id], sort=["position"])
    page = pages.page_of(listing.about(onward, Criteria(stage_ids=[stage.id])), rules, pages.last_of(places, most))
    there = (found[ident] for ident in pages.ids_of(places, most) if ident in found)
    return Listing(data=[written.card(rules, deal) for deal in there], page=page)


ROUTES: Final = (Route("GET", "/pipelines/{id}/board", get_board, right=deals.LIST),)
