"""Where a card lands in its stage: positions are distinct whole numbers, the order is what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dealwright.domain.pipeline import GAP

FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of a stage around the place asked for: the last card of all, the cards before and after it."""

    last: int | None = None
    before: int | None = None
    after: int | None = None


def at_end(last: int | None, skip: int = 0) -> int:
    """Return the position behind the last card: 1, 100, 200, … ; `skip` leaves out that many numbers after a clash."""
    if last is None:
        return FIRST + skip * GAP
    following = (last // GAP + 1) * GAP
    return following + skip * GAP


def between(asked: int, around: Neighbours) -> int | None:
    """Return a free number between the neighbours, the asked one where it is free; None when there is no room."""
    if around.after is None:
        return at_end(around.last)
    if around.before is None:
        return asked if asked < around.after else around.after - GAP
    if around.before < asked < around.after:
        return asked
    middle = (around.before + around.after) // 2
    return middle if around.before < middle < around.after else None


def spread(before: int, cards: Sequence[tuple[int, int]]) -> tuple[int, dict[int, int]]:
    """Return a free number right after `before`, and the new positions of the cards that had to give way.

    `cards` are (id, position) in order, the first standing right behind `before`; as few as possible are moved.
    """
    free, moved = before + GAP // 2, {}
    needed = free
    for card_id, position in cards:
        if position > needed:
            break
        needed += GAP // 2
        moved[card_id] = needed
    return free, moved
