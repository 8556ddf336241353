"""How many contacts there are, where an index knows: all that could be meant, less those that are hidden."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Select, and_, exists, func, literal_column, not_, select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, counted
from dealwright.storage.schema import contact as c
from dealwright.storage.schema import contact_tag, tag
from dealwright.storage.sight import contact_visible_to, seeing, sight_of

# As the partial index says it.
_PERHAPS_HIDDEN: Final = literal_column("(contact.deleted_at IS NOT NULL OR contact.sharing = 0)", Boolean)


def _bearers() -> Select[Any]:
    wanted = select(tag.c.id).where(tag.c.subject == "contact", any_text(tag.c.title_fold, "tags"))
    return select(contact_tag.c.contact_id).where(contact_tag.c.tag_id.in_(wanted))


def _bears() -> ColumnElement[bool]:
    return exists(_bearers().where(contact_tag.c.contact_id == c.c.id).correlate(c))


@cache
def _all(sight: str, tagged: bool) -> Query:
    """How many there are, and how many of them this person does not see."""
    meant = counted(_bearers()) if tagged else select(func.count()).select_from(c)
    hidden = and_(_PERHAPS_HIDDEN, not_(contact_visible_to(sight)), *([_bears()] if tagged else []))
    unseen = select(func.count()).select_from(c).where(hidden)
    return Query(select(meant.scalar_subquery(), unseen.scalar_subquery()), heavy=True)


async def counted_ahead(db: Database, actor: Actor, shape: tuple[str, ...], given: dict[str, Any]) -> int | None:
    """Return how many contacts match criteria of this shape; None where one has to look at them.

    Known are all contacts and those with one tag. `given` holds the parameters of the criteria.
    """
    tagged = shape == ("tags",) and given.get("tag_count") == 1
    if shape and not tagged:
        return None
    row = await db.first(_all(sight_of(actor), tagged), **given, **seeing(actor))
    return None if row is None else int(row[0] - row[1])
