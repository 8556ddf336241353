"""Locations, pipelines and stages: where deals stand and what a stage does to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.errors import Problem, invalid

GAP: Final = 100


class Outcome(IntEnum):
    """How a stage, or a deal, stands; the numbers are stored."""

    OPEN = 0
    WON = 1
    LOST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Who made a record and who touched it last."""

    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A branch with a currency and a time zone."""

    id: int
    uid: str
    name: str
    currency: str
    time_zone: str
    time_zone_id: int
    country_id: int
    stamps: Stamps
    extra: Mapping[str, Any] = field(default_factory=dict)
    system_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """An ordered set of stages that belongs to a location."""

    id: int
    uid: str
    location_id: int
    name: str
    stamps: Stamps
    archived: bool = False
    system_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A place in a pipeline; `extra` holds the automation flags that a vendor gave it."""

    id: int
    uid: str
    pipeline_id: int
    title: str
    position: int
    stamps: Stamps
    description: str = ""
    color: str = ""
    probability: int = 0
    outcome: Outcome = Outcome.OPEN
    expected_days: int | None = None
    required_fields: tuple[str, ...] = ()
    canned_response_id: int | None = None
    task_list_id: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    system_id: str | None = None


def check_stage(title: str | None, probability: int) -> list[Problem]:
    """Return what is wrong with a stage's own values: a title is needed, a probability is 0 to 100."""
    problems = []
    if not title or not title.strip():
        problems.append(Problem("title", "required", "is a required field", title))
    if not 0 <= probability <= 100:
        problems.append(Problem("probability", "out_of_range", "must be from 0 to 100", probability))
    return problems


def renumbered(stage_ids: Iterable[int]) -> dict[int, int]:
    """Return the positions 1, 100, 200, … of stages in this order."""
    return {stage_id: max(1, place * GAP) for place, stage_id in enumerate(stage_ids)}


def placed(order: list[tuple[int, int]], stage_id: int, position: int) -> list[int]:
    """Return the ids of a pipeline's stages after one of them asked for a position.

    `order` holds (id, position) of the others in their order; an equal number goes before the one that holds it.
    """
    ids = [other for other, _ in order]
    place = next((index for index, (_, taken) in enumerate(order) if taken >= position), len(ids))
    return [*ids[:place], stage_id, *ids[place:]]


def outcome_of(wins: bool, loses: bool) -> Outcome:
    """Return the outcome that two flags mean; refuses with Invalid when both are set."""
    if wins and loses:
        raise invalid("outcome", "not_allowed", "a stage cannot both win and lose", True)
    return Outcome.WON if wins else Outcome.LOST if loses else Outcome.OPEN
