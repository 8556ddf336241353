"""Fields that a portal adds at run time, and what their values may be."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.pipeline import Stamps


class FieldType(IntEnum):
    """Types of custom fields; the numbers are stored, the first six are ONLYOFFICE's."""

    TEXT = 0
    LONG_TEXT = 1
    CHOICE = 2
    YES_NO = 3
    HEADING = 4
    DATE = 5
    INTEGER = 6
    DECIMAL = 7


SUBJECTS: Final = ("contact", "person", "company", "opportunity", "case")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """One definition; `mask` holds the size of a text or the options of a choice as JSON text."""

    id: int
    uid: str
    subject: str
    label: str
    type: FieldType
    stamps: Stamps
    mask: str = ""
    position: int = 0
    location_id: int | None = None
    number: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    system_id: str | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The options of a choice, none for other types."""
        if self.type is not FieldType.CHOICE or not self.mask:
            return ()
        found = json.loads(self.mask)
        return tuple(str(option) for option in found) if isinstance(found, list) else ()


def value_problem(definition: CustomField, value: str) -> Problem | None:
    """Return what is wrong with a value for a field, None if nothing is; empty values are never wrong."""
    if not value:
        return None
    if definition.type is FieldType.CHOICE and value not in definition.options:
        return _problem(definition, "is none of the options", value)
    check = _CHECKS.get(definition.type)
    if check is not None and not check(value):
        return _problem(definition, f"is no {definition.type.name.lower().replace('_', '-')}", value)
    return None


def values_after(
    definitions: Mapping[int, CustomField],
    subjects: Collection[str],
    before: Mapping[int, str],
    wanted: Mapping[int, str | None],
    keep: bool = False,
) -> Mapping[int, str]:
    """Return the custom values of a record after a change: empty ones clear, those not mentioned stay.

    `keep` takes every value as it is and passes over unknown fields. Refuses with Invalid listing what is wrong.
    """
    after, problems = dict(before), list[Problem]()
    for field_id, value in wanted.items():
        definition = definitions.get(field_id)
        if definition is None or definition.subject not in subjects:
            problems.append(Problem(f"custom.{field_id}", "unknown", "is no custom field", value))
        elif not value:
            after.pop(field_id, None)
        else:
            problem = value_problem(definition, value)
            problems += [problem] if problem else []
            after[field_id] = value
    if problems and not keep:
        raise Invalid(*problems)
    return after


def _problem(definition: CustomField, message: str, value: str) -> Problem:
    return Problem(f"custom.{definition.id}", "type", message, value)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _is_decimal(value: str) -> bool:
    try:
        return len(value) < 40 and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_integer(value: str) -> bool:
    return len(value) < 20 and value.lstrip("+-").isdecimal() and value.isascii()


_CHECKS: Final = {
    FieldType.YES_NO: lambda value: value.lower() in {"true", "false"},
    FieldType.DATE: _is_date,
    FieldType.INTEGER: _is_integer,
    FieldType.DECIMAL: _is_decimal,
}
