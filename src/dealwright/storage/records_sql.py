"""Small expressions that the two databases spell differently, beside those of `query` and `search`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text
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
