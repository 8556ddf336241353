"""What a portal is set up with: rules and settings, money, places, pipelines, lists, fields and tags."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text, UniqueConstraint, text

from dealwright.storage.schema.columns import (
    FOLD,
    ID,
    flag,
    fold,
    key,
    link,
    metadata,
    number,
    record,
    ref,
    table,
    words,
)

rules = Table("rules", metadata, Column("id", ID, primary_key=True), number("stamp", 1))
setting = Table("setting", metadata, Column("name", Text, primary_key=True), words("value", ""))
business_setting = table(
    "business_setting",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    fold("name_fold", nullable=False),
    words("value"),
    UniqueConstraint("location_id", "name_fold"),
)
currency = Table(
    "currency",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("code", FOLD, nullable=False, unique=True),
    words("title", ""),
    words("symbol", ""),
    words("culture", ""),
    flag("convertible"),
    flag("basic"),
    sqlite_with_rowid=True,
)
rate = table(
    "rate",
    key(),
    Column("from_currency", FOLD, nullable=False),
    Column("to_currency", FOLD, nullable=False),
    UniqueConstraint("from_currency", "to_currency"),
)
rate_value = Table(
    "rate_value",
    metadata,
    link("rate_id", "rate"),
    Column("since", BigInteger, primary_key=True),
    number("rate_units"),
    number("rate_nanos"),
)
location = table(
    "location",
    key(),
    *record(),
    words("name", ""),
    Column("currency", FOLD, nullable=False),
    words("time_zone", "UTC"),
    number("time_zone_id", 1),
    number("country_id", 840),
    words("extra", "{}"),
)
pipeline = table(
    "pipeline",
    key(),
    *record(),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    flag("archived"),
)
stage = table(
    "stage",
    key(),
    *record(),
    ref("pipeline_id", "pipeline", nullable=False, index=True),
    words("title", ""),
    words("description", ""),
    words("color", ""),
    number("position"),
    Column("probability", SmallInteger, nullable=False, server_default=text("0")),
    Column("outcome", SmallInteger, nullable=False, server_default=text("0")),
    Column("expected_days", Integer),
    words("required_fields", "[]"),
    ref("canned_response_id", "canned_response"),
    ref("task_list_id", "task_list"),
    words("extra", "{}"),
)
kind = table(
    "kind",
    key(),
    *record(),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    words("notes_template"),
)
list_item = table(
    "list_item",
    key(),
    Column("list", FOLD, nullable=False),
    Column("number", BigInteger),
    words("title", ""),
    fold("title_fold", nullable=False),
    words("description", ""),
    words("color", ""),
    words("image", ""),
    number("position"),
    UniqueConstraint("list", "title_fold"),
    Index("uq_list_item_list_number", "list", "number", unique=True),
)
canned_response = table(
    "canned_response",
    key(),
    *record(),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    words("subject"),
    words("message"),
)
task_list = table(
    "task_list",
    key(),
    *record(),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    flag("active"),
    words("extra", "{}"),
)
task_item = table(
    "task_item",
    key(),
    *record(),
    ref("task_list_id", "task_list", nullable=False, index=True),
    ref("responsible_id", "users", nullable=False),
    words("name", ""),
    flag("active"),
    flag("notify"),
    flag("display_to_everyone"),
    number("delay_hours"),
)
custom_field = table(
    "custom_field",
    key(),
    *record(),
    Column("subject", FOLD, nullable=False),
    words("label", ""),
    Column("type", SmallInteger, nullable=False),
    words("mask", ""),
    number("position"),
    ref("location_id", "location"),
    Column("number", BigInteger),
    words("extra", "{}"),
    Index("ix_custom_field_subject", "subject", "position"),
)
tag = table(
    "tag",
    key(),
    Column("subject", FOLD, nullable=False),
    words("title", ""),
    fold("title_fold", nullable=False),
    UniqueConstraint("subject", "title_fold"),
)
