"""Custom fields as records (crm §13; domain, custom field types)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from dealwright.actions import custom_fields
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.customfields import CUSTOM_FIELD
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_after, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import FIELD_TYPES, Values, stamped
from dealwright.dialects.nexudus.sources import InRules
from dealwright.domain.custom_field import CustomField, FieldChange, FieldType
from dealwright.domain.errors import invalid
from dealwright.storage.rules import Rules

_RECORDS: Final[Mapping[str, int]] = {"contact": 1, "person": 1, "company": 1, "opportunity": 4}
"""Record types by our subjects; fields of other subjects are not shown."""
_SUBJECTS: Final[Mapping[int, str]] = {1: "contact", 4: "opportunity"}
_TYPES: Final[Mapping[int, FieldType]] = {number: kind for kind, number in FIELD_TYPES.items()}
_PLAIN: Final = ("label", "position", "number", "location_id", "system_id")


def every(rules: Rules) -> Iterable[CustomField]:
    """Return the fields that this vendor has a word for."""
    return (field for field in rules.fields.values() if field.subject in _RECORDS and field.type in FIELD_TYPES)


def shown(rules: Rules, field: CustomField) -> Values:
    """Return a field in our words; one that belongs to no location is told as the portal's first one's."""
    return {
        **known(CUSTOM_FIELD, field.extra),
        **stamped(rules, field),
        "location_id": field.location_id or rules.location.id,
        "label": field.label,
        "position": field.position,
        "subject": _RECORDS[field.subject],
        "type": FIELD_TYPES[field.type],
        "options": ",".join(field.options) if field.type is FieldType.CHOICE else None,
        "number": field.number or 0,
    }


def _change(body: Body, field: CustomField | None) -> FieldChange:
    said: Mapping[str, Any] = body.values
    change = FieldChange(**{name: said[name] for name in _PLAIN if name in said})
    change.type = _TYPES[said["type"]]
    if change.type is FieldType.CHOICE:
        options = [option.strip() for option in (said["options"] or "").split(",")]
        change.mask = json.dumps([option for option in options if option], ensure_ascii=False)
    subject = _SUBJECTS.get(said["subject"])
    if subject is None:
        raise invalid("subject", "not_allowed", "these records have no custom fields here", said["subject"])
    change.subject = subject
    change.extra = kept_after(CUSTOM_FIELD, body, field.extra if field else {})
    return change


async def create(call: Call, body: Body) -> Done:
    """Make a field; see actions.custom_fields.create."""
    field = await custom_fields.create(call.db, call.actor, _change(body, None))
    return Done(field.id, field.stamps.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Change a field; see actions.custom_fields.change. Its record type stays."""
    change = _change(body, call.db.rules.fields.get(body.id))
    field = await custom_fields.change(call.db, call.actor, body.id, change, subjects=_RECORDS.keys())
    return Done(field.id, field.stamps.updated_at)


async def remove(call: Call, record_id: int) -> Done:
    """Take a field and its values away; see actions.custom_fields.delete."""
    field = await custom_fields.delete(call.db, call.actor, record_id, _RECORDS.keys())
    return Done(field.id, now())


CUSTOM_FIELDS: Final = Handler(
    entity=CUSTOM_FIELD,
    source=InRules(CUSTOM_FIELD, every, shown),
    create=create,
    change=change,
    remove=remove,
)
