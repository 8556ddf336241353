"""The reports somebody had made, as files."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from dealwright.domain.actor import Actor
from dealwright.domain.file import File, Purpose
from dealwright.storage.database import Database
from dealwright.storage.files import COLUMNS, file_of
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import file as f

MOST: Final = 1000

_OWN: Final = Query(
    select(*(f.c[name] for name in COLUMNS))
    .where(f.c.purpose == words("purpose"), f.c.created_by == number("me"), f.c.deleted_at.is_(None))
    .order_by(f.c.id.desc())
    .limit(MOST)
)


async def own(db: Database, actor: Actor) -> list[File]:
    """Return the reports this person had made, the newest first, the last thousand at most."""
    return [file_of(row) for row in await db.rows(_OWN, purpose=str(Purpose.REPORT), me=actor.id)]
