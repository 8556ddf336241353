"""What happened, who is told of it and what is to be sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

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

event = table(
    "event",
    key(),
    Column("deed_id", FOLD, nullable=False),
    Column("seq", BigInteger),
    instant("at", nullable=False),
    Column("actor_id", ID),
    words("via", ""),
    words("kinds", ""),
    words("subject", ""),
    Column("subject_id", ID, nullable=False),
    words("before", "{}"),
    words("after", "{}"),
    Index("ix_event_subject", "subject", "subject_id", "id"),
    Index("uq_event_seq", "seq", unique=True),
    partial("ix_event_unordered", "id", where="seq IS NULL"),
)
# It is told of the events since `since`, is through with those up to `seq`, and waits for `due_at` after a failure.
# What it is told is signed with the secret it had before as well, until `old_secret_until`.
webhook = table(
    "webhook",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    ref("owner_id", "users", nullable=False),
    words("name", ""),
    number("action"),
    words("description"),
    words("url", ""),
    flag("active"),
    words("secret", ""),
    words("old_secret", ""),
    instant("old_secret_until"),
    number("error_count"),
    words("last_error"),
    instant("last_at"),
    instant("since"),
    instant("due_at"),
    Column("seq", BigInteger),
)
# What was sent to a webhook and what came back.
webhook_call = table(
    "webhook_call",
    key(),
    ref("webhook_id", "webhook", nullable=False, index=True),
    instant("at", nullable=False),
    Column("event_seq", BigInteger),
    Column("status", Integer),
    words("error"),
    number("millis"),
    partial("ix_webhook_call_taken_in", "webhook_id", "event_seq", where="error IS NULL AND event_seq IS NOT NULL"),
)
# `about` names the record of what is undone when that changes, such as the reminders of a task.
outbox = table(
    "outbox",
    key(),
    instant("due_at", nullable=False),
    words("kind", ""),
    words("payload", "{}"),
    fold("about"),
    number("attempts"),
    words("last_error"),
    instant("done_at"),
    partial("ix_outbox_due", "due_at", where="done_at IS NULL"),
    partial("ix_outbox_about", "about", where="about IS NOT NULL"),
)
lease = Table(
    "lease",
    metadata,
    Column("name", FOLD, primary_key=True),
    words("holder", ""),
    instant("until", nullable=False),
)
