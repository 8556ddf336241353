"""The board: the first cards of every stage of a pipeline, by one short read of an index for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import select, union_all

from dealwright.domain.actor import Actor
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import instant, join
from dealwright.storage.database import Database
from dealwright.storage.keyset import Place
from dealwright.storage.query import JsonArray, Query, number, rows_json
from dealwright.storage.schema import contact, opportunity_tag, tag
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import EVERYTHING, seeing, sight_of, visible_to

_decode = msgspec.json.decode


@dataclass(slots=True)
class CardContact:
    """What a card shows of the primary contact."""

    id: int
    is_company: bool
    display_name: str
    email: str | None


@dataclass(slots=True)
class Card:
    """A deal as a card: what one needs to recognise it and to decide what to do next.

    A board has hundreds of them, so they are made by place and not frozen.
    """

    id: int
    uid: str
    version: int
    title: str | None
    stage_id: int
    position: int | None
    responsible: str | None
    currency: str | None
    probability: int
    outcome: Outcome
    amount: Decimal | None
    expected_close: datetime | None
    follow_up_at: datetime | None
    contact: CardContact | None
    tags: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where the card stands in the order of its stage."""
        return self.position, self.id


_PLAIN: Final = ("id", "uid", "version", "title", "stage_id", "position", "responsible", "currency", "probability")
_OUTCOMES: Final = {int(one): one for one in Outcome}
_REST: Final = ("outcome", "amount_units", "amount_nanos", "expected_close", "follow_up_at")


@cache
def _first_cards(sight: str, stages: int) -> Query:
    tags = rows_json(
        JsonArray(tag.c.title),
        opportunity_tag.c.opportunity_id == o.c.id,
        o,
        opportunity_tag.join(tag, tag.c.id == opportunity_tag.c.tag_id),
    )
    known = (contact.c.id.label("contact"), contact.c.is_company, contact.c.display_name, contact.c.email)
    columns = [
        select(*(o.c[name] for name in (*_PLAIN, *_REST)), *known, tags.label("tags"))
        .select_from(o.outerjoin(contact, contact.c.id == o.c.contact_id))
        .where(o.c.stage_id == number(f"stage_{place}"), visible_to(sight))
        .order_by(o.c.position, o.c.id)
        .limit(number("cards"))
        for place in range(stages)
    ]
    # Whoever sees little may have to pass over many cards.
    return Query(union_all(*(select(column.subquery()) for column in columns)), heavy=sight != EVERYTHING)


async def first_cards(db: Database, actor: Actor, stage_ids: Sequence[int], cards: int) -> dict[int, list[Card]]:
    """Return for each stage the first cards that this person sees, in their order, at most `cards` of each."""
    found: dict[int, list[Card]] = {one: [] for one in stage_ids}
    if found:
        given = {f"stage_{place}": one for place, one in enumerate(found)}
        query = _first_cards(sight_of(actor), len(found))
        for row in await db.rows(query, **given, **seeing(actor), cards=cards):
            card = _card(row)
            found[card.stage_id].append(card)
    return {one: sorted(some, key=lambda card: (card.position or 0, card.id)) for one, some in found.items()}


def _card(row: Sequence[Any]) -> Card:
    ident, uid, version, title, stage_id, position, responsible, currency, probability, *rest = row
    outcome, units, nanos, expected, follow_up, contact_id, is_company, name, email, tags = rest
    return Card(
        ident,
        uid,
        version,
        title,
        stage_id,
        position,
        responsible,
        currency,
        probability,
        _OUTCOMES[outcome],
        None if units is None else join(units, nanos),
        None if expected is None else instant(expected),
        None if follow_up is None else instant(follow_up),
        None if contact_id is None else CardContact(contact_id, bool(is_company), name, email),
        () if not tags or tags == "[]" else tuple(sorted(title for (title,) in _decode(tags))),
    )
