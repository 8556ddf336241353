"""Full-text search: the same words find the same records on both databases, because Python makes the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Select, Text, bindparam, select, table
from sqlalchemy.sql.functions import FunctionElement

from dealwright.storage.query import listed
from dealwright.storage.spelling import spelled

SEARCHED: Final = ("opportunity", "contact", "case")
"""The tables that have a search table beside them."""
TERMS: Final = 64

# Of whole terms FTS5 reads no more than it needs; of the beginning of one it first puts all matches in order. So the
# few terms that begin with a word are taken from the vocabulary. Words are letters and digits: nothing lies between
# a term and the same with a zero behind it.
_EXPRESSION: Final = f"""(WITH RECURSIVE said(place, word) AS (SELECT key, value FROM json_each({{match}})),
met(place, word, term, number) AS (
SELECT place, word, (SELECT term FROM {{its.subject}}_terms WHERE term >= word LIMIT 1), 1 FROM said
UNION ALL
SELECT place, word, (SELECT term FROM {{its.subject}}_terms WHERE term >= met.term || '0' LIMIT 1), number + 1
FROM met WHERE substr(term, 1, length(word)) = word AND number <= {TERMS}),
begun(place, terms, number) AS (SELECT place, group_concat('"' || term || '"', ' OR '), count(*)
FROM met WHERE substr(term, 1, length(word)) = word GROUP BY place)
SELECT group_concat('(' || CASE WHEN number <= {TERMS} THEN terms ELSE '"' || word || '"*' END || ')', ' AND ')
FROM said LEFT JOIN begun USING (place))"""


def _matching(match: str) -> str:
    return "{its.subject}_search MATCH " + _EXPRESSION.replace("{match}", match)


@spelled(
    sqlite="{0} IN (SELECT rowid FROM {its.subject}_search WHERE " + _matching("{1}") + ")",
    postgres="{0} IN (SELECT {its.subject}_id FROM {its.subject}_search WHERE words @@ CAST({1} AS tsquery))",
)
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
    # FTS5 would list every match; the record's own words say it too.
    sqlite="(SELECT NOT EXISTS (SELECT 1 FROM json_each({1}) AS said WHERE instr(' ' || w.words, ' ' || said.value) = 0"
    ") FROM {its.subject}_search AS w WHERE w.rowid = {0})",
    # A value, not EXISTS: the planner would make a join of that and start at the matches.
    postgres="(SELECT w.words @@ CAST({1} AS tsquery) FROM {its.subject}_search AS w WHERE w.{its.subject}_id = {0})",
)
class Probed(Among):
    """Whether the words of a record match that is met on the way."""

    inherit_cache = False


def probed(column: ColumnElement[Any], subject: str, name: str) -> ColumnElement[bool]:
    """Return the same condition as `among`, for going through many records in an order of their own."""
    return Probed(column, subject, name)


@spelled(sqlite=_matching("{all}"), postgres="words @@ CAST({all} AS tsquery)")
class Match(FunctionElement[bool]):
    """Whether a row of a search table matches."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, subject: str, name: str) -> None:
        self.subject = subject
        super().__init__(bindparam(name, type_=Text()))


@spelled(sqlite="rowid", postgres="{its.subject}_id")
class Owner(FunctionElement[int]):
    """Whose words a row of a search table holds."""

    type = BigInteger()
    inherit_cache = False

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__()


def searched(subject: str, name: str) -> Select[Any]:
    """Return the SELECT of the ids of the records that match, living ones all of them."""
    return select(Owner(subject).label("id")).select_from(table(f"{subject}_search")).where(Match(subject, name))


def match_of(words: Sequence[str], postgres: bool) -> str:
    """Return the parameter of a search: every word must begin a word of the record.

    The words are those of `domain.text.search_words`: letters and digits only, so nothing in them needs quoting
    beyond the quotes themselves.
    """
    return " & ".join(f"'{word}':*" for word in words) if postgres else listed(words)


@spelled(sqlite="instr({all}) > 0", postgres="strpos({all}) > 0")
class Occurs(FunctionElement[bool]):
    """Whether a text holds another one as it is."""

    type = Boolean()
    inherit_cache = True


def occurs(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column holds the text of this parameter, byte for byte."""
    return Occurs(column, bindparam(name, type_=Text()))
