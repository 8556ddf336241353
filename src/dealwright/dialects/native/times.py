"""Instants and days that a client says, as instants in UTC: they must lie in the years 1 to 9999 there too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from msgspec import UnsetType

from dealwright.dialects.native.problems import bad_query
from dealwright.domain.errors import Problem

_OUTSIDE: Final = "must lie in the years 1 to 9999 in UTC"


def bound(parameter: str, said: datetime | UnsetType) -> datetime | None:
    """Return a bound of a list, None where nothing is said; refuses with 400 what no instant in UTC is."""
    if isinstance(said, UnsetType):
        return None
    try:
        return said.astimezone(UTC)
    except OverflowError:
        raise bad_query(parameter, "out_of_range", _OUTSIDE) from None


def say(change: object, name: str, said: datetime | UnsetType | None) -> Iterator[Problem]:
    """Say an instant in a change, or nothing where nothing is said; yields what is wrong with it."""
    if isinstance(said, UnsetType):
        return
    try:
        setattr(change, name, None if said is None else said.astimezone(UTC))
    except OverflowError:
        yield Problem(name, "out_of_range", _OUTSIDE)
