"""The portal's public form in our own API: its key, its looks, what it asks and what becomes of what is sent in."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import portal_settings, web_forms
from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id
from dealwright.domain.errors import NotFound
from dealwright.storage.rules import Rules

READ, EDIT = "FormPage-Read", "FormPage-Edit"
_PATH: Final = "/web-form"
Words = Annotated[str, Meta(max_length=2000)]


class PublicForm(Struct, kw_only=True):
    """The form at `/forms/KEY`. With `stage_id` everything that is sent in becomes an opportunity there too."""

    key: str
    path: str
    title: str
    text: str
    thanks: str
    field_ids: list[int]
    stage_id: int | None


class PublicFormPatch(Body):
    """What to change about the form; `field_ids` are custom fields of contacts that it asks for."""

    title: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    text: Words | UnsetType = UNSET
    thanks: Words | UnsetType = UNSET
    field_ids: Annotated[list[Id], Meta(max_length=50)] | UnsetType = UNSET
    stage_id: Id | UnsetType | None = UNSET


class KeyChange(Body):
    """Nothing needs to be said."""


async def get_web_form(call: Call) -> Reply[PublicForm]:
    """Get the public form; there is none before it has a key."""
    call.actor.require(READ)
    return Reply(_present(call.db.rules))


async def change_web_form(call: Call, body: PublicFormPatch) -> Reply[PublicForm]:
    """Change what the public form looks like and asks for; for CRM administrators."""
    await web_forms.design(
        call.db,
        call.actor,
        title=None if body.title is UNSET else body.title,
        text=None if body.text is UNSET else body.text,
        thanks=None if body.thanks is UNSET else body.thanks,
        field_ids=None if body.field_ids is UNSET else body.field_ids,
        stage_id=None if body.stage_id is UNSET else body.stage_id,
        no_stage=body.stage_id is None,
    )
    return Reply(_present(call.db.rules))


async def change_web_form_key(call: Call, body: KeyChange) -> Reply[PublicForm]:
    """Give the public form a new key; the old one leads nowhere from now on. For CRM administrators."""
    await portal_settings.new_form_key(call.db, call.actor)
    return Reply(_present(call.db.rules))


def _present(rules: Rules) -> PublicForm:
    form = web_forms.present(rules)
    if form is None:
        raise NotFound("form")
    return PublicForm(
        key=form.key,
        path=f"/forms/{form.key}",
        title=form.title,
        text=form.text,
        thanks=form.thanks,
        field_ids=[field.id for field in form.fields],
        stage_id=form.stage_id,
    )


ROUTES: Final = (
    Route("GET", _PATH, get_web_form, right=READ),
    Route("PATCH", _PATH, change_web_form, right=EDIT),
    Route("POST", f"{_PATH}/key", change_web_form_key, right=EDIT, bodiless=True),
)
