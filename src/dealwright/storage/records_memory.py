"""Lists of the small records that the rules hold: narrowed and ordered in memory, by the same comparisons as in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dealwright.domain.text import KEY_LENGTH, fold

Values = Mapping[str, Any]
Asked = tuple[str, str, Any]
"""A condition: the path of a field, how it is compared (`eq`, `ge`, `le`, `in`), and with what."""


def rank(op: str, wanted: Any, found: Any) -> int | None:
    """Return how well a value satisfies a comparison: 0 fully, 1 a text that contains the wanted one, None not at all.

    What is missing satisfies nothing.
    """
    if found is None:
        return None
    if op == "in":
        return 0 if found in wanted else None
    if op == "eq" and isinstance(wanted, str) and isinstance(found, str):
        return _contained(key(wanted), key(found))
    holds = found >= wanted if op == "ge" else found <= wanted if op == "le" else found == wanted
    return 0 if holds else None


def _contained(wanted: str, found: str) -> int | None:
    if wanted == found:
        return 0
    return 1 if wanted in found else None


def key(text: str) -> str:
    """Return what a text is compared by, however long it is."""
    return fold(text) if len(text) < KEY_LENGTH else " ".join(text.casefold().split())


def narrowed(records: Sequence[Values], conditions: Sequence[Asked]) -> list[Values]:
    """Return the records that satisfy all conditions, in the order in which they came."""
    return [
        record
        for record in records
        if all(rank(op, value, record.get(path)) is not None for path, op, value in conditions)
    ]


def ordered(records: Sequence[Values], path: str, descending: bool, conditions: Sequence[Asked] = ()) -> list[Values]:
    """Return records by a field and then by id; missing values come first ascending and last descending.

    Records whose texts equal what the conditions ask for stay before those that contain it.
    """
    found = sorted(records, key=lambda record: (*_sortable(record.get(path)), record["id"]), reverse=descending)
    texts = [(where, op, value) for where, op, value in conditions if isinstance(value, str)]
    if not texts:
        return found
    return sorted(found, key=lambda record: [rank(op, value, record.get(where)) or 0 for where, op, value in texts])


def _sortable(value: Any) -> tuple[bool, Any]:
    if value is None:
        return False, 0
    return True, key(value) if isinstance(value, str) else value
