"""Lists of deals: the same matches in the same order on both databases, page by page, for everybody."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import tags as tag_deeds
from dealwright.domain.opportunity import Change, Opportunity, Sharing
from dealwright.domain.pipeline import Outcome
from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros
from dealwright.storage import plenty
from dealwright.storage.database import Database
from dealwright.storage.opportunity_lists import Criteria, Order, find_ids, total
from dealwright.storage.query import Page
from tests.cast import Cast

WORDS = ("Größe", "desk", "Éclair", "zebra", "Zürich", "apple", "desktop", "日本", "naïve", "x2")
START = datetime(2031, 1, 1, tzinfo=UTC)


async def fill(db: Database, cast: Cast) -> list[Opportunity]:
    """Sixty deals of every kind, the same for every run."""
    chance, made = random.Random(7), []
    stages = [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]
    for number in range(60):
        said = Change(stage_id=chance.choice(stages), title=" ".join(chance.sample(WORDS, 2)))
        if number % 3:
            said.amount, said.currency = Decimal(chance.randrange(-50, 500)) / 8, "EUR"
        if number % 4:
            said.expected_close = START + timedelta(days=chance.randrange(40))
        if number % 5:
            said.responsible = chance.choice((cast.mia.uid, cast.noah.uid))
        if number % 7 == 0:
            said.sharing = Sharing(True, (cast.mia.uid,))
        if number % 6 == 0:
            said.description = chance.choice(WORDS) * 2
        if number % 9 == 0:
            said.closed_at = START + timedelta(days=number)
        made.append((await deals.create(db, cast.mia, said)).opportunity)
    return made


def missing_first(value: Any) -> tuple[bool, Any]:
    """Sort what is missing before everything else."""
    return (value is not None, 0 if value is None else value)


def reverse(key: tuple[bool, Any]) -> tuple[bool, Any]:
    """Turn a key of instants round."""
    present, value = key
    return (not present, -micros(value) if present else 0)


def close(db: Database, deal: Opportunity) -> datetime | None:
    """The close date as the contract means it."""
    is_open = db.rules.stages[deal.stage_id].outcome is Outcome.OPEN
    return deal.expected_close if is_open else deal.closed_at


def key_of(db: Database, order: Order, deal: Opportunity) -> tuple[Any, ...]:
    """The key by which a deal stands in a list; the order inside a stage or person follows where there is one."""
    stage = db.rules.stages[deal.stage_id]
    inner = (
        missing_first(deal.contact_id),
        reverse(missing_first(deal.closed_at)),
        missing_first(deal.expected_close),
        fold(deal.title),
    )
    keys: dict[Order, tuple[Any, ...]] = {
        Order.ID: (),
        Order.TITLE: (fold(deal.title).encode(),),
        Order.AMOUNT: (missing_first(deal.amount),),
        Order.CREATED: (deal.created_at,),
        Order.UPDATED: (deal.updated_at,),
        Order.EXPECTED: (missing_first(deal.expected_close),),
        Order.CLOSE: (missing_first(close(db, deal)),),
        Order.RESPONSIBLE: (missing_first(deal.responsible), *inner),
        Order.STAGE: (stage.position, stage.id, *inner),
    }
    return (*keys[order], deal.id)


def ordered(db: Database, order: Order, made: Sequence[Opportunity], descending: bool) -> list[int]:
    """The ids of the deals in order."""
    return [deal.id for deal in sorted(made, key=lambda deal: key_of(db, order, deal), reverse=descending)]


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
async def test_every_order_is_the_same_on_both_databases_page_by_page(
    db: Database, cast: Cast, descending: bool
) -> None:
    made = await fill(db, cast)
    for actor in (cast.olga, cast.noah):
        seen = [deal for deal in made if actor.is_crm_admin or not deal.private]
        for order in Order:
            expected = ordered(db, order, seen, descending)
            for offset, limit in ((0, 7), (7, 50), (55, 10), (80, 5), (0, 200)):
                found = await find_ids(db, actor, Criteria(), order, descending, Page(offset, limit))
                assert found == expected[offset : offset + limit], (order, offset)
        assert await total(db, actor, Criteria()) == len(seen)


def matches(db: Database, criteria: Criteria, deal: Opportunity) -> bool:
    """Whether a deal matches, said in Python."""
    words = search_words(deal.title, deal.description)
    begun = all(any(word.startswith(one) for word in words) for one in criteria.words or ())
    stage = db.rules.stages[deal.stage_id]
    when = close(db, deal)
    return (
        begun
        and criteria.responsible in (None, deal.responsible)
        and (criteria.stage_ids is None or deal.stage_id in criteria.stage_ids)
        and criteria.outcome_of_stage in (None, stage.outcome)
        and (criteria.title_part is None or criteria.title_part in (deal.title or ""))
        and all(word in fold(deal.title) for word in criteria.title_words or ())
        and (criteria.close_from is None or (when is not None and micros(when) >= criteria.close_from))
        and (criteria.close_to is None or (when is not None and micros(when) <= criteria.close_to))
    )


@pytest.mark.parametrize("many", [1, 1000], ids=["walked", "put in order"])
async def test_what_is_met_by_walking_is_what_is_found_by_looking(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    made = await fill(db, cast)
    for place, deal in enumerate(made):
        for title in ("hot", "cold")[: place % 3]:
            await tag_deeds.add(db, cast.mia, "opportunity", deal.id, title)
    await deals.delete(db, cast.mia, made.pop(5).id)
    monkeypatch.setattr(plenty, "MANY", many)
    tagged = {"hot": [deal for place, deal in enumerate(made) if titles_of(place)]}
    tagged["cold"] = [deal for place, deal in enumerate(made) if len(titles_of(place)) == 2]
    for actor in (cast.olga, cast.noah):
        for criteria, all_of_them in (
            (Criteria(responsible=cast.mia.uid), [deal for deal in made if deal.responsible == cast.mia.uid]),
            (Criteria(tags=["hot"]), tagged["hot"]),
            (Criteria(tags=["hot", "cold"]), tagged["cold"]),
            (
                Criteria(tags=["cold"], responsible=cast.noah.uid),
                [d for d in tagged["cold"] if d.responsible == cast.noah.uid],
            ),
            (Criteria(words=["desk"]), [deal for deal in made if matches(db, Criteria(words=["desk"]), deal)]),
            (Criteria(tags=["lukewarm"]), []),
        ):
            seen = [deal for deal in all_of_them if actor.is_crm_admin or not deal.private]
            for descending in (False, True):
                expected = ordered(db, Order.STAGE, seen, descending)
                for offset, limit in ((0, 3), (3, 50), (40, 10)):
                    found = await find_ids(db, actor, criteria, Order.STAGE, descending, Page(offset, limit))
                    assert found == expected[offset : offset + limit], (criteria, offset)
            assert await total(db, actor, criteria) == len(seen), criteria


def titles_of(place: int) -> tuple[str, ...]:
    """The tags of a deal by its place in what was made; the sixth is in the trash."""
    return ("hot", "cold")[: (place if place < 5 else place + 1) % 3]


async def test_every_criterion_finds_the_same_on_both_databases(db: Database, cast: Cast) -> None:
    made = await fill(db, cast)
    stages = [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]
    begin, end = micros(START + timedelta(days=5)), micros(START + timedelta(days=20))
    everything = Criteria()
    for criteria in (
        *(Criteria(words=search_words(text)) for text in ("GRÖSSE", "grosse", "eclair zeb", "日", "desk", "X2 naive")),
        *(Criteria(title_part=part) for part in ("Zür", "zür", "sk")),
        Criteria(title_words=["zur", "des"]),
        Criteria(responsible=cast.noah.uid),
        Criteria(stage_ids=stages[2:4]),
        Criteria(outcome_of_stage=Outcome.WON),
        Criteria(close_from=begin, close_to=end),
        replace(everything, words=["d"], responsible=cast.mia.uid, close_to=end),
    ):
        expected = [deal.id for deal in made if matches(db, criteria, deal)]
        found = await find_ids(db, cast.olga, criteria, Order.ID, False, Page(0, 200))
        assert found == expected, criteria
        assert await total(db, cast.olga, criteria) == len(expected), criteria
