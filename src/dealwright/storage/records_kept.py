"""Members that a face only keeps, in a record's JSON: narrowed and ordered by as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Float, Text, bindparam, cast, func, literal

from dealwright.storage.database import Database
from dealwright.storage.query import any_number, listed
from dealwright.storage.records_sql import JsonMember, Lowered
from dealwright.storage.records_terms import Condition, Field, Flag, Kept, Op, Sorting, Term, Words, compared
from dealwright.storage.rules import Rules

_KEPT_TYPES: Final[Mapping[str, Any]] = {
    "whole": BigInteger(),
    "flag": Boolean(),
    "decimal": Float(53),
    "instant": Text(),
    "text": Text(),
}


class KeptMember(Field):
    """A member that a face only keeps, in a JSON column; absent ones compare as the member's default."""

    def __init__(self, column: ColumnElement[Any], kept: Kept) -> None:
        self.kept = kept
        kind = _KEPT_TYPES[kept.type]
        found: ColumnElement[Any] = JsonMember(column, kept.name)
        found = found if kept.type in ("text", "instant") else cast(found, kind)
        default = float(kept.default) if isinstance(kept.default, Decimal) else kept.default
        self.column = found if default is None else func.coalesce(found, literal(default, kind))

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        if self.kept.type == "text":
            return Words(self.column).term(at, condition, db)
        if self.kept.type == "flag":
            return Flag(self.column).term(at, condition, db)
        op, value = condition.op, condition.value
        if op is Op.IN:
            return Term(op, {at: listed(value)}, lambda: any_number(self.column, at))
        stored = fixed(value) if isinstance(value, datetime) else float(value) if self.kept.type == "decimal" else value
        kind = _KEPT_TYPES[self.kept.type]
        return Term(op, {at: stored}, lambda: compared(self.column, op, bindparam(at, type_=kind)))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the member; see Field."""
        return Sorting("", lambda: [Lowered(self.column) if self.kept.type == "text" else self.column])


def fixed(moment: datetime) -> str:
    """Return an aware instant as ISO text of one width in UTC, so that texts sort as the instants do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
