"""Notes and the plain records as they are listed: their fields by dotted path, beside the subjects of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, and_, or_

from dealwright.domain.values import split
from dealwright.storage import plain_kinds as kinds
from dealwright.storage import records_subjects
from dealwright.storage.database import Database
from dealwright.storage.file_sight import note_visible_to
from dealwright.storage.plain_records import PlainKind
from dealwright.storage.query import number
from dealwright.storage.records_kept import KeptMember
from dealwright.storage.records_subjects import (
    Join,
    Subject,
    behind,
    contact_fields,
    flags,
    location_names,
    numbers,
    of_stage,
    record_fields,
    texts,
    user_names,
)
from dealwright.storage.records_terms import Condition, Field, Kept, Op, Sorting, Term, Via, Words
from dealwright.storage.rules import Rules
from dealwright.storage.schema import contact, form_page, form_request, note


class Decimals(Field):
    """An exact amount in two columns, compared as it is."""

    def __init__(self, units: Column[Any], nanos: Column[Any]) -> None:
        self.column, self._nanos = units, nanos

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare; see Field."""
        units, nanos = split(Decimal(condition.value))
        given = {f"{at}_units": units, f"{at}_nanos": nanos}
        return Term(condition.op, given, lambda: self._compared(condition.op, f"{at}_units", f"{at}_nanos"))

    def _compared(self, op: Op, units: str, nanos: str) -> ColumnElement[bool]:
        same = self.column == number(units)
        if op is Op.EQ:
            return and_(same, self._nanos == number(nanos))
        if op is Op.GE:
            return or_(self.column > number(units), and_(same, self._nanos >= number(nanos)))
        return or_(self.column < number(units), and_(same, self._nanos <= number(nanos)))

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the amount; see Field."""
        return Sorting("", lambda: [self.column, self._nanos])


def _currencies(rules: Rules) -> Mapping[Any, Any]:
    return {place.id: place.currency for place in rules.locations.values()}


def _canned_responses(rules: Rules) -> Mapping[Any, Any]:
    return {one.id: one.values["name"] for one in rules.canned_responses.values()}


def _stage_walks(column: ColumnElement[Any]) -> dict[str, Field]:
    """The fields of a stage that a column may point at."""
    return {
        "stage.title": Via(column, of_stage(lambda rules, one: rules.stages[one].title)),
        "stage.pipeline_id": Via(column, of_stage(lambda rules, one: rules.stages[one].pipeline_id)),
        "stage.pipeline.name": Via(
            column, of_stage(lambda rules, one: rules.pipelines[rules.stages[one].pipeline_id].name)
        ),
    }


def _pointing(kind: PlainKind) -> dict[str, Field]:
    """The fields behind the links of a kind."""
    table = kind.table
    found: dict[str, Field] = {}
    if "location_id" in kind.links:
        found["location.name"] = Via(table.c.location_id, location_names)
        found["location.currency.code"] = Via(table.c.location_id, _currencies)
    if "responsible_id" in kind.links:
        found["responsible.name"] = Via(table.c.responsible_id, user_names)
    if "canned_response_id" in kind.links:
        found["canned_response.name"] = Via(table.c.canned_response_id, _canned_responses)
    if "stage_id" in kind.links:
        found |= _stage_walks(table.c.stage_id)
    return found


def _card(table: Table) -> dict[str, Field]:
    billing = KeptMember(contact.c.extra, Kept("BillingName", "text"))
    pointer = table.c.contact_id
    return {
        "contact_id": records_subjects.numbers(table, "contact_id")["contact_id"],
        **contact_fields(pointer),
        "contact.billing_name": behind(billing, pointer, contact),
    }


def _joined(table: Table) -> dict[str, Join]:
    return {"contact": (contact, and_(contact.c.id == table.c.contact_id, contact.c.deleted_at.is_(None)))}


_NO_FIELDS: Final[Mapping[str, Field]] = {}
_NO_JOINS: Final[Mapping[str, Join]] = {}


def _subject(kind: PlainKind, more: Mapping[str, Field] = _NO_FIELDS, joins: Mapping[str, Join] = _NO_JOINS) -> Subject:
    table = kind.table
    plain = [name for name in kind.texts if f"{name}_fold" not in table.c]
    fields: dict[str, Field] = {
        **record_fields(table),
        **texts(table, *plain),
        **{name: Words(table.c[name], table.c[f"{name}_fold"]) for name in kind.texts if name not in plain},
        **flags(table, *kind.flags),
        **numbers(table, *kind.numbers, *kind.instants, *kind.links, *kind.parents),
        **{name: Decimals(table.c[f"{name}_units"], table.c[f"{name}_nanos"]) for name in kind.amounts},
        **_pointing(kind),
        **(_card(table) if kind.on_contact else {}),
        **more,
    }
    return Subject(
        table,
        lambda sight: kind.visible(sight, False),
        fields,
        {**(_joined(table) if kind.on_contact else {}), **joins},
        kept=table.c.extra if "extra" in table.c else None,
        hangs=True,
    )


def _form_requests() -> Subject:
    pointer = form_request.c.form_page_id
    more = {
        "form_page.name": behind(Words(form_page.c.name), pointer, form_page),
        "form_page.location.name": behind(Via(form_page.c.location_id, location_names), pointer, form_page),
    }
    on = and_(form_page.c.id == pointer, form_page.c.deleted_at.is_(None))
    return _subject(kinds.FORM_REQUEST, more, {"form_page": (form_page, on)})


def said_of_contact(sight: str) -> ColumnElement[bool]:
    """Return the condition that a note is there, says something of a contact, and was said by a person."""
    return and_(note_visible_to(sight), note.c.contact_id.is_not(None), note.c.category_id > 0)


def _notes() -> Subject:
    fields: dict[str, Field] = {
        **record_fields(note),
        **numbers(note, "contact_id"),
        **texts(note, "content"),
        "author.name": Via(note.c.created_by, user_names),
    }
    return Subject(note, said_of_contact, fields, {}, hangs=True)


SUBJECTS: Final[Mapping[str, Subject]] = {
    **records_subjects.SUBJECTS,
    **{kind.subject: _subject(kind) for kind in kinds.EVERY_KIND if kind is not kinds.FORM_REQUEST},
    kinds.FORM_REQUEST.subject: _form_requests(),
    "contact_note": _notes(),
}
"""Every kind of record that is listed by SQL."""
