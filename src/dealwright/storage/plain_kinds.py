"""The kinds of plain records: what each of them holds, who sees which, and what is read beside its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select, true

from dealwright.storage.plain_records import PlainKind, Visible
from dealwright.storage.query import number
from dealwright.storage.records_sql import JsonMember
from dealwright.storage.schema import (
    business_setting,
    calendar_event,
    contact,
    document,
    file,
    form_page,
    form_request,
    import_file,
    message,
    proposal,
    reminder,
    webhook,
)
from dealwright.storage.sight import EVERYTHING, contact_visible_to

_AT_LOCATION: Final[Mapping[str, str]] = {"location_id": "locations"}


def _there(table: Table, trashed: bool) -> ColumnElement[bool]:
    if "deleted_at" not in table.c:
        return true()
    return table.c.deleted_at.is_not(None) if trashed else table.c.deleted_at.is_(None)


def _with_its_contact(table: Table) -> Visible:
    """Seen by who sees the contact; nobody sees it while the contact is in the trash."""

    def visible(sight: str, trashed: bool) -> ColumnElement[bool]:
        holder = contact.alias("holding_contact")
        seen = select(holder.c.id).where(holder.c.id == table.c.contact_id, contact_visible_to(sight, holder))
        hanging: ColumnElement[bool] = exists(seen.correlate(table))
        if table.c.contact_id.nullable:
            hanging = or_(table.c.contact_id.is_(None), hanging)
        return and_(_there(table, trashed), hanging)

    return visible


def _to_everybody(table: Table) -> Visible:
    """Seen by whoever has the right."""
    return lambda _, trashed: _there(table, trashed)


def _to_its(column: ColumnElement[Any], table: Table) -> Visible:
    """Seen by whom a column names, and by CRM administrators."""

    def visible(sight: str, trashed: bool) -> ColumnElement[bool]:
        there = _there(table, trashed)
        return there if sight == EVERYTHING else and_(there, column == number("me_id"))

    return visible


def _title(column: ColumnElement[Any], table: Table) -> ColumnElement[Any]:
    one = file.alias(f"file_behind_{column.key}")
    titles = select(one.c.title).where(one.c.id == column, one.c.deleted_at.is_(None))
    return titles.correlate(table).scalar_subquery()


def _billing_name(table: Table) -> dict[str, ColumnElement[Any]]:
    """A name that only a face keeps with a contact."""
    one = contact.alias("billed_contact")
    name = select(JsonMember(one.c.extra, "BillingName")).where(one.c.id == table.c.contact_id)
    return {"contact.billing_name": name.correlate(table).scalar_subquery()}


def _of_page(name: str) -> ColumnElement[Any]:
    page = form_page.alias(f"page_with_{name}")
    return (
        select(page.c[name]).where(page.c.id == form_request.c.form_page_id).correlate(form_request).scalar_subquery()
    )


BUSINESS_SETTING: Final = PlainKind(
    table=business_setting, visible=_to_everybody(business_setting), texts=("name", "value"), links=_AT_LOCATION
)
REMINDER: Final = PlainKind(
    table=reminder,
    visible=_with_its_contact(reminder),
    texts=("name",),
    numbers=("type", "action"),
    instants=("remind_at", "next_at"),
    mappings=("extra",),
    links={**_AT_LOCATION, "canned_response_id": "canned_responses"},
)
MESSAGE: Final = PlainKind(
    table=message,
    visible=_with_its_contact(message),
    texts=("subject", "body", "reminder_uid"),
    flags=("is_new", "incoming"),
    mappings=("extra",),
    shown=_billing_name(message),
)
DOCUMENT: Final = PlainKind(
    table=document,
    visible=_with_its_contact(document),
    texts=("name", "description"),
    flags=("shown_to_contact",),
    mappings=("extra",),
    links=_AT_LOCATION,
    files=("file_id", "signed_file_id"),
    shown={
        **_billing_name(document),
        "file.title": _title(document.c.file_id, document),
        "signed_file.title": _title(document.c.signed_file_id, document),
    },
)
PROPOSAL: Final = PlainKind(
    table=proposal,
    visible=_with_its_contact(proposal),
    texts=("reference", "notes"),
    numbers=("status", "quantity"),
    instants=("sent_at", "opened_at"),
    amounts=("price",),
    mappings=("extra",),
    links={**_AT_LOCATION, "responsible_id": "users"},
    shown=_billing_name(proposal),
)
FORM_PAGE: Final = PlainKind(
    table=form_page,
    visible=_to_everybody(form_page),
    texts=("name", "description"),
    flags=("active",),
    mappings=("questions", "extra"),
    links={**_AT_LOCATION, "stage_id": "stages", "responsible_id": "users"},
)
FORM_REQUEST: Final = PlainKind(
    table=form_request,
    visible=_with_its_contact(form_request),
    flags=("submitted",),
    instants=("sent_at",),
    mappings=("answers", "extra"),
    parents={"form_page_id": form_page},
    shown={
        **_billing_name(form_request),
        "form_page.name": _of_page("name"),
        "form_page.location_id": _of_page("location_id"),
    },
)
WEBHOOK: Final = PlainKind(
    table=webhook,
    visible=_to_its(webhook.c.owner_id, webhook),
    texts=("name", "description", "url", "secret", "old_secret", "last_error"),
    flags=("active",),
    numbers=("action", "error_count"),
    instants=("last_at", "since", "due_at", "old_secret_until"),
    links={**_AT_LOCATION, "owner_id": "users"},
)
IMPORT_FILE: Final = PlainKind(
    table=import_file,
    visible=_to_its(import_file.c.created_by, import_file),
    texts=("name",),
    flags=("imported",),
    numbers=("work_id",),
    mappings=("extra",),
    links=_AT_LOCATION,
    files=("file_id",),
    shown={"file.title": _title(import_file.c.file_id, import_file)},
)
CALENDAR_EVENT: Final = PlainKind(
    table=calendar_event,
    visible=_to_everybody(calendar_event),
    texts=("name",),
    instants=("starts_at", "ends_at"),
    links=_AT_LOCATION,
)
EVERY_KIND: Final = (
    *(BUSINESS_SETTING, REMINDER, MESSAGE, DOCUMENT, PROPOSAL, FORM_PAGE, FORM_REQUEST, WEBHOOK, IMPORT_FILE),
    CALENDAR_EVENT,
)
