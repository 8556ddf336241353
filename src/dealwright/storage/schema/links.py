"""The tables that hang on a record of any kind: who shares it, what its custom fields hold, its tags."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from dealwright.storage.schema.columns import FOLD, link, metadata, words


def people_of(records: Table, name: str, owner: str) -> Table:
    """Return a table of the people that each of some records names; `owner` is the column with the record's number."""
    person = Column("user_uid", FOLD, primary_key=True)
    return Table(name, metadata, link(owner, records.name), person, Index(f"ix_{name}_user", "user_uid", owner))


def values_of(records: Table, name: str, owner: str) -> Table:
    """Return a table of what each of some records holds in custom fields."""
    field = link("field_id", "custom_field", index=True)
    return Table(name, metadata, link(owner, records.name), field, words("value", ""))


def tags_of(records: Table, name: str, owner: str) -> Table:
    """Return a table of the tags of each of some records."""
    return Table(name, metadata, link(owner, records.name), link("tag_id", "tag", index=True))
