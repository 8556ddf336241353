"""Notes as stored: read with what they hang on and their files, written as decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import exists, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.file import File
from dealwright.domain.note import Note, System
from dealwright.domain.text import fold_all
from dealwright.domain.values import instant, micros
from dealwright.storage import files
from dealwright.storage.database import Database
from dealwright.storage.file_sight import file_visible_to, note_visible_to
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, json_rows, stamp_column
from dealwright.storage.query import JsonArray, JsonRows, Query, any_number, listed, number, rows_json
from dealwright.storage.schema import case, contact, note_file, opportunity
from dealwright.storage.schema import file as f
from dealwright.storage.schema import note as n
from dealwright.storage.sight import case_visible_to, contact_visible_to, seeing, sight_of, visible_to
from dealwright.storage.writes import Change, Insert, InsertMany, Made, Write, replaced, versioned

NEW: Final = Made("note")
_LINK: Final = ("note_id", "file_id")


@dataclass(slots=True)
class FullNote:
    """A note with its files, the card of its contact if that is seen, and the title of its deal or case."""

    note: Note
    contact: Brief | None = None
    opportunity_title: str | None = None
    case_title: str | None = None
    files: tuple[File, ...] = ()


@dataclass(slots=True)
class Named:
    """What a deed on a note names, as far as this person sees it; the files are all attachments or not."""

    contact: Brief | None
    opportunity_title: str | None
    case_title: str | None
    files: tuple[File, ...]


_COLUMNS = tuple(Note.__slots__)
_WIDTH = len(_COLUMNS)
_LINKS = 4


def _columns(sight: str) -> list[Any]:
    card, deal, side = contact.alias("note_contact"), opportunity.alias("note_deal"), case.alias("note_case")
    hanging = (
        select(brief_row(card)).where(card.c.id == n.c.contact_id, contact_visible_to(sight, card)),
        select(deal.c.title).where(deal.c.id == n.c.opportunity_id),
        select(side.c.title).where(side.c.id == n.c.case_id),
    )
    attached = rows_json(_file_row(), (note_file.c.note_id == n.c.id) & f.c.deleted_at.is_(None), n, _join_files())
    parts = [statement.correlate(n).scalar_subquery() for statement in hanging]
    return [*(n.c[name] for name in _COLUMNS), *parts, attached, stamp_column().label("stamp")]


def _file_row() -> Any:
    return JsonArray(*(f.c[name] for name in files.COLUMNS))


def _join_files() -> Any:
    return note_file.join(f, f.c.id == note_file.c.file_id)


@cache
def _one(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(n.c.id == number("id"), note_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(any_number(n.c.id, "ids"), note_visible_to(sight)))


@cache
def _named(sight: str) -> Query:
    card, deal, side = contact.alias("named_contact"), opportunity.alias("named_deal"), case.alias("named_case")
    own_file = any_number(f.c.id, "files") & file_visible_to(sight)
    parts = (
        select(brief_row(card)).where(card.c.id == number("contact"), contact_visible_to(sight, card)),
        select(JsonArray(deal.c.title)).where(deal.c.id == number("deal"), visible_to(sight, deal)),
        select(JsonArray(side.c.title)).where(side.c.id == number("case"), case_visible_to(sight, side)),
        select(func.coalesce(JsonRows(_file_row()), "[]")).where(own_file),
    )
    labelled = (part.scalar_subquery().label(f"named_{place}") for place, part in enumerate(parts))
    return Query(select(stamp_column().label("stamp"), *labelled))


def _full(row: Sequence[Any]) -> FullNote:
    values = dict(zip(_COLUMNS, row, strict=False))
    values["created_at"], values["updated_at"] = instant(values["created_at"]), instant(values["updated_at"])
    values["extra"] = msgspec.json.decode(values["extra"])
    card, deal, side, attached = row[_WIDTH : _WIDTH + _LINKS]
    return FullNote(Note(**values), _brief(card), deal, side, _files(attached))


def _brief(text: str | None) -> Brief | None:
    return brief_of(msgspec.json.decode(text)) if text else None


def _files(text: str | None) -> tuple[File, ...]:
    return tuple(sorted(map(files.file_of, json_rows(text)), key=lambda one: one.id))


async def read(db: Database, actor: Actor, note_id: int) -> FullNote:
    """Return a note; NotFound when it is not there for this person."""
    row = await db.first(_one(sight_of(actor)), id=note_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("note")
    check_stamp(actor, row[_WIDTH + _LINKS])
    return _full(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullNote]:
    """Return the notes that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + _LINKS])
    found = {full.note.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def named(db: Database, actor: Actor, note: Note, file_ids: Sequence[int] = ()) -> Named:
    """Return what a note hangs on, and files, as far as they are there for this person."""
    wanted = {"contact": note.contact_id, "deal": note.opportunity_id, "case": note.case_id, "files": listed(file_ids)}
    row = await db.first(_named(sight_of(actor)), **wanted, **seeing(actor))
    assert row is not None
    check_stamp(actor, row[0])
    deal, side = (msgspec.json.decode(text)[0] if text else None for text in row[2:4])
    return Named(_brief(row[1]), deal, side, _files(row[4]))


# The files of notes ------------------------------------------------------------------------------------------


_other = n.alias("other_note")
_ELSEWHERE = Query(
    select(note_file.c.file_id)
    .join(_other, _other.c.id == note_file.c.note_id)
    .where(any_number(note_file.c.file_id, "files"), _other.c.id != number("id"), _other.c.deleted_at.is_(None))
)
_living = note_file.alias("living_file")
_EMPTIED = Query(
    select(n.c.id)
    .join(note_file, note_file.c.note_id == n.c.id)
    .where(
        note_file.c.file_id == number("file"),
        n.c.category_id == int(System.FILES_UPLOADED),
        n.c.deleted_at.is_(None),
        ~exists(
            select(_living.c.file_id)
            .join(f, f.c.id == _living.c.file_id)
            .where(_living.c.note_id == n.c.id, _living.c.file_id != number("file"), f.c.deleted_at.is_(None))
            .correlate(n)
        ),
    )
)


async def attached_elsewhere(db: Database, note_id: int, file_ids: Sequence[int]) -> set[int]:
    """Return those of the files that hang on another living note as well, whoever may see it."""
    rows = await db.rows(_ELSEWHERE, files=listed(file_ids), id=note_id) if file_ids else []
    return {row[0] for row in rows}


async def emptied_by(db: Database, file_id: int) -> list[int]:
    """Return the notes that only tell of an upload of which nothing is left without this file."""
    return [row[0] for row in await db.rows(_EMPTIED, file=file_id)]


# Writes ------------------------------------------------------------------------------------------------------


def stored(note: Note, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a note."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(note, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "content" in columns:
        columns["content_fold"] = fold_all(note.content)
    if "extra" in columns:
        columns["extra"] = msgspec.json.encode(note.extra).decode()
    return columns


def inserted(note: Note) -> Insert:
    """Return the write of a new note, whose id will be known as `note`."""
    return Insert(n, stored(note, [name for name in _COLUMNS if name != "id"]), made=NEW.name)


def attached(ids: Sequence[int]) -> list[Write]:
    """Return the writes that hang files on the new note."""
    rows = [(NEW, one) for one in dict.fromkeys(ids)]
    return [InsertMany(note_file, _LINK, rows, keys=_LINK)] if rows else []


def reattached(note_id: int, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that make the files of a note what they are afterwards."""
    return replaced(note_file, _LINK, note_id, before, after)


def updated(note: Note, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ."""
    columns = stored(note, [*names, "updated_at", "updated_by"])
    return versioned(n, columns, note.id, version)


def trashed(note: Note, version: int, at: datetime) -> Write:
    """Return the guarded write that moves a note to the trash."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": note.updated_by}
    return versioned(n, gone, note.id, version)


def emptied(ids: Sequence[int], by: int | None, at: datetime) -> Write:
    """Return the write that moves notes to the trash whose files are gone."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": by}
    return Change(n, gone, {"id": list(ids), "deleted_at": None}, add={"version": 1})


def files_trashed(ids: Sequence[int], by: int | None, at: datetime) -> list[Write]:
    """Return the writes that move files to the trash with their note."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": by}
    return [Change(f, gone, {"id": list(ids), "deleted_at": None}, add={"version": 1})] if ids else []
