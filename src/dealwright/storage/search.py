"""Full-text search: the same words find the same records on both databases, because Python makes the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Select, Text, bindparam, literal_column, select, table
from sqlalchemy.sql.functions import FunctionElement

from dealwright.storage.spelling import spelled

_AMONG: Final = "{0} IN (SELECT rowid FROM {its.subject}_search WHERE {its.subject}_search MATCH {1})"
_FOUND: Final = "SELECT {its.subject}_id FROM {its.subject}_search WHERE words @@ CAST({1} AS tsquery)"


@spelled(sqlite=_AMONG, postgres=f"{{0}} IN ({_FOUND})")
class Among(FunctionElement[bool]):
    """Whether an id is among those whose words match."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(column, bindparam(name, type_=Text()))


def among(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the condition that an id is among those whose words match the parameter of this name.

    `subject` is the name of a table that has a search table beside it.
    """
    return Among(column, subject, name)


@spelled(
    # The plus keeps the planner from starting at the matches; it lists them once and looks each record up there.
    sqlite=f"+{_AMONG}",
    # A value, not EXISTS: the planner would make a join of that and start at the matches.
    postgres="(SELECT w.words @@ CAST({1} AS tsquery) FROM {its.subject}_search AS w WHERE w.{its.subject}_id = {0})",
)
class Probed(Among):
    """Whether the words of a record match that is met on the way."""

    inherit_cache = False


def probed(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the same condition as `among`, for going through many records in an order of their own."""
    return Probed(column, subject, name)


# An array that is made first: as a join the planner may walk everything and look each record up.
@spelled(sqlite=_AMONG, postgres=f"{{0}} = ANY (ARRAY({_FOUND}))")
class Gathered(Among):
    """Whether an id is among few whose words match: one begins with those."""

    inherit_cache = False


def gathered(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the same condition as `among`, where few match."""
    return Gathered(column, subject, name)


@spelled(sqlite="{its.subject}_search MATCH {all}", postgres="words @@ CAST({all} AS tsquery)")
class Match(FunctionElement[bool]):
    """Whether a row of a search table matches."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(bindparam(name, type_=Text()))


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


@spelled(sqlite="instr({all}) > 0", postgres="strpos({all}) > 0")
class Occurs(FunctionElement[bool]):
    """Whether a text holds another one as it is."""

    type = Boolean()
    inherit_cache = True


def occurs(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column holds the text of this parameter, byte for byte."""
    return Occurs(column, bindparam(name, type_=Text()))
