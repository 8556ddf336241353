"""Deals, whom they belong to, where they have been, and what they come to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, SmallInteger, Table, text

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
    ordered,
    partial,
    record,
    ref,
    table,
    words,
)
from dealwright.storage.schema.links import people_of, tags_of, values_of

REMINDING: Final = (
    "follow_up_at IS NOT NULL AND responsible IS NOT NULL AND NOT completed AND outcome = 0 AND deleted_at IS NULL"
    " AND (reminded_for IS NULL OR reminded_for <> follow_up_at)"
)
"""Deals whose responsible is to be told when the follow-up comes, and is not told yet."""
opportunity = table(
    "opportunity",
    key(),
    *record(),
    number("version", 1),
    words("title"),
    fold("title_fold", nullable=False, server_default=""),
    words("description"),
    ref("stage_id", "stage"),
    Column("position", BigInteger),
    ref("contact_id", "contact"),
    ref("team_id", "team"),
    ref("kind_id", "kind"),
    fold("responsible"),
    ref("referrer_id", "contact"),
    ref("agent_id", "contact"),
    Column("amount_units", BigInteger),
    Column("amount_nanos", BigInteger),
    Column("currency", FOLD),
    number("billing"),
    number("periods"),
    number("probability"),
    instant("expected_close"),
    instant("closed_at"),
    instant("won_at"),
    instant("lost_at"),
    Column("outcome", SmallInteger, nullable=False, server_default=text("0")),
    flag("completed"),
    Column("loss_reason", BigInteger),
    Column("lead_source", BigInteger),
    instant("follow_up_at"),
    flag("reminded"),
    instant("reminded_for"),
    words("utm_source"),
    words("utm_medium"),
    words("utm_campaign"),
    words("utm_content"),
    words("utm_term"),
    flag("private"),
    instant("moved_at", nullable=False),
    instant("deleted_at"),
    Index("uq_opportunity_place", "stage_id", "position", unique=True),
    Index("ix_opportunity_contact", "contact_id"),
    Index("ix_opportunity_title", "title_fold", "id"),
    Index("ix_opportunity_created", "created_at", "id"),
    Index("ix_opportunity_updated", "updated_at", "id"),
    partial("ix_opportunity_follow_up", "follow_up_at", "id", where="follow_up_at IS NOT NULL"),
    partial("ix_opportunity_won", "won_at", "id", where="won_at IS NOT NULL"),
    partial("ix_opportunity_lost", "lost_at", "id", where="lost_at IS NOT NULL"),
    Index("ix_opportunity_outcome", "outcome", "id"),
    partial("ix_opportunity_uncompleted", "id", where="NOT completed"),
    partial(
        "ix_opportunity_due",
        "stage_id",
        "follow_up_at",
        "private",
        "id",
        where="follow_up_at IS NOT NULL AND NOT completed AND deleted_at IS NULL",
    ),
    partial("ix_opportunity_reminding", "follow_up_at", where=REMINDING),
    partial("ix_opportunity_team", "team_id", where="team_id IS NOT NULL"),
    partial("ix_opportunity_referrer", "referrer_id", where="referrer_id IS NOT NULL"),
    partial("ix_opportunity_agent", "agent_id", where="agent_id IS NOT NULL"),
    partial("ix_opportunity_private", "id", where="private"),
    partial("ix_opportunity_trash", "deleted_at", where="deleted_at IS NOT NULL"),
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
    link("opportunity_id", "opportunity"),
    link("contact_id", "contact", index=True),
    words("role", ""),
)
opportunity_share = people_of(opportunity, "opportunity_share", "opportunity_id")
opportunity_value = values_of(opportunity, "opportunity_value", "opportunity_id")
opportunity_tag = tags_of(opportunity, "opportunity_tag", "opportunity_id")
stage_visit = table(
    "stage_visit",
    key(),
    *record(),
    ref("opportunity_id", "opportunity", index=True),
    Column("from_stage_id", ID),
    Column("to_stage_id", ID, nullable=False),
    instant("from_time"),
    instant("to_time"),
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
    Column("outcome", SmallInteger, primary_key=True, autoincrement=False),
    Column("completed", Boolean, primary_key=True),
    number("deals"),
    number("priced"),
    number("units"),
    number("nanos"),
)
stage_total_delta = Table(
    "stage_total_delta",
    metadata,
    key(),
    Column("stage_id", ID, nullable=False),
    Column("currency", FOLD, nullable=False),
    Column("responsible", FOLD, nullable=False),
    Column("team_id", ID, nullable=False),
    flag("private"),
    Column("outcome", SmallInteger, nullable=False, server_default=text("0")),
    flag("completed"),
    number("deals"),
    number("priced"),
    number("units"),
    number("nanos"),
)
opportunity_tally = Table(
    "opportunity_tally",
    metadata,
    Column("facet", SmallInteger, primary_key=True, autoincrement=False),
    Column("detail", FOLD, primary_key=True),
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("private", Boolean, primary_key=True),
    number("deals"),
    Column("lowest_id", BigInteger, nullable=False),
    Column("highest_id", BigInteger, nullable=False),
)
opportunity_tally_delta = Table(
    "opportunity_tally_delta",
    metadata,
    key(),
    Column("facet", SmallInteger, nullable=False),
    Column("detail", FOLD, nullable=False),
    Column("bucket", BigInteger, nullable=False),
    flag("private"),
    number("deals"),
    Column("lowest_id", BigInteger, nullable=False),
    Column("highest_id", BigInteger, nullable=False),
)
