"""Values of custom fields as rows: how many there are, and how all of one field go."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, func, select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed, number
from dealwright.storage.schema import (
    case,
    case_value,
    contact,
    contact_value,
    custom_field,
    opportunity,
    opportunity_value,
)
from dealwright.storage.small_records import removed
from dealwright.storage.writes import Remove, Sweep, Write

# Which records hold the values of a subject's fields: the table of values, that of records, the column between.
_HELD: Final = {
    "opportunity": (opportunity_value, opportunity),
    "case": (case_value, case),
    **dict.fromkeys(("contact", "person", "company"), (contact_value, contact)),
}


def link_column(records: Table) -> str:
    """Return the column in which tables of links name a record of a table (that of cases is called in the plural)."""
    return "case_id" if records is case else f"{records.name}_id"


def _record_id(values: Table, records: Table) -> Any:
    return values.c[link_column(records)]


@cache
def _counts(values: Table, records: Table) -> tuple[Query, Query]:
    """All values of some fields, from the index alone; and those of records in the trash, which are few."""
    every = select(values.c.field_id, func.count()).where(any_number(values.c.field_id, "fields"))
    gone = every.join(records, records.c.id == _record_id(values, records)).where(records.c.deleted_at.is_not(None))
    return Query(every.group_by(values.c.field_id), heavy=True), Query(gone.group_by(values.c.field_id), heavy=True)


async def usage(db: Database, *subjects: str) -> dict[int, int]:
    """Return for each custom field of these subjects how many living records have a value of it."""
    found = {field.id: 0 for field in db.rules.fields_of(*subjects)}
    for values, records in {_HELD[subject] for subject in subjects if subject in _HELD}:
        every, gone = _counts(values, records)
        for sign, query in ((1, every), (-1, gone)):
            for field_id, count in await db.rows(query, fields=listed(list(found))):
                found[field_id] += sign * count
    return found


@cache
def _any(values: Table, records: Table) -> Query:
    living = records.c.deleted_at.is_(None)
    joined = select(values.c.field_id).join(records, records.c.id == _record_id(values, records))
    return Query(joined.where(values.c.field_id == number("field"), living).limit(1), heavy=True)


async def has_values(db: Database, field_id: int, subject: str) -> bool:
    """Tell whether any living record has a value of a field."""
    if subject not in _HELD:
        return False
    return await db.first(_any(*_HELD[subject]), field=field_id) is not None


def field_removed(field_id: int, subject: str) -> list[Write]:
    """Return the writes that take a field and its values away; every record that had one counts a new version."""
    writes: list[Write] = [removed(custom_field, field_id)]
    if subject not in _HELD:
        return writes
    values, records = _HELD[subject]
    holders = f"SELECT {link_column(records)} FROM {values.name} WHERE field_id = CAST(:field AS bigint)"
    return [
        counted_up(records, holders, {"field": field_id}),
        Remove(values, {"field_id": field_id}),
        *writes,
    ]


def counted_up(records: Table, holders: str, given: dict[str, Any]) -> Sweep:
    """Return the write that gives the records of these ids (a SELECT) a new version each."""
    text = f"UPDATE {records.name} SET version = version + 1 WHERE id IN ({holders})"
    return Sweep(sqlite=(text,), postgres=(f"counted_up AS ({text} AND {{guard}})",), given=given)


def ordered(ids: Iterable[int]) -> dict[int, int]:
    """Return the positions 0, 1, 2, … of fields in this order."""
    return {field_id: place for place, field_id in enumerate(dict.fromkeys(ids))}
