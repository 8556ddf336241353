"""Who works here: users, what they may do and how they sign in."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Table, text

from dealwright.storage.schema.columns import (
    FOLD,
    flag,
    fold,
    instant,
    key,
    link,
    metadata,
    number,
    record,
    ref,
    table,
    words,
)

user = table(
    "users",
    key(),
    *record(),
    words("email", ""),
    fold("email_fold", nullable=False),
    fold("user_name", nullable=False),
    words("first_name", ""),
    words("last_name", ""),
    words("title", ""),
    words("password_hash"),
    Column("standing", SmallInteger, nullable=False),
    Column("sight", SmallInteger, nullable=False, server_default=text("0")),
    flag("active", True),
    flag("api_access", True),
    number("language", 1),
    ref("location_id", "location"),
    words("extra", "{}"),
    Index("uq_users_email_fold", "email_fold", unique=True),
)
role = table(
    "role",
    key(),
    *record(),
    words("name", ""),
    fold("name_fold", nullable=False, unique=True),
    words("description", ""),
)
role_right = Table(
    "role_right",
    metadata,
    link("role_id", "role"),
    Column("right_name", FOLD, primary_key=True),
)
user_role = Table(
    "user_role",
    metadata,
    link("user_id", "users"),
    link("role_id", "role"),
)
token = table(
    "token",
    key(),
    Column("hash", LargeBinary, nullable=False, unique=True),
    ref("user_id", "users", nullable=False, index=True),
    words("kind", ""),
    fold("client_id"),
    words("label", ""),
    words("scope"),
    flag("documented_names"),
    instant("created_at", nullable=False),
    instant("expires_at"),
)
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("key", FOLD, primary_key=True),
    number("failures"),
    instant("last_at", nullable=False),
)
two_factor = Table(
    "two_factor",
    metadata,
    link("user_id", "users"),
    words("secret", ""),
    instant("created_at", nullable=False),
    instant("confirmed_at"),
    number("last_step"),
)
recovery_code = Table(
    "recovery_code",
    metadata,
    link("user_id", "users"),
    Column("hash", FOLD, primary_key=True),
    instant("used_at"),
)
invitation = Table(
    "invitation",
    metadata,
    link("user_id", "users"),
    fold("hash", nullable=False, unique=True),
    instant("expires_at", nullable=False),
)
presence = Table(
    "presence",
    metadata,
    link("user_id", "users"),
    instant("seen_at"),
    instant("tried_at"),
)
