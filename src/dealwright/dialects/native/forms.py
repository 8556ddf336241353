"""Lead forms in our own API: list, get, make, change, to the trash and back."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import form_pages
from dealwright.actions.plain_entities import FORM_PAGE
from dealwright.dialects.native.plain_records import ListQuery, PlainShelf, values_of
from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Instant, Listing
from dealwright.dialects.native.stamps import stamps
from dealwright.storage.form_pages import asked
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules

_PATH: Final = "/forms"
_ONE: Final = "/forms/{id}"
Name = Annotated[str, Meta(min_length=1, max_length=255)]


class Form(Struct, kw_only=True):
    """A page at `path` that strangers fill in while it is active.

    What they say lands in `stage_id` and is the business of `responsible_id`; `field_ids` are custom fields of
    contacts and opportunities that it asks for beside name, e-mail, phone, company and message.
    """

    id: int
    uid: str
    version: int
    path: str
    name: str
    description: str
    active: bool
    field_ids: list[int]
    location_id: int
    stage_id: int | None
    responsible_id: int | None
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class FormPatch(Body):
    """What to change about a form (RFC 7396): absent members stay, null clears."""

    name: Name | UnsetType = UNSET
    description: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    field_ids: Annotated[list[Id], Meta(max_length=50)] | UnsetType = UNSET
    location_id: Id | UnsetType = UNSET
    stage_id: Id | UnsetType | None = UNSET
    responsible_id: Id | UnsetType | None = UNSET
    system_id: str | UnsetType | None = UNSET


class FormDraft(FormPatch, kw_only=True):
    """A new form; it is not active unless told."""

    name: Name


class FormRestoring(Body):
    """Nothing needs to be said to take a form back from the trash."""


class FormListQuery(ListQuery):
    """What the list may be asked with; everything that is given must hold."""

    stage_id: Id | UnsetType = UNSET
    responsible_id: Id | UnsetType = UNSET


def written(_: Rules, record: PlainRecord) -> Form:
    """Return a form as it goes over the wire."""
    values = record.values
    return Form(
        **stamps(record),
        path=f"/forms/{record.uid}",
        name=values["name"],
        description=values["description"],
        active=values["active"],
        field_ids=asked(values["questions"]),
        location_id=values["location_id"],
        stage_id=values["stage_id"],
        responsible_id=values["responsible_id"],
    )


_SHELF: Final = PlainShelf(FORM_PAGE, _PATH, written)


async def list_forms(call: Call, query: FormListQuery) -> Reply[Listing[Form]]:
    """List forms in the order in which they were made."""
    return await _SHELF.page(call, query, {"stage_id": query.stage_id, "responsible_id": query.responsible_id})


async def get_form(call: Call) -> Reply[Form]:
    """Get a form."""
    return await _SHELF.one(call)


async def create_form(call: Call, body: FormDraft) -> Reply[Form]:
    """Create a form."""
    return _SHELF.made(call, await form_pages.create(call.db, call.actor, values_of(body)))


async def change_form(call: Call, body: FormPatch) -> Reply[Form]:
    """Change a form by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    return await _SHELF.under(
        call, lambda version: form_pages.change(call.db, call.actor, call.id, values_of(body), version), body
    )


async def delete_form(call: Call) -> Reply[None]:
    """Move a form to the trash; what was said in it stays."""
    return await _SHELF.delete(call)


async def restore_form(call: Call, body: FormRestoring) -> Reply[Form]:
    """Take a form back from the trash."""
    return await _SHELF.restore(call)


ROUTES: Final = (
    Route("GET", _PATH, list_forms, right="FormPage-List"),
    Route("POST", _PATH, create_form, 201, right="FormPage-Create"),
    Route("GET", _ONE, get_form, right="FormPage-Read", checked=True),
    Route("PATCH", _ONE, change_form, right="FormPage-Edit", guarded=True),
    Route("DELETE", _ONE, delete_form, 204, right="FormPage-Delete", guarded=True),
    Route("POST", f"{_ONE}/restore", restore_form, right="FormPage-Delete", bodiless=True),
)
