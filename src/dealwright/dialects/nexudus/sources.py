"""Where records come from: tables that are asked by SQL, or the rules that every process holds in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from dealwright.dialects.nexudus.entity import READ_ONLY, Entity, Member, Record
from dealwright.dialects.nexudus.handling import Call
from dealwright.dialects.nexudus.listing import Filter, ListQuery
from dealwright.dialects.nexudus.writing import writer
from dealwright.domain.errors import NotFound
from dealwright.storage import records, records_memory
from dealwright.storage.query import Page
from dealwright.storage.records_terms import Condition, Kept, Op, Sort
from dealwright.storage.rules import Rules

T = TypeVar("T")
Values = dict[str, Any]
Walk = tuple[str, Callable[[Any], Any]]
"""Our path of a member, and what makes our value of the one a filter gave."""

_NOTHING: Final = Condition("id", Op.IN, ())
_KEPT_AS: Final[Mapping[str, str]] = {
    "str": "text",
    "int": "whole",
    "enum": "whole",
    "bool": "flag",
    "dec": "decimal",
    "dt": "instant",
}


class Tables(Generic[T]):
    """Records that are listed by SQL.

    `one` and `many` read rows of a subject, `show` makes values in our words of one; `walks` says under which path
    the tables know a member whose key is another. `gone` reads a row that is in the trash.
    """

    checked = True

    def __init__(
        self,
        entity: Entity,
        subject: str,
        one: Callable[[Call, int], Awaitable[T]],
        many: Callable[[Call, Sequence[int]], Awaitable[list[T]]],
        show: Callable[[Rules, T], Values],
        walks: Mapping[str, Walk] | None = None,
        gone: Callable[[Call, int], Awaitable[T]] | None = None,
    ) -> None:
        self._entity, self._subject, self._gone = entity, subject, gone
        self._one, self._many, self._show = one, many, show
        self._walks = walks or {}
        self._collections: Values = {member.key: [] for member in entity.collections}

    async def one(self, call: Call, record_id: int) -> Record:
        """Return a record; see Source."""
        return self._record(call, await self._one(call, record_id))

    async def trashed(self, call: Call, record_id: int) -> Record:
        """Return a record that is in the trash; NotFound, also for those that have none."""
        if self._gone is None:
            raise NotFound(self._entity.name)
        return self._record(call, await self._gone(call, record_id))

    async def batch(self, call: Call, ids: Sequence[int]) -> list[Record]:
        """Return records by their ids; see Source."""
        return [self._record(call, row) for row in await self._many(call, ids)]

    async def page(self, call: Call, query: ListQuery) -> tuple[list[Record], int]:
        """Return a page; see Source."""
        found = await records.find(
            call.db,
            call.actor,
            self._subject,
            [self._condition(each) for each in query.filters],
            self._sort(query),
            Page(query.offset, query.size),
        )
        rows = await self._many(call, found.rows)
        print_row = writer(self._entity).record
        return [print_row({**self._show(call.db.rules, row), **self._collections}) for row in rows], found.total

    def _record(self, call: Call, row: T) -> Record:
        return writer(self._entity).record(self._show(call.db.rules, row))

    def _condition(self, each: Filter) -> Condition:
        member = each.member
        if not member.ours:
            return Condition(member.name, each.op, each.value, _kept(member))
        path, ours = self._walks.get(member.ours, (member.ours, None))
        if ours is None:
            return Condition(path, each.op, each.value)
        return _NOTHING if each.op is Op.IN else Condition(path, each.op, ours(each.value))

    def _sort(self, query: ListQuery) -> Sort:
        member = query.order
        if not member.ours:
            is_kept = member.kind is not READ_ONLY and member in self._entity.own
            return Sort(member.name, query.descending, _kept(member)) if is_kept else Sort("id", query.descending)
        path, _ = self._walks.get(member.ours, (member.ours, None))
        return Sort(path, query.descending)


def _kept(member: Member) -> Kept:
    blank = None if member.nullable else _BLANK[member.base]
    default = member.default if isinstance(member.default, bool | int | str) else blank
    return Kept(member.name, _KEPT_AS[member.base], default)


_BLANK: Final[Mapping[str, Any]] = {"bool": False, "int": 0, "dec": 0, "enum": None, "str": None, "dt": None}


class InRules(Generic[T]):
    """Records that the rules hold.

    `every` returns them, `show` makes values in our words of one. `enrich` adds to some records what the rules do
    not know; `late` names those fields, which order and narrow a list only when all records are asked for them.
    """

    checked = False

    def __init__(
        self,
        entity: Entity,
        every: Callable[[Rules], Iterable[T]],
        show: Callable[[Rules, T], Values],
        enrich: Callable[[Call, Sequence[Values]], Awaitable[list[Values]]] | None = None,
        late: frozenset[str] = frozenset(),
    ) -> None:
        self._entity, self._every, self._show = entity, every, show
        self._enrich, self._late = enrich, late
        self._collections: Values = {member.key: [] for member in entity.collections}
        self._shelf: tuple[Rules, dict[int, Values]] | None = None

    async def one(self, call: Call, record_id: int) -> Record:
        """Return a record; see Source."""
        values = self._all(call.db.rules).get(record_id)
        if values is None:
            raise NotFound(self._entity.name)
        return (await self._records(call, [values]))[0]

    async def batch(self, call: Call, ids: Sequence[int]) -> list[Record]:
        """Return records by their ids; see Source."""
        known = self._all(call.db.rules)
        return await self._records(call, [known[one] for one in ids if one in known])

    async def page(self, call: Call, query: ListQuery) -> tuple[list[Record], int]:
        """Return a page; see Source."""
        path = query.order.key
        asked = [(each.path, each.op.value, each.value) for each in query.filters]
        every: Sequence[Mapping[str, Any]] = list(self._all(call.db.rules).values())
        if self._enrich is not None and not self._late.isdisjoint({path, *(where for where, _, _ in asked)}):
            every = await self._enrich(call, [dict(values) for values in every])
        found = records_memory.narrowed(every, asked)
        rows = records_memory.ordered(found, path, query.descending, asked)
        shown = [{**row, **self._collections} for row in rows[query.offset : query.offset + query.size]]
        return await self._records(call, shown), len(found)

    async def _records(self, call: Call, chosen: Sequence[Values]) -> list[Record]:
        if self._enrich is not None:
            chosen = await self._enrich(call, chosen)
        return [writer(self._entity).record(values) for values in chosen]

    def _all(self, rules: Rules) -> dict[int, Values]:
        if self._shelf is None or self._shelf[0] is not rules:
            blanks = writer(self._entity).blanks
            shown = ({**blanks, **self._show(rules, one)} for one in self._every(rules))
            self._shelf = rules, {values["id"]: values for values in shown}
        return self._shelf[1]
