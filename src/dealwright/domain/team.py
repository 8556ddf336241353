"""Teams: groups of contacts, with members and administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dealwright.domain.contact import replaced
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset

NAME_LENGTH: Final = 255


@dataclass(slots=True, kw_only=True)
class Team:
    """A group of contacts at a location. `extra` keeps what a vendor's record holds beyond a CRM."""

    id: int
    uid: str
    version: int
    location_id: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    name: str = ""
    description: str | None = None
    profile_website: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TeamChange:
    """What a deed says about a team: for each field nothing (UNSET) or a value.

    `members` and `administrators` (contact ids) replace, their deltas come after. `extra` holds the members to
    set (None takes one away), the others stay.
    """

    location_id: int | Unset = UNSET
    name: str | Unset = UNSET
    description: str | Unset | None = UNSET
    profile_website: str | Unset | None = UNSET
    system_id: str | Unset | None = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    members: Sequence[int] | Unset = UNSET
    added_members: Sequence[int] = ()
    removed_members: Sequence[int] = ()
    administrators: Sequence[int] | Unset = UNSET
    added_administrators: Sequence[int] = ()
    removed_administrators: Sequence[int] = ()

    def members_after(self, present: Iterable[int]) -> set[int]:
        """Return the ids of the members afterwards."""
        return replaced(present, self.members, self.added_members, self.removed_members)

    def administrators_after(self, present: Iterable[int]) -> set[int]:
        """Return the ids of the administrators afterwards."""
        return replaced(present, self.administrators, self.added_administrators, self.removed_administrators)


PLAIN: Final = ("location_id", "name", "description", "profile_website", "system_id")


def checked(change: TeamChange) -> TeamChange:
    """Return the change if its texts can be kept; refuses with Invalid listing those that cannot."""
    texts = {name: getattr(change, name) for name in PLAIN}
    if change.extra is not UNSET:
        texts |= {"extra": next((one for one in change.extra.values() if not _is_kept(one)), None)}
    problems = [
        Problem(name, "format", "holds characters that cannot be kept", text)
        for name, text in texts.items()
        if not _is_kept(text)
    ]
    if isinstance(change.name, str) and len(change.name) > NAME_LENGTH:
        problems.append(Problem("name", "too_long", f"has at most {NAME_LENGTH} characters", change.name[:40]))
    if problems:
        raise Invalid(*problems)
    return change


def _is_kept(value: object) -> bool:
    return not isinstance(value, str) or is_storable(value)


def changed(before: Team, change: TeamChange) -> Team:
    """Return the team as it is after a change; who belongs to it is not decided here."""
    after = replace(before, **{name: value for name in PLAIN if (value := getattr(change, name)) is not UNSET})
    after.name = after.name.strip()
    if change.extra is not UNSET:
        after.extra = {k: v for k, v in {**before.extra, **change.extra}.items() if v is not None}
    return after


def differences(before: Team, after: Team) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in (*PLAIN, "extra") if getattr(before, name) != getattr(after, name)]
