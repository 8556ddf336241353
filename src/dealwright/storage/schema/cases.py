"""Cases, and the notes and files that hang on any record."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from dealwright.storage.schema.columns import (
    ID,
    flag,
    fold,
    instant,
    key,
    link,
    metadata,
    number,
    partial,
    record,
    ref,
    table,
    words,
)
from dealwright.storage.schema.links import people_of, tags_of, values_of

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
    link("case_id", "cases"),
    link("contact_id", "contact", index=True),
)
case_share = people_of(case, "case_share", "case_id")
case_value = values_of(case, "case_value", "case_id")
case_tag = tags_of(case, "case_tag", "case_id")
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
    link("note_id", "note"),
    link("file_id", "file", index=True),
)
