"""Small expressions that the two databases spell differently, beside those of `query` and `search`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Text, bindparam
from sqlalchemy.sql.functions import FunctionElement

from dealwright.storage.spelling import spelled


@spelled(sqlite="lower({all})", postgres='lower({all} COLLATE "C")')
class Lowered(FunctionElement[str]):
    """A text with its ASCII letters in lower case, in byte order: the same on both databases."""

    type = Text()
    inherit_cache = True


@spelled(sqlite="group_concat({all}, '{its.separator}')", postgres="string_agg({all}, '{its.separator}')")
class Strung(FunctionElement[str]):
    """Many texts as one, with a separator between them."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], separator: str) -> None:
        assert "'" not in separator
        self.separator = separator
        super().__init__(column)


@spelled(
    sqlite="""json_extract({1}, '$."' || {0} || '"')""",
    # In a sub-select of its own, so that the object is read once and not for every row.
    postgres="CAST((SELECT CAST({1} AS jsonb)) ->> CAST({0} AS text) AS bigint)",
)
class Placed(FunctionElement[int]):
    """The place that a key has in a JSON object given as one parameter; NULL where it has none."""

    type = BigInteger()
    inherit_cache = True


@spelled(sqlite="json_extract({all}, '$.{its.name}')", postgres="(CAST({all} AS json) ->> '{its.name}')")
class JsonMember(FunctionElement[str]):
    """One member of a JSON object in a column, as text."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        assert name.isidentifier()
        self.name = name
        super().__init__(column)


@spelled(
    sqlite="{its.table}.id IN (SELECT t.id FROM {its.table} AS t WHERE instr(t.{its.twin}, {1}) > 0)",
    postgres="strpos({0}, {1}) > 0",
)
class Holds(FunctionElement[bool]):
    """Whether a folded twin holds a text. SQLite looks through the twin's index first, which is far smaller."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, twin: Column[Any], name: str) -> None:
        self.table, self.twin = twin.table.name, twin.name
        super().__init__(twin, bindparam(name, type_=Text()))


@spelled(sqlite="+{all}", postgres="({all} + 0)")
class Sorted(FunctionElement[int]):
    """An id to order by, at the cost of sorting.

    The planners like to walk all rows in the order of their ids where a range of an index would do.
    """

    type = BigInteger()
    inherit_cache = True


@spelled(sqlite="({all}) IS TRUE", postgres="({all}) IS TRUE")
class Settled(FunctionElement[bool]):
    """A condition for which no index is to be used."""

    type = Boolean()
    inherit_cache = True


@spelled(sqlite="likelihood({all}, 0.000001)", postgres="{all}")
class Rare(FunctionElement[bool]):
    """A condition that hardly any row satisfies; PostgreSQL knows that by itself."""

    type = Boolean()
    inherit_cache = True


@spelled(sqlite="{0} IN {1}", postgres="{0} = ANY (ARRAY{1})")
class PointsAt(FunctionElement[bool]):
    """Whether a column holds one of the ids that a sub-select finds; they are found first, and are taken to be few."""

    type = Boolean()
    inherit_cache = True
