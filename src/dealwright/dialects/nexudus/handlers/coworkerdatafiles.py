"""Records with files that are fetched from addresses: customers' documents, import files (conventions §3.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from dealwright.actions import fetched_files, import_files
from dealwright.actions.plain_entities import DOCUMENT, IMPORT_FILE
from dealwright.actions.plain_records import Entity as Deeds
from dealwright.dialects.nexudus.entities.coworkerdatafiles import COWORKER_DATA_FILE
from dealwright.dialects.nexudus.entities.crmopportunityimportfiles import CRM_OPPORTUNITY_IMPORT_FILE
from dealwright.dialects.nexudus.entity import Entity
from dealwright.dialects.nexudus.handlers.plainrecords import done, handler, values_of
from dealwright.dialects.nexudus.handling import Call, Done, Write
from dealwright.dialects.nexudus.importheadings import HEADINGS
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values
from dealwright.storage.plain_records import PlainRecord

Keep = Callable[[Call, int, Values, Mapping[str, str]], Awaitable[PlainRecord]]
"""Makes a record, or changes the one of an id, with what lies at addresses."""


def _files_said(deed: Deeds, body: Body) -> tuple[Values, dict[str, str]]:
    """Return which files go, and from where others come; a new address counts more than the wish to clear."""
    cleared: Values = {}
    addresses: dict[str, str] = {}
    for field in deed.kind.files:
        name = field.removesuffix("_id")
        address = str(body.values.get(f"{name}_url") or "").strip()
        if address:
            addresses[field] = address
        elif body.values.get(f"{name}_clear"):
            cleared[field] = None
    return cleared, addresses


def _hook(entity: Entity, deed: Deeds, keep: Keep) -> Write:
    async def hook(call: Call, body: Body) -> Done:
        cleared, addresses = _files_said(deed, body)
        return done(await keep(call, body.id, {**values_of(entity, deed, body), **cleared}, addresses))

    return hook


def _new_document(call: Call, _: int, values: Values, addresses: Mapping[str, str]) -> Awaitable[PlainRecord]:
    return fetched_files.create(call.db, call.actor, DOCUMENT, values, addresses, call.bounds)


def _document(call: Call, ident: int, values: Values, addresses: Mapping[str, str]) -> Awaitable[PlainRecord]:
    return fetched_files.change(call.db, call.actor, DOCUMENT, ident, values, addresses, call.bounds)


def _new_table(call: Call, _: int, values: Values, addresses: Mapping[str, str]) -> Awaitable[PlainRecord]:
    return import_files.create(call.db, call.actor, values, addresses, call.bounds, HEADINGS)


def _table(call: Call, ident: int, values: Values, addresses: Mapping[str, str]) -> Awaitable[PlainRecord]:
    return import_files.change(call.db, call.actor, ident, values, addresses, call.bounds, HEADINGS)


def _signed(document: PlainRecord) -> Values:
    return {"Signed": document.values["signed_file_id"] is not None}


_of_document = partial(_hook, COWORKER_DATA_FILE, DOCUMENT)
_of_table = partial(_hook, CRM_OPPORTUNITY_IMPORT_FILE, IMPORT_FILE)
DATA_FILES: Final = handler(
    COWORKER_DATA_FILE,
    DOCUMENT,
    derived=_signed,
    create=_of_document(_new_document),
    change=_of_document(_document),
)
IMPORT_FILES: Final = handler(
    CRM_OPPORTUNITY_IMPORT_FILE, IMPORT_FILE, create=_of_table(_new_table), change=_of_table(_table)
)
