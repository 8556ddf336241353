"""Imports from tables (invoices-reports-voip §3): a file or an address, what its columns mean, how far it is."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from dealwright.actions import imports, work
from dealwright.actions.import_tables import Sample
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, nothing, one, text
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.file_shown import HANDLER
from dealwright.dialects.onlyoffice.files import pieces_of
from dealwright.dialects.onlyoffice.import_settings import dialect_of, order_of, settings_of
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.progress import progress
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import NotFound
from dealwright.domain.table import Dialect
from dealwright.domain.work import RowProblem
from dealwright.storage.query import Page

OF_KIND: Final = "crm/{entityType:(contact|opportunity|case|task)}/import"
PROBLEMS_SHOWN: Final = Page(0, 100)

_FILE: Final = re.compile(r"(?:[^?]*\?(?:.*&)?fileid=)?(\d{1,10})", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


@routes.post(f"{OF_KIND}/start")
async def start(call: Call) -> Answer:
    """Start an import and answer an empty text; while one of this kind is being done for the caller, that one goes on.

    Refuses with 400 without a file or settings, a file that is not there and settings that cannot be carried out, and
    with 403 who may not create such records.
    """
    source, subject = _source(call), _subject(call)
    order = order_of(subject, settings_of(call.bag.text("jsonSettings")))
    try:
        await imports.start_or_join(call.db, call.actor, order, source)
    except NotFound:
        raise bad_argument() from None
    return text("")


@routes.get(f"{OF_KIND}/status")
async def get_status(call: Call) -> Answer:
    """Answer how far the caller's last import of this kind is, nothing where there is none.

    `problems` is ours: what was wrong with rows, at most the first 100.
    """
    found = await work.latest(call.db, call.actor, f"import.{_subject(call)}")
    if found is None:
        return nothing()
    problems = await work.problems(call.db, call.actor, found.id, PROBLEMS_SHOWN)
    return one({**progress(found), "problems": [_problem(each) for each in problems]})


@routes.get("crm/import/samplerow")
async def get_sample(call: Call) -> Answer:
    """Answer a row of an uploaded table as JSON text; beyond the end the last one.

    Refuses with 400 without a file, a number below 0, a file that is not there and settings that cannot be read.
    """
    index, source = call.bag.integer("indexRow"), _source(call)
    if index < 0 or isinstance(source, str):
        raise bad_argument()
    found = await _sample(call, source, index)
    return text(_json({"data": found.cells, "isMaxIndex": found.is_last}))


@routes.post("crm/import/uploadfake")
async def upload(call: Call) -> Answer:
    """Look into a table that was uploaded before, or in a part of this very form, and answer its head and first row.

    `fileURL` is what the other calls take as `csvFileURI`. Without a table `success` is false, as the contract has it.
    """
    parts, sent = call.bag.files("file"), call.bag.text("csvFileURI")
    if not parts and not sent:
        return one(_uploaded(False))
    if parts:
        name = parts[0].filename or "import.csv"
        source: int | str = await imports.upload(call.db, call.actor, name, pieces_of(parts[0]))
    else:
        name, source = sent or "", _source(call)
    if isinstance(source, str):
        return one(_uploaded(False))
    address = f"{call.portal.url}{HANDLER}?action=download&fileid={source}"
    found = await _sample(call, source, 0)
    info = {"headerColumns": found.head, "firstContactFields": found.cells, "isMaxIndex": found.is_last}
    return one(_uploaded(True, name, address, _json({**info, "assignedPath": address})))


def _uploaded(success: bool, name: str | None = None, address: str | None = None, data: str | None = None) -> Shown:
    return {"success": success, "fileName": name, "fileURL": address, "data": data, "message": None}


async def _sample(call: Call, source: int, index: int) -> Sample:
    said = call.bag.text("jsonSettings")
    dialect = dialect_of(settings_of(said)) if (said or "").strip() else Dialect()
    try:
        return await imports.sample(call.db, call.actor, source, dialect, index)
    except NotFound:
        raise bad_argument() from None


def _source(call: Call) -> int | str:
    """Return the id of the uploaded file that `csvFileURI` names, or the address it is. 400."""
    said = (call.bag.text("csvFileURI") or "").strip()
    own = said.lower().startswith(f"{call.portal.url}{HANDLER}".lower()) or not _ADDRESS.match(said)
    if own and (found := _FILE.fullmatch(said)):
        return int(found[1])
    if not own:
        return said
    raise bad_argument()


def _subject(call: Call) -> str:
    return (call.bag.text("entityType") or "").lower()


def _problem(found: RowProblem) -> Shown:
    return {"row": found.row, "field": found.field, "message": found.message, "value": found.value}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
