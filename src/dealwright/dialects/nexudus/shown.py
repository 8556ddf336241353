"""What many records show alike: who touched them, where their stage stands, whose they are, their custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from dealwright.dialects.nexudus.typed import CustomValue
from dealwright.domain.custom_field import CustomField, FieldType
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.pipeline import Stamps
from dealwright.storage.rules import Rules

Values = dict[str, Any]

FIELD_TYPES: Final[Mapping[FieldType, int]] = {
    FieldType.TEXT: 1,
    FieldType.LONG_TEXT: 2,
    FieldType.YES_NO: 3,
    FieldType.CHOICE: 4,
    FieldType.DATE: 5,
    FieldType.INTEGER: 6,
    FieldType.DECIMAL: 7,
}
"""Types of custom fields by ours; a heading is not shown."""


class Stamped(Protocol):
    """A record of the rules."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def uid(self) -> str:
        """Its identity."""

    @property
    def system_id(self) -> str | None:
        """What an API client keeps here."""

    @property
    def stamps(self) -> Stamps:
        """Who made it and touched it last."""


def email_of(rules: Rules, user_id: int | None) -> str | None:
    """Return the e-mail of whoever touched a record, None where nobody did or nobody is known."""
    user = rules.users.get(user_id or 0)
    return user.email if user else None


def standard(
    rules: Rules,
    ident: int,
    uid: str,
    system_id: str | None,
    stamps: tuple[datetime, datetime, int | None],
) -> Values:
    """Return the standard members that are stored; `stamps` are created, updated, updated by (conventions §9)."""
    created, updated, by = stamps
    return {
        "id": ident,
        "uid": uid,
        "system_id": system_id,
        "created_at": created,
        "updated_at": updated,
        "updated_by": email_of(rules, by),
    }


def stamped(rules: Rules, record: Stamped) -> Values:
    """Return the standard members of a record of the rules."""
    stamps = record.stamps
    at = (stamps.created_at, stamps.updated_at, stamps.updated_by)
    return standard(rules, record.id, record.uid, record.system_id, at)


def stage_values(rules: Rules, stage_id: int, at: str = "stage.") -> Values:
    """Return a stage's expanded members, those of its board and location included, under keys that begin with `at`."""
    stage = rules.stages[stage_id]
    return {f"{at}title": stage.title, f"{at}pipeline_id": stage.pipeline_id} | board_values(
        rules, stage.pipeline_id, f"{at}pipeline."
    )


def board_values(rules: Rules, pipeline_id: int, at: str = "pipeline.") -> Values:
    """Return a board's expanded members, those of its location included, under keys that begin with `at`."""
    pipeline = rules.pipelines[pipeline_id]
    location = rules.locations[pipeline.location_id]
    return {
        f"{at}name": pipeline.name,
        f"{at}location_id": location.id,
        f"{at}location.name": location.name,
        f"{at}location.currency.id": rules.currencies[location.currency].id,
        f"{at}location.currency.code": location.currency,
    }


def responsible_values(rules: Rules, uid: str | None) -> Values:
    """Return a responsible person's id and name; null both where nobody of ours has this identity."""
    user = rules.users_by_uid.get(uid or "")
    return {"responsible": user.id if user else None, "responsible.name": user.name if user else None}


def user_uid(rules: Rules, user_id: int | None, field: str = "responsible") -> str | None:
    """Return the identity of a user by number; refuses with Invalid a number that nobody has."""
    if user_id is None:
        return None
    user = rules.users.get(user_id)
    if user is None:
        raise Invalid(Problem(field, "unknown", "does not exist", user_id))
    return user.uid


def custom_items(rules: Rules, custom: Mapping[int, str], *subjects: str) -> list[dict[str, object]]:
    """Return the custom values of a record, as `CustomFields.Data` lists them; fields without a value are left out."""
    if not custom:
        return []
    return [_item(field, custom[field.id]) for field in _fields(rules, subjects) if custom.get(field.id)]


def _fields(rules: Rules, subjects: Sequence[str]) -> list[CustomField]:
    return [field for field in rules.fields_of(*subjects) if field.type in FIELD_TYPES]


def _item(field: CustomField, value: str) -> dict[str, object]:
    return {"Name": field.label, "DisplayName": field.label, "Value": value, "FieldType": FIELD_TYPES[field.type]}


def custom_change(rules: Rules, sent: Sequence[CustomValue], *subjects: str) -> dict[int, str | None]:
    """Return what `CustomFields` says, by field; null clears. Refuses with Invalid names that no field has."""
    known: dict[str, int] = {}
    for field in _fields(rules, subjects):
        known.setdefault(field.label.lower(), field.id)
    unknown = [each.name for each in sent if each.name.lower() not in known]
    if unknown:
        raise Invalid(*(Problem("custom", "unknown", "is no custom field", name) for name in unknown))
    return {known[each.name.lower()]: _as_text(each.value) for each in sent}


def _as_text(value: str | int | Decimal | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if value is None else str(value)
