"""Reminders of a fixed day: each writes to its contact once when the day comes; another day arms it again."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from dealwright.actions.canned_letters import Template, canned, letter
from dealwright.actions.deed import happened, now
from dealwright.domain.automation import nobody
from dealwright.storage import reminders as store
from dealwright.storage.contacts import FullContact, read_known
from dealwright.storage.database import Database
from dealwright.storage.reminders import DueReminder
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Lost, Write

CHUNK: Final = 100
STALE: Final = timedelta(days=1)
"""Whose day was over for longer than this when it was written is a note, no letter."""
SEND_EMAIL: Final = 1

_log = logging.getLogger(__name__)


async def is_due(db: Database) -> bool:
    """Tell whether a reminder is to write now."""
    return bool(await store.due(db, now(), 1))


async def write(db: Database) -> bool:
    """Write the letters of some reminders that are due, each in a transaction; tell whether there are more."""
    found = await store.due(db, now(), CHUNK)
    for one in found:
        await _write(db, one)
    return len(found) == CHUNK


async def _write(db: Database, one: DueReminder) -> None:
    person = await read_known(db, one.contact_id)
    letters = [] if person is None or not _is_meant(one, person) else _letter(db.rules, one, person)
    try:
        await db.apply([store.done(one), *letters])
    except Lost:
        return  # it was changed this moment, or somebody else wrote
    _log.info("Reminder %d %s", one.id, "was written" if letters else "had nobody to write to, or nothing to say")


def _is_meant(one: DueReminder, person: FullContact) -> bool:
    only_active = bool(one.extra.get("OnlySendToActiveCoworkers"))
    return one.updated_at - one.remind_at <= STALE and (person.contact.active or not only_active)


def _letter(rules: Rules, one: DueReminder, person: FullContact) -> list[Write]:
    place = rules.locations.get(one.location_id) or rules.location
    said = canned(rules, one.canned_response_id, place)
    if one.action == SEND_EMAIL and one.extra.get("Email"):
        said = Template(subject=one.name, message=str(one.extra["Email"]), place=place)
    if said is None:
        return []
    rule = nobody(rules.stamp)
    whole = Template(subject=said.subject or one.name, message=said.message, place=place, reminder_uid=one.uid)
    return list(letter(rules, rule, person, whole, happened(rule, now(), "message", ["message.created"])))
