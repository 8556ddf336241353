"""Which columns of a table say what, by the words of people: by the headings, or as somebody tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.importing import FIELDS, Column, columns_of
from dealwright.domain.text import fold
from dealwright.storage.rules import Rules

ALIASES: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {
        **{"company": "company_name", "tags": "tag", "e mail": "email", "website": "info.website.1"},
        **{part: f"info.address.1.{part}" for part in ("street", "city", "state", "zip", "country")},
    },
    "opportunity": {"participants": "member", "tags": "tag", "closed": "closed_at"},
    "lead": {"e mail": "contact_email", "email": "contact_email", "tags": "tag"},
    "case": {"participants": "member", "tags": "tag"},
    "task": {},
}
"""What our own exports call the fields whose names say something else, and what people do."""
_SUBJECTS: Final = {"contact": ("contact", "person", "company"), "lead": ("opportunity",)}


def headings(rules: Rules, subject: str) -> dict[str, str]:
    """Return the fields of a kind of record by every heading that means them, folded."""
    custom = {fold(field.label): f"custom.{field.id}" for field in rules.fields_of(*_SUBJECTS.get(subject, (subject,)))}
    own = {_plain(name): name for name in FIELDS[subject]}
    return {**custom, **ALIASES[subject], **own}


def by_heading(rules: Rules, subject: str, head: Sequence[str]) -> tuple[Column, ...]:
    """Return which fields the columns of a table say by its head; headings that nobody knows are passed over."""
    names = headings(rules, subject)
    return columns_of([_plain(cell) for cell in head], {_plain(heading): name for heading, name in names.items()})


def by_word(
    rules: Rules, subject: str, head: Sequence[str], said: Iterable[tuple[str, str]], has_header: bool
) -> tuple[Column, ...]:
    """Return the columns that somebody tells as pairs of a field and of a heading or a number from 1.

    Fields may be told by name or by a heading that means them. Refuses with Invalid ("map") columns that are not there.
    """
    known, found, problems = headings(rules, subject), dict[str, list[int]](), list[Problem]()
    places = {_plain(cell): place for place, cell in reversed(list(enumerate(head)))} if has_header else {}
    for field, column in said:
        name = field if field in FIELDS[subject] or "." in field else known.get(_plain(field), field)
        place = places.get(_plain(column), int(column) - 1 if column.isascii() and column.isdecimal() else -1)
        if 0 <= place < max(len(head), 1):
            found.setdefault(name, []).append(place)
        else:
            problems.append(Problem("map", "unknown", f"names a column that is not there: {column[:80]}"))
    if problems:
        raise Invalid(*problems)
    return tuple((name, tuple(where)) for name, where in found.items())


def _plain(heading: str) -> str:
    return " ".join(fold(heading).replace("_", " ").replace("-", " ").split())
