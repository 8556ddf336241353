"""Opening a database by its address; the one name from which the rest of the house takes it."""

from __future__ import annotations

from typing import Any

from dealwright.storage.base import Database, Reservations, TooWide, Turns
from dealwright.storage.blobs import Blobs, default_address
from dealwright.storage.writes import Lost


async def connect(url: str, files: str = "", **options: Any) -> Database:
    """Open `sqlite:///path` or `postgresql://…` and read the rules. The schema must be up to date.

    `files` is the address of the file store; without one files lie in a folder beside the database.
    """
    database: Database
    if url.startswith("sqlite:"):
        from dealwright.storage.sqlite import SqliteDatabase  # noqa: PLC0415

        database = SqliteDatabase(sqlite_path(url), **options)
    else:
        from dealwright.storage.postgres import PostgresDatabase  # noqa: PLC0415

        database = await PostgresDatabase.open(url, **options)
    database.blobs = Blobs(files or default_address(url))
    await database.refresh()
    return database


def sqlite_path(url: str) -> str:
    """Return the file that a `sqlite:///…` address names (four slashes: an absolute path)."""
    return url.removeprefix("sqlite:///")


__all__ = ["Database", "Lost", "Reservations", "TooWide", "Turns", "connect", "sqlite_path"]
