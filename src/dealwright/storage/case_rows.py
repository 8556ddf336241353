"""The writes of a case: its row, its links and the words of search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dealwright.domain.case import Case
from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros
from dealwright.storage.schema import case, case_member, case_share, case_value, note, task
from dealwright.storage.writes import Change, Index, Insert, Made, Write, replaced, revalued, versioned

NEW = Made("case")


def stored(whole: Case, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a case."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "title" in columns:
        columns["title_fold"] = fold(whole.title)
    return columns


def inserted(whole: Case) -> Insert:
    """Return the write of a new case, whose id will be known as `case`."""
    return Insert(case, stored(whole, [name for name in Case.__slots__ if name != "id"]), made=NEW.name)


def updated(whole: Case, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ; the version must still be the one that was loaded."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    return versioned(case, columns, whole.id, version)


def trashed(whole: Case, version: int, at: datetime) -> list[Write]:
    """Return the writes that move a case to the trash with its tasks and notes; it gives up its words."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": whole.updated_by}
    hanging = {"case_id": whole.id, "deleted_at": None}
    return [
        versioned(case, gone, whole.id, version),
        *(Change(table, {"deleted_at": micros(at)}, hanging) for table in (task, note)),
        Index("case", whole.id, ()),
    ]


def returned(whole: Case, version: int, since: int) -> list[Write]:
    """Return the writes that take a case back from the trash with what went there together with it."""
    back = {**stored(whole, ("updated_at", "updated_by")), "deleted_at": None}
    hanging = {"case_id": whole.id, "deleted_at": since}
    return [
        versioned(case, back, whole.id, version),
        *(Change(table, {"deleted_at": None}, hanging) for table in (task, note)),
        searchable(whole, whole.id),
    ]


def searchable(whole: Case, ident: int | Made) -> Index:
    """Return the write of the words under which a case is found."""
    return Index("case", ident, search_words(whole.title))


def linked(ident: int | Made, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that replace the participants of a case."""
    return replaced(case_member, ("case_id", "contact_id"), ident, before, after)


def shared(ident: int | Made, before: Iterable[str], after: Iterable[str]) -> list[Write]:
    """Return the writes that replace the access list of a case."""
    return replaced(case_share, ("case_id", "user_uid"), ident, before, after)


def valued(ident: int | Made, before: Mapping[int, str], after: Mapping[int, str]) -> list[Write]:
    """Return the writes that make the custom values of a case what they are afterwards."""
    return revalued(case_value, "case_id", ident, before, after)
