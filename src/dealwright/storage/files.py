"""Files as stored: what is known of them, who may have them, and which bytes nobody knows of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.file import File, Purpose
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.file_sight import file_visible_to
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, any_number, any_text, listed, number, words
from dealwright.storage.schema import file as f
from dealwright.storage.sight import seeing, sight_of
from dealwright.storage.writes import Change, Hold, Insert, Made, Write

NEW: Final = Made("file")
COLUMNS: Final = tuple(File.__slots__)

_encode = msgspec.json.encode


@cache
def _one(sight: str) -> Query:
    columns = (*(f.c[name] for name in COLUMNS), stamp_column().label("stamp"))
    return Query(select(*columns).where(f.c.id == number("id"), file_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    columns = (*(f.c[name] for name in COLUMNS), stamp_column().label("stamp"))
    return Query(select(*columns).where(any_number(f.c.id, "ids"), file_visible_to(sight)))


def file_of(row: Sequence[Any]) -> File:
    """Return the file of a row that starts with its columns."""
    values = dict(zip(COLUMNS, row, strict=False))
    values["created_at"], values["updated_at"] = instant(values["created_at"]), instant(values["updated_at"])
    values["purpose"], values["extra"] = Purpose(values["purpose"]), msgspec.json.decode(values["extra"])
    return File(**values)


async def read(db: Database, actor: Actor, file_id: int) -> File:
    """Return a file; NotFound when it is not there for this person."""
    row = await db.first(_one(sight_of(actor)), id=file_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("file")
    check_stamp(actor, row[len(COLUMNS)])
    return file_of(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[File]:
    """Return the files that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][len(COLUMNS)])
    found = {file.id: file for file in map(file_of, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


_KNOWN = Query(select(*(f.c[name] for name in COLUMNS)).where(f.c.id == number("id"), f.c.deleted_at.is_(None)))


async def read_known(db: Database, file_id: int) -> File | None:
    """Return a file that a record names as its own, whoever asks: the record's sight has decided; None if gone."""
    row = await db.first(_KNOWN, id=file_id)
    return None if row is None else file_of(row)


# Writes ------------------------------------------------------------------------------------------------------


def stored(file: File, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a file."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(file, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "extra" in columns:
        columns["extra"] = _encode(file.extra).decode()
    return columns


def inserted(file: File, made: str = NEW.name) -> Insert:
    """Return the write of a new file, whose id will be known as `file` unless another name is told."""
    return Insert(f, stored(file, [name for name in COLUMNS if name != "id"]), made=made)


def numbered(file: File) -> Insert:
    """Return the write of a new file that has its id already."""
    return Insert(f, stored(file, COLUMNS))


def trashed(file: File, by: int | None, at: datetime) -> Write:
    """Return the guarded write that moves a file to the trash."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": by}
    return Change(f, gone, {"id": file.id, "deleted_at": None}, add={"version": 1}, expect=True)


def used(ids: Iterable[int], at: datetime) -> list[Write]:
    """Return the writes by which something takes files up; they hold only while the files are there.

    Whoever would sweep a file away knows when it was last taken up, so that one of the two is too late.
    """
    known = sorted(set(ids))
    return [*(Hold(f, {"id": one, "deleted_at": None}) for one in known), *let_go(known, at)]


def let_go(ids: Iterable[int], at: datetime) -> list[Write]:
    """Return the writes by which something lets go of files: the time for which they may lie about begins anew."""
    known = sorted(set(ids))
    return [Change(f, {"used_at": micros(at)}, {"id": known})] if known else []


def swept(ident: int, used_at: int | None, at: datetime) -> Write:
    """Return the write that moves an upload to the trash if it was not taken up since then (None: ever)."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": None}
    return Change(f, gone, {"id": ident, "used_at": used_at, "deleted_at": None}, add={"version": 1}, expect=True)


# Sweeping ----------------------------------------------------------------------------------------------------

_KEYS = Query(select(f.c.key).where(any_text(f.c.key, "keys")))
_OLD = Query(
    select(f.c.id, f.c.key)
    .where(f.c.deleted_at.is_not(None), f.c.deleted_at <= number("before"), f.c.key != "")
    .order_by(f.c.deleted_at)
    .limit(number("most"))
)


async def known_keys(db: Database, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that a file has, in the trash or out of it."""
    return {row[0] for row in await db.rows(_KEYS, keys=listed(keys))} if keys else set()


async def old_trash(db: Database, before: datetime, most: int) -> Mapping[int, str]:
    """Return id and key of up to `most` files that were moved to the trash before an instant."""
    rows = await db.rows(_OLD, before=micros(before), most=most)
    return {row[0]: row[1] for row in rows}


def emptied(ids: Sequence[int]) -> Write:
    """Return the write that says of files in the trash that their bytes are there no more."""
    return Change(f, {"key": ""}, {"id": list(ids)})


# Agreement with the file store -------------------------------------------------------------------------------

_NEXT_KEY = Query(select(f.c.key).where(f.c.key > words("after")).order_by(f.c.key).limit(1))
_OF_DAY = Query(select(f.c.key, f.c.id).where(f.c.key > words("first"), f.c.key < words("beyond")), heavy=True)


async def days(db: Database) -> list[str]:
    """Return the days on which the bytes of files came, as `YYYYMMDD`, the oldest first."""
    found: list[str] = []
    after = ""
    while (row := await db.first(_NEXT_KEY, after=after)) is not None:
        found.append(row[0].partition("/")[0])
        after = f"{found[-1]}0"  # behind every key of the day: a digit comes after a slash
    return found


async def keys_of(db: Database, day: str) -> dict[str, int]:
    """Return the files whose bytes came on a day: their ids by their keys."""
    return {row[0]: row[1] for row in await db.rows(_OF_DAY, first=f"{day}/", beyond=f"{day}0")}
