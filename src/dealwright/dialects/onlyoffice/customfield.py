"""Custom fields and their values (opportunities §7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.actions import cases, contacts, custom_fields, opportunities
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, one
from dealwright.dialects.onlyoffice.failures import absent_reference, bad_argument
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import custom_field_base
from dealwright.dialects.onlyoffice.writing import custom_fields as values_shown
from dealwright.domain.custom_field import CustomField, FieldChange, FieldType
from dealwright.domain.values import UNSET

KINDS: Final = "crm/{entityType:(contact|person|company|opportunity|case)}"
FIELDS: Final = f"{KINDS}/customfield"
WORDS: Final = {"mask.format": "Mask is not valid"}
RIGHTS: Final = {"opportunity": "CrmOpportunity", "case": "Case"}
"""The stem of the rights on records that bear the fields of an entity; contacts of any kind are the rest."""

SHOWN_WITH: Final = {"person": ("contact", "person"), "company": ("contact", "company")}
"""The fields of a person or a company: those of every contact, and its own."""
CONTACTS: Final = ("contact", "person", "company")
DEFINED: Final = " "
"""The value of a field that is of no record (§7)."""


@routes.get(f"{FIELDS}/definitions", right="CustomField-List")
async def get_definitions(call: Call) -> Answer:
    """Answer the fields of an entity by position, each with the number of records that have a value of it."""
    subjects = _subjects(call)
    used = await custom_fields.usage(call.db, *subjects)
    return listed([_definition(field, used) for field in call.db.rules.fields_of(*subjects)], call.page)


@routes.get(f"{KINDS}/{{entityid:[0-9]+}}/customfield")
async def get_values(call: Call) -> Answer:
    """Answer the fields of a record that have a value, and all headings: 404 for a missing or hidden record.

    The contract looks at no access here; we do.
    """
    kind, record = _kind(call), call.bag.integer("entityid")
    if kind == "opportunity":
        values = (await opportunities.get(call.db, call.actor, record)).custom
    elif kind == "case":
        values = (await cases.get(call.db, call.actor, record)).custom
    else:
        values = (await contacts.get(call.db, call.actor, record)).custom
    return listed(values_shown(call.portal, record, values, *_subjects(call)), call.page)


@routes.post(f"{KINDS}/{{entityid:[0-9]+}}/customfield/{{fieldid:[0-9]+}}")
async def post_value(call: Call) -> Answer:
    """Set a field's value on a record, unchecked; an empty one clears it (§7).

    Refuses with 500, as the contract has it, without a value and for an unknown field; unlike there with 404 for a
    hidden record and 403 for one that is not the caller's.
    """
    bag, kind, value = call.bag, _kind(call), call.bag.text("fieldValue")
    field = call.db.rules.fields.get(bag.integer("fieldid"))
    if value is None or field is None or field.subject not in _family(kind):
        raise absent_reference("Object reference not set to an instance of an object.")
    record, value = bag.integer("entityid"), value.strip()
    await custom_fields.set_value(call.db, call.actor, kind, record, field.id, value, keep=True)
    return one(custom_field_base(field, record, value))


@routes.post(FIELDS, right="CustomField-Create", words=WORDS)
async def post(call: Call) -> Answer:
    """Make a field at the end. Refuses with 403, and with 400 (no label, an unknown type, a mask that is not valid)."""
    change = FieldChange(subject=_kind(call), label=_label(call), type=_type(call), mask=call.bag.text("mask") or "")
    return one(_definition(await custom_fields.create(call.db, call.actor, change), {}))


@routes.put(f"{FIELDS}/{{id:[0-9]+}}", words=WORDS)
async def put(call: Call) -> Answer:
    """Replace label, type and mask of a field; needs no administrator, as the contract has it (§7).

    Refuses with 400 (as `post`; options that are gone from a field in use) and 404.
    """
    kind, number = _kind(call), ident(call, "id")
    change = FieldChange(label=_label(call), type=_type(call), mask=call.bag.text("mask") or "")
    before = call.db.rules.fields.get(number)
    if before is not None and before.type > FieldType.DATE and change.type is FieldType.TEXT:
        # A number is shown as a text field, so that this says nothing about it.
        change.type = change.mask = UNSET
    right = f"{RIGHTS.get(kind, 'Coworker')}-Edit"
    used = await custom_fields.usage(call.db, *_family(kind))
    changed = await custom_fields.change(call.db, call.actor, number, change, right, _family(kind))
    return one(_definition(changed, used))


@routes.put(f"{FIELDS}/reorder", right="CustomField-Edit")
async def reorder(call: Call) -> Answer:
    """Give the fields this order and answer them: 403, and 404 for an unknown one."""
    ids, family = call.bag.integers("fieldids"), _family(_kind(call))
    changed = await custom_fields.reorder(call.db, call.actor, ids, family)
    return everything([custom_field_base(field, -1, DEFINED) for field in changed])


@routes.delete(f"{FIELDS}/{{fieldid:[0-9]+}}", right="CustomField-Delete")
async def delete(call: Call) -> Answer:
    """Take a field with all its values away and answer it: 403, 404."""
    number, family = ident(call, "fieldid"), _family(_kind(call))
    used = await custom_fields.usage(call.db, *family)
    return one(_definition(await custom_fields.delete(call.db, call.actor, number, family), used))


def _definition(field: CustomField, used: Mapping[int, int]) -> Shown:
    """Return a customField: the base of no record, and how many have a value of it (§7)."""
    return custom_field_base(field, -1, DEFINED) | {"relativeItemsCount": used.get(field.id, 0)}


def _kind(call: Call) -> str:
    return call.bag.text("entityType") or ""


def _subjects(call: Call) -> tuple[str, ...]:
    kind = _kind(call)
    return SHOWN_WITH.get(kind, (kind,))


def _family(kind: str) -> tuple[str, ...]:
    """Return whose fields may be named by id under an entity: contacts of any kind are one family."""
    return CONTACTS if kind in CONTACTS else (kind,)


def _label(call: Call) -> str:
    label = call.bag.text("label") or ""
    if not label.strip():
        raise bad_argument()
    return label


def _type(call: Call) -> FieldType:
    """Return the `fieldType`; refuses a number that is none of the contract's with 400."""
    number = call.bag.integer("fieldType")
    if not FieldType.TEXT <= number <= FieldType.DATE:
        raise bad_argument()
    return FieldType(number)
