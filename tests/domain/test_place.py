"""Where a card lands in its stage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.place import FIRST, Neighbours, at_end, between, spread

positions = st.integers(-(10**6), 10**6)
stages = st.lists(positions, unique=True, max_size=30).map(sorted)


def around(stage: list[int], asked: int) -> Neighbours:
    """What stands around a number in a stage."""
    before = max((position for position in stage if position < asked), default=None)
    after = min((position for position in stage if position >= asked), default=None)
    return Neighbours(max(stage, default=None), before, after)


@given(stages, st.integers(0, 5))
def test_the_end_is_behind_every_card(stage: list[int], skip: int) -> None:
    last = max(stage, default=None)
    place = at_end(last, skip)
    assert last is None or place > last


def test_cards_added_one_after_the_other_read_1_100_200() -> None:
    stage: list[int] = []
    for _ in range(5):
        stage.append(at_end(stage[-1] if stage else None))
    assert stage == [FIRST, 100, 200, 300, 400]


def test_each_clash_steps_one_place_further() -> None:
    assert [at_end(100, skip) for skip in range(3)] == [200, 300, 400]
    assert [at_end(None, skip) for skip in range(3)] == [1, 101, 201]


@given(stages, positions)
def test_a_card_lands_where_its_number_asks_among_its_neighbours(stage: list[int], asked: int) -> None:
    known = around(stage, asked)
    place = between(asked, known)
    if place is None:
        assert known.before is not None
        assert known.after is not None
        assert known.after - known.before == 1
        return
    assert place not in stage
    assert known.before is None or known.before < place
    assert known.after is None or place < known.after


@given(stages, positions)
def test_a_free_number_inside_the_stage_is_kept(stage: list[int], asked: int) -> None:
    if stage and asked not in stage and asked < max(stage):
        assert between(asked, around(stage, asked)) == asked


@given(stages.filter(bool), st.data())
def test_cards_that_give_way_keep_their_order_and_their_numbers_distinct(stage: list[int], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(stage) - 1))
    before, behind = stage[index], list(enumerate(stage[index + 1 :]))
    free, moved = spread(before, behind)
    after = [moved.get(card, position) for card, position in behind]
    assert before < free
    assert [free, *after] == sorted({free, *after})


@given(stages.filter(bool))
def test_no_card_gives_way_to_a_number_that_is_free(stage: list[int]) -> None:
    _, moved = spread(stage[0], [(card, stage[0] + 1000 + card) for card in range(3)])
    assert moved == {}
