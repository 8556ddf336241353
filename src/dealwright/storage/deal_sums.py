"""What deals come to in everything that is summed up of them, for statements that change many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from dealwright.storage import tallies, totals

COLUMNS: Final[Mapping[str, str]] = {
    name: f"opportunity.{name}" for name in dict.fromkeys((*totals.COLUMNS, *tallies.COLUMNS))
}
"""What of a deal decides what it adds to the sums: the columns by name, as expressions over the table."""


class Side(NamedTuple):
    """Deals as they were (sign `-`) or as they will be: what holds them, with `id` and the columns of `COLUMNS`.

    `private` says whether they are.
    """

    rows: str
    sign: str = ""
    private: str = "private"


def carried(name: str, *sides: Side) -> dict[str, str]:
    """Return the statements that carry both sides of a change into the sums, by names that begin with this one."""
    return {
        f"{name}_totalled": totals.SUMMARY.carried(*(totals.said(*side) for side in sides)),
        f"{name}_tallied": tallies.SUMMARY.carried(*(tallies.said(*side) for side in sides)),
    }
