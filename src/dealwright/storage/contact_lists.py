"""Finding contacts: one set of criteria for every face, ids first, everything else joined after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Boolean, ColumnElement, Select, and_, exists, func, literal_column, not_, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact_info import Info
from dealwright.domain.text import fold, search_words
from dealwright.storage.contact_totals import counted_ahead
from dealwright.storage.contacts import FullContact, read_many
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Folded
from dealwright.storage.plenty import Matching
from dealwright.storage.query import (
    Found,
    Page,
    Query,
    any_number,
    any_text,
    counted,
    flag,
    number,
    words,
)
from dealwright.storage.schema import contact as c
from dealwright.storage.schema import contact_info as i
from dealwright.storage.schema import contact_manager, contact_tag, opportunity, opportunity_member, tag
from dealwright.storage.search import among, match_of, occurs, probed, searched
from dealwright.storage.sight import contact_visible_to, seeing, sight_of

LAST: Final = "\U0010ffff"
"""Comes after every text that begins the same way and goes on with a letter."""


_NONE: Final = {"status_id": "no_status", "type_id": "no_type", "manager": "no_manager"}


class ContactOrder(Enum):
    """What a list of contacts can be ordered by; every order ends with the id."""

    ID = "id"
    DISPLAY_NAME = "display_fold"
    CREATED = "created_at"
    UPDATED = "updated_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCriteria(Criteria):
    """Which contacts; None means any.

    Every word of `text` must begin a word of the display name; a text without any letter or digit finds nothing.
    Looked up it becomes the ids that were `found`, if these are few, else it is `common`.
    `email` is the primary one, case and accents aside; `company_id` finds the people of a company, `has_company`
    those of any; `tags` (folded) must all be there; a `status_id` or `type_id` of 0 means none set; a `manager` of
    "" means no manager at all; `is_shared` asks for more than managers to see it; `has_deal` for a living deal, as
    the primary contact or as a participant. The bounds of the creation are stored microseconds, both inclusive.
    The `info_…` describe one piece of information that the contact must have: its kind, the beginning (`prefix`) or
    a part of its value (both folded), its category, whether it is primary.
    """

    FOLDED: ClassVar[Folded] = {"email": fold}

    ids: Sequence[int] | None = None
    text: str | None = None
    found: Sequence[int] | None = None
    common: str | None = None
    is_company: bool | None = None
    email: str | None = None
    company_id: int | None = None
    has_company: bool | None = None
    tags: Sequence[str] | None = None
    status_id: int | None = None
    type_id: int | None = None
    manager: str | None = None
    is_shared: bool | None = None
    has_deal: bool | None = None
    info_kind: int | None = None
    info_prefix: str | None = None
    info_part: str | None = None
    info_category: int | None = None
    info_primary: bool | None = None
    created_from: int | None = None
    created_to: int | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of the criteria that are set: with the order, the shape of the query.

        One that asks for none of something has a name of its own, because no index serves both.
        """
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return tuple(_NONE[name] if name in _NONE and not value else name for name, value in named if value is not None)

    @property
    def finds_nothing(self) -> bool:
        """Whether nothing can match: a text without a word in it."""
        return self.text is not None and not search_words(self.text)

    def given(self, postgres: bool = False) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        values = self.parameters(name for name in self.shape if name not in _NONE.values())
        if said := self.text or values.pop("common", None):
            values["text"] = match_of(search_words(said), postgres)
        if self.info_prefix is not None:
            values["info_beyond"] = self.info_prefix + LAST
        if self.tags is not None:
            values["tag_count"] = len(set(self.tags))
        return values


def _managed() -> ColumnElement[bool]:
    return c.c.id.in_(select(contact_manager.c.contact_id).where(contact_manager.c.user_uid == words("manager")))


def _unmanaged() -> ColumnElement[bool]:
    managers = select(contact_manager.c.contact_id).where(contact_manager.c.contact_id == c.c.id)
    return not_(exists(managers.correlate(c)))


def _tagged() -> ColumnElement[bool]:
    found = (
        select(contact_tag.c.contact_id)
        .join(tag, tag.c.id == contact_tag.c.tag_id)
        .where(tag.c.subject == "contact", any_text(tag.c.title_fold, "tags"))
        .group_by(contact_tag.c.contact_id)
        .having(func.count() == number("tag_count"))
    )
    return c.c.id.in_(found)


def _tagged_here() -> ColumnElement[bool]:
    """The same for contacts that are met on the way."""
    borne = contact_tag.join(tag, tag.c.id == contact_tag.c.tag_id)
    mine = (contact_tag.c.contact_id == c.c.id, tag.c.subject == "contact", any_text(tag.c.title_fold, "tags"))
    count = select(func.count()).select_from(borne).where(*mine).correlate(c)
    return count.scalar_subquery() == number("tag_count")


def _has_deal() -> ColumnElement[bool]:
    own = select(opportunity.c.id).where(opportunity.c.contact_id == c.c.id, opportunity.c.deleted_at.is_(None))
    linked = (
        select(opportunity_member.c.contact_id)
        .join(opportunity, opportunity.c.id == opportunity_member.c.opportunity_id)
        .where(opportunity_member.c.contact_id == c.c.id, opportunity.c.deleted_at.is_(None))
    )
    return or_(exists(own.correlate(c)), exists(linked.correlate(c))) == flag("has_deal")


_INFO: dict[str, Any] = {
    "info_kind": lambda: i.c.kind == number("info_kind"),
    "info_prefix": lambda: and_(i.c.data_fold >= words("info_prefix"), i.c.data_fold < words("info_beyond")),
    "info_part": lambda: occurs(i.c.data_fold, "info_part"),
    "info_category": lambda: i.c.category == number("info_category"),
    "info_primary": lambda: i.c.is_primary == flag("info_primary"),
}


# The index begins with the kind.
_ANY_KIND: Final = literal_column(f"contact_info.kind IN ({', '.join(str(int(kind)) for kind in Info)})", Boolean)


def _informed(shape: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """All that is said of a piece of information is said of the same one."""
    said = [_INFO[name]() for name in shape if name in _INFO]
    if "info_prefix" in shape and "info_kind" not in shape:
        said.append(_ANY_KIND)
    return [c.c.id.in_(select(i.c.contact_id).where(*said))] if said else []


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(c.c.id, "ids"),
    "text": lambda: among(c.c.id, "contact", "text"),
    "common": lambda: probed(c.c.id, "contact", "text"),
    "found": lambda: any_number(c.c.id, "found"),
    "is_company": lambda: c.c.is_company == flag("is_company"),
    "email": lambda: c.c.email_fold == words("email"),
    "company_id": lambda: c.c.company_id == number("company_id"),
    "has_company": lambda: c.c.company_id.is_not(None) == flag("has_company"),
    "tags": _tagged,
    "tags_of_many": _tagged_here,
    "status_id": lambda: c.c.status_id == number("status_id"),
    "no_status": lambda: c.c.status_id.is_(None),
    "type_id": lambda: c.c.type_id == number("type_id"),
    "no_type": lambda: c.c.type_id.is_(None),
    "manager": _managed,
    "no_manager": _unmanaged,
    "is_shared": lambda: (c.c.sharing != 0) == flag("is_shared"),
    "has_deal": _has_deal,
    "created_from": lambda: c.c.created_at >= number("created_from"),
    "created_to": lambda: c.c.created_at <= number("created_to"),
}


_HAVING: Final = Matching(searched("contact", "text"))
_BEARING: Final = Matching(
    select(contact_tag.c.contact_id)
    .join(tag, tag.c.id == contact_tag.c.tag_id)
    .where(tag.c.subject == "contact", any_text(tag.c.title_fold, "tags"))
)


async def looked_up(db: Database, criteria: ContactCriteria) -> ContactCriteria:
    """Return the same criteria with the words looked up, for whoever finds contacts and counts them too."""
    if criteria.text is None:
        return criteria
    found = await _HAVING.few(db, text=criteria.given(db.is_postgres)["text"])
    return replace(criteria, text=None, found=found, common=criteria.text if found is None else None)


async def shape_of_page(db: Database, criteria: ContactCriteria) -> tuple[str, ...]:
    """Return the shape for reading a page: where much matches, it is met in the order of the list sooner."""
    if criteria.tags is None or not (criteria.found is not None or await _have_many(db, criteria)):
        return criteria.shape
    return tuple("tags_of_many" if name == "tags" else name for name in criteria.shape)


async def _have_many(db: Database, criteria: ContactCriteria) -> bool:
    """Tell whether many have the tag. Of several together next to nothing may be left: nothing is hoped for then."""
    given = criteria.given(db.is_postgres)
    return given["tag_count"] == 1 and await _BEARING.are_many(db, tags=given["tags"])


@cache
def _page(sight: str, shape: tuple[str, ...], order: ContactOrder, descending: bool) -> Query:
    columns = dict.fromkeys((c.c[order.value], c.c.id))
    statement = filtered(sight, shape).order_by(*(column.desc() if descending else column for column in columns))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


@cache
def _count(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(counted(filtered(sight, shape)), heavy=True)


def filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    """Return the SELECT of the ids of the contacts that match criteria of this shape."""
    conditions = [_CONDITIONS[name]() for name in shape if name not in _INFO]
    return select(c.c.id).where(contact_visible_to(sight), *conditions, *_informed(shape))


async def find_ids(
    db: Database, actor: Actor, criteria: ContactCriteria, page: Page, order: ContactOrder, descending: bool
) -> list[int]:
    """Return the ids of a page of the contacts that match and are there for this person."""
    if criteria.finds_nothing:
        return []
    criteria = await looked_up(db, criteria)
    query = _page(sight_of(actor), await shape_of_page(db, criteria), order, descending)
    given = {**criteria.given(db.is_postgres), **seeing(actor)}
    rows = await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)
    return [row[0] for row in rows]


async def find(
    db: Database, actor: Actor, criteria: ContactCriteria, page: Page, order: ContactOrder, descending: bool
) -> Found[FullContact]:
    """Return a page of the contacts that match and are there for this person, and exactly how many there are."""
    if criteria.finds_nothing:
        return Found([], 0)
    criteria = await looked_up(db, criteria)
    ids = await find_ids(db, actor, criteria, page, order, descending)
    total = page.total(len(ids))
    if total is None:
        total = await total_of(db, actor, criteria)
    return Found(await read_many(db, actor, ids), total)


async def total_of(db: Database, actor: Actor, criteria: ContactCriteria) -> int:
    """Return exactly how many contacts match and are there for this person."""
    if criteria.finds_nothing:
        return 0
    given = criteria.given(db.is_postgres)
    shape = tuple("text" if name == "common" else name for name in criteria.shape)
    if (known := await counted_ahead(db, actor, shape, given)) is not None:
        return known
    return int((await db.rows(_count(sight_of(actor), shape), **given, **seeing(actor)))[0][0])
