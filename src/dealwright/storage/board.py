"""The board: the first cards of every stage of a pipeline, by one short read of an index for each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import select, union_all

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.keyset import Place
from dealwright.storage.query import Query, number
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import EVERYTHING, seeing, sight_of, visible_to


@cache
def _first_cards(sight: str, stages: int) -> Query:
    columns = [
        select(o.c.stage_id, o.c.position, o.c.id)
        .where(o.c.stage_id == number(f"stage_{place}"), visible_to(sight))
        .order_by(o.c.position, o.c.id)
        .limit(number("cards"))
        for place in range(stages)
    ]
    # Whoever sees little may have to pass over many cards.
    return Query(union_all(*(select(column.subquery()) for column in columns)), heavy=sight != EVERYTHING)


async def first_cards(db: Database, actor: Actor, stage_ids: Sequence[int], cards: int) -> dict[int, list[Place]]:
    """Return for each stage the places (position, id) of the first cards that this person sees, at most `cards`."""
    found: dict[int, list[Place]] = {one: [] for one in stage_ids}
    if found:
        given = {f"stage_{place}": one for place, one in enumerate(found)}
        query = _first_cards(sight_of(actor), len(found))
        for stage_id, *place in await db.rows(query, **given, **seeing(actor), cards=cards):
            found[stage_id].append(tuple(place))
    return {one: sorted(places, key=_in_order) for one, places in found.items()}


def _in_order(place: Place) -> tuple[int, ...]:
    return tuple(int(value or 0) for value in place)
