"""The one-time link to the first account, as stored: a digest and an end, never the code itself."""

from __future__ import annotations

from sqlalchemy import literal, select

from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.schema import setting
from dealwright.storage.writes import Change, InsertMany

NAME = "setup_link"
_STORED = Query(select(setting.c.value).where(setting.c.name == literal(NAME)))


async def keep(db: Database, digest: str, until: int) -> None:
    """Keep the digest of a new code in place of the one before; `until` is a stored instant."""
    row = (NAME, f"{digest}:{until}")
    await db.write([InsertMany(setting, ("name", "value"), [row], keys=("name",))], None)


async def kept(db: Database) -> tuple[str, int] | None:
    """Return the digest and the end of the code, None when there is none."""
    row = await db.first(_STORED)
    digest, _, until = (row[0] if row else "").partition(":")
    return (digest, int(until)) if digest else None


async def use_up(db: Database, digest: str, until: int) -> None:
    """Take the code out of use; raises Lost when somebody else just did."""
    stored = {"name": NAME, "value": f"{digest}:{until}"}
    await db.write([Change(setting, {"value": ""}, stored, expect=True)], None)
