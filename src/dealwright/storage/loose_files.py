"""Uploads that nothing has taken up: found a stretch of the table at a time, so that no look is long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import and_, exists, func, or_, select

from dealwright.domain.file import Purpose
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, number
from dealwright.storage.schema import document, import_file, note_file, work
from dealwright.storage.schema import file as f

STRETCH: Final = 2000
"""Rows that are looked at together."""

_named = (
    note_file.c.file_id == f.c.id,
    import_file.c.file_id == f.c.id,
    or_(document.c.file_id == f.c.id, document.c.signed_file_id == f.c.id),
)
_LOOSE = Query(
    select(f.c.id, f.c.used_at).where(
        f.c.id > number("after"),
        f.c.id <= number("last"),
        or_(f.c.purpose == str(Purpose.ATTACHMENT), f.c.purpose == str(Purpose.IMPORT)),
        f.c.deleted_at.is_(None),
        func.coalesce(f.c.used_at, f.c.created_at) <= number("before"),
        *(~exists(select(1).where(each).correlate(f)) for each in _named),
    ),
    heavy=True,
)
_stretch = select(f.c.id).where(f.c.id > number("after")).order_by(f.c.id).limit(number("most")).subquery()
_LAST = Query(select(func.max(_stretch.c.id)))
_with_files = and_(work.c.input.like('%"files":[%'), ~work.c.input.like('%"files":[]%'))
_WORKS = Query(select(work.c.input).where(or_(work.c.input.like('%"file_id":%'), _with_files)), heavy=True)


async def last_of_stretch(db: Database, after: int) -> int | None:
    """Return the last id of the stretch of files behind an id, None where there is none any more."""
    row = await db.first(_LAST, after=after, most=STRETCH)
    return None if row is None or row[0] is None else int(row[0])


async def loose(db: Database, after: int, last: int, before: datetime) -> dict[int, int | None]:
    """Return those uploads of a stretch that nothing names and nothing took up after an instant.

    With each comes when it was taken up last, as it is stored; None: never.
    """
    found = await db.rows(_LOOSE, after=after, last=last, before=micros(before))
    named = await _named_by_works(db) if found else frozenset()
    return {ident: used_at for ident, used_at in found if ident not in named}


async def _named_by_works(db: Database) -> frozenset[int]:
    """Return the files that long work reads, or sent along, for as long as it is known."""
    inputs = [msgspec.json.decode(row[0]) for row in await db.rows(_WORKS)]
    return frozenset(ident for each in inputs for ident in _files_of(each))


def _files_of(given: Mapping[str, object]) -> Sequence[int]:
    several = given.get("files", [])
    return [one for one in (given.get("file_id"), *(several if isinstance(several, list) else [])) if type(one) is int]
