"""Outages: what a full disk or a database that is away says, in our words; they are nobody's mistake and pass."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

RETRY_SECONDS: Final = 30
"""When somebody who was sent away may come again."""

FULL: Final = "the disk is full"
_OF_SYSTEM: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: "the disk is read-only",
}
_OF_SQLITE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: "the disk refuses",
    sqlite3.SQLITE_READONLY: "the database file is read-only",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
}
_PRIMARY: Final = 0xFF


class Outage(Exception):
    """The database or a disk is not at our service right now; the message says why."""

    @property
    def told(self) -> str:
        """What a client hears."""
        return f"This cannot be done right now: {self}."


class Unreachable(Outage):
    """The database cannot be reached right now; whether a write was committed is not known."""

    @property
    def told(self) -> str:
        """What a client hears; what the driver says is not for everybody."""
        return "The database cannot be reached right now; whether anything was done is not known."


class Unwritable(Outage):
    """What was to be kept was not taken, for want of room or because the disk refuses; reading goes on."""

    @property
    def told(self) -> str:
        """What a client hears."""
        return f"Nothing can be written right now: {self}."


def outage_of(trouble: Exception) -> Outage | None:
    """Return the outage that is behind an exception, None where there is none: files are written in many places."""
    if isinstance(trouble, Outage):
        return trouble
    why = _OF_SYSTEM.get(trouble.errno) if isinstance(trouble, OSError) else None
    return None if why is None else Unwritable(why)


class Room:
    """Whether a store takes what it is given: a refusal is remembered until somebody looks again.

    That something small was taken meanwhile does not tell.
    """

    def __init__(self) -> None:
        self.refusal: Unwritable | None = None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Write something inside; what the disk says against it becomes Unwritable."""
        try:
            yield
        except Exception as error:
            refusal = _refusal(error)
            if refusal is None or refusal is error:
                self.refusal = refusal or self.refusal
                raise
            self.refusal = refusal
            raise refusal from error


def _refusal(error: Exception) -> Unwritable | None:
    if isinstance(error, sqlite3.Error):
        why = _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
        return None if why is None else Unwritable(why)
    found = outage_of(error)
    return found if isinstance(found, Unwritable) else None
