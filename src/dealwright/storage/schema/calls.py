"""Telephone calls."""

from __future__ import annotations

from sqlalchemy import Column, Index, SmallInteger

from dealwright.storage.schema.columns import fold, instant, key, number, record, ref, table, words

call = table(
    "call",
    key(),
    *record(),
    fold("external_id", nullable=False, unique=True),
    words("from_number", ""),
    words("to_number", ""),
    Column("status", SmallInteger),
    fold("answered_by"),
    ref("contact_id", "contact", index=True),
    ref("parent_id", "call", index=True),
    instant("dialed_at", nullable=False),
    number("seconds"),
    number("price_units"),
    number("price_nanos"),
    words("record_url"),
    number("record_seconds"),
    Index("ix_call_dialed", "dialed_at", "id"),
)
