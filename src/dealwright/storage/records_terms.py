"""What a list of records can be asked for: conditions and orders, and how each kind of field turns into SQL."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    not_,
    or_,
    select,
    true,
)

from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import any_number, any_text, listed, number, words
from dealwright.storage.records_memory import rank
from dealwright.storage.records_sql import Holds, Lowered, Placed, PointsAt
from dealwright.storage.rules import Rules
from dealwright.storage.search import among, match_of, occurs
from dealwright.storage.tallied import Span, Stretch
from dealwright.storage.tallies import Facet


class Op(Enum):
    """How a value is compared: equal (texts: equal first, then containing), at least, at most, one of."""

    EQ = "eq"
    GE = "ge"
    LE = "le"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Kept:
    """A member that a face only keeps, in a record's JSON: its name, its type and what it is where it is absent.

    Types: `text`, `whole`, `flag`, `decimal`, `instant` (kept as ISO text of one width).
    """

    name: str
    type: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: a field by its path (dotted into related records), how, and the value.

    Values are typed as the field is: str, int, bool, Decimal, aware datetime; a tuple of ints for `Op.IN`.
    `kept` describes the field where it is a member that is only kept.
    """

    path: str
    op: Op
    value: Any
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """What a list is ordered by; the id comes last, in the same direction."""

    path: str = "id"
    descending: bool = False
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on its way into a query.

    `shape` decides the SQL text together with the field, `given` are the parameters; `clause` and `rank` (0 for
    equal texts, 1 for containing ones) compose the text when the shape is met for the first time. `keys` are the
    values that the field's column may have, where they are known; `is_range` says that it is a range of an index;
    `span` says the same of a facet that deals are tallied by; `is_void` says that it is true of every record.
    """

    shape: Hashable
    given: Mapping[str, Any]
    clause: Callable[[], ColumnElement[bool]]
    rank: Callable[[], ColumnElement[Any]] | None = None
    keys: Sequence[Any] | None = None
    is_range: bool = False
    span: Span | None = None
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order on its way into a query; as with `Term`, the shape decides the text of its columns.

    `present`: there is always a value, whatever the column says.
    """

    shape: Hashable
    columns: Callable[[], Sequence[ColumnElement[Any]]]
    given: Mapping[str, Any] = field(default_factory=dict)
    present: bool = False


class Field:
    """One field that a list can be narrowed and ordered by.

    `column` is what it looks at; `needs` names the join of its subject without which nothing can be ordered by it.
    """

    column: ColumnElement[Any]
    needs: tuple[str, ...] = ()

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Return a condition on this field; its parameters are called `at` or begin with `at_`."""
        raise NotImplementedError

    def sorting(self, rules: Rules) -> Sorting:
        """Return the order by this field."""
        raise NotImplementedError


def compared(column: ColumnElement[Any], op: Op, value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the comparison of a column with a value."""
    if op is Op.GE:
        return column >= value
    return column <= value if op is Op.LE else column == value


class Number(Field):
    """A whole number, or an instant stored as one.

    `indexed`: an index knows its ranges. `present`: whatever is listed has one, though the column may be empty.
    `facet`: deals are tallied by its days.
    """

    def __init__(
        self, column: ColumnElement[Any], indexed: bool = False, present: bool = False, facet: Facet | None = None
    ) -> None:
        self.column, self._indexed, self._present, self._facet = column, indexed, present, facet

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        op, value = condition.op, condition.value
        if op is Op.IN:
            return Term(op, {at: listed(value)}, lambda: any_number(self.column, at), keys=value)
        stored = micros(value) if isinstance(value, datetime) else int(value)
        known = (stored,) if op is Op.EQ else None
        is_range = self._indexed and op is not Op.EQ
        return Term(
            *(op, {at: stored}, lambda: compared(self.column, op, number(at))),
            keys=known,
            is_range=is_range,
            span=self._span(op, stored),
        )

    def _span(self, op: Op, stored: int) -> Span | None:
        if self._facet is None:
            return None
        low, high = (None if op is other else (stored, 0) for other in (Op.LE, Op.GE))
        return Span(self._facet, (Stretch(low, high),))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the number; see Field."""
        return Sorting("", lambda: [self.column], present=self._present)


class Flag(Field):
    """Yes or no."""

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        wanted = bool(condition.value)
        # The bare column, as a partial index says it: SQLite would not recognise a comparison.
        return Term(wanted, {}, lambda: self.column if wanted else not_(self.column), keys=(int(wanted),))

    def sorting(self, rules: Rules) -> Sorting:
        """Order no before yes; see Field."""
        return Sorting("", lambda: [self.column])


class Exact(Field):
    """A text that is an identity: only equal ones match, as they are stored."""

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        return Term("", {at: str(condition.value).lower()}, lambda: self.column == words(at))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the text; see Field."""
        return Sorting("", lambda: [self.column])


class Words(Field):
    """A text that people compare: case does not matter, equal ones come first, containing ones match too.

    `twin` is its folded column, which has an index. Without one the case of ASCII letters alone is ignored.
    `searched` names the subject whose full-text search knows the words of this text.
    """

    def __init__(self, column: ColumnElement[Any], twin: Column[Any] | None = None, searched: str = "") -> None:
        self.twin, self.searched = twin, searched
        self.column: ColumnElement[Any] = Lowered(column) if twin is None else twin

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        wanted = ascii_lower(condition.value) if self.twin is None else fold(condition.value)
        # The first word may be the end of a longer one, all others begin where they begin: search knows those.
        rest = search_words(condition.value)[1:] if self.searched else []
        given = {at: wanted, **({f"{at}_words": match_of(rest, db.is_postgres)} if rest else {})}
        return Term(bool(rest), given, lambda: self._holds(at, bool(rest)), lambda: _unequal(self.column == words(at)))

    def _holds(self, at: str, is_searched: bool) -> ColumnElement[bool]:
        if self.twin is None:
            return occurs(self.column, at)
        if not is_searched:
            return Holds(self.twin, at)
        return and_(among(self.twin.table.c.id, self.searched, f"{at}_words"), occurs(self.twin, at))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the folded text; see Field."""
        return Sorting("", lambda: [self.column])


class Behind(Field):
    """A field of a record that a column points at, in a table of its own.

    Those records are looked through first and then what points at them, which the column's index knows. `alive` is
    the condition under which such a record is there at all.
    """

    def __init__(self, inner: Field, pointer: ColumnElement[Any], join: str, ident: Column[Any], alive: Any) -> None:
        self.inner, self.pointer, self.needs = inner, pointer, (join,)
        self.ident, self.alive = ident, alive
        self.column = inner.column

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        term = self.inner.term(at, condition, db)
        return Term(term.shape, term.given, lambda: self._points(term.clause()), term.rank)

    def _points(self, clause: ColumnElement[bool]) -> ColumnElement[bool]:
        found = select(self.ident).where(self.alive, clause).correlate(None)
        if isinstance(self.inner, Flag):  # true of very many: the planner is to choose
            return self.pointer.in_(found)
        return PointsAt(self.pointer, found.scalar_subquery())

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the field itself; see Field."""
        return self.inner.sorting(rules)


def ascii_lower(text: str) -> str:
    """Return a text with its ASCII letters in lower case."""
    return text.encode().lower().decode()


def _unequal(equal: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((equal, 0), else_=1)


class Via(Field):
    """A field of a small record that a column points at: the rules know which records match.

    `values` returns, for every key that the column may hold, the value of the field. `always` says that the column
    always holds one of them.
    """

    def __init__(
        self,
        column: ColumnElement[Any],
        values: Callable[[Rules], Mapping[Any, Any]],
        keys: str = "number",
        always: bool = False,
    ) -> None:
        self.column, self.values, self.keys, self.always = column, values, keys, always

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        found: dict[int, list[Any]] = {0: [], 1: []}
        values = self.values(db.rules)
        for key, value in values.items():
            place = rank(condition.op.value, condition.value, value)
            if place is not None:
                found[place].append(key)
        keys = found[0] + found[1]
        if self.always and len(keys) == len(values) and not (found[0] and found[1]):
            return Term("every", {}, true, keys=keys, is_void=True)
        return self._term(at, found[0], keys)

    def _term(self, at: str, exact: Sequence[Any], keys: Sequence[Any]) -> Term:
        if len(keys) == 1:
            return Term("one", {at: keys[0]}, lambda: self.column == self._parameter(at), keys=keys)
        given = {at: listed(keys)}
        if not exact or len(exact) == len(keys):
            return Term("all", given, lambda: self._any(at), keys=keys)
        first = f"{at}_exact"
        given[first] = listed(exact)
        return Term("first", given, lambda: self._any(at), lambda: _unequal(self._any(first)), keys)

    def _parameter(self, name: str) -> ColumnElement[Any]:
        return number(name) if self.keys == "number" else words(name)

    def _any(self, name: str) -> ColumnElement[bool]:
        return any_number(self.column, name) if self.keys == "number" else any_text(self.column, name)

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the value behind the key; see Field."""
        places = _places(self.values(rules))
        return Sorting(
            "", lambda: [Placed(self.column, bindparam("placed", type_=Text()))], {"placed": _object(places)}
        )


def _places(values: Mapping[Any, Any]) -> dict[Any, int]:
    folded = {key: fold(value) if isinstance(value, str) else value for key, value in values.items()}
    order = {value: place for place, value in enumerate(sorted({one for one in folded.values() if one is not None}))}
    return {key: order[value] for key, value in folded.items() if value is not None}


def _object(places: Mapping[Any, int]) -> str:
    # Keys are ids and uids, which need no escaping.
    return "{" + ",".join(f'"{key}":{place}' for key, place in places.items()) + "}"


class LocalTime(Field):
    """An instant as the clock on the wall of a record's location shows it."""

    def __init__(self, column: ColumnElement[Any], location: ColumnElement[Any]) -> None:
        self.column, self.location = column, location

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare in every time zone there is; see Field."""
        zones: dict[str, list[int]] = {}
        for place in db.rules.locations.values():
            zones.setdefault(place.time_zone, []).append(place.id)
        given: dict[str, Any] = {}
        for index, (zone, ids) in enumerate(zones.items()):
            local = condition.value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            given |= {f"{at}_{index}": micros(local), f"{at}_{index}_at": listed(ids)}
        count, op = len(zones), condition.op
        return Term((op, count), given, lambda: or_(*(self._one(f"{at}_{index}", op) for index in range(count))))

    def _one(self, at: str, op: Op) -> ColumnElement[bool]:
        return and_(compared(self.column, op, number(at)), any_number(self.location, f"{at}_at"))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the instant itself; see Field."""
        return Sorting("", lambda: [self.column])
