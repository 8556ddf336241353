"""From a query string to what a list is asked for, and from its rows to the list envelope (conventions §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from dealwright.dialects.nexudus import enums
from dealwright.dialects.nexudus.entity import Entity, Member, Record
from dealwright.dialects.nexudus.typed import (
    Refused,
    boolean,
    decimal,
    ids,
    instant,
    text,
    whole,
)
from dealwright.domain.errors import Invalid, Problem, invalid
from dealwright.storage.records_terms import Op

__all__ = ["Filter", "ListQuery", "Op", "is_batch", "list_envelope", "parameters", "read_batch", "read_query"]

Pairs = Sequence[tuple[str, str]]

DEFAULT_SIZE: Final = 25
LARGEST_SIZE: Final = 1000
LAST_PAGE: Final = 2**31 - 1
_PARAMETERS: Final = 1000
_DESCENDING: Final = frozenset({"1", "-1", "desc", "descending"})
_READERS: Final = {"str": text, "int": whole, "bool": boolean, "dec": decimal, "dt": instant}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; `value` is typed as the member is, and a tuple of integers for `Op.IN`."""

    member: Member
    op: Op
    value: object

    @property
    def path(self) -> str:
        """Our name of what is compared, dotted for a related record; the member's own where we only keep it."""
        return self.member.key


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One page of a list: `page` from 1, `size` 1 to 1000; all filters must hold."""

    page: int
    size: int
    order: Member
    descending: bool
    filters: tuple[Filter, ...]

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.size


def parameters(query: bytes | str) -> Pairs:
    """Return the parameters of a raw query string, blank ones too; refuses a senseless number of them."""
    raw = query.decode("ascii", "replace") if isinstance(query, bytes) else query
    try:
        return parse_qsl(raw, keep_blank_values=True, max_num_fields=_PARAMETERS)
    except ValueError:
        raise invalid("", "too_long", "The query has too many parameters.") from None


def is_batch(pairs: Pairs) -> bool:
    """Tell whether this is `?id=[1,2]`, which asks for a bare array and needs the Read right (conventions §3)."""
    return any(name.lower() == "id" and _in_brackets(value) for name, value in pairs)


def read_batch(pairs: Pairs) -> tuple[int, ...]:
    """Return the ids of a batch in order, each once; refuses with Invalid what is no list of integers."""
    value = next(value for name, value in pairs if name.lower() == "id" and _in_brackets(value))
    try:
        return ids(value, whole)
    except Refused as refused:
        raise invalid("id", refused.code, str(refused), value) from None


def read_query(entity: Entity, pairs: Pairs) -> ListQuery:
    """Return what the parameters ask for (conventions §4, Query).

    Names ignore case; unknown names and empty values are ignored; page, size, orderby and dir that make no sense
    fall back to their defaults. Refuses with Invalid, naming every filter whose value its type does not allow.
    """
    asked = {name.lower(): value for name, value in pairs if value}
    filters, problems = [], []
    for name, value in asked.items():
        try:
            condition = _condition(entity, name, value)
        except Refused as refused:
            problems.append(Problem(_as_sent(pairs, name), refused.code, str(refused), value))
        else:
            filters += [condition] if condition else []
    if problems:
        raise Invalid(*problems)
    order = entity.sortable.get(asked.get("orderby", "").lower().replace("_", "")) or entity.by_name[entity.order]
    size = min(_positive(asked.get("size"), DEFAULT_SIZE), LARGEST_SIZE)
    page = min(_positive(asked.get("page"), 1), LAST_PAGE)
    return ListQuery(page, size, order, asked.get("dir", "").strip().lower() in _DESCENDING, tuple(filters))


def list_envelope(query: ListQuery, total: int, records: Iterable[Record]) -> Record:
    """Return the thirteen members around one page of records, `total` being the count of all pages."""
    rows = list(records)
    pages = -(-total // query.size)
    return {
        "Records": rows,
        "CurrentPageSize": query.size,
        "CurrentPage": query.page,
        "CurrentOrderField": query.order.name,
        "CurrentSortDirection": int(query.descending),
        "FirstItem": query.offset + 1,
        "HasNextPage": query.page < pages,
        "HasPreviousPage": query.page > 1,
        "LastItem": query.offset + len(rows),
        "PageNumber": query.page,
        "PageSize": query.size,
        "TotalItems": total,
        "TotalPages": pages,
    }


def _condition(entity: Entity, name: str, value: str) -> Filter | None:
    bare, op = name, Op.EQ
    if name.startswith(("from_", "to_")):
        bound, _, bare = name.partition("_")
        op = Op.GE if bound == "from" else Op.LE
    member = _member(entity, bare)
    if member is None or (op is not Op.EQ and not member.has_range):
        return None
    if op is Op.EQ and member.base == "int" and _in_brackets(value):
        return Filter(member, Op.IN, ids(value, whole))
    return _compared(member, op, value)


def _member(entity: Entity, bare: str) -> Member | None:
    """Find a member by `{entity}_{member}` or a walk over relations: both are its name without underscores."""
    if bare in ("id", "uniqueid"):
        return entity.filterable[bare]
    prefix, _, walk = bare.partition("_")
    return entity.filterable.get(walk.replace("_", "")) if prefix == entity.name.lower() else None


def _compared(member: Member, op: Op, value: str) -> Filter:
    if not member.enum:
        return Filter(member, op, _READERS[member.base](value))
    number = enums.number_of(member.enum, value.strip())
    number = whole(value) if number is None else number
    # A number outside the enum is no mistake in a filter: it is only true of nothing.
    known = member.enum in enums.MANAGED or number in enums.ENUMS[member.enum]
    return Filter(member, Op.EQ, number) if known else Filter(member, Op.IN, ())


def _in_brackets(value: str) -> bool:
    bare = value.strip()
    return bare.startswith("[") and bare.endswith("]")


def _positive(value: str | None, otherwise: int) -> int:
    try:
        number = whole(value)
    except Refused:
        return otherwise
    return number if number > 0 else otherwise


def _as_sent(pairs: Pairs, folded: str) -> str:
    return next(name for name, _ in pairs if name.lower() == folded)
