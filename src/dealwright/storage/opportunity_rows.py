"""The writes of a deal: its row, its links, the stage visit, the totals and the words of search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dealwright.domain.opportunity import STORED, Opportunity
from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros, split
from dealwright.storage.schema import (
    note,
    opportunity,
    opportunity_member,
    opportunity_share,
    opportunity_value,
    stage_total_delta,
    stage_visit,
    task,
)
from dealwright.storage.tallies import tallied
from dealwright.storage.writes import Change, Index, Insert, InsertMany, Made, Write, replaced, revalued, versioned

NEW = Made("opportunity")


def stored(deal: Opportunity, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a deal."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(deal, name)
        if name == "amount":
            columns["amount_units"], columns["amount_nanos"] = (None, None) if value is None else split(value)
        elif isinstance(value, datetime):
            columns[name] = micros(value)
        else:
            columns[name] = int(value) if name == "outcome" else value
    if "title" in columns:
        columns["title_fold"] = fold(deal.title)
    return columns


def inserted(deal: Opportunity) -> Insert:
    """Return the write of a new deal, whose id will be known as `opportunity`."""
    return Insert(opportunity, stored(deal, [name for name in STORED if name != "id"]), made="opportunity")


def updated(deal: Opportunity, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ; the version must still be the one that was loaded."""
    columns = stored(deal, [*names, "updated_at", "updated_by"])
    return versioned(opportunity, columns, deal.id, version)


def trashed(deal: Opportunity, version: int, moment: datetime) -> list[Write]:
    """Return the writes that move a deal, its tasks and its notes to the trash; it gives up its place and words."""
    gone = {"deleted_at": micros(moment), "position": None, "updated_at": micros(moment), "updated_by": deal.updated_by}
    return [
        versioned(opportunity, gone, deal.id, version),
        *(
            Change(hanging, {"deleted_at": micros(moment)}, {"opportunity_id": deal.id, "deleted_at": None})
            for hanging in (task, note)
        ),
        Index("opportunity", deal.id, ()),
    ]


def returned(deal: Opportunity, version: int, since: int) -> list[Write]:
    """Return the writes that take a deal back from the trash with the tasks and notes that went with it."""
    columns = stored(deal, ("stage_id", "position", "updated_at", "updated_by"))
    back = versioned(opportunity, {**columns, "deleted_at": None}, deal.id, version)
    hanging = {"opportunity_id": deal.id, "deleted_at": since}
    return [back, *(Change(table, {"deleted_at": None}, hanging) for table in (task, note)), searchable(deal, deal.id)]


def searchable(deal: Opportunity, ident: int | Made) -> Index:
    """Return the write of the words under which a deal is found."""
    return Index("opportunity", ident, search_words(deal.title, deal.description))


def visited(deal: Opportunity, ident: int | Made, before: Opportunity | None, uid: str) -> Insert:
    """Return the write of one step in the history of stages; the first placement has no stage before."""
    at = micros(deal.moved_at)
    row = {
        "uid": uid,
        "opportunity_id": ident,
        "from_stage_id": before.stage_id if before else None,
        "from_time": micros(before.moved_at) if before else None,
        "to_stage_id": deal.stage_id,
        "to_time": at,
        "user_id": deal.updated_by,
        "created_at": at,
        "updated_at": at,
        "created_by": deal.updated_by,
        "updated_by": deal.updated_by,
    }
    return Insert(stage_visit, row)


def shifted(card: int, old: int, new: int) -> Change:
    """Return the write that gives a card another place; it is no change of the card, so its version stays."""
    return Change(opportunity, {"position": new}, {"id": card, "position": old}, expect=True)


_TOTAL_KEYS = 7
_TOTAL_COLUMNS = (
    *("stage_id", "currency", "responsible", "team_id", "private", "outcome", "completed"),
    *("deals", "priced", "units", "nanos"),
)


def _total(deal: Opportunity | None, sign: int) -> tuple[Any, ...] | None:
    if deal is None:
        return None
    units, nanos = (0, 0) if deal.amount is None else split(deal.amount)
    priced = 0 if deal.amount is None else sign
    key = (deal.stage_id, deal.currency or "", deal.responsible or "", deal.team_id or 0, deal.private)
    return (*key, int(deal.outcome), deal.completed, sign, priced, sign * units, sign * nanos)


def counted(before: Opportunity | None, after: Opportunity | None) -> list[Write]:
    """Return the writes that carry a change of a deal into totals and tallies; none where they stay."""
    known = before or after
    return [*_totalled(before, after), *tallied(before, after, known.id if known and known.id else NEW)]


def _totalled(before: Opportunity | None, after: Opportunity | None) -> list[Write]:
    minus, plus = _total(before, -1), _total(after, 1)
    if minus and plus and minus[:_TOTAL_KEYS] == plus[:_TOTAL_KEYS]:
        sums = zip(minus[_TOTAL_KEYS:], plus[_TOTAL_KEYS:], strict=True)
        if all(before + after == 0 for before, after in sums):
            return []
    rows = [row for row in (minus, plus) if row is not None]
    return [InsertMany(stage_total_delta, _TOTAL_COLUMNS, rows)] if rows else []


def linked(ident: int | Made, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that replace the participants of a deal."""
    return replaced(opportunity_member, ("opportunity_id", "contact_id"), ident, before, after)


def shared(ident: int | Made, before: Iterable[str], after: Iterable[str]) -> list[Write]:
    """Return the writes that replace the access list of a deal."""
    return replaced(opportunity_share, ("opportunity_id", "user_uid"), ident, before, after)


def valued(ident: int | Made, before: Mapping[int, str], after: Mapping[int, str]) -> list[Write]:
    """Return the writes that make the custom values of a deal what they are afterwards."""
    return revalued(opportunity_value, "opportunity_id", ident, before, after)
