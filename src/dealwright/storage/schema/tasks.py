"""What is to be done, and the templates it is made from."""

from __future__ import annotations

from sqlalchemy import Column

from dealwright.storage.schema.columns import ID, flag, fold, instant, key, number, ordered, record, ref, table, words

task = table(
    "task",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location"),
    words("title", ""),
    fold("title_fold", nullable=False, server_default=""),
    words("description"),
    instant("deadline"),
    fold("responsible"),
    Column("category_id", ID),
    ref("contact_id", "contact", index=True),
    ref("opportunity_id", "opportunity", index=True),
    ref("case_id", "cases", index=True),
    number("alert_minutes"),
    flag("closed"),
    flag("notify"),
    flag("display_to_everyone"),
    flag("reminded"),
    words("task_item_uid"),
    words("task_list_name"),
    words("form_request_uid"),
    instant("deleted_at"),
)
ordered(task, "deadline", "deadline", "id")
ordered(task, "open", "closed", "deadline", "id", where="deleted_at IS NULL")
ordered(task, "responsible", "responsible", "closed", "deadline", "id", where="deleted_at IS NULL")
ordered(task, "category", "category_id", "closed", "deadline", "id", where="deleted_at IS NULL")
task_template_container = table(
    "task_template_container",
    key(),
    *record(),
    number("version", 1),
    fold("subject", nullable=False),
    words("title", ""),
)
# `offset_ticks` counts 100 ns, as the one contract that knows templates does.
task_template = table(
    "task_template",
    key(),
    *record(),
    ref("container_id", "task_template_container", nullable=False, index=True),
    words("title", ""),
    words("description"),
    fold("responsible"),
    Column("category_id", ID),
    flag("notify"),
    number("offset_ticks"),
    flag("deadline_fixed"),
)
