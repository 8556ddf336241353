"""The opportunity: what it holds, what a change of it says, and what follows from a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.pipeline import Outcome, Stage
from dealwright.domain.text import is_storable
from dealwright.domain.values import DERIVE, UNSET, Derive, Unset, plain, split

T = TypeVar("T")
TITLE_LENGTH: Final = 255


@dataclass(slots=True, kw_only=True)
class Opportunity:
    """The thing we sell. `version` counts every change, links, tags, custom values and access included."""

    id: int
    uid: str
    version: int
    stage_id: int
    created_at: datetime
    updated_at: datetime
    moved_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    title: str | None = None
    description: str | None = None
    position: int | None = None
    contact_id: int | None = None
    team_id: int | None = None
    kind_id: int | None = None
    responsible: str | None = None
    referrer_id: int | None = None
    agent_id: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    billing: int = 0
    periods: int = 0
    probability: int = 0
    expected_close: datetime | None = None
    closed_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    outcome: Outcome = Outcome.OPEN
    completed: bool = False
    loss_reason: int | None = None
    lead_source: int | None = None
    follow_up_at: datetime | None = None
    reminded: bool = False
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None
    private: bool = False
    system_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may see a deal: everybody, or the listed people (uids) and nobody else."""

    private: bool = False
    users: tuple[str, ...] = ()

    def by(self, uid: str) -> Sharing:
        """Return what this wish means when this person asks: private only with a list, and never without oneself.

        A rule, which has no uid, adds nobody.
        """
        if not self.private or not self.users:
            return Sharing()
        return Sharing(True, tuple(dict.fromkeys(filter(None, (*self.users, uid)))))


@dataclass(slots=True, kw_only=True)
class Change:
    """What a deed says about a deal: for each field nothing (UNSET), a value, or where noted DERIVE.

    `position` is the place asked for among the numbers of the stage. `custom` maps field ids to values; None
    clears, what is not mentioned stays. `members` replaces the participants (contact ids); those that are not
    there are left out. `amount_is_local` says that the amount is in the currency of the stage's location, and
    that the amount shown there means no change. `zero_keeps_none` says that a zero leaves "not priced" alone.
    `notify` asks for a mail to the people the deal is shared with. `keeps_values` takes custom values unchecked.
    """

    title: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    stage_id: int | Unset = UNSET
    position: int | Unset = UNSET
    contact_id: int | Unset | None = UNSET
    team_id: int | Unset | None = UNSET
    kind_id: int | Unset | None = UNSET
    responsible: str | Unset | None = UNSET
    referrer_id: int | Unset | None = UNSET
    agent_id: int | Unset | None = UNSET
    amount: Decimal | Unset | None = UNSET
    currency: str | Unset | None = UNSET
    billing: int | Unset = UNSET
    periods: int | Unset = UNSET
    probability: int | Unset = UNSET
    expected_close: datetime | Unset | None = UNSET
    closed_at: datetime | Unset | None = UNSET
    won_at: datetime | Unset | None = UNSET
    lost_at: datetime | Unset | None = UNSET
    outcome: Outcome | Unset | Derive = UNSET
    completed: bool | Unset | Derive = UNSET
    loss_reason: int | Unset | None = UNSET
    lead_source: int | Unset | None = UNSET
    follow_up_at: datetime | Unset | None = UNSET
    reminded: bool | Unset = UNSET
    utm_source: str | Unset | None = UNSET
    utm_medium: str | Unset | None = UNSET
    utm_campaign: str | Unset | None = UNSET
    utm_content: str | Unset | None = UNSET
    utm_term: str | Unset | None = UNSET
    system_id: str | Unset | None = UNSET
    created_at: datetime | Unset = UNSET
    updated_at: datetime | Unset = UNSET
    members: Sequence[int] | Unset = UNSET
    custom: Mapping[int, str | None] = field(default_factory=dict)
    sharing: Sharing | Unset = UNSET
    amount_is_local: bool = False
    zero_keeps_none: bool = False
    notify: bool = False
    keeps_values: bool = False


_ELSEWHERE: Final = frozenset(
    {
        *("position", "members", "custom", "sharing", "outcome", "completed", "amount", "currency"),
        *("amount_is_local", "zero_keeps_none", "notify", "keeps_values"),
    }
)
SCALARS: Final = tuple(f.name for f in fields(Change) if f.name not in _ELSEWHERE)
"""Fields that a change sets as they are."""

STORED: Final = tuple(f.name for f in fields(Opportunity))
COMPARED: Final = tuple(name for name in STORED if name not in {"id", "uid", "version", "updated_at", "updated_by"})
"""Fields whose difference makes a change a change."""

_CLOSING: Final = frozenset({"won_at", "lost_at", "closed_at", "probability"})
_PLAIN: Final = tuple(name for name in SCALARS if name not in _CLOSING)
_TEXTS: Final = (
    *(
        "title",
        "description",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_content",
        "utm_term",
        "system_id",
    ),
)


def checked(change: Change) -> Change:
    """Return the change if its values can be kept; refuses with Invalid listing every one that cannot."""
    problems = [problem for name in _TEXTS if (problem := _text_problem(name, getattr(change, name)))]
    if isinstance(change.amount, Decimal):
        problems += _amount_problems(change.amount)
    if isinstance(change.probability, int) and not 0 <= change.probability <= 100:
        problems.append(Problem("probability", "out_of_range", "must be from 0 to 100", change.probability))
    problems += [
        Problem("custom", "format", "holds characters that cannot be kept", value)
        for value in change.custom.values()
        if value and not is_storable(value)
    ]
    if problems:
        raise Invalid(*problems)
    return change


def _text_problem(name: str, value: str | Unset | None) -> Problem | None:
    if not isinstance(value, str):
        return None
    if name == "title" and len(value) > TITLE_LENGTH:
        return Problem(name, "too_long", f"has at most {TITLE_LENGTH} characters", value)
    if not is_storable(value):
        return Problem(name, "format", "holds characters that cannot be kept", value)
    return None


def _amount_problems(amount: Decimal) -> list[Problem]:
    try:
        split(amount)
    except (ValueError, ArithmeticError):
        return [Problem("amount", "out_of_range", "must be below 10^15 with at most nine places", str(amount)[:40])]
    return []


def changed(
    before: Opportunity, change: Change, stage: Stage, now: datetime, entering: bool | None = None
) -> Opportunity:
    """Return the deal as it is after a change. `stage` is the stage it stands in afterwards.

    `entering` says whether that stage differs from the one before (None: compare). Positions, links, sharing and
    custom values are not decided here.
    """
    mentioned = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    after = replace(before, **mentioned)
    after.stage_id = stage.id
    moved = before.stage_id != stage.id if entering is None else entering
    _decide_outcome(after, before, change, stage, moved)
    _decide_dates(after, before, change, stage, moved, now)
    after.probability = _probability(before, change, stage, moved)
    if moved or after.outcome is not before.outcome:
        after.moved_at = now
    return after


def _decide_outcome(after: Opportunity, before: Opportunity, change: Change, stage: Stage, moved: bool) -> None:
    closing = stage.outcome is not Outcome.OPEN
    if moved and closing:
        after.outcome, after.completed = stage.outcome, True
        return
    default = Outcome.OPEN if moved else before.outcome
    after.outcome = stage.outcome if change.outcome is DERIVE else _or(change.outcome, default)
    settled = False if moved else before.completed
    if change.completed is DERIVE:
        after.completed = not moved and after.outcome is not Outcome.OPEN
    else:
        after.completed = _or(change.completed, settled)


def _or(said: T | Unset, otherwise: T) -> T:
    return otherwise if said is UNSET else said


def _decide_dates(
    after: Opportunity, before: Opportunity, change: Change, stage: Stage, moved: bool, now: datetime
) -> None:
    after.won_at = _or(change.won_at, before.won_at)
    after.lost_at = _or(change.lost_at, before.lost_at)
    if moved and stage.outcome is Outcome.WON:
        after.won_at = after.won_at or before.won_at or now
    if moved and stage.outcome is Outcome.LOST:
        after.lost_at = after.lost_at or before.lost_at or now
    if change.closed_at is not UNSET:
        after.closed_at = change.closed_at
    elif moved:
        after.closed_at = {Outcome.WON: after.won_at, Outcome.LOST: after.lost_at}.get(stage.outcome)


def _probability(before: Opportunity, change: Change, stage: Stage, moved: bool) -> int:
    if change.probability is not UNSET:
        return change.probability
    return stage.probability if moved else before.probability


def priced(before: Opportunity, change: Change, shown: Decimal | None, local: str) -> tuple[Decimal | None, str | None]:
    """Return amount and currency after a change.

    `shown` is the stored amount in the currency of the location where the deal stood, `local` the currency of
    the location where it stands now; both matter only to a change whose amount is local.
    """
    if change.amount is UNSET:
        return before.amount, _or(change.currency, before.currency)
    amount = None if change.amount is None else plain(change.amount)
    if change.amount_is_local:
        return (before.amount, before.currency or local) if amount == shown else (amount, local)
    if change.zero_keeps_none and not amount and before.amount is None:
        return None, _or(change.currency, before.currency)
    return amount, _or(change.currency, before.currency)


def missing_requirements(after: Opportunity, stage: Stage) -> list[Problem]:
    """Return a problem for every field that the stage asks for and the deal lacks; nothing is asked by default."""
    return [
        Problem(name, "required", "is a required field")
        for name in stage.required_fields
        if getattr(after, name, None) in (None, "")
    ]


def differences(before: Opportunity, after: Opportunity) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]


def closing_stage(stages: Sequence[Stage], outcome: Outcome) -> Stage | None:
    """Return the first stage of a pipeline that has this outcome, or None: then the outcome is set in place."""
    return next((stage for stage in stages if stage.outcome is outcome), None)
