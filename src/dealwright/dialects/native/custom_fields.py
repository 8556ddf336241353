"""Custom fields in our own API: list, get, create, change, delete, order."""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import custom_fields as deeds
from dealwright.dialects.native import members, pages
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Instant, Listing, Whole
from dealwright.domain import custom_field as domain
from dealwright.domain.custom_field import START, SUBJECTS, FieldChange, FieldType
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.values import UNSET as UNSAID
from dealwright.domain.values import Unset
from dealwright.storage.rules import Rules

FieldSubject = Literal["contact", "person", "company", "opportunity", "case"]
FieldTypeName = Literal["text", "long_text", "choice", "yes_no", "heading", "date", "integer", "decimal"]
TYPES: Final[dict[FieldType, FieldTypeName]] = {
    FieldType.TEXT: "text",
    FieldType.LONG_TEXT: "long_text",
    FieldType.CHOICE: "choice",
    FieldType.YES_NO: "yes_no",
    FieldType.HEADING: "heading",
    FieldType.DATE: "date",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "decimal",
}
TYPES_BY_NAME: Final = {name: kind for kind, name in TYPES.items()}
Label = Annotated[str, Meta(min_length=1, max_length=255)]
Options = Annotated[list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(min_length=1, max_length=1000)]
Columns = Annotated[int, Meta(ge=1, le=150, description="How wide a text is.")]
Rows = Annotated[int, Meta(ge=1, le=25, description="How high a long text is.")]
_PATH: Final = "/custom-fields"
_ONE: Final = "/custom-fields/{id}"
_NAMES: Final = {"mask": "options"}
_PLAIN: Final = ("label", "position", "location_id", "system_id")


class CustomFieldQuery(Query):
    """What the list of custom fields may be asked with."""

    subject: Annotated[FieldSubject, Meta(description="The kind of record that has them.")] | UnsetType = UNSET


class CustomField(Struct, kw_only=True):
    """A field that this portal has added to a kind of record; `contact` is people and companies alike.

    `options` are those of a choice, `columns` and `rows` the size of a text. `uses` counts the records with a value.
    """

    id: int
    uid: str
    subject: FieldSubject
    label: str
    type: FieldTypeName
    options: list[str] | None
    columns: int | None
    rows: int | None
    position: int
    location_id: int | None
    uses: int
    system_id: str | None
    created_at: Instant
    updated_at: Instant


class CustomFieldPatch(Body):
    """What to change about a field. Where records have values its type stays, and no option may go."""

    label: Label | UnsetType = UNSET
    type: FieldTypeName | UnsetType = UNSET
    options: Options | UnsetType = UNSET
    columns: Columns | UnsetType = UNSET
    rows: Rows | UnsetType = UNSET
    position: Whole | UnsetType = UNSET
    location_id: Id | UnsetType | None = UNSET
    system_id: str | UnsetType | None = UNSET


class CustomFieldDraft(CustomFieldPatch, kw_only=True):
    """A new field; without a position it comes to the end. A choice needs its options."""

    subject: FieldSubject
    label: Label
    type: FieldTypeName


class FieldOrder(Body):
    """Custom fields in the order in which they are to stand."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=1000)]


def written(field: domain.CustomField, uses: int) -> CustomField:
    """Return a field as it goes over the wire."""
    subject: FieldSubject = field.subject  # type: ignore[assignment]
    sizes = _sizes(field)
    return CustomField(
        id=field.id,
        uid=field.uid,
        subject=subject,
        label=field.label,
        type=TYPES[field.type],
        options=list(field.options) if field.type is FieldType.CHOICE else None,
        columns=sizes.get("cols", sizes.get("size")),
        rows=sizes.get("rows"),
        position=field.position,
        location_id=field.location_id,
        uses=uses,
        system_id=field.system_id,
        created_at=field.stamps.created_at,
        updated_at=field.stamps.updated_at,
    )


def _sizes(field: domain.CustomField) -> dict[str, int]:
    if field.type not in START or not field.mask:
        return {}
    found = json.loads(field.mask)
    return found if isinstance(found, dict) else {}


def change_of(said: CustomFieldPatch, before: domain.CustomField | None) -> FieldChange:
    """Return the change that a patch means. Refuses with Invalid options and sizes that such a field has not."""
    change = FieldChange()
    members.say(change, said, _PLAIN)
    if said.type is not UNSET:
        change.type = TYPES_BY_NAME[said.type]
    kind = change.type if change.type is not UNSAID else before.type if before else FieldType.TEXT
    change.mask = _mask_said(said, kind, before)
    return change


def _mask_said(said: CustomFieldPatch, kind: FieldType, before: domain.CustomField | None) -> str | Unset:
    known = {
        FieldType.CHOICE: ("options",),
        FieldType.TEXT: ("columns",),
        FieldType.LONG_TEXT: ("columns", "rows"),
    }.get(kind, ())
    given = {name: value for name in ("options", "columns", "rows") if (value := getattr(said, name)) is not UNSET}
    for name in given:
        if name not in known:
            raise invalid(name, "not_allowed", f"is nothing that a field of type {TYPES[kind]} has")
    if not given:
        return UNSAID
    if kind is FieldType.CHOICE:
        return json.dumps(given["options"], ensure_ascii=False)
    present = _sizes(before) if before is not None and before.type is kind else {}
    names = {"columns": "size" if kind is FieldType.TEXT else "cols", "rows": "rows"}
    return json.dumps({**json.loads(START[kind]), **present, **{names[name]: given[name] for name in given}})


def _present(rules: Rules, field_id: int) -> domain.CustomField:
    field = rules.fields.get(field_id)
    if field is None:
        raise NotFound("custom field")
    return field


async def list_custom_fields(call: Call, query: CustomFieldQuery) -> Reply[Listing[CustomField]]:
    """List the custom fields of all kinds of record, or of one, in their order."""
    call.actor.require("CustomField-List")
    subjects = SUBJECTS if query.subject is UNSET else (query.subject,)
    uses = await deeds.usage(call.db, *subjects)
    found = [field for one in subjects for field in call.db.rules.fields_of(one)]
    return pages.whole([written(field, uses.get(field.id, 0)) for field in found])


async def get_custom_field(call: Call) -> Reply[CustomField]:
    """Get a custom field."""
    call.actor.require("CustomField-Read")
    field = _present(call.db.rules, call.id)
    uses = await deeds.usage(call.db, field.subject)
    return Reply(written(field, uses.get(field.id, 0)))


async def create_custom_field(call: Call, body: CustomFieldDraft) -> Reply[CustomField]:
    """Create a custom field."""
    change = change_of(body, None)
    change.subject = body.subject
    field = await deeds.create(call.db, call.actor, change)
    return Reply(written(field, 0), location=f"{_PATH}/{field.id}")


async def change_custom_field(call: Call, body: CustomFieldPatch) -> Reply[CustomField]:
    """Change a custom field."""
    call.actor.require("CustomField-Edit")
    before = _present(call.db.rules, call.id)
    uses = await deeds.usage(call.db, before.subject)
    field = await deeds.change(call.db, call.actor, call.id, change_of(body, before))
    return Reply(written(field, uses.get(field.id, 0)))


async def delete_custom_field(call: Call) -> Reply[None]:
    """Delete a custom field with all its values."""
    await deeds.delete(call.db, call.actor, call.id)
    return Reply(None)


async def order_custom_fields(call: Call, body: FieldOrder) -> Reply[Listing[CustomField]]:
    """Put custom fields in this order; those that are not named keep their positions."""
    uses = await deeds.usage(call.db, *SUBJECTS)
    found = await deeds.reorder(call.db, call.actor, body.ids)
    return pages.whole([written(field, uses.get(field.id, 0)) for field in found])


ROUTES: Final = (
    Route("GET", _PATH, list_custom_fields, right="CustomField-List"),
    Route("POST", _PATH, create_custom_field, 201, right="CustomField-Create", names=_NAMES),
    Route("POST", f"{_PATH}/order", order_custom_fields, right="CustomField-Edit"),
    Route("GET", _ONE, get_custom_field, right="CustomField-Read"),
    Route("PATCH", _ONE, change_custom_field, right="CustomField-Edit", names=_NAMES),
    Route("DELETE", _ONE, delete_custom_field, 204, right="CustomField-Delete"),
)
