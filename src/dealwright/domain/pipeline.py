"""Locations, pipelines and stages: where deals stand and what a stage does to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.errors import Problem, invalid
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.values import UNSET, Unset

GAP: Final = 100
LONGEST_STAY: Final = 36_500
REQUIRABLE: Final = (
    *("title", "description", "contact_id", "team_id", "kind_id", "responsible", "referrer_id", "agent_id"),
    *("amount", "currency", "expected_close", "loss_reason", "lead_source", "follow_up_at"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
)
"""Fields of a deal that a stage may ask for."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StageVisit:
    """One step in the history of a deal: which stage it left and entered, when, and who moved it."""

    id: int
    uid: str
    to_stage_id: int
    stamps: Stamps
    opportunity_id: int | None = None
    from_stage_id: int | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None
    user_id: int | None = None
    system_id: str | None = None


@dataclass(slots=True, kw_only=True)
class LocationChange:
    """What a deed says about a location; UNSET fields stay. `time_zone` is a name of the tz database."""

    name: str | Unset = UNSET
    currency: str | Unset = UNSET
    time_zone: str | Unset = UNSET
    time_zone_id: int | Unset = UNSET
    country_id: int | Unset = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    system_id: str | Unset | None = UNSET


@dataclass(slots=True, kw_only=True)
class PipelineChange:
    """What a deed says about a pipeline; UNSET fields stay."""

    name: str | Unset = UNSET
    location_id: int | Unset = UNSET
    archived: bool | Unset = UNSET
    system_id: str | Unset | None = UNSET


@dataclass(slots=True, kw_only=True)
class StageChange:
    """What a deed says about a stage; UNSET fields stay. `position` is the place asked for, see `joined`."""

    pipeline_id: int | Unset = UNSET
    position: int | Unset = UNSET
    title: str | Unset = UNSET
    description: str | Unset = UNSET
    color: str | Unset = UNSET
    probability: int | Unset = UNSET
    outcome: Outcome | Unset = UNSET
    expected_days: int | Unset | None = UNSET
    required_fields: Sequence[str] | Unset = UNSET
    canned_response_id: int | Unset | None = UNSET
    task_list_id: int | Unset | None = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    system_id: str | Unset | None = UNSET


@dataclass(slots=True, kw_only=True)
class VisitChange:
    """What a deed says about a step in the history of a deal; UNSET fields stay."""

    opportunity_id: int | Unset | None = UNSET
    from_stage_id: int | Unset | None = UNSET
    to_stage_id: int | Unset = UNSET
    from_time: datetime | Unset | None = UNSET
    to_time: datetime | Unset | None = UNSET
    user_id: int | Unset | None = UNSET
    system_id: str | Unset | None = UNSET


def stage_problems(stage: Stage) -> list[Problem]:
    """Return what is wrong with a stage's own values: title, texts, probability 0 to 100, days, required fields."""
    problems = found(
        name_problem("title", stage.title),
        text_problem("description", stage.description),
        text_problem("color", stage.color),
        text_problem("system_id", stage.system_id),
    )
    if not 0 <= stage.probability <= 100:
        problems.append(Problem("probability", "out_of_range", "must be from 0 to 100", stage.probability))
    if stage.expected_days is not None and not 0 <= stage.expected_days <= LONGEST_STAY:
        message = f"must be from 0 to {LONGEST_STAY} days"
        problems.append(Problem("expected_days", "out_of_range", message, stage.expected_days))
    unknown = [name for name in stage.required_fields if name not in REQUIRABLE]
    return problems + [Problem("required_fields", "unknown", "is no field of a deal", name) for name in unknown]


def renumbered(stage_ids: Iterable[int]) -> dict[int, int]:
    """Return the positions 1, 100, 200, … of stages in this order."""
    return {stage_id: max(1, place * GAP) for place, stage_id in enumerate(stage_ids)}


Order = Sequence[tuple[int, int]]


def placed(others: Order, stage_id: int, position: int) -> list[int]:
    """Return the ids of a pipeline's stages after one of them asked for a position.

    `others` holds (id, position) of the others in their order. A number from 2 to the count of stages is a place
    (2 is the second); any other is compared with the positions, an equal one goes before the one that holds it.
    """
    is_place = 1 < position <= len(others) + 1 and position < GAP
    return _inserted(others, stage_id, position - 1 if is_place else _index(others, position))


def joined(others: Order, stage_id: int, position: int | None) -> list[int]:
    """Return the ids of a pipeline's stages after a new one came, to the end where no position is asked for.

    As `placed`; and who counts up, from 0 or from 1, makes stages in that order: a number that says "as many as
    there are", or one more, goes to the end.
    """
    count = len(others)
    if position is None or (count <= position <= count + 1 and position < GAP):
        return _inserted(others, stage_id, count)
    return placed(others, stage_id, position)


def _index(others: Order, position: int) -> int:
    return next((index for index, (_, taken) in enumerate(others) if taken >= position), len(others))


def _inserted(others: Order, stage_id: int, index: int) -> list[int]:
    ids = [other for other, _ in others]
    return [*ids[:index], stage_id, *ids[index:]]


def outcome_of(wins: bool, loses: bool) -> Outcome:
    """Return the outcome that two flags mean; refuses with Invalid when both are set."""
    if wins and loses:
        raise invalid("outcome", "not_allowed", "a stage cannot both win and lose", True)
    return Outcome.WON if wins else Outcome.LOST if loses else Outcome.OPEN
