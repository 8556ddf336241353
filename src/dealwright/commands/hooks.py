"""`dealwright webhook …`: how webhooks fare, and what they are told again."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from dealwright.actions import plain_records as deeds
from dealwright.actions import webhook_replays
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.commands import DONE, Misused
from dealwright.commands.people import acting
from dealwright.config import Settings
from dealwright.domain.errors import Invalid
from dealwright.storage import webhooks
from dealwright.storage.database import Database

NOTHING = "Nothing has failed."


async def show(db: Database, _: Settings, __: argparse.Namespace) -> int:
    """List every webhook in a line."""
    actor = acting(db, None)
    for ident in await webhooks.ids(db):
        values = (await deeds.get(db, actor, WEBHOOK, ident)).values
        state = "on" if values["active"] else "off"
        error = f"  {values['error_count']} errors: {values['last_error']}" if values["error_count"] else ""
        last = f"{values['last_at']:%Y-%m-%d %H:%M}" if values["last_at"] else "never"
        sys.stdout.write(f"{ident:>6}  {state:<3}  {last:<16}  {values['name']}  {values['url']}{error}\n")
    return DONE


async def replay(db: Database, _: Settings, given: argparse.Namespace) -> int:
    """Have a webhook told again; the server does it, at once or when it is started."""
    actor = acting(db, None)
    try:
        if given.call is not None:
            await webhook_replays.again(db, actor, given.id, given.call)
            sys.stdout.write("It is told of that event again.\n")
            return DONE
        since = await webhook_replays.anew(db, actor, given.id, _moment(db, given.since))
    except Invalid as refusal:
        raise Misused(" ".join(f"{one.field.capitalize()} {one.message}." for one in refusal.problems)) from None
    told = f"It is told of what it did not take in since {since:%Y-%m-%d %H:%M:%S %Z}." if since else NOTHING
    sys.stdout.write(f"{told}\n")
    return DONE


def _moment(db: Database, text: str | None) -> datetime | None:
    """Return a moment; without a time zone it is meant where the portal is."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(f"{text} is no moment; write it as 2027-01-31T09:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=db.rules.zone)
