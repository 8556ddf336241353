"""Cases: side conversations about contacts, what a change of one says and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.opportunity import Sharing
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset

TITLE_LENGTH: Final = 255


@dataclass(slots=True, kw_only=True)
class Case:
    """A side conversation. `version` counts every change, participants, tags, custom values and access included."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    title: str = ""
    closed: bool = False
    private: bool = False

    def shared_by(self, actor: Actor) -> bool:
        """Tell whether this person may say who sees the case: CRM administrators and who made it."""
        return actor.is_crm_admin or self.created_by == actor.id


@dataclass(slots=True, kw_only=True)
class CaseChange:
    """What a deed says about a case: for each field nothing (UNSET) or a value.

    `members` replaces the participants (contact ids); those that are not there are left out. `custom` maps field ids
    to values; None clears, what is not mentioned stays. `notify` asks for a mail to the people the case is shared
    with. `keeps_values` takes custom values unchecked.
    """

    title: str | Unset = UNSET
    closed: bool | Unset = UNSET
    system_id: str | Unset | None = UNSET
    created_at: datetime | Unset = UNSET
    updated_at: datetime | Unset = UNSET
    members: Sequence[int] | Unset = UNSET
    custom: Mapping[int, str | None] = field(default_factory=dict)
    sharing: Sharing | Unset = UNSET
    notify: bool = False
    keeps_values: bool = False


_PLAIN: Final = ("title", "closed", "system_id", "created_at")
COMPARED: Final = ("created_by", "created_at", "system_id", "title", "closed", "private")
"""Fields whose difference makes a change a change."""


def checked(change: CaseChange) -> CaseChange:
    """Return the change if its values can be kept; refuses with Invalid listing every one that cannot."""
    said = {"title": change.title, "system_id": change.system_id}
    texts = [(name, value) for name, value in said.items() if isinstance(value, str)]
    texts += [("custom", value) for value in change.custom.values() if value]
    problems = [
        Problem(name, "format", "holds characters that cannot be kept", text)
        for name, text in texts
        if not is_storable(text)
    ]
    if isinstance(change.title, str) and len(change.title) > TITLE_LENGTH:
        problems.append(Problem("title", "too_long", f"has at most {TITLE_LENGTH} characters", change.title[:40]))
    if problems:
        raise Invalid(*problems)
    return change


def changed(before: Case, change: CaseChange) -> Case:
    """Return the case as it is after a change; refuses with Invalid ("title") one without a title.

    Participants, sharing and custom values are not decided here.
    """
    after = replace(before, **{name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET})
    after.title = after.title.strip()
    if not after.title:
        raise Invalid(Problem("title", "required", "is a required field", after.title))
    return after


def differences(before: Case, after: Case) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]


def kinds_of_change(names: Sequence[str], before: Case, after: Case) -> list[str]:
    """Return the kinds of the event of a change, given the names of the fields and links that differ."""
    kinds = ["case.changed"]
    if before.closed is not after.closed:
        kinds.append("case.closed" if after.closed else "case.reopened")
    if {"private", "shared_with"} & set(names):
        kinds.append("case.shared")
    return kinds
