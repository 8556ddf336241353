"""Deeds on webhooks: each belongs to who made it, and tells what that person may see and nothing else."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Final

from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import attempted, now
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.actions.plain_records import Values
from dealwright.actions.rule_deeds import refuse
from dealwright.actions.webhook_calls import SECRET
from dealwright.domain.actor import Actor
from dealwright.domain.errors import invalid
from dealwright.domain.webhook import GRACE_HOURS, LONGEST_GRACE_HOURS, STANDARD, problems_of
from dealwright.storage import plain_records as store
from dealwright.storage import webhooks
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord

SAID: Final = ("location_id", "name", "action", "description", "url", "active", "secret", "system_id")
"""What people say of a webhook; the rest is known from its deliveries."""


async def create(db: Database, actor: Actor, values: Values) -> PlainRecord:
    """Make a webhook of this person's, which is told what happens from now on; see plain_records.create.

    Refuses with Invalid an address or action as well.
    """
    return await deeds.create(db, actor, WEBHOOK, {**_said(values), "owner_id": actor.id, "since": now()})


async def change(
    db: Database, actor: Actor, webhook_id: int, values: Values, version: int | None = None
) -> PlainRecord:
    """Change a webhook; see plain_records.change.

    One that is switched on again begins anew, without errors: it is not told what happened meanwhile. One that goes
    elsewhere is tried there at once. A secret that is replaced this way is valid no more, at once.
    """
    actor.require("WebHook-Edit")
    before = (await store.read(db, actor, WEBHOOK.kind, webhook_id)).values
    state: dict[str, object] = {}
    if values.get("active") and not before["active"]:
        state = {"error_count": 0, "last_error": None, "since": now()}
    if values.get("url", before["url"]) != before["url"]:
        state["due_at"] = None
    if values.get("secret", before["secret"]) != before["secret"]:
        state |= {"old_secret": "", "old_secret_until": None}
    return await deeds.change(db, actor, WEBHOOK, webhook_id, {**_said(values), **state}, version)


async def rotate(
    db: Database, actor: Actor, webhook_id: int, secret: str | None = None, hours: int = GRACE_HOURS
) -> tuple[PlainRecord, str]:
    """Give a webhook another secret, the one that is told or a new one, and return both; the old one signs on.

    For so many hours messages bear the Standard Webhooks' signatures by both; the vendor's one signature is by the new
    secret at once. Refuses with Forbidden, NotFound, and Invalid ("secret"; "grace_hours" out of 0 to 168).
    """
    actor.require("WebHook-Edit")
    if not 0 <= hours <= LONGEST_GRACE_HOURS:
        raise invalid("grace_hours", "out_of_range", f"must be from 0 to {LONGEST_GRACE_HOURS}", hours)
    chosen, until = secret or new_secret(), now() + timedelta(hours=hours)

    async def deed(_: int) -> PlainRecord:
        before = await store.read(db, actor, WEBHOOK.kind, webhook_id)
        present = before.values["secret"] or await webhooks.setting(db, before.values["location_id"], SECRET)
        old = present if hours else ""
        kept = {"old_secret": old, "old_secret_until": until if old else None}
        after = {**deeds.fields_of(WEBHOOK.kind, before), "secret": chosen, **kept}
        refuse(problems_of(None, after))
        return await deeds.altered(db, actor, WEBHOOK, before, after)

    async with db.turns.of(WEBHOOK.subject, webhook_id):
        return await attempted(deed), chosen


def new_secret() -> str:
    """Return a secret of the Standard Webhooks: 32 bytes that nobody can guess."""
    return STANDARD + base64.b64encode(secrets.token_bytes(32)).decode()


async def delete(db: Database, actor: Actor, webhook_id: int, version: int | None = None) -> PlainRecord:
    """Take a webhook away with the log of its calls; see plain_records.delete."""
    first = [webhooks.calls_removed(webhook_id)]
    return await deeds.delete(db, actor, WEBHOOK, webhook_id, version, first)


def _said(values: Values) -> dict[str, object]:
    return {name: values[name] for name in SAID if name in values}
