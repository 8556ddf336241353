"""Deeds on import files: a table of opportunities that somebody hands over, and what follows when it is there."""

from __future__ import annotations

from collections.abc import Mapping

from dealwright.actions import fetched_files
from dealwright.actions.plain_entities import IMPORT_FILE
from dealwright.actions.plain_records import Values
from dealwright.domain.actor import Actor
from dealwright.fetching import Bounds
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord


async def create(
    db: Database, actor: Actor, values: Values, addresses: Mapping[str, str], bounds: Bounds
) -> PlainRecord:
    """Make an import file with what lies at an address; see fetched_files.create."""
    made = await fetched_files.create(db, actor, IMPORT_FILE, values, addresses, bounds)
    return await _arrived(db, actor, made) if addresses else made


async def change(
    db: Database, actor: Actor, ident: int, values: Values, addresses: Mapping[str, str], bounds: Bounds
) -> PlainRecord:
    """Change an import file; see fetched_files.change."""
    changed = await fetched_files.change(db, actor, IMPORT_FILE, ident, values, addresses, bounds)
    return await _arrived(db, actor, changed) if addresses else changed


async def _arrived(db: Database, actor: Actor, record: PlainRecord) -> PlainRecord:
    """Return the record after whatever follows from its table having come: the one place where an import begins."""
    return record
