"""Long work: jobs that outlive their request and a restart."""

from __future__ import annotations

from sqlalchemy import Index

from dealwright.storage.schema.columns import flag, fold, instant, key, number, partial, record, ref, table, words

# A job that outlives its request and a restart: import, export, report, mailing. `cursor` is where to go on.
work = table(
    "work",
    key(),
    *record(),
    number("version", 1),
    fold("kind", nullable=False),
    # Set until it is finished where of several only one may be open.
    fold("claim", unique=True),
    words("via", ""),
    words("scope"),
    fold("state", nullable=False, server_default="waiting"),
    words("input", "{}"),
    words("cursor", "{}"),
    number("total"),
    number("done"),
    number("failed"),
    words("error"),
    words("result", "{}"),
    number("attempts"),
    flag("cancelled"),
    instant("finished_at"),
    Index("ix_work_kind", "kind", "created_by", "id"),
    partial("ix_work_open", "id", where="finished_at IS NULL"),
)
work_problem = table(
    "work_problem",
    key(),
    ref("work_id", "work", nullable=False, index=True),
    number("row"),
    words("field", ""),
    words("code", ""),
    words("message", ""),
    words("value", ""),
)
import_file = table(
    "import_file",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    ref("file_id", "file"),
    ref("work_id", "work"),
    flag("imported"),
    words("extra", "{}"),
    instant("deleted_at"),
)
