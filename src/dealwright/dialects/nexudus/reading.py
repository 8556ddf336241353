"""From the bytes of a body to typed values in our words; every problem is found before one is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final
from urllib.parse import parse_qs

import msgspec

from dealwright.dialects.nexudus.entity import REQUIRED, WRITE_ONLY, Entity, Member, Verb
from dealwright.dialects.nexudus.typed import ID_LIMIT, Convert, Refused, converter, ids, text, whole
from dealwright.domain.errors import Invalid, Problem, invalid
from dealwright.domain.values import UNSET

FORM: Final = "application/x-www-form-urlencoded"
_FORM_FIELDS: Final = 1000
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_REQUIRED: Final = "is a required field"


@dataclass(frozen=True, slots=True)
class Collection:
    """What a body says about a list of ids: the whole list anew, and what to add and to take (conventions §3.1)."""

    whole: tuple[int, ...] | None = None
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

    def over(self, present: Sequence[int]) -> tuple[int, ...]:
        """Return the list after this change, in order and each id once; what is both added and removed is gone."""
        ids_after = dict.fromkeys((*(present if self.whole is None else self.whole), *self.added))
        return tuple(number for number in ids_after if number not in self.removed)


@dataclass(frozen=True, slots=True)
class Body:
    """A body in our words.

    `id`: the record a PUT is for; 0 for an id no record can have, and for POST. `values`: by our names, what a
    deed's Change takes; absent names are not to change. `extras`: by the members' names, what we only keep.
    `collections`: by our name, else the member's. `owed`: our names of required members that are missing,
    which only a stored record that has none either forgives; their value is None.
    """

    id: int
    values: dict[str, object]
    extras: dict[str, object]
    collections: dict[str, Collection]
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A body of `runcommand` (conventions §7)."""

    key: str
    ids: tuple[int, ...]
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Slot:
    """How one member is read: what converts it, where it goes, and what null means."""

    member: Member
    convert: Convert
    takes_blank: bool
    takes_null: bool
    place: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the bodies of one entity and verb are read; members that are ignored have None for a slot."""

    slots: Mapping[str, _Slot | None]
    required: tuple[Member, ...]
    absent: tuple[dict[str, object], dict[str, object], dict[str, object]]
    collections: tuple[Member, ...]


_VALUES, _EXTRAS, _LISTS = range(3)


def read(entity: Entity, verb: Verb, raw: bytes, content_type: str = "", path_id: int = 0) -> Body:
    """Read the body of a POST (`Verb.CREATE`) or PUT (`Verb.UPDATE`), JSON or a form (conventions §3).

    Members we own, expanded and unknown ones are ignored, names in any case are known. Absent and null
    optional members become their defaults: a PUT replaces the record. `path_id` is the id of PUT /plural/{id},
    for bodies without one. Refuses with Invalid that lists every problem in the order of the record.
    """
    plan = _plan(entity, verb)
    document = read_document(raw, content_type)
    problems: dict[str, Problem] = {}
    filled = _filled(plan, document, problems)
    record_id = _record_id(document, path_id, problems) if verb is Verb.UPDATE else 0
    missing = [member for member in plan.required if member.key not in filled[bool(not member.ours)]]
    missing = [member for member in missing if member.key not in problems]
    owed = tuple(member.key for member in missing if member.forgiven and verb is Verb.UPDATE)
    if problems or len(missing) > len(owed):
        raise _refusal(entity, problems, missing)
    values, extras, lists = filled
    values.update(dict.fromkeys(owed))
    return Body(record_id, values, extras, _collections(plan, lists) if lists else {}, owed)


def read_command(raw: bytes, content_type: str = "") -> Command:
    """Read `{"Key", "Ids", "Parameters": [{"Name", "Value"}]}`; refuses with Invalid (conventions §7)."""
    document = {name.lower(): value for name, value in read_document(raw, content_type).items()}
    try:
        key = text(document.get("key"))
        numbers = ids(document.get("ids") or [], whole)
    except Refused as refused:
        field = "Ids" if isinstance(document.get("key"), str) else "Key"
        raise invalid(field, refused.code, str(refused)) from None
    parameters = document.get("parameters")
    items = parameters if isinstance(parameters, list) else []
    named = [item for item in items if isinstance(item, dict) and isinstance(item.get("Name"), str)]
    return Command(key, numbers, {item["Name"]: item.get("Value") for item in named})


def read_document(raw: bytes, content_type: str = "") -> dict[str, object]:
    """Return a body's members as sent; nothing at all is an empty body.

    Numbers with a point or an exponent are Decimals. Refuses with Invalid, naming no member, what is neither
    a JSON object nor a form.
    """
    if content_type.partition(";")[0].strip().lower() == FORM:
        return _form(raw)
    if not raw.strip():
        return {}
    try:
        document = _DECODER.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise invalid("", "format", "The body is not valid JSON.") from None
    if not isinstance(document, dict):
        raise invalid("", "type", "The body must be a JSON object.")
    return document


def _form(raw: bytes) -> dict[str, object]:
    try:
        fields = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS, errors="strict")
    except ValueError:
        raise invalid("", "format", "The body is not a valid form.") from None
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}


@cache
def _plan(entity: Entity, verb: Verb) -> _Plan:
    slots: dict[str, _Slot | None] = {}
    absent: tuple[dict[str, object], ...] = ({}, {}, {})
    for member in entity.members:
        slot = _slot(member) if verb in member.is_written_by else None
        slots[member.name] = slots[member.name.lower()] = slot
        if slot and member.kind is not REQUIRED and member.absent is not UNSET:
            absent[slot.place][member.key] = member.absent
    required = tuple(member for member in entity.members if member.kind is REQUIRED)
    return _Plan(slots, required, (absent[0], absent[1], absent[2]), entity.collections)


def _slot(member: Member) -> _Slot:
    required = member.kind is REQUIRED
    place = _LISTS if member.base == "int[]" else _VALUES if member.ours else _EXTRAS
    # A secret always reads back as null, so null says nothing about it; nor does it about custom values.
    takes_null = member.nullable and member.base not in ("int[]", "fields")
    takes_null = takes_null and not required and member.kind is not WRITE_ONLY
    return _Slot(member, converter(member, required), member.base == "str", takes_null, place)


def _filled(
    plan: _Plan, document: Mapping[str, object], problems: dict[str, Problem]
) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    values, extras, lists = filled = plan.absent[0].copy(), plan.absent[1].copy(), plan.absent[2].copy()
    slots = plan.slots
    for name, sent in document.items():
        slot = slots[name] if name in slots else slots.get(name.lower())
        if slot is None:
            continue
        place = filled[slot.place]
        key = slot.member.key
        if sent is None or (sent == "" and not slot.takes_blank):
            if slot.takes_null:
                place[key] = None
            continue
        try:
            place[key] = slot.convert(sent)
        except Refused as refused:
            problems[key] = Problem(key, refused.code, str(refused), sent)
    return values, extras, lists


def _record_id(document: Mapping[str, object], path_id: int, problems: dict[str, Problem]) -> int:
    sent = document["Id"] if "Id" in document else _in_any_case(document, "id")
    if sent in (None, "", 0, "0"):
        if not path_id:
            problems["id"] = Problem("id", "required", _REQUIRED)
        return path_id
    try:
        number = whole(sent)
    except Refused as refused:
        problems["id"] = Problem("id", refused.code, str(refused), sent)
        return 0
    return number if 0 < number < ID_LIMIT else 0


def _in_any_case(document: Mapping[str, object], folded: str) -> object:
    return next((value for name, value in document.items() if name.lower() == folded), None)


def _refusal(entity: Entity, problems: Mapping[str, Problem], missing: Sequence[Member]) -> Invalid:
    found = {**problems, **{member.key: Problem(member.key, "required", _REQUIRED) for member in missing}}
    order = {member.key: place for place, member in enumerate(entity.members)}
    # The record's own id comes first: without it the rest is about nothing.
    return Invalid(*sorted(found.values(), key=lambda found: -1 if found.field == "id" else order[found.field]))


def _collections(plan: _Plan, lists: Mapping[str, object]) -> dict[str, Collection]:
    changes = {}
    for member in plan.collections:
        sent = [lists.get(name) for name in (member.key, f"Added{member.name}", f"Removed{member.name}")]
        if sent != [None, None, None]:
            every, added, removed = (part if isinstance(part, tuple) else None for part in sent)
            changes[member.key] = Collection(every, added or (), removed or ())
    return changes
