"""Deeds on long work: start it, look how far it is, ask it to end, forget what is old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from dealwright.actions.deed import happened, new_uid, now, recorded
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.work import RowProblem, Work
from dealwright.storage import work as store
from dealwright.storage.database import Database
from dealwright.storage.files import used
from dealwright.storage.query import Page
from dealwright.storage.writes import Clash, Lost

KEPT: Final = timedelta(days=7)
NEWEST: Final = 2**62
SWEPT_AT_ONCE: Final = 200


async def start(db: Database, actor: Actor, kind: str, given: Mapping[str, Any], file_ids: Sequence[int] = ()) -> Work:
    """Start a work of a kind that the jobs know; `given` is what its worker needs, as plain JSON values.

    `file_ids` are the files that it names there; NotFound where one is there no more.

    It runs with the rights this person has while it runs, and with no more than the caller has now. Whether the
    caller may start it at all is for the deed that calls this.
    """
    return await _insert(db, actor, _new(db, actor, kind, given), file_ids)


async def start_or_join(
    db: Database, actor: Actor, kind: str, given: Mapping[str, Any], file_ids: Sequence[int] = ()
) -> Work:
    """Start a work, or return the one of this kind that this person started and that is not finished yet."""
    new = replace(_new(db, actor, kind, given), claim=f"{kind} {actor.id}")
    while True:
        present = await store.claimed(db, new.claim or "")
        if present is not None:
            return present
        try:
            return await _insert(db, actor, new, file_ids)
        except Clash:
            continue  # somebody was quicker; that one is open now, or finished already


async def status(db: Database, actor: Actor, work_id: int) -> Work:
    """Return a work as it stands. Refuses with NotFound what somebody else started, administrators aside."""
    found = await store.read(db, work_id)
    if not found.seen_by(actor):
        raise NotFound("work")
    return found


async def latest(db: Database, actor: Actor, kind: str) -> Work | None:
    """Return what this person started last of a kind, None where there is nothing any more."""
    return await store.latest(db, kind, actor.id)


async def list_for(db: Database, actor: Actor, before: int = NEWEST, most: int = 50) -> list[Work]:
    """Return the works this person may see with ids below `before`, the newest first."""
    if actor.is_crm_admin:
        return await store.started(db, before, most)
    return await store.started_by(db, actor.id, before, most)


async def problems(db: Database, actor: Actor, work_id: int, page: Page) -> list[RowProblem]:
    """Return what was wrong with single rows of a work. Refuses as `status`."""
    await status(db, actor, work_id)
    return await store.problems(db, work_id, page)


async def cancel(db: Database, actor: Actor, work_id: int) -> Work:
    """Ask a work to end as soon as it can; what it has done stays. Return it. Refuses as `status`."""
    found = await status(db, actor, work_id)
    if found.is_finished or found.cancelled:
        return found
    event = recorded(happened(actor, now(), "work", ["work.cancelled"], None, {"kind": found.kind}), work_id)
    await db.apply([store.cancelled(work_id), event])
    return await store.read(db, work_id)


async def sweep(db: Database) -> int:
    """Forget works that were finished days ago, with the tables they read and made; return how many."""
    at = now()
    found = await store.old(db, at - KEPT, SWEPT_AT_ONCE)
    if found:
        await db.apply(store.swept(found, at))
    return len(found)


def _new(db: Database, actor: Actor, kind: str, given: Mapping[str, Any]) -> Work:
    whole = db.rules.actor(actor.id)
    narrowed = whole is None or actor.rights != whole.rights
    at = now()
    return Work(
        id=0,
        uid=new_uid(),
        kind=kind,
        version=1,
        created_at=at,
        updated_at=at,
        created_by=actor.id,
        input=given,
        via=actor.via,
        scope=" ".join(sorted(actor.rights)) if narrowed else None,
    )


async def _insert(db: Database, actor: Actor, new: Work, file_ids: Sequence[int]) -> Work:
    event = happened(actor, new.created_at, "work", ["work.started"], None, {"kind": new.kind})
    try:
        made = await db.apply([store.inserted(new), *used(file_ids, new.created_at), recorded(event, store.NEW)])
    except Lost:
        raise NotFound("file") from None
    return replace(new, id=made[store.NEW.name])
