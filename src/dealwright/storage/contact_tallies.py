"""How many people and companies were ever made: tallied ahead, so that all contacts need not be counted.

Contacts are never removed: those in the trash are tallied too, and subtracted where they are not to be seen.
"""

from __future__ import annotations

from typing import Final

from dealwright.domain.contact import Contact
from dealwright.storage.folding import Summary
from dealwright.storage.schema import contact_tally, contact_tally_delta
from dealwright.storage.writes import InsertMany, Write

SUMMARY: Final = Summary(
    contact_tally,
    contact_tally_delta,
    ("is_company",),
    sums=("contacts",),
    lock=7235,
    counted="SELECT is_company, 1 AS contacts FROM contact",
)


def tallied(before: Contact | None, after: Contact) -> list[Write]:
    """Return the writes that carry a contact that is new (before: None), or of another kind now, into the tally."""
    if before is not None and before.is_company is after.is_company:
        return []
    left = [(before.is_company, -1)] if before is not None else []
    return [InsertMany(contact_tally_delta, SUMMARY.columns, [*left, (after.is_company, 1)])]


def said(rows: str) -> str:
    """Return a SELECT of what the contacts with these ids (a subquery) come to."""
    return f"SELECT is_company, count(*) AS contacts FROM contact WHERE id IN {rows} GROUP BY is_company"
