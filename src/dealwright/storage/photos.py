"""Photos and banners of contacts as stored: a contact names the files of each by their uids, then what it is called.

A photo has one file for each size, the smallest first; a banner has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import select

from dealwright.domain.actor import Actor
from dealwright.domain.file import File
from dealwright.domain.photo import Size
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.files import COLUMNS, file_of, inserted
from dealwright.storage.opportunities import confirm
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import contact as c
from dealwright.storage.schema import file as f
from dealwright.storage.sight import contact_visible_to, seeing, sight_of
from dealwright.storage.writes import Change, Write

_SIZES: Final = tuple(Size)


class Place(StrEnum):
    """Where a picture of a contact hangs; the values are the columns that name its files."""

    PHOTO = "photo"
    BANNER = "banner"


_FILES: Final[Mapping[Place, int]] = {Place.PHOTO: len(_SIZES), Place.BANNER: 1}


@cache
def _of_contact(sight: str, place: Place) -> Query:
    columns = (c.c[place.value], c.c.is_company, c.c.version)
    return Query(select(*columns).where(c.c.id == number("id"), contact_visible_to(sight)))


_BY_UID: Final = Query(
    select(*(f.c[name] for name in COLUMNS)).where(f.c.uid == words("uid"), f.c.deleted_at.is_(None))
)


async def of_contact(
    db: Database, actor: Actor, contact_id: int, place: Place = Place.PHOTO
) -> tuple[Sequence[str], bool] | None:
    """Return the uids of the files of a contact's picture (none: there is no picture) and whether it is a company.

    None where the contact is not there for this person.
    """
    row = await db.first(_of_contact(sight_of(actor), place), id=contact_id, **seeing(actor))
    await confirm(db, actor)
    return None if row is None else (_stored(row[0])[: _FILES[place]], bool(row[1]))


async def file_by_uid(db: Database, uid: str) -> File | None:
    """Return the file of a picture; None where it is gone."""
    row = await db.first(_BY_UID, uid=uid)
    return None if row is None else file_of(row)


def _stored(text: str | None) -> list[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []


def sized(uids: Sequence[str]) -> Mapping[Size, str]:
    """Return the uids of a photo by size."""
    return dict(zip(_SIZES, uids, strict=False))


def name_of(place: Place, stored: str | None) -> str | None:
    """Return what a picture is called, None where there is none. Those that came without a name bear their place's."""
    words_ = _stored(stored)
    return (words_[_FILES[place] :] or [place.value])[0] if words_ else None


def put(
    contact_id: int,
    version: int,
    place: Place,
    files: Sequence[File],
    name: str,
    gone: Sequence[str],
    by: int,
    at: datetime,
) -> list[Write]:
    """Return the writes that give a contact a picture of these files (none: no picture) instead of those that go."""
    told = [*(file.uid for file in files), *([name] if name else [])]
    kept = msgspec.json.encode(told).decode() if files else None
    row: dict[str, Any] = {place.value: kept, "updated_at": micros(at), "updated_by": by}
    guard = {"id": contact_id, "version": version}
    writes: list[Write] = [Change(c, row, guard, add={"version": 1}, expect=True)]
    writes += [inserted(file, f"picture{number_}") for number_, file in enumerate(files)]
    if gone:
        trash = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": by}
        writes.append(Change(f, trash, {"uid": list(gone), "deleted_at": None}, add={"version": 1}))
    return writes
