"""Calls as reports count them: by who answered, how they went, and how long they lasted."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, exists, literal_column, or_, select, true

from dealwright.storage.query import any_text, words
from dealwright.storage.reports.tally import Family, Priced
from dealwright.storage.schema import call as k
from dealwright.storage.schema import contact
from dealwright.storage.sight import EVERYTHING, contact_visible_to


def _visible(sight: str) -> ColumnElement[Any]:
    if sight == EVERYTHING:
        return true()
    on_contact = exists(select(contact.c.id).where(contact.c.id == k.c.contact_id, contact_visible_to(sight)))
    return or_(k.c.answered_by == words("me"), on_contact.correlate(k))


# A call lasts whole seconds; they are summed as money is, which cannot overflow either.
CALLS: Final = Family(
    source=k,
    visible=_visible,
    keys={"person": k.c.answered_by, "status": k.c.status},
    times={"dialed": k.c.dialed_at},
    only={"whole": lambda: k.c.parent_id.is_(None)},
    by_manager=lambda: any_text(k.c.answered_by, "managers"),
    price=Priced(k.c.seconds, literal_column("0"), literal_column("''")),
)
