"""How contacts come and what is said to them: forms, proposals, messages, documents, reminders."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, SmallInteger, text

from dealwright.storage.schema.columns import flag, fold, instant, key, number, partial, record, ref, table, words

# A public page whose answers become contacts and deals. `questions` is a JSON list of what it asks.
form_page = table(
    "form_page",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    words("description", ""),
    flag("active"),
    ref("stage_id", "stage"),
    ref("responsible_id", "users"),
    words("questions", "[]"),
    words("extra", "{}"),
    instant("deleted_at"),
)
# `token` is what the page gave its visitor: the same one twice is one submission.
form_request = table(
    "form_request",
    key(),
    *record(),
    number("version", 1),
    ref("form_page_id", "form_page", nullable=False, index=True),
    ref("contact_id", "contact", nullable=False, index=True),
    ref("opportunity_id", "opportunity", index=True),
    instant("sent_at"),
    flag("submitted"),
    fold("token", unique=True),
    words("answers", "{}"),
    words("extra", "{}"),
    instant("deleted_at"),
)
proposal = table(
    "proposal",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    ref("responsible_id", "users", nullable=False),
    ref("contact_id", "contact", nullable=False, index=True),
    words("reference", ""),
    words("notes"),
    Column("status", SmallInteger, nullable=False, server_default=text("1")),
    Column("price_units", BigInteger),
    Column("price_nanos", BigInteger),
    number("quantity", 1),
    instant("sent_at"),
    instant("opened_at"),
    words("extra", "{}"),
    instant("deleted_at"),
)
message = table(
    "message",
    key(),
    *record(),
    number("version", 1),
    ref("contact_id", "contact", nullable=False, index=True),
    words("subject"),
    words("body"),
    flag("is_new"),
    flag("incoming"),
    words("reminder_uid"),
    words("extra", "{}"),
    instant("deleted_at"),
)
# A document of a contact; the bytes are files.
document = table(
    "document",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    ref("contact_id", "contact", nullable=False, index=True),
    words("name", ""),
    words("description"),
    flag("shown_to_contact"),
    ref("file_id", "file", index=True),
    ref("signed_file_id", "file", index=True),
    words("extra", "{}"),
    instant("deleted_at"),
)
# A message that goes out by itself on a date or after something happened; what a CRM does not know is in `extra`.
WRITING: Final = (
    "type = 1 AND action IN (1, 2) AND remind_at IS NOT NULL AND contact_id IS NOT NULL AND deleted_at IS NULL"
    " AND (reminded_for IS NULL OR reminded_for <> remind_at)"
)
"""Reminders of a fixed day that write to their contact and have not done so yet."""
reminder = table(
    "reminder",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    ref("contact_id", "contact", index=True),
    ref("canned_response_id", "canned_response"),
    words("name", ""),
    Column("type", SmallInteger),
    Column("action", SmallInteger),
    instant("remind_at"),
    instant("reminded_for"),
    instant("next_at"),
    words("extra", "{}"),
    instant("deleted_at"),
    partial("ix_reminder_next", "next_at", where="next_at IS NOT NULL"),
    partial("ix_reminder_writing", "remind_at", where=WRITING),
)
calendar_event = table(
    "calendar_event",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    instant("starts_at"),
    instant("ends_at"),
    words("extra", "{}"),
    instant("deleted_at"),
)
