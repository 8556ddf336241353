"""People as a client says them, by id: whose a record is and who sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import UnsetType

from dealwright.domain.errors import Problem
from dealwright.domain.opportunity import Sharing
from dealwright.domain.values import Unset
from dealwright.storage.rules import Rules


class Shared(Protocol):
    """A change of who sees a record."""

    sharing: Sharing | Unset


def say(change: object, name: str, said: int | UnsetType | None, rules: Rules) -> Iterator[Problem]:
    """Say somebody in a change, or nothing where nothing is said; yields that there is no such user."""
    if isinstance(said, UnsetType):
        return
    user = rules.users.get(said or 0)
    if said is not None and user is None:
        yield Problem(name, "unknown", "is no user")
    else:
        setattr(change, name, None if user is None else user.uid)


def share(change: Shared, said: Sequence[int] | UnsetType | None, rules: Rules) -> Iterator[Problem]:
    """Say who sees a record, None for all who may; yields who is no user."""
    if isinstance(said, UnsetType):
        return
    people = said or ()
    yield from (Problem("sharing", "unknown", f"{one} is no user") for one in people if one not in rules.users)
    known = tuple(rules.users[one].uid for one in people if one in rules.users)
    change.sharing = Sharing() if said is None else Sharing(True, known)
