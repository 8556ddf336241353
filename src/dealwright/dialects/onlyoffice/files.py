"""Files of records (contacts-tasks-cases §7): uploads, what is attached, the root folder."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

from starlette.datastructures import UploadFile

from dealwright.actions import files, notes
from dealwright.actions.files import CREATE, DELETE, LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, one
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.file_shown import ROOT, file_shown
from dealwright.dialects.onlyoffice.history import WORDS, event, hanging_on
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.file import File, Purpose
from dealwright.domain.note import NoteChange
from dealwright.storage.note_lists import NoteCriteria

OF_RECORD: Final = "crm/{entityType:(contact|opportunity|case)}/{entityid:[0-9]+}/files"
CHUNK: Final = 1 << 18

_MARKUP: Final = re.compile(r"<([^\s>]*)(\s[^<]*)>")


@routes.get("crm/files/root", right=LIST)
async def get_root(call: Call) -> Answer:
    """Answer the number of the folder in which all files of the CRM are."""
    return one(ROOT)


@routes.get(OF_RECORD, right=LIST)
async def get(call: Call) -> Answer:
    """Answer the files on a record's events, the newest first; a hidden record has none. Refuses id 0 with 400."""
    hanging = _hanging(call)
    names = ("contact_id", "opportunity_id", "case_id")
    criteria = NoteCriteria(**{name: getattr(hanging, name) or None for name in names})
    found = await notes.files_of(call.db, call.actor, criteria)
    return listed([file_shown(call.portal, file) for file in found], call.page, "file")


@routes.post(OF_RECORD, right=CREATE, words=WORDS)
async def post(call: Call) -> Answer:
    """Attach uploaded files to a record and answer the event that tells of it.

    Refuses with 400 no file, and one that is not there or not in the root folder, with 404 a record out of sight.
    """
    hanging, chosen = await _seen(call), call.bag.integers("fileids")
    if not chosen:
        raise bad_argument()
    hanging.files = chosen
    return one(event(call, await notes.attach(call.db, call.actor, hanging)))


@routes.post(f"{OF_RECORD}/upload", right=CREATE)
async def upload(call: Call) -> Answer:
    """Keep the files of a form and answer the last of them; they are attached afterwards, by their ids.

    Refuses with 400 a form without a file, with 404 a record out of sight and with 413 what is too large.
    """
    await _seen(call)
    parts = call.bag.files("files")
    if not parts:
        raise bad_argument()
    kept = [await _keep(call, part) for part in parts]
    return one(file_shown(call.portal, kept[-1]))


async def _keep(call: Call, part: UploadFile) -> File:
    return await files.keep(call.db, call.actor, Purpose.ATTACHMENT, part.filename or "", None, pieces_of(part))


async def pieces_of(part: UploadFile) -> AsyncIterator[bytes]:
    """Run through the bytes of an uploaded file, however often it was read before."""
    await part.seek(0)
    while piece := await asyncio.to_thread(part.file.read, CHUNK):
        yield piece


@routes.post(f"{OF_RECORD}/text", right=CREATE)
async def post_text(call: Call) -> Answer:
    """Keep a text as a file, attach it to a record and answer the file; markup makes it a page.

    Refuses with 400 without a title or content, with 404 a record out of sight.
    """
    hanging, title, content = await _seen(call), call.bag.text("title"), call.bag.text("content")
    if title is None or content is None:
        raise bad_argument()
    ending = ".html" if _MARKUP.search(content) else ".txt"
    name = title if title.endswith(ending) else f"{title}{ending}"
    file = await files.keep(call.db, call.actor, Purpose.ATTACHMENT, name, None, content.encode())
    hanging.files = [file.id]
    await notes.attach(call.db, call.actor, hanging)
    return one(file_shown(call.portal, file))


@routes.delete("crm/files/{fileid:[0-9]+}", right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete a file and answer it: 404 for a missing or hidden one, 403 for somebody else's."""
    return one(file_shown(call.portal, await files.delete(call.db, call.actor, call.bag.integer("fileid"))))


def _hanging(call: Call) -> NoteChange:
    number = call.bag.integer("entityid")
    if number <= 0:
        raise bad_argument()
    return hanging_on(call.bag.text("entityType") or "", number)


async def _seen(call: Call) -> NoteChange:
    hanging = _hanging(call)
    await notes.require_record(call.db, call.actor, hanging)
    return hanging
