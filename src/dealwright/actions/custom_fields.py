"""Deeds on custom fields and their values. The definitions are read from `db.rules`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from dealwright.actions import cases, contacts, opportunities
from dealwright.actions.deed import attempted, now
from dealwright.actions.rule_deeds import (
    altered,
    differing,
    fresh,
    gone,
    made,
    mentioned,
    refuse,
    stamps_of,
    touched,
)
from dealwright.domain.actor import Actor
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import ContactChange
from dealwright.domain.custom_field import SUBJECTS, CustomField, FieldChange, FieldType, mask_in_use, mask_of
from dealwright.domain.errors import NotFound, Problem
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.opportunity import Change
from dealwright.domain.values import UNSET
from dealwright.storage import custom_fields as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.schema import custom_field as table
from dealwright.storage.small_records import changed, columns_of, inserted
from dealwright.storage.writes import Made, Write

FIELDS: Final = ("subject", "label", "type", "mask", "position", "location_id", "number", "extra", "system_id")
LARGEST: Final = 2**31 - 1


async def create(db: Database, actor: Actor, change: FieldChange) -> CustomField:
    """Make a custom field and return it: at the end unless a position is given, with the next free number.

    Refuses with Forbidden, and with Invalid (subject, label, mask, location_id, number).
    """
    actor.require("CustomField-Create")
    at = now()
    said = mentioned(change)
    new = replace(_blank(actor), **said)
    refuse(_problems(db.rules, new))
    new = replace(_placed(db.rules, new, said), mask=mask_of(new.type, change.mask))
    facts = columns_of(new, FIELDS)
    writes: list[Write] = [inserted(table, {**fresh(actor, at), **facts})]
    writes.append(made(actor, at, "custom_field", Made(table.name), facts))
    ids = await db.apply_rules(writes, actor.stamp)
    return db.rules.fields[ids[table.name]]


async def change(
    db: Database,
    actor: Actor,
    field_id: int,
    change: FieldChange,
    right: str = "CustomField-Edit",
    subjects: Collection[str] = SUBJECTS,
) -> CustomField:
    """Change a custom field and return it. Where living records have values its type stays and no option may go.

    `right` is what the caller must hold (a contract may ask for less than a settings right), `subjects` the kinds
    of record among whose fields it must be. Refuses with Forbidden, Invalid (as `create`) and NotFound.
    """
    actor.require(right)
    said, before = mentioned(change, "subject"), _found(db.rules, field_id, subjects)
    after = replace(before or _blank(actor), **said)
    refuse([problem for problem in _problems(db.rules, after) if problem.field in said])
    if before is None:
        mask_of(after.type, change.mask)
        raise NotFound("custom field")
    after = await _shaped(db, before, after, change)
    names = differing(before, after, FIELDS)
    if not names:
        return before
    at = now()
    writes: list[Write] = [changed(table, field_id, {**columns_of(after, names), **touched(actor, at)})]
    writes.append(altered(actor, at, "custom_field", before, after, names))
    await db.apply_rules(writes, actor.stamp)
    return db.rules.fields[field_id]


async def _shaped(db: Database, before: CustomField, after: CustomField, change: FieldChange) -> CustomField:
    """Return the field with the type and the mask it may have."""
    if change.type is UNSET and change.mask is UNSET:
        return after
    if await store.has_values(db, before.id, before.subject):
        mask = before.mask if change.mask is UNSET else mask_in_use(before, change.mask)
        return replace(after, type=before.type, mask=mask)
    same = after.type is before.type and change.mask is UNSET
    return after if same else replace(after, mask=mask_of(after.type, change.mask))


async def delete(db: Database, actor: Actor, field_id: int, subjects: Collection[str] = SUBJECTS) -> CustomField:
    """Take a custom field and all its values away and return it as it was. Refuses with Forbidden and NotFound."""
    actor.require("CustomField-Delete")

    async def deed(_: int) -> CustomField:
        before = _present(db.rules, field_id, subjects)
        event = gone(actor, now(), "custom_field", field_id, columns_of(before, FIELDS))
        await db.apply_rules([*store.field_removed(field_id, before.subject), event], actor.stamp)
        return before

    return await attempted(deed)


async def reorder(
    db: Database, actor: Actor, ids: Sequence[int], subjects: Collection[str] = SUBJECTS
) -> list[CustomField]:
    """Give custom fields the positions 0, 1, 2, … and return them in this order; others keep theirs.

    Refuses with Forbidden, and with NotFound when one is not there.
    """
    actor.require("CustomField-Edit")
    before = {one: _present(db.rules, one, subjects) for one in ids}
    places = store.ordered(ids)
    at = now()
    writes: list[Write] = []
    for one, place in places.items():
        if before[one].position != place:
            after = replace(before[one], position=place)
            writes.append(changed(table, one, {"position": place, **touched(actor, at)}))
            writes.append(altered(actor, at, "custom_field", before[one], after, ["position"]))
    if writes:
        await db.apply_rules(writes, actor.stamp)
    return [db.rules.fields[one] for one in places]


async def usage(db: Database, *subjects: str) -> dict[int, int]:
    """Return for each custom field of these subjects how many living records have a value of it."""
    return await store.usage(db, *subjects)


async def set_value(
    db: Database, actor: Actor, subject: str, record_id: int, field_id: int, value: str | None, keep: bool = False
) -> CustomField:
    """Set a field's value on an "opportunity", a "case" or a "contact" ("person", "company"); empty clears.

    `keep` takes the value as it is, unchecked, as the ONLYOFFICE contract has it. Returns the field. Refuses with
    Forbidden, NotFound (record, or no such field of such a record) and Invalid.
    """
    apart = subject in ("opportunity", "case")
    field = _present(db.rules, field_id, (subject,) if apart else ("contact", "person", "company"))
    values = {field_id: value or None}
    if subject == "case":
        await cases.change(db, actor, record_id, CaseChange(custom=values, keeps_values=keep))
    elif subject == "opportunity":
        await opportunities.change(db, actor, record_id, Change(custom=values, keeps_values=keep))
    else:
        await contacts.change(db, actor, record_id, ContactChange(custom=values, keeps_values=keep))
    return field


def _found(rules: Rules, field_id: int, subjects: Collection[str]) -> CustomField | None:
    field = rules.fields.get(field_id)
    return field if field is not None and field.subject in subjects else None


def _present(rules: Rules, field_id: int, subjects: Collection[str]) -> CustomField:
    field = _found(rules, field_id, subjects)
    if field is None:
        raise NotFound("custom field")
    return field


def _blank(actor: Actor) -> CustomField:
    stamps = stamps_of(actor, now())
    return CustomField(id=0, uid="", subject="opportunity", label="", type=FieldType.TEXT, stamps=stamps)


def _placed(rules: Rules, new: CustomField, said: Collection[str]) -> CustomField:
    """Return a new field with the position and the number it gets where nothing was said of them."""
    alike = rules.fields_of(new.subject)
    numbers = [field.number or 0 for field in alike if field.location_id == new.location_id]
    if "position" not in said:
        new = replace(new, position=max((field.position + 1 for field in alike), default=0))
    return new if "number" in said else replace(new, number=max(numbers, default=0) + 1)


def _problems(rules: Rules, field: CustomField) -> list[Problem]:
    problems = found(name_problem("label", field.label), text_problem("system_id", field.system_id))
    if field.subject not in SUBJECTS:
        problems.append(Problem("subject", "unknown", "has no custom fields", field.subject))
    if field.location_id is not None and field.location_id not in rules.locations:
        problems.append(Problem("location_id", "unknown", "is no location", field.location_id))
    return problems + _number_problems(rules, field)


def _number_problems(rules: Rules, field: CustomField) -> list[Problem]:
    problems = [
        Problem(name, "out_of_range", f"must be from {-LARGEST} to {LARGEST}", number)
        for name in ("position", "number")
        if abs(number := getattr(field, name) or 0) > LARGEST
    ]
    alike = [other for other in rules.fields_of(field.subject) if other.id != field.id]
    key = (field.number, field.location_id)
    if field.number is not None and any((other.number, other.location_id) == key for other in alike):
        problems.append(Problem("number", "duplicate", "is the number of another field", field.number))
    return problems
