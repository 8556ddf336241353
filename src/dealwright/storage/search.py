"""Full-text search: the same words find the same records on both databases, because Python makes the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, Text, bindparam, literal_column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Among(FunctionElement[bool]):
    """Whether an id is among those whose words match."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(column, bindparam(name, type_=Text()))


@compiles(Among, "sqlite")
def _sqlite(element: Among | Probed, compiler: SQLCompiler, **kw: Any) -> str:
    column, query = (compiler.process(clause, **kw) for clause in element.clauses)
    table = f"{element.subject}_search"
    return f"{column} IN (SELECT rowid FROM {table} WHERE {table} MATCH {query})"


@compiles(Among, "postgresql")
def _postgres(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, query = (compiler.process(clause, **kw) for clause in element.clauses)
    table = f"{element.subject}_search"
    return f"{column} IN (SELECT {element.subject}_id FROM {table} WHERE words @@ CAST({query} AS tsquery))"


def among(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the condition that an id is among those whose words match the parameter of this name.

    `subject` is the name of a table that has a search table beside it.
    """
    return Among(column, subject, name)


class Probed(FunctionElement[bool]):
    """Whether the words of a record match that is met on the way."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(column, bindparam(name, type_=Text()))


@compiles(Probed, "sqlite")
def _probed_sqlite(element: Probed, compiler: SQLCompiler, **kw: Any) -> str:
    # The plus keeps the planner from starting at the matches; it lists them once and looks each record up there.
    return f"+{_sqlite(element, compiler, **kw)}"


@compiles(Probed, "postgresql")
def _probed_postgres(element: Probed, compiler: SQLCompiler, **kw: Any) -> str:
    column, query = (compiler.process(clause, **kw) for clause in element.clauses)
    key = f"{element.subject}_id"
    # A value, not EXISTS: the planner would make a join of that and start at the matches.
    return f"(SELECT w.words @@ CAST({query} AS tsquery) FROM {element.subject}_search AS w WHERE w.{key} = {column})"


def probed(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the same condition as `among`, for going through many records in an order of their own."""
    return Probed(column, subject, name)


class Gathered(Among):
    """Whether an id is among few whose words match: one begins with those."""

    inherit_cache = False


@compiles(Gathered, "postgresql")
def _gathered_postgres(element: Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    column, query = (compiler.process(clause, **kw) for clause in element.clauses)
    # An array that is made first: as a join the planner may walk everything and look each record up.
    found = f"SELECT {element.subject}_id FROM {element.subject}_search WHERE words @@ CAST({query} AS tsquery)"
    return f"{column} = ANY (ARRAY({found}))"


@compiles(Gathered, "sqlite")
def _gathered_sqlite(element: Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    return _sqlite(element, compiler, **kw)


def gathered(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the same condition as `among`, where few match."""
    return Gathered(column, subject, name)


class Match(FunctionElement[bool]):
    """Whether a row of a search table matches."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(bindparam(name, type_=Text()))


@compiles(Match, "sqlite")
def _match_sqlite(element: Match, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{element.subject}_search MATCH {compiler.process(element.clauses, **kw)}"


@compiles(Match, "postgresql")
def _match_postgres(element: Match, compiler: SQLCompiler, **kw: Any) -> str:
    return f"words @@ CAST({compiler.process(element.clauses, **kw)} AS tsquery)"


def searched(subject: str, name: str) -> Select[Any]:
    """Return the SELECT of the rows of a search table that match, one for each living record."""
    return select(literal_column("1")).select_from(table(f"{subject}_search")).where(Match(subject, name))


def match_of(words: Sequence[str], postgres: bool) -> str:
    """Return the parameter of `matching`: every word must begin a word of the record.

    The words are those of `domain.text.search_words`: letters and digits only, so nothing in them needs quoting
    beyond the quotes themselves.
    """
    if postgres:
        return " & ".join(f"'{word}':*" for word in words)
    return " ".join(f'"{word}"*' for word in words)


class Occurs(FunctionElement[bool]):
    """Whether a text holds another one as it is."""

    type = Boolean()
    inherit_cache = True


def occurs(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column holds the text of this parameter, byte for byte."""
    return Occurs(column, bindparam(name, type_=Text()))


@compiles(Occurs, "sqlite")
def _occurs_sqlite(element: Occurs, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)}) > 0"


@compiles(Occurs, "postgresql")
def _occurs_postgres(element: Occurs, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)}) > 0"
