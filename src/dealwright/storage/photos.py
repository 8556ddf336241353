"""Photos of contacts as stored: a contact names the files of its photo, one for each size, by their uids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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


@cache
def _of_contact(sight: str) -> Query:
    columns = (c.c.photo, c.c.is_company, c.c.version)
    return Query(select(*columns).where(c.c.id == number("id"), contact_visible_to(sight)))


_BY_UID: Final = Query(
    select(*(f.c[name] for name in COLUMNS)).where(f.c.uid == words("uid"), f.c.deleted_at.is_(None))
)


async def of_contact(db: Database, actor: Actor, contact_id: int) -> tuple[Mapping[Size, str], bool] | None:
    """Return the uids of a contact's photo by size (none: there is no photo) and whether it is a company.

    None where the contact is not there for this person.
    """
    row = await db.first(_of_contact(sight_of(actor)), id=contact_id, **seeing(actor))
    await confirm(db, actor)
    return None if row is None else (_named(row[0]), bool(row[1]))


async def file_by_uid(db: Database, uid: str) -> File | None:
    """Return the file of a photo; None where it is gone."""
    row = await db.first(_BY_UID, uid=uid)
    return None if row is None else file_of(row)


def _named(stored: str | None) -> Mapping[Size, str]:
    return dict(zip(_SIZES, msgspec.json.decode(stored), strict=False)) if stored else {}


def put(
    contact_id: int, version: int, files: Mapping[Size, File], gone: Sequence[str], by: int, at: datetime
) -> list[Write]:
    """Return the writes that give a contact the photo of these files (none: no photo) instead of those that go."""
    kept = msgspec.json.encode([files[size].uid for size in _SIZES]).decode() if files else None
    row: dict[str, Any] = {"photo": kept, "updated_at": micros(at), "updated_by": by}
    guard = {"id": contact_id, "version": version}
    writes: list[Write] = [Change(c, row, guard, add={"version": 1}, expect=True)]
    writes += [inserted(file, f"photo{size}") for size, file in files.items()]
    if gone:
        trash = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": by}
        writes.append(Change(f, trash, {"uid": list(gone), "deleted_at": None}, add={"version": 1}))
    return writes
