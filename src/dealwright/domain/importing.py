"""Imports: which column of a table says what of a record, and what to do with records that are there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from dealwright.domain.contact import Share
from dealwright.domain.contact_info import ADDRESS_PARTS, Info
from dealwright.domain.errors import Invalid, Problem, invalid
from dealwright.domain.table import COLUMNS, Dialect
from dealwright.domain.text import fold, is_storable

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "contact": frozenset(
        (
            *("first_name", "last_name", "company_name", "job_title", "about", "industry", "currency", "notes"),
            *("email", "phone", "status", "type", "tag"),
        )
    ),
    "opportunity": frozenset(
        (
            *("title", "description", "responsible", "stage", "contact", "member", "tag", "amount", "currency"),
            *("billing", "periods", "probability", "expected_close", "closed_at"),
        )
    ),
    "lead": frozenset(
        (
            *("title", "description", "responsible", "stage", "pipeline", "amount", "follow_up_at", "outcome"),
            *("contact_email", "contact_name", "contact_company", "contact_phone", "kind", "lead_source"),
            *("loss_reason", "won_at", "lost_at", "tag"),
            *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
        )
    ),
    "case": frozenset(("title", "member", "tag", "closed")),
    "task": frozenset(
        ("title", "description", "deadline", "responsible", "category", "contact", "alert_minutes", "closed")
    ),
}
"""What a column can say of each kind of record, beside `custom.<field id>` and, of contacts, `info.…`."""

NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "contact": frozenset(("first_name", "last_name", "company_name")),
    "lead": frozenset(("contact_email", "contact_name")),
    **{subject: frozenset(("title",)) for subject in ("opportunity", "case", "task")},
}
"""At least one of these must be told, or no row can become a record."""


MADE: Final[Mapping[str, frozenset[str]]] = {"contact": frozenset(("status", "type")), "task": frozenset(("category",))}
"""The fields of each kind of record whose entries an import can make where they are missing."""


class Duplicates(StrEnum):
    """What to do with a row whose e-mail a contact has already; `clone` makes another contact."""

    SKIP = "skip"
    OVERWRITE = "overwrite"
    CLONE = "clone"


_USUAL: Final = Dialect()
Column = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported: `columns` names fields and the places (from 0) of the cells that say them.

    `tags` go on every record; `sharing` and `managers` are those of every new contact, `private` and `shared_with`
    those of every new deal or case. `day_first` reads 03/04/2027 as the 3rd of April. Leads come into the stages of a
    location where one is given. What is missing in the lists of `makes` is made; a trial looks at every row and writes
    none.
    """

    subject: str
    columns: tuple[Column, ...]
    dialect: Dialect = _USUAL
    duplicates: Duplicates = Duplicates.SKIP
    day_first: bool = False
    tags: tuple[str, ...] = ()
    sharing: Share = Share.WRITE
    managers: tuple[str, ...] = ()
    private: bool = False
    shared_with: tuple[str, ...] = ()
    location_id: int | None = None
    makes: tuple[str, ...] = ()
    is_trial: bool = False

    def plain(self) -> dict[str, Any]:
        """Return the order as plain JSON values, of which `kept` makes it again."""
        return {**asdict(self), "sharing": int(self.sharing), "duplicates": str(self.duplicates)}

    def said(self, cells: Sequence[str]) -> dict[str, list[str]]:
        """Return what a row says: for each field the cells that are not empty, fields without any left out."""
        found: dict[str, list[str]] = {}
        for name, places in self.columns:
            values = [cells[place] for place in places if place < len(cells) and cells[place]]
            if values:
                found.setdefault(name, []).extend(values)
        return found


def columns_of(head: Sequence[str], names: Mapping[str, str]) -> tuple[Column, ...]:
    """Return which fields the columns of a table say by its head; `names` are the fields by folded heading.

    Headings that nobody knows are passed over.
    """
    found: dict[str, list[int]] = {}
    for place, heading in enumerate(head[:COLUMNS]):
        name = names.get(fold(heading))
        if name is not None:
            found.setdefault(name, []).append(place)
    return tuple((name, tuple(places)) for name, places in found.items())


def kept(plain: Mapping[str, Any]) -> Order:
    """Return the order that `Order.plain` wrote down."""
    return Order(
        **{
            **plain,
            "columns": tuple((name, tuple(places)) for name, places in plain["columns"]),
            "dialect": Dialect(**plain["dialect"]),
            "duplicates": Duplicates(plain["duplicates"]),
            "sharing": Share(plain["sharing"]),
            **{name: tuple(plain.get(name, ())) for name in ("tags", "managers", "shared_with", "makes")},
        }
    )


def checked(order: Order, fields: Iterable[tuple[int, str]]) -> Order:
    """Return the order if it can be carried out, given id and kind of record of each custom field.

    Refuses with Invalid listing what is wrong: fields that are not there, places out of range, a dialect that cannot
    be read, nothing that would name a record.
    """
    if order.subject not in FIELDS:
        raise invalid("subject", "unknown", "is nothing that can be imported", order.subject)
    order.dialect.checked()
    custom = {ident for ident, subject in fields if subject in _SUBJECTS[order.subject]}
    problems = [problem for column in order.columns if (problem := _column_problem(order.subject, column, custom))]
    if not NEEDED[order.subject] & {name for name, places in order.columns if places}:
        problems.append(Problem("columns", "required", f"must tell {' or '.join(sorted(NEEDED[order.subject]))}"))
    problems += [
        Problem("create_missing", "not_allowed", f"no {order.subject} has a list of it", name)
        for name in sorted(set(order.makes) - MADE.get(order.subject, frozenset()))
    ]
    texts = [*order.tags, *order.managers, *order.shared_with]
    problems += [
        Problem("tags", "format", "holds characters that cannot be kept") for text in texts if not is_storable(text)
    ]
    if problems:
        raise Invalid(*problems)
    return order


_SUBJECTS: Final = {
    "contact": ("contact", "person", "company"),
    "lead": ("opportunity",),
    **{subject: (subject,) for subject in ("opportunity", "case", "task")},
}


def _column_problem(subject: str, column: Column, custom: set[int]) -> Problem | None:
    name, places = column
    if not all(0 <= place < COLUMNS for place in places):
        return Problem("columns", "out_of_range", f"places are from 0 to {COLUMNS - 1}", name[:40])
    if name in FIELDS[subject]:
        return None
    first, _, rest = name.partition(".")
    if first == "custom" and rest.isdecimal() and int(rest) in custom:
        return None
    if first == "info" and subject == "contact" and info_of(name) is not None:
        return None
    return Problem("columns", "unknown", "is no field that can be imported", name[:40])


@cache
def info_of(name: str) -> tuple[Info, int, str | None] | None:
    """Return kind, category and, for an address, the part that `info.<kind>.<category>[.<part>]` names; or None."""
    _, *words = name.split(".")
    if len(words) not in (2, 3) or not words[1].isdecimal() or not words[1].isascii() or len(words[1]) > 3:
        return None
    kind = Info.__members__.get(words[0].upper())
    part = words[2] if len(words) == 3 else None
    if kind is None or (kind is Info.ADDRESS) != (part in ADDRESS_PARTS) or (kind is not Info.ADDRESS and part):
        return None
    return kind, int(words[1]), part
