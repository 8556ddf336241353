"""The longer commands by their names."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from dealwright.commands import hooks, sums, tables
from dealwright.config import Settings
from dealwright.storage.database import Database

Command = Callable[[Database, Settings, argparse.Namespace], Awaitable[int]]

COMMANDS: Final[Mapping[str, Command]] = {
    "import": tables.take_in,
    "export": tables.give_out,
    "webhook list": hooks.show,
    "webhook replay": hooks.replay,
    "recount": sums.recount,
}
