"""Reading deals: one with everything a change needs, many with everything a list shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table, and_, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief, Share
from dealwright.domain.errors import NotFound, RulesMoved
from dealwright.domain.opportunity import Opportunity
from dealwright.domain.pipeline import Outcome
from dealwright.domain.place import Neighbours
from dealwright.domain.values import instant, join
from dealwright.storage.database import Database
from dealwright.storage.query import (
    JsonArray,
    JsonNested,
    JsonRows,
    Query,
    any_number,
    listed,
    number,
    rows_json,
)
from dealwright.storage.schema import (
    contact,
    contact_manager,
    opportunity,
    opportunity_member,
    opportunity_share,
    opportunity_tag,
    opportunity_value,
    rules,
    tag,
    team,
)
from dealwright.storage.sight import is_invoiced, seeing, sight_of, visible_to
from dealwright.storage.tokens import present_stamp


@dataclass(slots=True)
class Deal:
    """A deal with what hangs on it: primary contact, participants, access list, custom values, tags."""

    opportunity: Opportunity
    contact: Brief | None = None
    members: tuple[Brief, ...] = ()
    shared_with: tuple[str, ...] = ()
    custom: Mapping[int, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Loaded:
    """A deal as a change needs it: beside the deal the records the change points at, and the place it asks for."""

    deal: Deal
    refs: Mapping[int, Brief]
    team_found: bool
    around: Neighbours


_TIMES = (
    "created_at",
    "updated_at",
    "moved_at",
    "expected_close",
    "closed_at",
    "won_at",
    "lost_at",
    "follow_up_at",
)
_COLUMNS = tuple(name for name in Opportunity.__slots__ if name not in {"amount"})
_WIDTH = len(_COLUMNS) + 2
_decode = msgspec.json.decode


def brief_row(table: Any = contact) -> Any:
    """Return the card of a contact as one JSON row, for `brief_of`."""
    managers = (
        select(JsonNested(contact_manager.c.user_uid))
        .where(contact_manager.c.contact_id == table.c.id)
        .correlate(table)
        .scalar_subquery()
    )
    columns = (table.c.id, table.c.is_company, table.c.display_name, table.c.sharing, table.c.currency)
    return JsonArray(*columns, table.c.email, table.c.company_name, managers, is_invoiced(table))


def _columns() -> list[Any]:
    """The columns of a deal itself, in the order in which `_opportunity` reads them."""
    return [
        *(opportunity.c[name] for name in _COLUMNS),
        opportunity.c.amount_units,
        opportunity.c.amount_nanos,
    ]


def _links(outer: Table) -> list[Any]:
    primary, member = contact.alias("primary_contact"), contact.alias("member_contact")
    return [
        select(brief_row(primary))
        .where(primary.c.id == outer.c.contact_id, primary.c.deleted_at.is_(None))
        .correlate(outer)
        .scalar_subquery(),
        rows_json(
            brief_row(member),
            and_(opportunity_member.c.opportunity_id == outer.c.id, member.c.deleted_at.is_(None)),
            outer,
            opportunity_member.join(member, member.c.id == opportunity_member.c.contact_id),
        ),
        rows_json(JsonArray(opportunity_share.c.user_uid), opportunity_share.c.opportunity_id == outer.c.id, outer),
        rows_json(
            JsonArray(opportunity_value.c.field_id, opportunity_value.c.value),
            opportunity_value.c.opportunity_id == outer.c.id,
            outer,
        ),
        rows_json(
            JsonArray(tag.c.title),
            opportunity_tag.c.opportunity_id == outer.c.id,
            outer,
            opportunity_tag.join(tag, tag.c.id == opportunity_tag.c.tag_id),
        ),
    ]


def stamp_column() -> Any:
    """Return the present rules stamp as a column, for `check_stamp`."""
    return select(rules.c.stamp).scalar_subquery()


def opportunity_of(row: Sequence[Any]) -> Opportunity:
    """Return the deal of a row that starts with its columns."""
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in _TIMES:
        if values[name] is not None:
            values[name] = instant(values[name])
    units = row[_WIDTH - 2]
    values["amount"] = None if units is None else join(units, row[_WIDTH - 1])
    values["outcome"] = Outcome(values["outcome"])
    values["completed"], values["reminded"] = bool(values["completed"]), bool(values["reminded"])
    values["private"] = bool(values["private"])
    return Opportunity(**values)


def brief_of(row: Sequence[Any]) -> Brief:
    """Return the card of a contact from its JSON row."""
    ident, company, name, sharing, currency, email, company_name, managers, invoiced = row
    seen_by = tuple(managers or ())
    return Brief(ident, bool(company), name, Share(sharing), currency, email, company_name, seen_by, bool(invoiced))


def _deal(row: Sequence[Any]) -> Deal:
    primary, members, shares, values, tags = row[_WIDTH : _WIDTH + 5]
    return Deal(
        opportunity_of(row),
        contact=brief_of(_decode(primary)) if primary else None,
        members=tuple(sorted((brief_of(found) for found in json_rows(members)), key=_by_id)),
        shared_with=tuple(sorted(found[0] for found in json_rows(shares))),
        custom=dict(json_rows(values)),
        tags=tuple(sorted(found[0] for found in json_rows(tags))),
    )


def _by_id(brief: Brief) -> int:
    return brief.id


def json_rows(text: str | None) -> list[Any]:
    """Return the rows of a JSON text that `rows_json` made; none where it is empty."""
    return _decode(text) if text and text != "[]" else []


@cache
def _one(sight: str) -> Query:
    return Query(
        select(*_columns(), *_links(opportunity), stamp_column().label("stamp")).where(
            opportunity.c.id == number("id"), visible_to(sight)
        )
    )


@cache
def _many(sight: str) -> Query:
    return Query(
        select(*_columns(), *_links(opportunity), stamp_column().label("stamp")).where(
            any_number(opportunity.c.id, "ids"), visible_to(sight)
        )
    )


@cache
def _for_change(sight: str, refers: bool, places: bool) -> Query:
    extra: list[Any] = [stamp_column().label("stamp")]
    if refers:
        extra += [_refs().label("refs"), _team_found().label("team_found")]
    if places:
        extra += _around()
    return Query(
        select(*_columns(), *_links(opportunity), *extra).where(opportunity.c.id == number("id"), visible_to(sight))
    )


@cache
def _for_creation() -> Query:
    return Query(
        select(stamp_column().label("stamp"), _refs().label("refs"), _team_found().label("team_found"), *_around())
    )


def _refs() -> Any:
    wanted = contact.alias("wanted_contact")
    found = and_(any_number(wanted.c.id, "refs"), wanted.c.deleted_at.is_(None))
    return select(func.coalesce(JsonRows(brief_row(wanted)), "[]")).where(found).scalar_subquery()


def _team_found() -> Any:
    return select(team.c.id).where(team.c.id == number("team"), team.c.deleted_at.is_(None)).scalar_subquery()


def _around() -> list[Any]:
    """The last position of the stage entered, and those before and after the place asked for (own card left out)."""
    other = opportunity.alias("other_card")
    here = and_(other.c.stage_id == number("to_stage"), other.c.id != number("id"), other.c.position.is_not(None))
    before, after = other.c.position < number("place"), other.c.position >= number("place")
    return [
        select(func.max(other.c.position)).where(here).scalar_subquery().label("last_place"),
        select(func.max(other.c.position)).where(here, before).scalar_subquery().label("place_before"),
        select(func.min(other.c.position)).where(here, after).scalar_subquery().label("place_after"),
    ]


def check_stamp(actor: Actor, stamp: int) -> None:
    """Raise RulesMoved unless the rules are still those under which the person signed in."""
    if stamp != actor.stamp:
        raise RulesMoved


async def read(db: Database, actor: Actor, opportunity_id: int) -> Deal:
    """Return a deal; NotFound when it is not there for this person."""
    row = await db.first(_one(sight_of(actor)), id=opportunity_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("opportunity")
    check_stamp(actor, row[_WIDTH + 5])
    return _deal(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[Deal]:
    """Return the deals that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + 5])
    found = {deal.opportunity.id: deal for deal in map(_deal, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def load(
    db: Database,
    actor: Actor,
    opportunity_id: int,
    refs: Sequence[int],
    team_id: int | None,
    to_stage: int | None,
    place: int | None,
) -> Loaded:
    """Return a deal with what a change of it needs to know; NotFound when it is not there for this person.

    `refs` are contacts the change points at, `to_stage` the stage it names (None: no move), `place` the position
    it asks for there.
    """
    refers, places = bool(refs) or team_id is not None, to_stage is not None
    query = _for_change(sight_of(actor), refers, places)
    given = _given(refs, team_id, to_stage, place)
    row = await db.first(query, id=opportunity_id, **given, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("opportunity")
    rest = list(row[_WIDTH + 5 :])
    check_stamp(actor, rest.pop(0))
    found, team_found = (json_rows(rest.pop(0)), rest.pop(0)) if refers else ([], None)
    around = Neighbours(*rest) if places else Neighbours()
    return Loaded(_deal(row), _by_ids(found), team_found is not None, around)


async def prepare(
    db: Database, actor: Actor, refs: Sequence[int], team_id: int | None, to_stage: int, place: int | None
) -> Loaded:
    """Return what the creation of a deal needs to know; its `deal` holds nothing yet."""
    row = await db.first(_for_creation(), id=0, **_given(refs, team_id, to_stage, place))
    assert row is not None
    check_stamp(actor, row[0])
    empty = Deal(
        Opportunity(id=0, uid="", version=1, stage_id=to_stage, created_at=_NEVER, updated_at=_NEVER, moved_at=_NEVER)
    )
    return Loaded(empty, _by_ids(json_rows(row[1])), row[2] is not None, Neighbours(*row[3:6]))


_NEVER = instant(0)


@cache
def _place_query() -> Query:
    return Query(select(*_around()))


async def prepare_place(db: Database, opportunity_id: int, stage_id: int, place: int) -> Neighbours:
    """Return what stands around a place of a stage, one's own card left out."""
    row = await db.first(_place_query(), id=opportunity_id, to_stage=stage_id, place=place)
    assert row is not None
    return Neighbours(*row)


def _given(refs: Sequence[int], team_id: int | None, to_stage: int | None, place: int | None) -> dict[str, Any]:
    return {"refs": listed(refs), "team": team_id, "to_stage": to_stage, "place": place}


def _by_ids(rows: Sequence[Any]) -> dict[int, Brief]:
    return {brief.id: brief for brief in map(brief_of, rows)}


async def confirm(db: Database, actor: Actor) -> None:
    """Raise RulesMoved unless the person's rules are still in force (one cheap read)."""
    check_stamp(actor, await present_stamp(db))


@cache
def _trashed(sight: str) -> Query:
    columns = (*_columns(), *_links(opportunity), stamp_column().label("stamp"), opportunity.c.deleted_at)
    return Query(select(*columns).where(opportunity.c.id == number("id"), visible_to(sight, trashed=True)))


async def read_trashed(db: Database, actor: Actor, opportunity_id: int) -> tuple[Deal, int]:
    """Return a deal in the trash and the stored moment it went there; NotFound when it is not there."""
    row = await db.first(_trashed(sight_of(actor)), id=opportunity_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("opportunity")
    check_stamp(actor, row[_WIDTH + 5])
    return _deal(row), row[_WIDTH + 6]


_FOLLOWING = Query(
    select(opportunity.c.id, opportunity.c.position)
    .where(opportunity.c.stage_id == number("stage"), opportunity.c.position >= number("place"))
    .where(opportunity.c.id != number("id"))
    .order_by(opportunity.c.position)
    .limit(1000)
)


async def following(db: Database, stage_id: int, place: int, opportunity_id: int) -> list[tuple[int, int]]:
    """Return (id, position) of the cards from a place on, at most a thousand, one's own card left out."""
    rows = await db.rows(_FOLLOWING, stage=stage_id, place=place, id=opportunity_id)
    return [(row[0], row[1]) for row in rows]


_EXISTS = Query(select(opportunity.c.id).where(opportunity.c.id == number("id"), opportunity.c.deleted_at.is_(None)))


async def exists_for_anybody(db: Database, opportunity_id: int) -> bool:
    """Tell whether a deal is there at all: for the contracts that answer hidden and missing differently."""
    return await db.first(_EXISTS, id=opportunity_id) is not None
