"""The one description of what is stored: SQLAlchemy Core tables for both databases.

Instants are BIGINT microseconds since 1970 (UTC). Amounts are an integer pair, `*_units` (the floor) and
`*_nanos` (billionths above it), because that is exact, sorts and sums the same way on both databases.
Text that is compared, sorted or unique has a folded twin `*_fold` in byte order.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID: Final = BigInteger().with_variant(Integer, "sqlite")
FOLD: Final = Text().with_variant(Text(collation="C"), "postgresql")


def _id() -> Column[Any]:
    return Column("id", ID, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, nullable: bool = True, index: bool = False) -> Column[Any]:
    return Column(name, ID, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _text(name: str, default: str | None = None) -> Column[Any]:
    if default is None:
        return Column(name, Text)
    return Column(name, Text, nullable=False, server_default=default)


def _fold(name: str, **options: Any) -> Column[Any]:
    return Column(name, FOLD, **options)


def _flag(name: str, default: bool = False) -> Column[Any]:
    value = text("true") if default else text("false")
    return Column(name, Boolean, nullable=False, server_default=value)


def _number(name: str, default: int = 0) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


def _instant(name: str, nullable: bool = True) -> Column[Any]:
    return Column(name, BigInteger, nullable=nullable)


def _record() -> list[Column[Any]]:
    """Columns that every record a vendor can address has."""
    return [
        Column("uid", FOLD, nullable=False, unique=True),
        Column("system_id", Text),
        _instant("created_at", nullable=False),
        Column("created_by", ID),
        _instant("updated_at", nullable=False),
        Column("updated_by", ID),
    ]


def _table(name: str, *parts: Any, **options: Any) -> Table:
    return Table(name, metadata, *parts, sqlite_autoincrement=True, **options)


def _partial(name: str, column: str, where: str) -> Index:
    return Index(name, column, postgresql_where=text(where), sqlite_where=text(where))


def _unique_living(name: str, column: str) -> Index:
    """Return the index that keeps a value to one record out of the trash."""
    where = text("deleted_at IS NULL")
    return Index(name, column, unique=True, postgresql_where=where, sqlite_where=where)


def ordered(table: Table, name: str, *columns: str, where: str | None = None) -> None:
    """Add an index whose order puts missing values first ascending and last descending, on both databases.

    `where` leaves out the rows of which it is not true.
    """
    words = [column.split() for column in columns]
    plain = [table.c[word[0]].desc() if len(word) > 1 else table.c[word[0]] for word in words]
    explicit = [
        table.c[word[0]].desc().nulls_last() if len(word) > 1 else table.c[word[0]].nulls_first() for word in words
    ]
    index, kept = f"ix_{table.name}_{name}", None if where is None else text(where)
    Index(index, *plain, sqlite_where=kept).ddl_if(dialect="sqlite")
    Index(index, *explicit, postgresql_where=kept).ddl_if(dialect="postgresql")


rules = Table("rules", metadata, Column("id", ID, primary_key=True), _number("stamp", 1))
setting = Table("setting", metadata, Column("name", Text, primary_key=True), _text("value", ""))

# People -----------------------------------------------------------------------------------------------------

user = _table(
    "users",
    _id(),
    *_record(),
    _text("email", ""),
    _fold("email_fold", nullable=False),
    _fold("user_name", nullable=False),
    _text("first_name", ""),
    _text("last_name", ""),
    _text("title", ""),
    _text("password_hash"),
    Column("standing", SmallInteger, nullable=False),
    Column("sight", SmallInteger, nullable=False, server_default=text("0")),
    _flag("active", True),
    _flag("api_access", True),
    _number("language", 1),
    _ref("location_id", "location"),
    _text("extra", "{}"),
    Index("uq_users_email_fold", "email_fold", unique=True),
)
role = _table(
    "role",
    _id(),
    *_record(),
    _text("name", ""),
    _fold("name_fold", nullable=False, unique=True),
    _text("description", ""),
)
role_right = Table(
    "role_right",
    metadata,
    Column("role_id", ID, ForeignKey("role.id"), primary_key=True),
    Column("right_name", FOLD, primary_key=True),
)
user_role = Table(
    "user_role",
    metadata,
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True),
    Column("role_id", ID, ForeignKey("role.id"), primary_key=True),
)
token = _table(
    "token",
    _id(),
    Column("hash", LargeBinary, nullable=False, unique=True),
    _ref("user_id", "users", nullable=False, index=True),
    _text("kind", ""),
    _fold("client_id"),
    _text("label", ""),
    _text("scope"),
    _flag("documented_names"),
    _instant("created_at", nullable=False),
    _instant("expires_at"),
)
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("key", FOLD, primary_key=True),
    _number("failures"),
    _instant("last_at", nullable=False),
)

# Places, pipelines and lists ---------------------------------------------------------------------------------

currency = Table(
    "currency",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("code", FOLD, nullable=False, unique=True),
    _text("title", ""),
    _text("symbol", ""),
    _text("culture", ""),
    _flag("convertible"),
    _flag("basic"),
    sqlite_with_rowid=True,
)
rate = _table(
    "rate",
    _id(),
    Column("from_currency", FOLD, nullable=False),
    Column("to_currency", FOLD, nullable=False),
    UniqueConstraint("from_currency", "to_currency"),
)
rate_value = Table(
    "rate_value",
    metadata,
    Column("rate_id", ID, ForeignKey("rate.id"), primary_key=True),
    Column("since", BigInteger, primary_key=True),
    _number("rate_units"),
    _number("rate_nanos"),
)
location = _table(
    "location",
    _id(),
    *_record(),
    _text("name", ""),
    Column("currency", FOLD, nullable=False),
    _text("time_zone", "UTC"),
    _number("time_zone_id", 1),
    _number("country_id", 840),
    _text("extra", "{}"),
)
pipeline = _table(
    "pipeline",
    _id(),
    *_record(),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _flag("archived"),
)
stage = _table(
    "stage",
    _id(),
    *_record(),
    _ref("pipeline_id", "pipeline", nullable=False, index=True),
    _text("title", ""),
    _text("description", ""),
    _text("color", ""),
    _number("position"),
    Column("probability", SmallInteger, nullable=False, server_default=text("0")),
    Column("outcome", SmallInteger, nullable=False, server_default=text("0")),
    Column("expected_days", Integer),
    _text("required_fields", "[]"),
    _ref("canned_response_id", "canned_response"),
    _ref("task_list_id", "task_list"),
    _text("extra", "{}"),
)
kind = _table(
    "kind",
    _id(),
    *_record(),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _text("notes_template"),
)
list_item = _table(
    "list_item",
    _id(),
    Column("list", FOLD, nullable=False),
    Column("number", BigInteger),
    _text("title", ""),
    _fold("title_fold", nullable=False),
    _text("description", ""),
    _text("color", ""),
    _text("image", ""),
    _number("position"),
    UniqueConstraint("list", "title_fold"),
    Index("uq_list_item_list_number", "list", "number", unique=True),
)
canned_response = _table(
    "canned_response",
    _id(),
    *_record(),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _text("subject"),
    _text("message"),
)
task_list = _table(
    "task_list",
    _id(),
    *_record(),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _flag("active"),
    _text("extra", "{}"),
)
task_item = _table(
    "task_item",
    _id(),
    *_record(),
    _ref("task_list_id", "task_list", nullable=False, index=True),
    _ref("responsible_id", "users", nullable=False),
    _text("name", ""),
    _flag("active"),
    _flag("notify"),
    _flag("display_to_everyone"),
    _number("delay_hours"),
)
custom_field = _table(
    "custom_field",
    _id(),
    *_record(),
    Column("subject", FOLD, nullable=False),
    _text("label", ""),
    Column("type", SmallInteger, nullable=False),
    _text("mask", ""),
    _number("position"),
    _ref("location_id", "location"),
    Column("number", BigInteger),
    _text("extra", "{}"),
    Index("ix_custom_field_subject", "subject", "position"),
)

# Contacts ----------------------------------------------------------------------------------------------------

contact = _table(
    "contact",
    _id(),
    *_record(),
    _number("version", 1),
    _flag("is_company"),
    _text("first_name", ""),
    _text("last_name", ""),
    _text("name", ""),
    _text("display_name", ""),
    _fold("display_fold", nullable=False),
    _ref("company_id", "contact", index=True),
    _text("company_name"),
    _text("email"),
    _fold("email_fold"),
    _fold("email_claim"),
    _text("job_title"),
    _text("about"),
    _text("industry"),
    Column("currency", FOLD),
    Column("status_id", ID),
    Column("type_id", ID),
    Column("sharing", SmallInteger, nullable=False, server_default=text("1")),
    _flag("active", True),
    _flag("archived"),
    _text("notes"),
    _text("photo"),
    _text("extra", "{}"),
    _instant("deleted_at"),
    Index("ix_contact_display", "display_fold", "id"),
    Index("ix_contact_email", "email_fold"),
    # Set by deeds that ask for an e-mail of one's own: of two at the same time only one can have it.
    Index("uq_contact_email_claim", "email_claim", unique=True),
    # These hold all that counting needs to know of a contact, so that a total touches no record.
    Index("ix_contact_created", "created_at", "id", "is_company", "sharing", "deleted_at"),
    _partial("ix_contact_hidden", "id", "deleted_at IS NOT NULL OR sharing = 0"),
    Index("ix_contact_kind", "is_company", "created_at", "id", "sharing", "deleted_at"),
    Index("ix_contact_status", "status_id", "created_at", "id", "sharing", "deleted_at"),
    Index("ix_contact_type", "type_id", "created_at", "id", "sharing", "deleted_at"),
)
contact_info = _table(
    "contact_info",
    _id(),
    _ref("contact_id", "contact", nullable=False, index=True),
    Column("kind", SmallInteger, nullable=False),
    Column("category", SmallInteger, nullable=False, server_default=text("0")),
    _text("data", ""),
    _fold("data_fold", nullable=False),
    _flag("is_primary"),
    Index("ix_contact_info_kind_data", "kind", "data_fold"),
)
contact_manager = Table(
    "contact_manager",
    metadata,
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True),
    Column("user_uid", FOLD, primary_key=True),
    Index("ix_contact_manager_user", "user_uid", "contact_id"),
)
# What a contact let go of when it went to the trash, to be taken up again when it comes back: it was the "primary"
# contact of deals, a "member" of deals or of a "case", the company of each "person".
contact_left = Table(
    "contact_left",
    metadata,
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True),
    Column("relation", FOLD, primary_key=True),
    Column("record_id", ID, primary_key=True, autoincrement=False),
    _text("role", ""),
)
team = _table(
    "team",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _fold("name_fold", nullable=False),
    _text("description"),
    _text("profile_website"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
team_contact = Table(
    "team_contact",
    metadata,
    Column("team_id", ID, ForeignKey("team.id"), primary_key=True),
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True, index=True),
    _flag("is_member"),
    _flag("is_administrator"),
)
team_user = Table(
    "team_user",
    metadata,
    Column("team_id", ID, ForeignKey("team.id"), primary_key=True),
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True),
)

# Opportunities -----------------------------------------------------------------------------------------------

REMINDING: Final = (
    "follow_up_at IS NOT NULL AND responsible IS NOT NULL AND NOT completed AND outcome = 0 AND deleted_at IS NULL"
    " AND (reminded_for IS NULL OR reminded_for <> follow_up_at)"
)
"""Deals whose responsible is to be told when the follow-up comes, and is not told yet."""
opportunity = _table(
    "opportunity",
    _id(),
    *_record(),
    _number("version", 1),
    _text("title"),
    _fold("title_fold", nullable=False, server_default=""),
    _text("description"),
    _ref("stage_id", "stage"),
    Column("position", BigInteger),
    _ref("contact_id", "contact"),
    _ref("team_id", "team"),
    _ref("kind_id", "kind"),
    _fold("responsible"),
    _ref("referrer_id", "contact"),
    _ref("agent_id", "contact"),
    Column("amount_units", BigInteger),
    Column("amount_nanos", BigInteger),
    Column("currency", FOLD),
    _number("billing"),
    _number("periods"),
    _number("probability"),
    _instant("expected_close"),
    _instant("closed_at"),
    _instant("won_at"),
    _instant("lost_at"),
    Column("outcome", SmallInteger, nullable=False, server_default=text("0")),
    _flag("completed"),
    Column("loss_reason", BigInteger),
    Column("lead_source", BigInteger),
    _instant("follow_up_at"),
    _flag("reminded"),
    _instant("reminded_for"),
    _text("utm_source"),
    _text("utm_medium"),
    _text("utm_campaign"),
    _text("utm_content"),
    _text("utm_term"),
    _flag("private"),
    _instant("moved_at", nullable=False),
    _instant("deleted_at"),
    Index("uq_opportunity_place", "stage_id", "position", unique=True),
    Index("ix_opportunity_contact", "contact_id"),
    Index("ix_opportunity_title", "title_fold", "id"),
    Index("ix_opportunity_created", "created_at", "id"),
    Index("ix_opportunity_updated", "updated_at", "id"),
    Index(
        "ix_opportunity_follow_up",
        "follow_up_at",
        postgresql_where=text("follow_up_at IS NOT NULL"),
        sqlite_where=text("follow_up_at IS NOT NULL"),
    ),
    Index(
        "ix_opportunity_due",
        *("stage_id", "follow_up_at", "private", "id"),
        postgresql_where=text("follow_up_at IS NOT NULL AND NOT completed AND deleted_at IS NULL"),
        sqlite_where=text("follow_up_at IS NOT NULL AND NOT completed AND deleted_at IS NULL"),
    ),
    _partial("ix_opportunity_reminding", "follow_up_at", REMINDING),
    Index(
        "ix_opportunity_team",
        "team_id",
        postgresql_where=text("team_id IS NOT NULL"),
        sqlite_where=text("team_id IS NOT NULL"),
    ),
    _partial("ix_opportunity_referrer", "referrer_id", "referrer_id IS NOT NULL"),
    _partial("ix_opportunity_agent", "agent_id", "agent_id IS NOT NULL"),
    _partial("ix_opportunity_private", "id", "private"),
    Index(
        "ix_opportunity_trash",
        "deleted_at",
        postgresql_where=text("deleted_at IS NOT NULL"),
        sqlite_where=text("deleted_at IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": "85"},
)
# Missing values sort first on both databases, so PostgreSQL's indexes must say so too.
ordered(opportunity, "responsible", "responsible", "id")
ordered(opportunity, "person", "responsible", "stage_id", "contact_id", "closed_at DESC", "expected_close")
ordered(opportunity, "amount", "amount_units", "amount_nanos", "id")
ordered(opportunity, "expected", "expected_close", "id")
ordered(opportunity, "stage", "stage_id", "contact_id", "closed_at DESC", "expected_close")
opportunity_member = Table(
    "opportunity_member",
    metadata,
    Column("opportunity_id", ID, ForeignKey("opportunity.id"), primary_key=True),
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True, index=True),
    _text("role", ""),
)
opportunity_share = Table(
    "opportunity_share",
    metadata,
    Column("opportunity_id", ID, ForeignKey("opportunity.id"), primary_key=True),
    Column("user_uid", FOLD, primary_key=True),
    Index("ix_opportunity_share_user", "user_uid", "opportunity_id"),
)
opportunity_value = Table(
    "opportunity_value",
    metadata,
    Column("opportunity_id", ID, ForeignKey("opportunity.id"), primary_key=True),
    Column("field_id", ID, ForeignKey("custom_field.id"), primary_key=True, index=True),
    _text("value", ""),
)
contact_value = Table(
    "contact_value",
    metadata,
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True),
    Column("field_id", ID, ForeignKey("custom_field.id"), primary_key=True, index=True),
    _text("value", ""),
)
tag = _table(
    "tag",
    _id(),
    Column("subject", FOLD, nullable=False),
    _text("title", ""),
    _fold("title_fold", nullable=False),
    UniqueConstraint("subject", "title_fold"),
)
opportunity_tag = Table(
    "opportunity_tag",
    metadata,
    Column("opportunity_id", ID, ForeignKey("opportunity.id"), primary_key=True),
    Column("tag_id", ID, ForeignKey("tag.id"), primary_key=True, index=True),
)
contact_tag = Table(
    "contact_tag",
    metadata,
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True),
    Column("tag_id", ID, ForeignKey("tag.id"), primary_key=True, index=True),
)
stage_visit = _table(
    "stage_visit",
    _id(),
    *_record(),
    _ref("opportunity_id", "opportunity", index=True),
    Column("from_stage_id", ID),
    Column("to_stage_id", ID, nullable=False),
    _instant("from_time"),
    _instant("to_time"),
    Column("user_id", ID),
)
stage_total = Table(
    "stage_total",
    metadata,
    Column("stage_id", ID, primary_key=True, autoincrement=False),
    Column("currency", FOLD, primary_key=True),
    Column("responsible", FOLD, primary_key=True),
    Column("team_id", ID, primary_key=True, autoincrement=False),
    Column("private", Boolean, primary_key=True),
    _number("deals"),
    _number("priced"),
    _number("units"),
    _number("nanos"),
)
stage_total_delta = _table(
    "stage_total_delta",
    _id(),
    Column("stage_id", ID, nullable=False, index=True),
    Column("currency", FOLD, nullable=False),
    Column("responsible", FOLD, nullable=False),
    Column("team_id", ID, nullable=False),
    _flag("private"),
    _number("deals"),
    _number("priced"),
    _number("units"),
    _number("nanos"),
)

# Cases, notes and files --------------------------------------------------------------------------------------

case = _table(
    "cases",
    _id(),
    *_record(),
    _number("version", 1),
    _text("title", ""),
    _fold("title_fold", nullable=False, server_default=""),
    _flag("closed"),
    _flag("private"),
    _instant("deleted_at"),
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
    _text("value", ""),
)
case_tag = Table(
    "case_tag",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("tag_id", ID, ForeignKey("tag.id"), primary_key=True, index=True),
)
# What was said or done. The category is a list item, or one of the negative ones of the system.
note = _table(
    "note",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("contact_id", "contact"),
    _ref("opportunity_id", "opportunity"),
    _ref("case_id", "cases"),
    Column("category_id", ID),
    _text("content", ""),
    _fold("content_fold", nullable=False, server_default=""),
    _text("extra", "{}"),
    _instant("deleted_at"),
    Index("ix_note_contact", "contact_id", "created_at", "id"),
    Index("ix_note_opportunity", "opportunity_id", "created_at", "id"),
    Index("ix_note_case", "case_id", "created_at", "id"),
    Index("ix_note_created", "created_at", "id"),
)
# `key` is where the bytes lie in the file store; it is empty when they are there no more.
file = _table(
    "file",
    _id(),
    *_record(),
    _number("version", 1),
    _text("purpose", "attachment"),
    _text("title", ""),
    _text("media_type", "application/octet-stream"),
    _number("size"),
    _text("key", ""),
    _text("extra", "{}"),
    _instant("deleted_at"),
    Index("ix_file_purpose", "purpose", "created_by", "id"),
    Index("ix_file_key", "key"),
    _partial("ix_file_deleted", "deleted_at", "deleted_at IS NOT NULL"),
)
note_file = Table(
    "note_file",
    metadata,
    Column("note_id", ID, ForeignKey("note.id"), primary_key=True),
    Column("file_id", ID, ForeignKey("file.id"), primary_key=True, index=True),
)

# Tasks -------------------------------------------------------------------------------------------------------

task = _table(
    "task",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location"),
    _text("title", ""),
    _fold("title_fold", nullable=False, server_default=""),
    _text("description"),
    _instant("deadline"),
    _fold("responsible"),
    Column("category_id", ID),
    _ref("contact_id", "contact", index=True),
    _ref("opportunity_id", "opportunity", index=True),
    _ref("case_id", "cases", index=True),
    _number("alert_minutes"),
    _flag("closed"),
    _flag("notify"),
    _flag("display_to_everyone"),
    _flag("reminded"),
    _text("task_item_uid"),
    _text("task_list_name"),
    _text("form_request_uid"),
    _instant("deleted_at"),
)
ordered(task, "deadline", "deadline", "id")
ordered(task, "open", "closed", "deadline", "id", where="deleted_at IS NULL")
ordered(task, "responsible", "responsible", "closed", "deadline", "id", where="deleted_at IS NULL")
ordered(task, "category", "category_id", "closed", "deadline", "id", where="deleted_at IS NULL")
task_template_container = _table(
    "task_template_container",
    _id(),
    *_record(),
    _number("version", 1),
    _fold("subject", nullable=False),
    _text("title", ""),
)
# `offset_ticks` counts 100 ns, as the one contract that knows templates does.
task_template = _table(
    "task_template",
    _id(),
    *_record(),
    _ref("container_id", "task_template_container", nullable=False, index=True),
    _text("title", ""),
    _text("description"),
    _fold("responsible"),
    Column("category_id", ID),
    _flag("notify"),
    _number("offset_ticks"),
    _flag("deadline_fixed"),
)

# Invoices ----------------------------------------------------------------------------------------------------

invoice_tax = _table(
    "invoice_tax",
    _id(),
    *_record(),
    _number("version", 1),
    _text("name", ""),
    _fold("name_fold", nullable=False, unique=True),
    _text("description"),
    _number("rate_units"),
    _number("rate_nanos"),
)
invoice_item = _table(
    "invoice_item",
    _id(),
    *_record(),
    _number("version", 1),
    _text("title", ""),
    _fold("title_fold", nullable=False, server_default=""),
    _text("sku"),
    _fold("sku_fold", nullable=False, server_default=""),
    _text("description"),
    _number("price_units"),
    _number("price_nanos"),
    Column("currency", FOLD),
    _number("stock_units"),
    _number("stock_nanos"),
    _flag("tracked"),
    _ref("tax1_id", "invoice_tax"),
    _ref("tax2_id", "invoice_tax"),
    _instant("deleted_at"),
)
# Addresses are kept as they were when the invoice was made: JSON of street, city, state, zip, country. `taxes` are
# those of its lines as they were when it was last written or sent: JSON of name and rate by id.
invoice = _table(
    "invoice",
    _id(),
    *_record(),
    _number("version", 1),
    Column("status", SmallInteger, nullable=False, server_default=text("1")),
    _text("number", ""),
    _fold("number_fold", nullable=False),
    _instant("issued_at", nullable=False),
    _instant("due_at", nullable=False),
    Column("template", SmallInteger, nullable=False, server_default=text("0")),
    _ref("contact_id", "contact", nullable=False, index=True),
    _ref("consignee_id", "contact", index=True),
    _ref("opportunity_id", "opportunity", index=True),
    _text("billing_address"),
    _text("delivery_address"),
    _text("language"),
    Column("currency", FOLD, nullable=False),
    _number("rate_units"),
    _number("rate_nanos"),
    _text("purchase_order"),
    _text("terms"),
    _text("description"),
    _number("cost_units"),
    _number("cost_nanos"),
    _text("taxes", "{}"),
    _ref("file_id", "file", index=True),
    _instant("deleted_at"),
    _unique_living("uq_invoice_number", "number_fold"),
    Index("ix_invoice_issued", "issued_at", "id"),
    Index("ix_invoice_due", "due_at", "id"),
)
invoice_line = _table(
    "invoice_line",
    _id(),
    _ref("invoice_id", "invoice", nullable=False, index=True),
    _ref("item_id", "invoice_item", index=True),
    _ref("tax1_id", "invoice_tax", index=True),
    _ref("tax2_id", "invoice_tax", index=True),
    _number("position"),
    _text("description"),
    _number("quantity_units"),
    _number("quantity_nanos"),
    _number("price_units"),
    _number("price_nanos"),
    _number("discount_units"),
    _number("discount_nanos"),
)

# Calls -------------------------------------------------------------------------------------------------------

call = _table(
    "call",
    _id(),
    *_record(),
    _fold("external_id", nullable=False, unique=True),
    _text("from_number", ""),
    _text("to_number", ""),
    Column("status", SmallInteger),
    _fold("answered_by"),
    _ref("contact_id", "contact", index=True),
    _ref("parent_id", "call", index=True),
    _instant("dialed_at", nullable=False),
    _number("seconds"),
    _number("price_units"),
    _number("price_nanos"),
    _text("record_url"),
    _number("record_seconds"),
    Index("ix_call_dialed", "dialed_at", "id"),
)

# Leads, messages and webhooks --------------------------------------------------------------------------------

# A public page whose answers become contacts and deals. `questions` is a JSON list of what it asks.
form_page = _table(
    "form_page",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _text("description", ""),
    _flag("active"),
    _ref("stage_id", "stage"),
    _ref("responsible_id", "users"),
    _text("questions", "[]"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
# `token` is what the page gave its visitor: the same one twice is one submission.
form_request = _table(
    "form_request",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("form_page_id", "form_page", nullable=False, index=True),
    _ref("contact_id", "contact", nullable=False, index=True),
    _ref("opportunity_id", "opportunity", index=True),
    _instant("sent_at"),
    _flag("submitted"),
    _fold("token", unique=True),
    _text("answers", "{}"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
proposal = _table(
    "proposal",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _ref("responsible_id", "users", nullable=False),
    _ref("contact_id", "contact", nullable=False, index=True),
    _text("reference", ""),
    _text("notes"),
    Column("status", SmallInteger, nullable=False, server_default=text("1")),
    Column("price_units", BigInteger),
    Column("price_nanos", BigInteger),
    _number("quantity", 1),
    _instant("sent_at"),
    _instant("opened_at"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
message = _table(
    "message",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("contact_id", "contact", nullable=False, index=True),
    _text("subject"),
    _text("body"),
    _flag("is_new"),
    _flag("incoming"),
    _text("reminder_uid"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
# A document of a contact; the bytes are files.
document = _table(
    "document",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _ref("contact_id", "contact", nullable=False, index=True),
    _text("name", ""),
    _text("description"),
    _flag("shown_to_contact"),
    _ref("file_id", "file", index=True),
    _ref("signed_file_id", "file", index=True),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
import_file = _table(
    "import_file",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _ref("file_id", "file"),
    _ref("work_id", "work"),
    _flag("imported"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
# A message that goes out by itself on a date or after something happened; what a CRM does not know is in `extra`.
WRITING: Final = (
    "type = 1 AND action IN (1, 2) AND remind_at IS NOT NULL AND contact_id IS NOT NULL AND deleted_at IS NULL"
    " AND (reminded_for IS NULL OR reminded_for <> remind_at)"
)
"""Reminders of a fixed day that write to their contact and have not done so yet."""
reminder = _table(
    "reminder",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _ref("contact_id", "contact", index=True),
    _ref("canned_response_id", "canned_response"),
    _text("name", ""),
    Column("type", SmallInteger),
    Column("action", SmallInteger),
    _instant("remind_at"),
    _instant("reminded_for"),
    _instant("next_at"),
    _text("extra", "{}"),
    _instant("deleted_at"),
    _partial("ix_reminder_next", "next_at", "next_at IS NOT NULL"),
    _partial("ix_reminder_writing", "remind_at", WRITING),
)
calendar_event = _table(
    "calendar_event",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _instant("starts_at"),
    _instant("ends_at"),
    _text("extra", "{}"),
    _instant("deleted_at"),
)
business_setting = _table(
    "business_setting",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _text("name", ""),
    _fold("name_fold", nullable=False),
    _text("value"),
    UniqueConstraint("location_id", "name_fold"),
)
# It is told of the events since `since`, is through with those up to `seq`, and waits for `due_at` after a failure.
webhook = _table(
    "webhook",
    _id(),
    *_record(),
    _number("version", 1),
    _ref("location_id", "location", nullable=False),
    _ref("owner_id", "users", nullable=False),
    _text("name", ""),
    _number("action"),
    _text("description"),
    _text("url", ""),
    _flag("active"),
    _text("secret", ""),
    _number("error_count"),
    _text("last_error"),
    _instant("last_at"),
    _instant("since"),
    _instant("due_at"),
    Column("seq", BigInteger),
)
# What was sent to a webhook and what came back.
webhook_call = _table(
    "webhook_call",
    _id(),
    _ref("webhook_id", "webhook", nullable=False, index=True),
    _instant("at", nullable=False),
    Column("event_seq", BigInteger),
    Column("status", Integer),
    _text("error"),
    _number("millis"),
)

# Long work ---------------------------------------------------------------------------------------------------

# A job that outlives its request and a restart: import, export, report, mailing. `cursor` is where to go on.
work = _table(
    "work",
    _id(),
    *_record(),
    _number("version", 1),
    _fold("kind", nullable=False),
    # Set until it is finished where of several only one may be open.
    _fold("claim", unique=True),
    _text("via", ""),
    _text("scope"),
    _fold("state", nullable=False, server_default="waiting"),
    _text("input", "{}"),
    _text("cursor", "{}"),
    _number("total"),
    _number("done"),
    _number("failed"),
    _text("error"),
    _text("result", "{}"),
    _number("attempts"),
    _flag("cancelled"),
    _instant("finished_at"),
    Index("ix_work_kind", "kind", "created_by", "id"),
    _partial("ix_work_open", "id", "finished_at IS NULL"),
)
work_problem = _table(
    "work_problem",
    _id(),
    _ref("work_id", "work", nullable=False, index=True),
    _number("row"),
    _text("field", ""),
    _text("code", ""),
    _text("message", ""),
    _text("value", ""),
)

# What happened and what is to be sent ------------------------------------------------------------------------

event = _table(
    "event",
    _id(),
    Column("deed_id", FOLD, nullable=False),
    Column("seq", BigInteger),
    _instant("at", nullable=False),
    Column("actor_id", ID),
    _text("via", ""),
    _text("kinds", ""),
    _text("subject", ""),
    Column("subject_id", ID, nullable=False),
    _text("before", "{}"),
    _text("after", "{}"),
    Index("ix_event_subject", "subject", "subject_id", "id"),
    Index("uq_event_seq", "seq", unique=True),
    _partial("ix_event_unordered", "id", "seq IS NULL"),
)
# `about` names the record of what is undone when that changes, such as the reminders of a task.
outbox = _table(
    "outbox",
    _id(),
    _instant("due_at", nullable=False),
    _text("kind", ""),
    _text("payload", "{}"),
    _fold("about"),
    _number("attempts"),
    _text("last_error"),
    _instant("done_at"),
    Index(
        "ix_outbox_due",
        "due_at",
        postgresql_where=text("done_at IS NULL"),
        sqlite_where=text("done_at IS NULL"),
    ),
    _partial("ix_outbox_about", "about", "about IS NOT NULL"),
)
lease = Table(
    "lease",
    metadata,
    Column("name", FOLD, primary_key=True),
    _text("holder", ""),
    _instant("until", nullable=False),
)
