"""The commands that work inside the portal, by their names."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from dealwright.commands import accounts, hooks, sums, tables
from dealwright.config import Settings
from dealwright.storage.database import Database

Command = Callable[[Database, Settings, argparse.Namespace], Awaitable[int]]

COMMANDS: Final[Mapping[str, Command]] = {
    "user add": accounts.add,
    "user list": accounts.show,
    "user reset-two-factor": accounts.reset,
    "token create": accounts.make_token,
    "import": tables.take_in,
    "export": tables.give_out,
    "webhook list": hooks.show,
    "webhook replay": hooks.replay,
    "recount": sums.recount,
}
