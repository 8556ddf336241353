"""Which part of a list is asked for, and cutting, sorting and filtering it in memory (conventions §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

LARGEST: Final = 1000
"""Rows of one page, by default and at most."""
FURTHEST: Final = 2**31 - 1

Shown = dict[str, object]
Kind = str | Callable[[object], str]
"""What `type` compares with: one name for all rows of a list, or a row's own."""

_OPERATIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda found, wanted: wanted in found,
    "equals": lambda found, wanted: found == wanted,
    "startswith": lambda found, wanted: found.startswith(wanted),
    "endswith": lambda found, wanted: found.endswith(wanted),
    "present": lambda found, wanted: found != "",
}


@dataclass(frozen=True, slots=True)
class Page:
    """The generic parameters of a list, from the query string alone (conventions §7)."""

    count: int = LARGEST
    """Rows of a page; 0 does not cut."""
    start: int = 0
    sort_by: str = ""
    descending: bool = False
    search: str = ""
    """Text to search for: the first part of filterValue."""
    filter_by: tuple[str, ...] = ()
    filter_op: str = "equals"
    filter_values: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()
    """Lower-case member names to keep; none means all."""
    kind: str = ""
    """Lower-case name of the kind of rows to keep (`type`)."""

    @property
    def rows(self) -> int:
        """Rows that a list which pages in SQL fetches: one more than it shows, if it is cut at all."""
        return self.count + 1 if self.count else LARGEST

    def total_of(self, fetched: int) -> int | None:
        """Return the total when the rows fetched reach the end of the list; None asks for a count (§7, rules)."""
        return self.start + fetched if fetched < self.rows else None

    def unfiltered(self) -> Page:
        """Return the page without filterBy, for lists that took filterValue as their search text."""
        return replace(self, filter_by=())


def page_of(pairs: Iterable[tuple[str, str]]) -> Page:
    """Return what a query asks for; nothing is refused, an unreadable number is ignored (conventions §7)."""
    sent: dict[str, list[str]] = {}
    for name, text in pairs:
        sent.setdefault(name.lower().removesuffix("[]"), []).append(text)
    if not sent:
        return Page()
    values = _parts(sent, "filtervalue")
    return Page(
        count=min(_natural(_first(sent, "count"), LARGEST), LARGEST),
        start=min(_natural(_first(sent, "startindex"), 0), FURTHEST),
        sort_by=_first(sent, "sortby"),
        descending=_first(sent, "sortorder") == "descending",
        search=values[0] if values else "",
        filter_by=tuple(_parts(sent, "filterby")),
        filter_op=_first(sent, "filterop").lower() or "equals",
        filter_values=tuple(values),
        fields=frozenset(name.strip().lower() for text in sent.get("fields", ()) for name in text.split(",") if name),
        kind=_first(sent, "type").lower(),
    )


def _first(sent: Mapping[str, list[str]], name: str) -> str:
    return sent.get(name, [""])[0]


def _parts(sent: Mapping[str, list[str]], name: str) -> list[str]:
    """Return a single value split at commas, several values as they are."""
    values = sent.get(name, [])
    return [part for part in values[0].split(",") if part] if len(values) == 1 else values


def _natural(text: str, default: int) -> int:
    """Return digits as a number; a huge one is as good as FURTHEST."""
    digits = text.strip().removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return default
    return int(digits) if len(digits) < 10 else FURTHEST


def filtered(items: Sequence[object], page: Page) -> list[object]:
    """Return the items with a member of filterBy that compares to one of filterValue as filterOp says."""
    compare = _OPERATIONS.get(page.filter_op)
    if not page.filter_by or compare is None:
        return list(items)
    wanted = [value.lower() for value in page.filter_values] or [""]
    return [
        item
        for item in items
        if any(compare(_said(member(item, path)), value) for path in page.filter_by for value in wanted)
    ]


def of_kind(items: Sequence[object], page: Page, kind: Kind) -> list[object]:
    """Return the items whose kind is the one asked for by `type`."""
    if not page.kind or not kind:
        return list(items)
    return [item for item in items if (kind if isinstance(kind, str) else kind(item)).lower() == page.kind]


def ordered(items: Sequence[object], page: Page) -> list[object]:
    """Return the items in the order of the members named by sortBy; those without the first of them drop out."""
    names = [name.strip() for name in page.sort_by.split(",") if name.strip()]
    if not names:
        return list(items)
    kept = [item for item in items if member(item, names[0]) is not None]
    return sorted(kept, key=lambda item: [_rank(member(item, name)) for name in names], reverse=page.descending)


def member(item: object, path: str) -> object:
    """Return the member at a dotted path, in any case; None where there is none."""
    for name in path.split("."):
        if not isinstance(item, Mapping):
            return None
        folded = name.strip().lower()
        item = next((value for key, value in item.items() if key.lower() == folded), None)
    return item


def only(value: object, fields: frozenset[str]) -> object:
    """Return an object, or each object of a list, with the members asked for alone (conventions §7, fields)."""
    if not fields:
        return value
    if isinstance(value, list):
        return [only(item, fields) if isinstance(item, Mapping) else item for item in value]
    if isinstance(value, Mapping):
        return {name: found for name, found in value.items() if name.lower() in fields}
    return value


def _said(value: object) -> str:
    """Return a member as the text that is compared."""
    return "" if value is None else str(value).lower()


def _rank(value: object) -> tuple[int, Decimal, str]:
    """Return a key under which values of every type can be compared: nothing, numbers, texts."""
    if value is None:
        return 0, Decimal(0), ""
    if isinstance(value, int | Decimal):
        return 1, Decimal(value), ""
    return 2, Decimal(0), str(value).casefold()
