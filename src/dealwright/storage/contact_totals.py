"""How many contacts there are, where a tally or an index knows: all that could be meant, less those that are hidden."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Select, exists, func, literal_column, not_, select, union_all

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, counted, flag
from dealwright.storage.schema import contact as c
from dealwright.storage.schema import contact_tag, contact_tally, contact_tally_delta, tag
from dealwright.storage.search import searched
from dealwright.storage.sight import contact_visible_to, seeing, sight_of

# As the partial index says it.
_PERHAPS_HIDDEN: Final = literal_column("(contact.deleted_at IS NOT NULL OR contact.sharing = 0)", Boolean)


def _bearers() -> Select[Any]:
    wanted = select(tag.c.id).where(tag.c.subject == "contact", any_text(tag.c.title_fold, "tags"))
    return select(contact_tag.c.contact_id).where(contact_tag.c.tag_id.in_(wanted))


def _bears() -> ColumnElement[bool]:
    return exists(_bearers().where(contact_tag.c.contact_id == c.c.id).correlate(c))


def _made(by_kind: bool) -> Select[Any]:
    """How many contacts were ever made, of one kind or of both."""
    both = union_all(*(select(t.c.is_company, t.c.contacts) for t in (contact_tally, contact_tally_delta))).subquery()
    meant = select(func.coalesce(func.sum(both.c.contacts), 0))
    return meant.where(both.c.is_company == flag("is_company")) if by_kind else meant


@cache
def _all(sight: str, shape: tuple[str, ...]) -> Query:
    """How many there are, and how many of them this person does not see."""
    tagged, by_kind = "tags" in shape, "is_company" in shape
    meant = counted(_bearers()) if tagged else _made(by_kind)
    narrowed = [*([_bears()] if tagged else []), *([c.c.is_company == flag("is_company")] if by_kind else [])]
    unseen = select(func.count()).select_from(c).where(_PERHAPS_HIDDEN, not_(contact_visible_to(sight)), *narrowed)
    return Query(select(meant.scalar_subquery(), unseen.scalar_subquery()), heavy=True)


@cache
def _worded(sight: str) -> Query:
    """How many living contacts have the words, looked up once, and how many of them this person does not see."""
    found = searched("contact", "text").cte("hits")
    hidden = (_PERHAPS_HIDDEN, c.c.deleted_at.is_(None), not_(contact_visible_to(sight)))
    unseen = select(func.count()).select_from(c).where(*hidden, c.c.id.in_(select(found.c.id)))
    meant = select(func.count()).select_from(found)
    return Query(select(meant.scalar_subquery(), unseen.scalar_subquery()), heavy=True)


async def counted_ahead(db: Database, actor: Actor, shape: tuple[str, ...], given: dict[str, Any]) -> int | None:
    """Return how many contacts match criteria of this shape; None where one has to look at them.

    Known are all contacts, all people, all companies, those with one tag, and on PostgreSQL, which would look at each
    of them, those with some words. `given` holds the parameters of the criteria.
    """
    if db.is_postgres and shape == ("text",):
        query = _worded(sight_of(actor))
    elif shape in {(), ("is_company",)} or (shape == ("tags",) and given.get("tag_count") == 1):
        query = _all(sight_of(actor), shape)
    else:
        return None
    row = await db.first(query, **given, **seeing(actor))
    return None if row is None else int(row[0] - row[1])
