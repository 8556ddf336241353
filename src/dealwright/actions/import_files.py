"""Deeds on import files: a table of opportunities that somebody hands over, and the import that follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from dealwright.actions import fetched_files, imports
from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import attempted
from dealwright.actions.plain_entities import IMPORT_FILE
from dealwright.actions.plain_records import Values
from dealwright.domain.actor import Actor
from dealwright.fetching import Bounds
from dealwright.storage import plain_records as store
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord

Names = Mapping[str, str]
"""The fields of leads by the headings under which a table says them, folded."""


async def create(
    db: Database, actor: Actor, values: Values, addresses: Mapping[str, str], bounds: Bounds, names: Names
) -> PlainRecord:
    """Make an import file with what lies at an address, and begin its import; see fetched_files.create.

    Refuses with Forbidden also who may not create opportunities.
    """
    _require(actor, addresses)
    made = await fetched_files.create(db, actor, IMPORT_FILE, values, addresses, bounds)
    return await _arrived(db, actor, made, names) if addresses else made


async def change(
    db: Database,
    actor: Actor,
    ident: int,
    values: Values,
    addresses: Mapping[str, str],
    bounds: Bounds,
    names: Names,
) -> PlainRecord:
    """Change an import file, and begin its import where another table comes; see fetched_files.change and `create`."""
    _require(actor, addresses)
    changed = await fetched_files.change(db, actor, IMPORT_FILE, ident, values, addresses, bounds)
    return await _arrived(db, actor, changed, names) if addresses else changed


def _require(actor: Actor, addresses: Mapping[str, str]) -> None:
    if addresses:
        actor.require(imports.RIGHTS["lead"])


async def _arrived(db: Database, actor: Actor, record: PlainRecord, names: Names) -> PlainRecord:
    """Begin the import of a table that has come, unless somebody says it is imported; return the record after it."""
    values = record.values
    if values["imported"]:
        return record
    said = {"location_id": values["location_id"], "import_file_id": record.id}
    found = await imports.start_by_head(db, actor, values["file_id"], names, said)

    async def deed(_: int) -> PlainRecord:
        before = await store.read(db, actor, IMPORT_FILE.kind, record.id)
        after = {**deeds.fields_of(IMPORT_FILE.kind, before), "work_id": found.id}
        return await deeds.altered(db, actor, IMPORT_FILE, before, after)

    return await attempted(deed)
