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
    table = f"{subject}_search"
    if op.get_bind().dialect.name == "sqlite":
        # The tokens are made in Python; SQLite only has to split at the spaces.
        options = "words, tokenize='ascii', prefix='3', detail='none', columnsize=0"
        op.execute(f"CREATE VIRTUAL TABLE {table} USING fts5({options})")
        return
    key = f"{subject}_id bigint PRIMARY KEY REFERENCES {subject}(id)"
    op.execute(f"CREATE TABLE {table} ({key}, words tsvector NOT NULL)")
    op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")
