"""Reading contacts: one with everything a change needs, many with everything a face shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table, and_, exists, func, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief, Contact, Share
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.errors import NotFound
from dealwright.domain.values import instant
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, json_rows, stamp_column
from dealwright.storage.photos import Place, name_of
from dealwright.storage.query import (
    JsonArray,
    JsonRows,
    Query,
    any_number,
    any_text,
    listed,
    number,
    rows_json,
    words,
)
from dealwright.storage.schema import (
    contact,
    contact_info,
    contact_manager,
    contact_tag,
    contact_value,
    tag,
    team,
    team_contact,
)
from dealwright.storage.sight import EVERYTHING, contact_visible_to, is_invoiced, seeing, sight_of


@dataclass(slots=True)
class FullContact:
    """A contact with what hangs on it; `teams` are the names by id of those it is a member of.

    `company` is the linked company's card, whoever may see the company itself; `persons_count` counts the people
    linked to a company; `invoiced` says that an invoice names the contact; `photo` and `banner` are what the files
    of its pictures are called.
    """

    contact: Contact
    infos: tuple[ContactInfo, ...] = ()
    managers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    custom: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    company: Brief | None = None
    persons_count: int = 0
    invoiced: bool = False
    photo: str | None = None
    banner: str | None = None

    @property
    def brief(self) -> Brief:
        """The contact's own card: it knows who may see and change the contact."""
        own = self.contact
        card = (own.id, own.is_company, own.display_name, own.sharing, own.currency, own.email, own.company_name)
        return Brief(*card, self.managers, self.invoiced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a change of a contact points at: a company by id or by folded name, tags by folded title, teams, an e-mail.

    `email` (folded) is looked for among the other contacts.
    """

    company_id: int | None = None
    company_fold: str | None = None
    tags: Sequence[str] = ()
    teams: Sequence[int] = ()
    email: str | None = None

    def given(self) -> dict[str, Any]:
        """Return the parameters of the reads that look for it."""
        lists = {"tags": listed(self.tags), "teams": listed(self.teams)}
        return {"company": self.company_id, "company_fold": self.company_fold, "email": self.email, **lists}


@dataclass(slots=True)
class Loaded:
    """A contact as a change needs it: beside the contact what was wanted, as far as it is there for this person."""

    full: FullContact
    company: Brief | None
    tags: Mapping[str, tuple[int, str]]
    teams: Mapping[int, str]
    email_is_taken: bool


_COLUMNS = tuple(Contact.__slots__)
_WIDTH = len(_COLUMNS)
_LINKS = 10
_decode = msgspec.json.decode
_NEVER = instant(0)


def _links(outer: Table) -> list[Any]:
    return [*_lists(outer), *_relatives(outer), is_invoiced(outer).label("invoiced"), outer.c.photo, outer.c.banner]


def _lists(outer: Table) -> list[Any]:
    info = (contact_info.c[name] for name in ("id", "kind", "data", "category", "is_primary"))
    tagged = contact_tag.join(tag, tag.c.id == contact_tag.c.tag_id)
    teamed = team_contact.join(team, team.c.id == team_contact.c.team_id)
    there = and_(team_contact.c.contact_id == outer.c.id, team_contact.c.is_member, team.c.deleted_at.is_(None))
    value = JsonArray(contact_value.c.field_id, contact_value.c.value)
    return [
        rows_json(JsonArray(*info), contact_info.c.contact_id == outer.c.id, outer),
        rows_json(JsonArray(contact_manager.c.user_uid), contact_manager.c.contact_id == outer.c.id, outer),
        rows_json(JsonArray(tag.c.title), contact_tag.c.contact_id == outer.c.id, outer, tagged),
        rows_json(value, contact_value.c.contact_id == outer.c.id, outer),
        rows_json(JsonArray(team.c.id, team.c.name), there, outer, teamed),
    ]


def _relatives(outer: Table) -> list[Any]:
    """Return the card of a person's company, and how many people a company has."""
    company, person = contact.alias("company_contact"), contact.alias("person_contact")
    card = select(brief_row(company)).where(company.c.id == outer.c.company_id, company.c.deleted_at.is_(None))
    people = select(func.count()).where(person.c.company_id == outer.c.id, person.c.deleted_at.is_(None))
    return [statement.correlate(outer).scalar_subquery() for statement in (card, people)]


def _columns() -> list[Any]:
    return [*(contact.c[name] for name in _COLUMNS), *_links(contact), stamp_column().label("stamp")]


def _wanted(sight: str) -> list[Any]:
    """What a change points at; parameters as `Wanted.given` names them, `id` is the contact itself."""
    company, other = contact.alias("wanted_company"), contact.alias("other_contact")
    own_tags = select(contact_tag.c.tag_id).where(contact_tag.c.contact_id == number("id"))
    return [
        select(func.coalesce(JsonRows(brief_row(company)), "[]"))
        .where(or_(company.c.id == number("company"), company.c.display_fold == words("company_fold")))
        .where(company.c.is_company, company.c.id != number("id"), contact_visible_to(sight, company))
        .scalar_subquery(),
        select(func.coalesce(JsonRows(JsonArray(tag.c.title_fold, tag.c.id, tag.c.title)), "[]"))
        .where(tag.c.subject == "contact", or_(any_text(tag.c.title_fold, "tags"), tag.c.id.in_(own_tags)))
        .scalar_subquery(),
        select(func.coalesce(JsonRows(JsonArray(team.c.id, team.c.name)), "[]"))
        .where(any_number(team.c.id, "teams"), team.c.deleted_at.is_(None))
        .scalar_subquery(),
        exists(
            select(other.c.id).where(
                other.c.email_fold == words("email"), other.c.id != number("id"), other.c.deleted_at.is_(None)
            )
        ),
    ]


@cache
def _one(sight: str) -> Query:
    return Query(select(*_columns()).where(contact.c.id == number("id"), contact_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns()).where(any_number(contact.c.id, "ids"), contact_visible_to(sight)))


@cache
def _for_change(sight: str) -> Query:
    wanted = [column.label(f"wanted_{place}") for place, column in enumerate(_wanted(sight))]
    return Query(select(*_columns(), *wanted).where(contact.c.id == number("id"), contact_visible_to(sight)))


@cache
def _for_creation(sight: str) -> Query:
    wanted = [column.label(f"wanted_{place}") for place, column in enumerate(_wanted(sight))]
    return Query(select(stamp_column().label("stamp"), *wanted))


def contact_of(row: Sequence[Any]) -> Contact:
    """Return the contact of a row that starts with its columns."""
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at"):
        values[name] = instant(values[name])
    for name in ("is_company", "active", "archived"):
        values[name] = bool(values[name])
    values["sharing"], values["extra"] = Share(values["sharing"]), _decode(values["extra"])
    return Contact(**values)


def _full(row: Sequence[Any]) -> FullContact:
    infos, managers, tags, values, teams, company, persons, invoiced, photo, banner = row[_WIDTH : _WIDTH + _LINKS]
    full = FullContact(
        contact_of(row),
        infos=tuple(sorted(map(_info, json_rows(infos)), key=lambda info: info.id)),
        managers=tuple(sorted(found[0] for found in json_rows(managers))),
        tags=tuple(sorted(found[0] for found in json_rows(tags))),
        custom=dict(json_rows(values)),
        teams=dict(sorted(json_rows(teams))),
        company=brief_of(_decode(company)) if company else None,
        persons_count=persons,
        invoiced=bool(invoiced),
        photo=name_of(Place.PHOTO, photo),
        banner=name_of(Place.BANNER, banner),
    )
    if full.company is not None:
        full.contact.company_name = full.company.display_name
    return full


def _info(row: Sequence[Any]) -> ContactInfo:
    ident, kind, data, category, is_primary = row
    return ContactInfo(id=ident, kind=Info(kind), data=data, category=category, is_primary=bool(is_primary))


def _loaded(full: FullContact, wanted: Sequence[Any]) -> Loaded:
    companies, tags, teams, email_is_taken = wanted
    return Loaded(
        full,
        # Of several companies with that name it is the oldest.
        min(map(brief_of, json_rows(companies)), key=lambda brief: brief.id, default=None),
        {fold: (ident, title) for fold, ident, title in json_rows(tags)},
        dict(json_rows(teams)),
        bool(email_is_taken),
    )


async def read(db: Database, actor: Actor, contact_id: int) -> FullContact:
    """Return a contact; NotFound when it is not there for this person."""
    row = await db.first(_one(sight_of(actor)), id=contact_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("contact")
    check_stamp(actor, row[_WIDTH + _LINKS])
    return _full(row)


async def read_known(db: Database, contact_id: int) -> FullContact | None:
    """Return a contact whoever may see it, for a rule that acts on it; None where it is not there."""
    row = await db.first(_one(EVERYTHING), id=contact_id)
    return None if row is None else _full(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullContact]:
    """Return the contacts that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + _LINKS])
    found = {full.contact.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def load(db: Database, actor: Actor, contact_id: int, wanted: Wanted) -> Loaded:
    """Return a contact with what a change of it points at; NotFound when it is not there for this person."""
    row = await db.first(_for_change(sight_of(actor)), id=contact_id, **wanted.given(), **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("contact")
    check_stamp(actor, row[_WIDTH + _LINKS])
    return _loaded(_full(row), row[_WIDTH + _LINKS + 1 :])


async def prepare(db: Database, actor: Actor, wanted: Wanted) -> Loaded:
    """Return what the creation of a contact points at; its contact holds nothing yet."""
    row = await db.first(_for_creation(sight_of(actor)), id=0, **wanted.given(), **seeing(actor))
    assert row is not None
    check_stamp(actor, row[0])
    return _loaded(FullContact(Contact(id=0, uid="", version=1, created_at=_NEVER, updated_at=_NEVER)), row[1:])


@cache
def _trashed(sight: str) -> Query:
    there = (contact.c.id == number("id"), contact_visible_to(sight, trashed=True))
    return Query(select(*_columns(), contact.c.deleted_at).where(*there))


async def read_trashed(db: Database, actor: Actor, contact_id: int) -> tuple[FullContact, int]:
    """Return a contact in the trash and the stored moment it went there; NotFound when it is not there."""
    row = await db.first(_trashed(sight_of(actor)), id=contact_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("contact")
    check_stamp(actor, row[_WIDTH + _LINKS])
    return _full(row), row[_WIDTH + _LINKS + 1]


_EXISTS = Query(select(contact.c.id).where(contact.c.id == number("id"), contact.c.deleted_at.is_(None)))


async def exists_for_anybody(db: Database, contact_id: int) -> bool:
    """Tell whether a contact is there at all: for the contracts that answer hidden and missing differently."""
    return await db.first(_EXISTS, id=contact_id) is not None
