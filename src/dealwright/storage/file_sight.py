"""Who sees which note and which file: both are there for whom the record they hang on is there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from dealwright.storage.query import number
from dealwright.storage.schema import case, contact, document, file, invoice, note, note_file, opportunity
from dealwright.storage.sight import (
    EVERYTHING,
    case_visible_to,
    contact_visible_to,
    invoice_visible_to,
    visible_to,
)


def note_visible_to(sight: str, table: Any = note) -> ColumnElement[bool]:
    """Return the condition that a note is there: its deal or case is seen, or the contact of a note on that alone.

    The deal or case decides even where a contact is named too: what is said about a private deal stays there.
    """
    on_deal = _hangs_on(opportunity, table.c.opportunity_id, visible_to(sight), table)
    on_case = _hangs_on(case, table.c.case_id, case_visible_to(sight), table)
    on_contact = _hangs_on(contact, table.c.contact_id, contact_visible_to(sight), table)
    no_deal, no_case = table.c.opportunity_id.is_(None), table.c.case_id.is_(None)
    hanging = or_(on_deal, and_(no_deal, on_case), and_(no_deal, no_case, on_contact))
    return and_(table.c.deleted_at.is_(None), hanging)


def file_visible_to(sight: str) -> ColumnElement[bool]:
    """Return the condition that a file is there: one's own, or one of a note, an invoice or a document that is seen."""
    alive: ColumnElement[bool] = file.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    noted = select(note.c.id).join(note_file, note_file.c.note_id == note.c.id)
    on_note = exists(noted.where(note_file.c.file_id == file.c.id, note_visible_to(sight))).correlate(file)
    invoiced = exists(select(invoice.c.id).where(invoice.c.file_id == file.c.id, invoice_visible_to(sight)))
    own = file.c.created_by == number("me_id")
    return and_(alive, or_(own, on_note, invoiced.correlate(file), _of_document(sight)))


def _of_document(sight: str) -> ColumnElement[bool]:
    holder = contact.alias("contact_of_document")
    seen = select(holder.c.id).where(holder.c.id == document.c.contact_id, contact_visible_to(sight, holder))
    holds = or_(document.c.file_id == file.c.id, document.c.signed_file_id == file.c.id)
    found = select(document.c.id).where(holds, document.c.deleted_at.is_(None), exists(seen.correlate(document)))
    return exists(found).correlate(file)


def _hangs_on(what: Any, reference: Any, seen: ColumnElement[bool], outer: Any) -> ColumnElement[bool]:
    return exists(select(what.c.id).where(what.c.id == reference, seen)).correlate(outer)


__all__ = ["file_visible_to", "note_visible_to"]
