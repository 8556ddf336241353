"""Cases, and the notes and files that hang on any record."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from dealwright.storage.schema.columns import (
    FOLD,
    ID,
    flag,
    fold,
    instant,
    key,
    metadata,
    number,
    partial,
    record,
    ref,
    table,
    words,
)

case = table(
    "cases",
    key(),
    *record(),
    number("version", 1),
    words("title", ""),
    fold("title_fold", nullable=False, server_default=""),
    flag("closed"),
    flag("private"),
    instant("deleted_at"),
    Index("ix_cases_title", "title_fold", "id"),
    Index("ix_cases_open_title", "closed", "title_fold", "id"),
    Index("ix_cases_created", "created_at", "id"),
)
case_member = Table(
    "case_member",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True, index=True),
)
case_share = Table(
    "case_share",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("user_uid", FOLD, primary_key=True),
    Index("ix_case_share_user", "user_uid", "case_id"),
)
case_value = Table(
    "case_value",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("field_id", ID, ForeignKey("custom_field.id"), primary_key=True, index=True),
    words("value", ""),
)
case_tag = Table(
    "case_tag",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("tag_id", ID, ForeignKey("tag.id"), primary_key=True, index=True),
)
# `key` is where the bytes lie in the file store; it is empty when they are there no more. `used_at` is when something
# last took the file up or let go of it.
file = table(
    "file",
    key(),
    *record(),
    number("version", 1),
    words("purpose", "attachment"),
    words("title", ""),
    words("media_type", "application/octet-stream"),
    number("size"),
    words("key", ""),
    words("extra", "{}"),
    instant("used_at"),
    instant("deleted_at"),
    Index("ix_file_purpose", "purpose", "created_by", "id"),
    Index("ix_file_key", "key"),
    partial("ix_file_deleted", "deleted_at", where="deleted_at IS NOT NULL"),
)
# What was said or done. The category is a list item, or one of the negative ones of the system.
note = table(
    "note",
    key(),
    *record(),
    number("version", 1),
    ref("contact_id", "contact"),
    ref("opportunity_id", "opportunity"),
    ref("case_id", "cases"),
    Column("category_id", ID),
    words("content", ""),
    fold("content_fold", nullable=False, server_default=""),
    words("extra", "{}"),
    instant("deleted_at"),
    Index("ix_note_contact", "contact_id", "created_at", "id"),
    Index("ix_note_opportunity", "opportunity_id", "created_at", "id"),
    Index("ix_note_case", "case_id", "created_at", "id"),
    Index("ix_note_created", "created_at", "id"),
)
note_file = Table(
    "note_file",
    metadata,
    Column("note_id", ID, ForeignKey("note.id"), primary_key=True),
    Column("file_id", ID, ForeignKey("file.id"), primary_key=True, index=True),
)
