"""Members of a body that a change of ours takes over as they were said."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET, Struct


def say(change: object, said: Struct, names: Iterable[str]) -> None:
    """Say in a change the members of these names that were mentioned."""
    for name in names:
        if (value := getattr(said, name)) is not UNSET:
            setattr(change, name, value)
