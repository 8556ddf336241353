"""The files that long work makes: each is there together with the word that it is, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from dealwright.actions import files
from dealwright.actions.deed import happened, recorded, values_of
from dealwright.actions.work_runs import Halted, Run
from dealwright.domain.errors import Refusal
from dealwright.domain.file import Purpose, media_type_of, titled
from dealwright.storage import files as store
from dealwright.storage.blobs import Blobs, Stored
from dealwright.storage.merged import reserve

KEY = "arriving"
"""Where a cursor says under which key bytes are being kept."""


async def kept(
    run: Run,
    purpose: Purpose,
    title: str,
    media_type: str | None,
    data: bytes | AsyncIterator[bytes],
    cursor: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Keep some bytes as a file of whoever started a work and return its id.

    The file and the cursor, with the id as its `file_id`, are written in one transaction. What an earlier run left
    when it was cut off here is removed first, so that nothing half done stays.
    """
    await cleared(run)
    key = Blobs.new_key()
    await run.note({**run.cursor, KEY: key})
    blob = await run.db.blobs.write(data, key)
    try:
        await run.repeated(partial(_noted, run, purpose, titled(title), media_type, blob, cursor, extra or {}))
    except (Halted, Refusal):
        if "file_id" not in run.cursor:
            await run.db.blobs.delete(blob.key)
        raise
    return int(run.cursor["file_id"])


async def cleared(run: Run) -> None:
    """Remove the bytes that an earlier run began to keep and did not finish."""
    if KEY in run.cursor and "file_id" not in run.cursor:
        await run.db.blobs.discard(str(run.cursor[KEY]))


async def _noted(
    run: Run,
    purpose: Purpose,
    title: str,
    media_type: str | None,
    blob: Stored,
    cursor: Mapping[str, Any],
    extra: Mapping[str, Any],
) -> None:
    file = files.made(run.actor, purpose, title, media_type or media_type_of(title), blob)
    file.id = next(iter(await reserve(run.db, "file", 1)))
    file.extra.update(extra)
    event = happened(run.actor, file.created_at, "file", ["file.created"], None, values_of(file, files.TOLD))
    writes = [store.numbered(file), recorded(event, file.id)]
    await run.advance(cursor={**cursor, "file_id": file.id}, writes=writes)
