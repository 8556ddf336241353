"""What is asked of the list engine: which records, under which conditions, for whose eyes; its queries by shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.records_kept import KeptMember
from dealwright.storage.records_plain import SUBJECTS
from dealwright.storage.records_subjects import Subject, Visible
from dealwright.storage.records_terms import Condition, Field, Kept, Term
from dealwright.storage.sight import seeing, sight_of

_SHAPES: Final = 1000


class Asked(NamedTuple):
    """A list on its way to its query: what decides the text, and the parameters."""

    subject: str
    sight: str
    fields: tuple[Field, ...]
    terms: tuple[Term, ...]
    given: dict[str, Any]

    @property
    def shape(self) -> Hashable:
        """What decides the text of its queries."""
        return self.subject, self.sight, self.fields, tuple(term.shape for term in self.terms)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can match: the rules know no record of which it is true."""
        return any(term.keys is not None and not term.keys for term in self.terms)

    @property
    def is_range(self) -> bool:
        """Whether it is narrowed by ranges of indexes alone."""
        return bool(self.terms) and all(term.is_range for term in self.terms)

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return the conditions."""
        return [term.clause() for term in self.terms]


def ask(db: Database, actor: Actor, subject: str, conditions: Sequence[Condition]) -> Asked:
    """Return a list as it is asked for by somebody. Raises KeyError for a field that the subject does not have."""
    known = SUBJECTS[subject]
    # One order of conditions, so that the same question has the same shape however it was put.
    sorted_ones = sorted(conditions, key=lambda one: (one.path, one.op.value))
    named = [(field_of(known, one.path, one.kept), one) for one in sorted_ones]
    asked = [(field, field.term(f"c{place}", one, db)) for place, (field, one) in enumerate(named)]
    told = [(field, term) for field, term in asked if not term.is_void]
    given = {name: value for _, term in told for name, value in term.given.items()}
    fields, terms = (tuple(part) for part in (zip(*told, strict=True) if told else ((), ())))
    return Asked(subject, sight_of(actor), fields, terms, {**given, **seeing(actor)})


_KEPT: dict[tuple[str, Kept], Field] = {}


def field_of(subject: Subject, path: str, kept: Kept | None) -> Field:
    """Return a field of a subject, or a member that a face keeps in it. Raises KeyError when there is none."""
    if kept is None:
        return subject.fields[path]
    assert subject.kept is not None
    key = (subject.table.name, kept)
    if key not in _KEPT:
        _KEPT[key] = KeptMember(subject.kept, kept)
    return _KEPT[key]


_QUERIES: dict[Hashable, Query] = {}


def query_of(shape: Hashable, build: Callable[[], Query]) -> Query:
    """Return the query of a shape; it is built once, and again after so many others that all were forgotten."""
    query = _QUERIES.get(shape)
    if query is None:
        if len(_QUERIES) >= _SHAPES:
            _QUERIES.clear()
        query = _QUERIES[shape] = build()
    return query


def narrowed(asked: Asked, visible: Visible, needs: Sequence[str] = ()) -> Select[Any]:
    """Return the SELECT of the ids that match and are visible, joined with what `needs` names."""
    subject = SUBJECTS[asked.subject]
    statement = select(subject.table.c.id).where(visible(asked.sight))
    source: Any = subject.table
    for name in dict.fromkeys(needs):
        target, on = subject.joins[name]
        source = source.outerjoin(target, on)
    return statement.select_from(source).where(*asked.clauses())
