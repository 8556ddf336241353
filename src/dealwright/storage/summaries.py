"""All that is summed up ahead, by what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.storage import contact_tallies, tallies, totals
from dealwright.storage.folding import Summary

SUMMARIES: Final[Mapping[str, Summary]] = {
    "totals": totals.SUMMARY,
    "tallies": tallies.SUMMARY,
    "contacts": contact_tallies.SUMMARY,
}
