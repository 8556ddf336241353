"""The board in our own API: a pipeline's stages with their totals and the first cards of each."""

from __future__ import annotations

import asyncio
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
from dealwright.domain.pipeline import Location, Stage
from dealwright.storage.board import Card as OurCard
from dealwright.storage.board import first_cards
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
    totals, cards = await asyncio.gather(
        stage_deeds.totals(db, actor, ids), first_cards(db, actor, ids, query.cards + 1)
    )
    location = rules.locations[pipeline.location_id]
    columns = [
        Column(
            stage=written.stage(stage),
            totals=written.stage_totals(stage.id, totals[stage.id], location.currency),
            cards=_cards(rules, location, stage, cards[stage.id], query.cards),
        )
        for stage in stages
    ]
    return Reply(Board(pipeline=written.pipeline(rules, pipeline), columns=columns))


def _cards(rules: Rules, location: Location, stage: Stage, found: list[OurCard], most: int) -> Listing[Card]:
    onward = ListQuery(stage_id=[stage.id], sort=["position"])
    this = listing.about(onward, Criteria(stage_ids=[stage.id]))
    page = pages.page_of(this, rules, pages.last_of([card.place for card in found], most))
    return Listing(data=[written.card(rules, location, card) for card in found[:most]], page=page)


ROUTES: Final = (Route("GET", "/pipelines/{id}/board", get_board, right=deals.LIST, checked=True),)
