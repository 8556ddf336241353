"""The portal's settings as written: texts by name; they are read from the rules."""

from __future__ import annotations

from collections.abc import Mapping

from dealwright.storage.schema import setting
from dealwright.storage.writes import InsertMany


def kept(values: Mapping[str, str]) -> InsertMany:
    """Return the write that keeps these settings, in place of what they were."""
    return InsertMany(setting, ("name", "value"), list(values.items()), keys=("name",))
