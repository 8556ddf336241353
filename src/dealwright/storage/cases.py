"""Reading cases: one with everything a change needs, many with everything a face shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Table, and_, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.case import Case
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.values import instant
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, json_rows, stamp_column
from dealwright.storage.query import JsonArray, JsonRows, Query, any_number, listed, number, rows_json
from dealwright.storage.schema import case, case_member, case_share, case_tag, case_value, contact, tag
from dealwright.storage.sight import case_visible_to, seeing, sight_of


@dataclass(slots=True)
class FullCase:
    """A case with what hangs on it: participants, access list, custom values, tags."""

    case: Case
    members: tuple[Brief, ...] = ()
    shared_with: tuple[str, ...] = ()
    custom: Mapping[int, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Loaded:
    """A case as a change needs it: beside the case the contacts that the change points at."""

    full: FullCase
    refs: Mapping[int, Brief]


_COLUMNS = tuple(Case.__slots__)
_WIDTH = len(_COLUMNS)
_STAMP = _WIDTH + 4
_NEVER = instant(0)


def _links(outer: Table) -> list[Any]:
    member = contact.alias("member_contact")
    return [
        rows_json(
            brief_row(member),
            and_(case_member.c.case_id == outer.c.id, member.c.deleted_at.is_(None)),
            outer,
            case_member.join(member, member.c.id == case_member.c.contact_id),
        ),
        rows_json(JsonArray(case_share.c.user_uid), case_share.c.case_id == outer.c.id, outer),
        rows_json(JsonArray(case_value.c.field_id, case_value.c.value), case_value.c.case_id == outer.c.id, outer),
        rows_json(
            JsonArray(tag.c.title),
            case_tag.c.case_id == outer.c.id,
            outer,
            case_tag.join(tag, tag.c.id == case_tag.c.tag_id),
        ),
    ]


def _columns() -> list[Any]:
    return [*(case.c[name] for name in _COLUMNS), *_links(case), stamp_column().label("stamp")]


def _refs() -> Any:
    wanted = contact.alias("wanted_contact")
    found = and_(any_number(wanted.c.id, "refs"), wanted.c.deleted_at.is_(None))
    return select(func.coalesce(JsonRows(brief_row(wanted)), "[]")).where(found).scalar_subquery().label("refs")


@cache
def _one(sight: str) -> Query:
    return Query(select(*_columns()).where(case.c.id == number("id"), case_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns()).where(any_number(case.c.id, "ids"), case_visible_to(sight)))


@cache
def _for_change(sight: str) -> Query:
    return Query(select(*_columns(), _refs()).where(case.c.id == number("id"), case_visible_to(sight)))


@cache
def _for_creation() -> Query:
    return Query(select(stamp_column().label("stamp"), _refs()))


@cache
def _trashed(sight: str) -> Query:
    there = (case.c.id == number("id"), case_visible_to(sight, trashed=True))
    return Query(select(*_columns(), case.c.deleted_at).where(*there))


def _full(row: Sequence[Any]) -> FullCase:
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at"):
        values[name] = instant(values[name])
    for name in ("closed", "private"):
        values[name] = bool(values[name])
    members, shares, custom, tags = row[_WIDTH:_STAMP]
    return FullCase(
        Case(**values),
        members=tuple(sorted(map(brief_of, json_rows(members)), key=lambda brief: brief.id)),
        shared_with=tuple(sorted(found[0] for found in json_rows(shares))),
        custom=dict(json_rows(custom)),
        tags=tuple(sorted(found[0] for found in json_rows(tags))),
    )


def _by_id(text: str) -> dict[int, Brief]:
    return {brief.id: brief for brief in map(brief_of, json_rows(text))}


async def _found(db: Database, actor: Actor, query: Query, **given: Any) -> Sequence[Any]:
    row = await db.first(query, **given, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("case")
    check_stamp(actor, row[_STAMP])
    return row


async def read(db: Database, actor: Actor, case_id: int) -> FullCase:
    """Return a case; NotFound when it is not there for this person."""
    return _full(await _found(db, actor, _one(sight_of(actor)), id=case_id))


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullCase]:
    """Return the cases that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_STAMP])
    found = {full.case.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def load(db: Database, actor: Actor, case_id: int, refs: Sequence[int]) -> Loaded:
    """Return a case with the contacts a change of it points at; NotFound when it is not there for this person."""
    row = await _found(db, actor, _for_change(sight_of(actor)), id=case_id, refs=listed(refs))
    return Loaded(_full(row), _by_id(row[_STAMP + 1]))


async def prepare(db: Database, actor: Actor, refs: Sequence[int]) -> Loaded:
    """Return the contacts that the creation of a case points at; its case holds nothing yet."""
    row = await db.first(_for_creation(), refs=listed(refs))
    assert row is not None
    check_stamp(actor, row[0])
    return Loaded(FullCase(Case(id=0, uid="", version=1, created_at=_NEVER, updated_at=_NEVER)), _by_id(row[1]))


async def read_trashed(db: Database, actor: Actor, case_id: int) -> tuple[FullCase, int]:
    """Return a case in the trash and the stored moment it went there; NotFound when it is not there."""
    row = await _found(db, actor, _trashed(sight_of(actor)), id=case_id)
    return _full(row), row[_STAMP + 1]


_EXISTS = Query(select(case.c.id).where(case.c.id == number("id"), case.c.deleted_at.is_(None)))


async def exists_for_anybody(db: Database, case_id: int) -> bool:
    """Tell whether a case is there at all: for the contracts that answer hidden and missing differently."""
    return await db.first(_EXISTS, id=case_id) is not None
