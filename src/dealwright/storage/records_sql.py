"""Small expressions that the two databases spell differently, beside those of `query` and `search`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Lowered(FunctionElement[str]):
    """A text with its ASCII letters in lower case, in byte order: the same on both databases."""

    type = Text()
    inherit_cache = True


@compiles(Lowered, "sqlite")
def _lowered_sqlite(element: Lowered, compiler: SQLCompiler, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(Lowered, "postgresql")
def _lowered_postgres(element: Lowered, compiler: SQLCompiler, **kw: Any) -> str:
    return f'lower({compiler.process(element.clauses, **kw)} COLLATE "C")'


class Strung(FunctionElement[str]):
    """Many texts as one, with a separator between them."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], separator: str) -> None:
        assert "'" not in separator
        self.separator = separator
        super().__init__(column)


@compiles(Strung, "sqlite")
def _strung_sqlite(element: Strung, compiler: SQLCompiler, **kw: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **kw)}, '{element.separator}')"


@compiles(Strung, "postgresql")
def _strung_postgres(element: Strung, compiler: SQLCompiler, **kw: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **kw)}, '{element.separator}')"


class Placed(FunctionElement[int]):
    """The place that a key has in a JSON object given as one parameter; NULL where it has none."""

    type = BigInteger()
    inherit_cache = True


@compiles(Placed, "sqlite")
def _placed_sqlite(element: Placed, compiler: SQLCompiler, **kw: Any) -> str:
    key, places = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({places}, '$.\"' || {key} || '\"')"


@compiles(Placed, "postgresql")
def _placed_postgres(element: Placed, compiler: SQLCompiler, **kw: Any) -> str:
    key, places = (compiler.process(clause, **kw) for clause in element.clauses)
    # In a sub-select of its own, so that the object is read once and not for every row.
    return f"CAST((SELECT CAST({places} AS jsonb)) ->> CAST({key} AS text) AS bigint)"


class JsonMember(FunctionElement[str]):
    """One member of a JSON object in a column, as text."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        assert name.isidentifier()
        self.name = name
        super().__init__(column)


@compiles(JsonMember, "sqlite")
def _member_sqlite(element: JsonMember, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)}, '$.{element.name}')"


@compiles(JsonMember, "postgresql")
def _member_postgres(element: JsonMember, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **kw)} AS json) ->> '{element.name}')"


class Holds(FunctionElement[bool]):
    """Whether a folded twin holds a text. SQLite looks through the twin's index first, which is far smaller."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, twin: Column[Any], name: str) -> None:
        self.table, self.twin = twin.table.name, twin.name
        super().__init__(twin, bindparam(name, type_=Text()))


@compiles(Holds, "sqlite")
def _holds_sqlite(element: Holds, compiler: SQLCompiler, **kw: Any) -> str:
    _, wanted = (compiler.process(clause, **kw) for clause in element.clauses)
    inside = f"SELECT t.id FROM {element.table} AS t WHERE instr(t.{element.twin}, {wanted}) > 0"
    return f"{element.table}.id IN ({inside})"


@compiles(Holds, "postgresql")
def _holds_postgres(element: Holds, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)}) > 0"


class Sorted(FunctionElement[int]):
    """An id to order by, at the cost of sorting.

    The planners like to walk all rows in the order of their ids where a range of an index would do.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(Sorted, "sqlite")
def _sorted_sqlite(element: Sorted, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(Sorted, "postgresql")
def _sorted_postgres(element: Sorted, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} + 0)"


class Settled(FunctionElement[bool]):
    """A condition for which no index is to be used."""

    type = Boolean()
    inherit_cache = True


@compiles(Settled)
def _settled(element: Settled, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)}) IS TRUE"


class Rare(FunctionElement[bool]):
    """A condition that hardly any row satisfies; PostgreSQL knows that by itself."""

    type = Boolean()
    inherit_cache = True


@compiles(Rare, "sqlite")
def _rare_sqlite(element: Rare, compiler: SQLCompiler, **kw: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **kw)}, 0.000001)"


@compiles(Rare, "postgresql")
def _rare_postgres(element: Rare, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


class PointsAt(FunctionElement[bool]):
    """Whether a column holds one of the ids that a sub-select finds; they are found first, and are taken to be few."""

    type = Boolean()
    inherit_cache = True


@compiles(PointsAt, "sqlite")
def _points_sqlite(element: PointsAt, compiler: SQLCompiler, **kw: Any) -> str:
    pointer, found = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{pointer} IN {found}"


@compiles(PointsAt, "postgresql")
def _points_postgres(element: PointsAt, compiler: SQLCompiler, **kw: Any) -> str:
    pointer, found = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{pointer} = ANY (ARRAY{found})"
