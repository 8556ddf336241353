"""Fields that a portal adds at run time, and what their values may be."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.errors import Invalid, Problem, invalid
from dealwright.domain.pipeline import Stamps
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset


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


@dataclass(slots=True, kw_only=True)
class FieldChange:
    """What a deed says about a custom field; UNSET fields stay. `subject` can only be said of a new one."""

    subject: str | Unset = UNSET
    label: str | Unset = UNSET
    type: FieldType | Unset = UNSET
    mask: str | Unset = UNSET
    position: int | Unset = UNSET
    location_id: int | Unset | None = UNSET
    number: int | Unset = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    system_id: str | Unset | None = UNSET


MASKED: Final = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE)
"""Types that have a mask; that of the others is empty."""
START: Final = {FieldType.TEXT: '{"size":40}', FieldType.LONG_TEXT: '{"rows":2,"cols":40}'}
"""The masks of texts for whom nothing sensible was said."""
_LARGEST: Final = {"size": 150, "rows": 25, "cols": 150}


def mask_of(kind: FieldType, mask: str | Unset) -> str:
    """Return the mask as it is kept: sizes within 1 to 150 (rows to 25), the options of a choice, else nothing.

    A text whose mask cannot be read gets the usual sizes. Refuses with Invalid ("mask", "format") an empty mask
    where the type needs one, and options that are no JSON array.
    """
    if kind not in MASKED:
        return ""
    if mask is UNSET and kind in START:
        return START[kind]
    if mask is UNSET or not mask.strip():
        raise _bad_mask(mask)
    found = _parsed(mask)
    if kind is FieldType.CHOICE:
        return _options_mask(found, mask)
    sizes = _sizes(found, json.loads(START[kind]))
    return START[kind] if sizes is None else _written(sizes)


def mask_in_use(before: CustomField, mask: str) -> str:
    """Return the mask of a field that has values: its type stays and no option may go; refuses as `mask_of`."""
    new = mask_of(before.type, mask)
    if before.type is FieldType.CHOICE and not set(before.options) <= set(json.loads(new)):
        raise _bad_mask(mask)
    return new


def _bad_mask(mask: object) -> Invalid:
    return invalid("mask", "format", "is not valid", mask if isinstance(mask, str) else None)


def _parsed(mask: str) -> object:
    try:
        return json.loads(mask)
    except (ValueError, RecursionError):
        return None


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _options_mask(found: object, mask: str) -> str:
    if not isinstance(found, list):
        raise _bad_mask(mask)
    options = [option if isinstance(option, str) else _written(option) for option in found]
    if not all(map(is_storable, options)):
        raise _bad_mask(mask)
    return _written(list(dict.fromkeys(options)))


def _sizes(found: object, start: Mapping[str, int]) -> dict[str, int] | None:
    if not isinstance(found, dict):
        return None
    said = {name: found.get(name, 0) for name in start}
    if not all(type(value) is int for value in said.values()):
        return None
    return {name: min(max(1, value), _LARGEST[name]) for name, value in said.items()}


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
            # What stays as it was is never wrong: it may have been kept unchecked.
            problem = value_problem(definition, value) if before.get(field_id) != value else None
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
