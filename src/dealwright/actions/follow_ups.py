"""Follow-ups: who is responsible for a deal is told once when its day comes; a new day arms it again.

A reminder remembers the day it was sent for. The flag that a vendor shows is set with it and rules nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from dealwright.actions.deed import new_uid, now
from dealwright.actions.task_letters import when
from dealwright.domain.actor import Actor
from dealwright.domain.values import instant, micros
from dealwright.storage import follow_ups as store
from dealwright.storage.database import Database
from dealwright.storage.follow_ups import Due
from dealwright.storage.tokens import present_stamp
from dealwright.storage.writes import Lost, Write

LETTER: Final = "opportunity.follow_up"
SEES: Final = "CrmOpportunity-Read"
CHUNK: Final = 200

_log = logging.getLogger(__name__)


async def is_due(db: Database) -> bool:
    """Tell whether somebody is to be told of a deal now."""
    return await store.is_due(db, now())


async def tell(db: Database) -> bool:
    """Post the letters of some follow-ups that are due and note so, in one transaction; tell whether there are more.

    Where the responsible is gone, or may see the deal no more, the day passes and nobody is told.
    """
    await _refreshed(db)
    found = await store.due(db, now(), CHUNK)
    seen = await _seen_by_theirs(db, found)
    letters = {due.mark: _said(due) for due in found if due.id in seen}
    passing = [due.mark for due in found if due.id not in seen]
    writes: list[Write] = [store.told(letters, LETTER, now(), new_uid())] if letters else []
    writes += [store.passed(passing)] if passing else []
    try:
        await db.apply(writes, db.rules.stamp)
    except Lost:
        return True  # somebody's rights changed this moment
    if found:
        _log.info("Follow-ups: %d posted, %d with nobody to tell", len(letters), len(passing))
    return len(found) == CHUNK


async def _refreshed(db: Database) -> None:
    if await present_stamp(db) != db.rules.stamp:
        await db.refresh()


async def _seen_by_theirs(db: Database, found: list[Due]) -> set[int]:
    """Return those deals that their responsibles may see."""
    seen: set[int] = set()
    for uid, dues in groupby(sorted(found, key=lambda due: due.responsible), key=lambda due: due.responsible):
        actor = _actor(db, uid)
        if actor is not None:
            seen |= await store.seen(db, actor, [due.id for due in dues])
    return seen


def _actor(db: Database, uid: str) -> Actor | None:
    user = db.rules.users_by_uid.get(uid)
    actor = db.rules.actor(user.id) if user else None
    return actor if actor is not None and actor.may(SEES) else None


def _said(due: Due) -> dict[str, Any]:
    """Return what must still be so when the letter is delivered."""
    return {"opportunity": due.id, "follow_up_at": micros(due.follow_up_at), "responsible": due.responsible}


async def still_due(db: Database, said: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return what the letter of a follow-up tells, and to whom (`to_uid`); None where it is no more as it was.

    Closed, in the trash, with another day or responsible, or hidden from that person: then nobody is told.
    """
    await _refreshed(db)
    actor = _actor(db, str(said["responsible"]))
    found = await store.open_for(db, actor, int(said["opportunity"])) if actor else None
    if actor is None or found is None or found.follow_up_at != instant(said["follow_up_at"]):
        return None
    title = found.title or found.contact or "a deal without a name"
    about = f"“{title}” ({found.contact})" if found.title and found.contact else f"“{title}”"
    return {"title": title, "about": about, "when": when(found.follow_up_at, db.rules.zone), "to_uid": actor.uid}
