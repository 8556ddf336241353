"""The first house: every table, the search tables and what a new portal holds."""

from __future__ import annotations

import os

from alembic import op

from dealwright.storage.portal import fill
from dealwright.storage.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for subject in ("opportunity", "contact"):
        _search(subject)
    fill(connection, os.environ.get("DEALWRIGHT_CURRENCY", "USD"))


def _search(subject: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The tokens are made in Python; SQLite only has to split at the spaces.
        op.execute(
            f"CREATE VIRTUAL TABLE {subject}_search USING fts5(words, tokenize='ascii', prefix='3', detail='none', columnsize=0)"
        )
        return
    op.execute(
        f"CREATE TABLE {subject}_search ({subject}_id bigint PRIMARY KEY REFERENCES {subject}(id), words tsvector NOT NULL)"
    )
    op.execute(f"CREATE INDEX ix_{subject}_search_words ON {subject}_search USING gin (words) WITH (fastupdate = on)")
