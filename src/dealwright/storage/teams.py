"""Teams as stored: read whole, found by a few criteria, written as decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final

import msgspec
from sqlalchemy import Select, and_, func, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.team import Team
from dealwright.domain.text import fold
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Finder, Folded, Shape
from dealwright.storage.keyset import Ordered
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, json_rows, stamp_column
from dealwright.storage.query import (
    Found,
    JsonArray,
    JsonRows,
    Page,
    Query,
    any_number,
    listed,
    number,
    rows_json,
    words,
)
from dealwright.storage.schema import contact, team, team_contact
from dealwright.storage.search import occurs
from dealwright.storage.writes import Change, Insert, InsertMany, Made, Write, versioned

NEW = Made("team")


@dataclass(slots=True)
class FullTeam:
    """A team with the cards of its members and administrators, by id; a card tells who may see the contact."""

    team: Team
    members: tuple[Brief, ...] = ()
    administrators: tuple[Brief, ...] = ()


@dataclass(slots=True)
class Loaded:
    """A team as a change needs it: beside the team the contacts that the change names."""

    full: FullTeam
    contacts: dict[int, Brief]


class TeamOrder(Enum):
    """What a list of teams can be ordered by; every order ends with the id."""

    ID = "id"
    NAME = "name_fold"
    CREATED = "created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCriteria(Criteria):
    """Which teams; None means any. `name` is the whole name, `name_part` a part of it, case and accents aside."""

    FOLDED: ClassVar[Folded] = {"name": fold, "name_part": fold}

    ids: Sequence[int] | None = None
    location_id: int | None = None
    name: str | None = None
    name_part: str | None = None
    member_id: int | None = None


_COLUMNS = tuple(Team.__slots__)
_WIDTH = len(_COLUMNS)
_NEVER = instant(0)


def _columns() -> list[Any]:
    one = contact.alias("team_member")
    belonging = rows_json(
        JsonArray(brief_row(one), team_contact.c.is_member, team_contact.c.is_administrator),
        and_(team_contact.c.team_id == team.c.id, one.c.deleted_at.is_(None)),
        team,
        team_contact.join(one, one.c.id == team_contact.c.contact_id),
    )
    return [*(team.c[name] for name in _COLUMNS), belonging, stamp_column().label("stamp")]


def _named() -> Any:
    one = contact.alias("named_contact")
    found = select(func.coalesce(JsonRows(brief_row(one)), "[]"))
    return found.where(any_number(one.c.id, "named"), one.c.deleted_at.is_(None)).scalar_subquery().label("named_rows")


_ONE = Query(select(*_columns()).where(team.c.id == number("id"), team.c.deleted_at.is_(None)))
_MANY = Query(select(*_columns()).where(any_number(team.c.id, "ids"), team.c.deleted_at.is_(None)))
_FOR_CHANGE = Query(select(*_columns(), _named()).where(team.c.id == number("id"), team.c.deleted_at.is_(None)))
_FOR_CREATION = Query(select(stamp_column().label("stamp"), _named()))


def _full(row: Sequence[Any]) -> FullTeam:
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at"):
        values[name] = instant(values[name])
    values["extra"] = msgspec.json.decode(values["extra"])
    found = [(brief_of(card), member, leads) for card, member, leads in json_rows(row[_WIDTH])]
    found.sort(key=lambda one: one[0].id)
    members = tuple(card for card, member, _ in found if member)
    return FullTeam(Team(**values), members, tuple(card for card, _, leads in found if leads))


async def read(db: Database, actor: Actor, team_id: int) -> FullTeam:
    """Return a team; NotFound when it is not there."""
    row = await db.first(_ONE, id=team_id)
    if row is None:
        await confirm(db, actor)
        raise NotFound("team")
    check_stamp(actor, row[_WIDTH + 1])
    return _full(row)


_TRASHED = Query(select(*_columns()).where(team.c.id == number("id"), team.c.deleted_at.is_not(None)))


async def read_trashed(db: Database, actor: Actor, team_id: int) -> FullTeam:
    """Return a team in the trash; NotFound when it is not there."""
    row = await db.first(_TRASHED, id=team_id)
    if row is None:
        await confirm(db, actor)
        raise NotFound("team")
    check_stamp(actor, row[_WIDTH + 1])
    return _full(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullTeam]:
    """Return the teams that are there, in the order of the ids."""
    rows = await db.rows(_MANY, ids=listed(ids)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + 1])
    found = {full.team.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def load(db: Database, actor: Actor, team_id: int, named: Collection[int]) -> Loaded:
    """Return a team with the contacts that a change of it names; NotFound when it is not there."""
    row = await db.first(_FOR_CHANGE, id=team_id, named=listed(sorted(named)))
    if row is None:
        await confirm(db, actor)
        raise NotFound("team")
    check_stamp(actor, row[_WIDTH + 1])
    return Loaded(_full(row), _by_ids(row[_WIDTH + 2]))


async def prepare(db: Database, actor: Actor, location_id: int, named: Collection[int]) -> Loaded:
    """Return what the creation of a team names; its team holds nothing yet."""
    row = await db.first(_FOR_CREATION, named=listed(sorted(named)))
    assert row is not None
    check_stamp(actor, row[0])
    blank = Team(id=0, uid="", version=1, location_id=location_id, created_at=_NEVER, updated_at=_NEVER)
    return Loaded(FullTeam(blank), _by_ids(row[1]))


def _by_ids(text: str) -> dict[int, Brief]:
    return {brief.id: brief for brief in map(brief_of, json_rows(text))}


def _with_member() -> Any:
    found = select(team_contact.c.team_id).where(team_contact.c.contact_id == number("member_id"))
    return team.c.id.in_(found.where(or_(team_contact.c.is_member, team_contact.c.is_administrator)))


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(team.c.id, "ids"),
    "location_id": lambda: team.c.location_id == number("location_id"),
    "name": lambda: team.c.name_fold == words("name"),
    "name_part": lambda: occurs(team.c.name_fold, "name_part"),
    "member_id": _with_member,
}


def _filtered(_: str, shape: Shape) -> Select[Any]:
    """The ids of the teams that match; a team is there for everybody who may list teams."""
    return select(team.c.id).where(team.c.deleted_at.is_(None), *(_CONDITIONS[name]() for name in shape))


def _ordered(order: TeamOrder, descending: bool) -> list[Ordered]:
    return [Ordered(team.c[name], descending) for name in dict.fromkeys((order.value, "id"))]


_FINDER: Final = Finder[TeamCriteria, TeamOrder](_filtered, _ordered)
find_places = _FINDER.find_places
total = _FINDER.total


@cache
def _page(shape: Shape, order: TeamOrder, descending: bool) -> Query:
    columns = dict.fromkeys((team.c[order.value], team.c.id))
    statement = _filtered("", shape).order_by(*(column.desc() if descending else column for column in columns))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


async def find(
    db: Database, actor: Actor, criteria: TeamCriteria, page: Page, order: TeamOrder, descending: bool
) -> Found[FullTeam]:
    """Return a page of the teams that match, and exactly how many there are."""
    query = _page(criteria.shape, order, descending)
    rows = await db.rows(query, **criteria.given(), page_limit=page.limit, page_offset=page.offset)
    whole = await _FINDER.total_beside(db, actor, criteria, page, len(rows))
    return Found(await read_many(db, actor, [row[0] for row in rows]), whole)


# Writes ------------------------------------------------------------------------------------------------------


def stored(whole: Team, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a team."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "extra" in columns:
        columns["extra"] = msgspec.json.encode(whole.extra).decode()
    if "name" in columns:
        columns["name_fold"] = fold(whole.name)
    return columns


def inserted(whole: Team) -> Insert:
    """Return the write of a new team, whose id will be known as `team`."""
    return Insert(team, stored(whole, [name for name in _COLUMNS if name != "id"]), made=NEW.name)


def updated(whole: Team, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    return versioned(team, columns, whole.id, version)


def trashed(whole: Team, version: int, at: datetime) -> Change:
    """Return the write that moves a team to the trash; who belongs to it stays with it."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": whole.updated_by}
    return versioned(team, gone, whole.id, version)


def returned(whole: Team, version: int, at: datetime) -> Change:
    """Return the write that takes a team back from the trash."""
    back = {"deleted_at": None, "updated_at": micros(at), "updated_by": whole.updated_by}
    return versioned(team, back, whole.id, version)


def belonging(ident: int | Made, before: FullTeam, after: FullTeam) -> list[Write]:
    """Return the writes that make members and administrators of a team what they are afterwards."""
    old, new = _flags(before), _flags(after)
    columns = ("team_id", "contact_id", "is_member", "is_administrator")
    rows = [
        (ident, one, *new.get(one, (False, False)))
        for one in sorted({*old, *new})
        if old.get(one) != new.get(one, (False, False))
    ]
    return [InsertMany(team_contact, columns, rows, keys=columns[:2])] if rows else []


def _flags(full: FullTeam) -> dict[int, tuple[bool, bool]]:
    members, leads = ({card.id for card in cards} for cards in (full.members, full.administrators))
    return {one: (one in members, one in leads) for one in members | leads}
