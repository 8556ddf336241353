"""Tags as stored: who bears which, how often, and how they come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, exists, func, literal, not_, select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.tag import Tag
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage.custom_fields import counted_up, link_column
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import case, case_tag, contact, contact_tag, opportunity, opportunity_tag, tag
from dealwright.storage.sight import case_visible_to, contact_visible_to, seeing, sight_of, visible_to
from dealwright.storage.writes import Change, Insert, InsertMany, Made, Remove, Write

_BEARERS: Final = {
    "opportunity": (opportunity_tag, opportunity),
    "contact": (contact_tag, contact),
    "case": (case_tag, case),
}
NEW: Final = Made("tag")


@dataclass(frozen=True, slots=True)
class Tagging:
    """What putting a tag on a record, or taking it off, needs to know; without a tag of this title there is no id."""

    version: int
    tag_id: int | None
    is_on: bool


def _record_id(links: Table, records: Table) -> Any:
    return links.c[link_column(records)]


def _visible(records: Table, sight: str) -> ColumnElement[bool]:
    if records is case:
        return case_visible_to(sight)
    return visible_to(sight) if records is opportunity else contact_visible_to(sight)


@cache
def _all(subject: str, sight: str) -> Query:
    uses: ColumnElement[int] = literal(0)
    if subject in _BEARERS:
        links, records = _BEARERS[subject]
        joined = links.join(records, records.c.id == _record_id(links, records))
        seen = select(func.count()).select_from(joined).where(links.c.tag_id == tag.c.id, _visible(records, sight))
        uses = seen.correlate(tag).scalar_subquery()
    statement = select(tag.c.id, tag.c.title, uses.label("uses")).where(tag.c.subject == words("subject"))
    return Query(statement.order_by(tag.c.title_fold), heavy=True)


async def read_all(db: Database, actor: Actor, subject: str) -> list[Tag]:
    """Return the tags of a kind of record by title, with how many of those this person sees bear each."""
    rows = await db.rows(_all(subject, sight_of(actor)), subject=subject, **seeing(actor))
    return [Tag(*row) for row in rows]


_BY_TITLE = Query(
    select(tag.c.id, tag.c.title).where(tag.c.subject == words("subject"), tag.c.title_fold == words("folded"))
)


async def read(db: Database, subject: str, title: str) -> Tag:
    """Return the tag of this title, whatever its spelling; NotFound when there is none."""
    row = await db.first(_BY_TITLE, subject=subject, folded=fold(title))
    if row is None:
        raise NotFound("tag")
    return Tag(*row)


_BY_ID = Query(select(tag.c.subject, tag.c.id, tag.c.title).where(tag.c.id == number("id")))


async def read_by_id(db: Database, tag_id: int) -> tuple[str, Tag]:
    """Return a tag, and the kind of record that bears it; NotFound when there is none."""
    row = await db.first(_BY_ID, id=tag_id)
    if row is None:
        raise NotFound("tag")
    return str(row[0]), Tag(*row[1:])


@cache
def _of_record(subject: str, sight: str) -> Query:
    links, records = _BEARERS[subject]
    on_it = links.c.tag_id == tag.c.id
    joined = records.outerjoin(links, _record_id(links, records) == records.c.id).outerjoin(tag, on_it)
    there = (records.c.id == number("id"), _visible(records, sight))
    statement = select(stamp_column().label("stamp"), tag.c.title).select_from(joined)
    return Query(statement.where(*there).order_by(tag.c.title_fold))


async def read_titles(db: Database, actor: Actor, subject: str, record_id: int) -> list[str]:
    """Return the titles of a record's tags in order; NotFound when the record is not there for this person."""
    if subject not in _BEARERS:
        raise NotFound(subject)
    rows = await db.rows(_of_record(subject, sight_of(actor)), id=record_id, **seeing(actor))
    if not rows:
        await confirm(db, actor)
        raise NotFound(subject)
    check_stamp(actor, rows[0][0])
    return [title for _, title in rows if title is not None]


@cache
def _unused(subject: str) -> Query:
    statement = select(tag.c.id, tag.c.title).where(tag.c.subject == words("subject"))
    if subject in _BEARERS:
        links, records = _BEARERS[subject]
        joined = links.join(records, records.c.id == _record_id(links, records))
        living = (links.c.tag_id == tag.c.id, records.c.deleted_at.is_(None))
        borne = exists(select(links.c.tag_id).select_from(joined).where(*living).correlate(tag))
        statement = statement.where(not_(borne))
    return Query(statement.order_by(tag.c.title_fold), heavy=True)


async def read_unused(db: Database, subject: str) -> list[Tag]:
    """Return the tags that no living record bears, by title."""
    return [Tag(*row) for row in await db.rows(_unused(subject), subject=subject)]


@cache
def _tagging(subject: str, sight: str) -> Query:
    links, records = _BEARERS[subject]
    wanted = select(tag.c.id).where(tag.c.subject == subject, tag.c.title_fold == words("folded"))
    on = exists(
        select(links.c.tag_id)
        .where(_record_id(links, records) == records.c.id, links.c.tag_id.in_(wanted))
        .correlate(records)
    )
    columns = (records.c.version, wanted.scalar_subquery().label("tag"), on.label("on"))
    there = (records.c.id == number("id"), _visible(records, sight))
    return Query(select(stamp_column().label("stamp"), *columns).where(*there))


async def load(db: Database, actor: Actor, subject: str, record_id: int, title: str) -> Tagging:
    """Return what tagging a record needs to know; NotFound when the record is not there for this person."""
    query = _tagging(subject, sight_of(actor))
    row = await db.first(query, id=record_id, folded=fold(title), **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound(subject)
    check_stamp(actor, row[0])
    return Tagging(row[1], row[2], bool(row[3]))


def made(subject: str, title: str) -> Insert:
    """Return the write of a new tag, whose id will be known as `tag`."""
    return Insert(tag, {"subject": subject, "title": title, "title_fold": fold(title)}, made=NEW.name)


def put_on(subject: str, record_id: int, tag_id: int | Made) -> InsertMany:
    """Return the write that puts a tag on a record."""
    links, records = _BEARERS[subject]
    columns = (link_column(records), "tag_id")
    return InsertMany(links, columns, [(record_id, tag_id)], keys=columns)


def taken_off(subject: str, record_id: int, tag_id: int) -> Remove:
    """Return the write that takes a tag off a record."""
    links, records = _BEARERS[subject]
    return Remove(links, {link_column(records): record_id, "tag_id": tag_id})


def touched(subject: str, record_id: int, version: int, actor: Actor, at: datetime) -> Change:
    """Return the guarded write of a record whose tags change."""
    stamps = {"updated_at": micros(at), "updated_by": actor.id}
    where = {"id": record_id, "version": version}
    return Change(_BEARERS[subject][1], stamps, where, add={"version": 1}, expect=True)


def removed_everywhere(subject: str, tag_id: int) -> list[Write]:
    """Return the writes that take a tag away; every record that bore it counts a new version."""
    gone: list[Write] = [Remove(tag, {"id": tag_id})]
    if subject not in _BEARERS:
        return gone
    return [_bearers_touched(subject, tag_id), Remove(_BEARERS[subject][0], {"tag_id": tag_id}), *gone]


def renamed(subject: str, before: Tag, title: str) -> list[Write]:
    """Return the writes that give a tag another title; every record that bears it counts a new version."""
    columns = {"title": title, "title_fold": fold(title)}
    writes: list[Write] = [Change(tag, columns, {"id": before.id, "title": before.title}, expect=True)]
    return [*writes, _bearers_touched(subject, before.id)] if subject in _BEARERS else writes


def _bearers_touched(subject: str, tag_id: int) -> Write:
    links, records = _BEARERS[subject]
    bearers = f"SELECT {link_column(records)} FROM {links.name} WHERE tag_id = CAST(:tag AS bigint)"
    return counted_up(records, bearers, {"tag": tag_id})


def removed_unused(subject: str, tag_ids: Sequence[int]) -> list[Write]:
    """Return the writes that take tags away which only records in the trash still bear."""
    gone: list[Write] = [Remove(tag, {"id": list(tag_ids)})]
    if subject in _BEARERS:
        gone.insert(0, Remove(_BEARERS[subject][0], {"tag_id": list(tag_ids)}))
    return gone
