"""Search finds what begins with the words, however many terms of the vocabulary do."""

from __future__ import annotations

import random

import pytest

from dealwright.actions import opportunities as deals
from dealwright.domain.opportunity import Change
from dealwright.domain.text import search_words
from dealwright.storage import plenty, search
from dealwright.storage.database import Database
from dealwright.storage.opportunity_lists import Criteria, Order, find, find_ids, total
from dealwright.storage.opportunity_pages import By, Key, find_places
from dealwright.storage.query import Page
from tests.cast import company

LETTERS = "ab0éж"


def title(dice: random.Random, most: int = 24) -> str:
    """A few short words that often begin alike."""
    return " ".join("".join(dice.choices(LETTERS, k=dice.randint(1, 5))) for _ in range(dice.randint(1, most)))


@pytest.mark.parametrize("many", [2, plenty.MANY], ids=["met on the way", "put in order"])
async def test_words_find_whatever_has_words_that_begin_with_them(
    db: Database, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plenty, "MANY", many)
    dice, mia = random.Random(11), (await company(db)).mia
    stage_id = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    made = [await deals.create(db, mia, Change(stage_id=stage_id, title=title(dice))) for _ in range(60)]
    for deal in made[::4]:
        await deals.change(db, mia, deal.opportunity.id, Change(title=title(dice)))
    for deal in made[::7]:
        await deals.delete(db, mia, deal.opportunity.id)
    kept = [deal.opportunity for deal in await find(db, mia, Criteria(), page=Page(0, 100))]
    met = set[int]()
    for asked in [title(dice, 3) for _ in range(60)] + list(LETTERS):
        words = search_words(asked)
        wanted = {deal.id for deal in kept if all(begins(word, search_words(deal.title)) for word in words)}
        met.add(len({one for deal in kept for one in search_words(deal.title) if one.startswith(words[0])}))
        criteria = Criteria(words=words)
        for order in (Order.ID, Order.STAGE):
            assert set(await find_ids(db, mia, criteria, order, False, Page(0, 100))) == wanted, asked
        places = await find_places(db, mia, criteria, (Key(By.TITLE), Key(By.ID)), None, 100)
        assert {place[-1] for place in places} == wanted, asked
        assert await total(db, mia, criteria) == len(wanted)
    assert 0 in met
    assert max(met) > search.TERMS, "more begins with a word than is taken from the vocabulary"


def begins(word: str, words: list[str]) -> bool:
    """Whether one of the words begins with this one."""
    return any(one.startswith(word) for one in words)
