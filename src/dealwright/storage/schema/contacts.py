"""Persons and companies, how to reach them, and teams of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, SmallInteger, Table, text

from dealwright.storage.schema.columns import (
    FOLD,
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

contact = table(
    "contact",
    key(),
    *record(),
    number("version", 1),
    flag("is_company"),
    words("first_name", ""),
    words("last_name", ""),
    words("name", ""),
    words("display_name", ""),
    fold("display_fold", nullable=False),
    ref("company_id", "contact", index=True),
    words("company_name"),
    words("email"),
    fold("email_fold"),
    fold("email_claim"),
    words("job_title"),
    words("about"),
    words("industry"),
    Column("currency", FOLD),
    Column("status_id", ID),
    Column("type_id", ID),
    Column("sharing", SmallInteger, nullable=False, server_default=text("1")),
    flag("active", True),
    flag("archived"),
    words("notes"),
    words("photo"),
    words("banner"),
    words("extra", "{}"),
    instant("deleted_at"),
    Index("ix_contact_display", "display_fold", "id"),
    Index("ix_contact_email", "email_fold"),
    # Set by deeds that ask for an e-mail of one's own: of two at the same time only one can have it.
    Index("uq_contact_email_claim", "email_claim", unique=True),
    # These hold all that counting needs to know of a contact, so that a total touches no record.
    Index("ix_contact_created", "created_at", "id", "is_company", "sharing", "deleted_at"),
    partial(
        "ix_contact_hidden",
        *("id", "is_company", "sharing", "deleted_at"),
        where="deleted_at IS NOT NULL OR sharing = 0",
    ),
    Index("ix_contact_kind", "is_company", "created_at", "id", "sharing", "deleted_at"),
    Index("ix_contact_status", "status_id", "created_at", "id", "sharing", "deleted_at"),
    Index("ix_contact_type", "type_id", "created_at", "id", "sharing", "deleted_at"),
)
# How many contacts of each kind were ever made: the summary, and deltas that belong to it.
contact_tally = Table(
    "contact_tally",
    metadata,
    Column("is_company", Boolean, primary_key=True),
    number("contacts"),
)
contact_tally_delta = table(
    "contact_tally_delta",
    key(),
    flag("is_company"),
    number("contacts"),
)
contact_info = table(
    "contact_info",
    key(),
    ref("contact_id", "contact", nullable=False, index=True),
    Column("kind", SmallInteger, nullable=False),
    Column("category", SmallInteger, nullable=False, server_default=text("0")),
    words("data", ""),
    fold("data_fold", nullable=False),
    flag("is_primary"),
    Index("ix_contact_info_kind_data", "kind", "data_fold"),
)
contact_manager = people_of(contact, "contact_manager", "contact_id")
contact_value = values_of(contact, "contact_value", "contact_id")
contact_tag = tags_of(contact, "contact_tag", "contact_id")
# What a contact let go of when it went to the trash, to be taken up again when it comes back: it was the "primary"
# contact of deals, a "member" of deals or of a "case", the company of each "person".
contact_left = Table(
    "contact_left",
    metadata,
    link("contact_id", "contact"),
    Column("relation", FOLD, primary_key=True),
    Column("record_id", ID, primary_key=True, autoincrement=False),
    words("role", ""),
)
team = table(
    "team",
    key(),
    *record(),
    number("version", 1),
    ref("location_id", "location", nullable=False),
    words("name", ""),
    fold("name_fold", nullable=False),
    words("description"),
    words("profile_website"),
    words("extra", "{}"),
    instant("deleted_at"),
)
team_contact = Table(
    "team_contact",
    metadata,
    link("team_id", "team"),
    link("contact_id", "contact", index=True),
    flag("is_member"),
    flag("is_administrator"),
)
team_user = Table(
    "team_user",
    metadata,
    link("team_id", "team"),
    link("user_id", "users"),
)
