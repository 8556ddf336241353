"""Deeds on webhooks: each belongs to who made it, and tells what that person may see and nothing else."""

from __future__ import annotations

from typing import Final

from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import now
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.actions.plain_records import Values
from dealwright.domain.actor import Actor
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
    elsewhere is tried there at once.
    """
    actor.require("WebHook-Edit")
    before = (await store.read(db, actor, WEBHOOK.kind, webhook_id)).values
    state: dict[str, object] = {}
    if values.get("active") and not before["active"]:
        state = {"error_count": 0, "last_error": None, "since": now()}
    if values.get("url", before["url"]) != before["url"]:
        state["due_at"] = None
    return await deeds.change(db, actor, WEBHOOK, webhook_id, {**_said(values), **state}, version)


async def delete(db: Database, actor: Actor, webhook_id: int, version: int | None = None) -> PlainRecord:
    """Take a webhook away with the log of its calls; see plain_records.delete."""
    first = [webhooks.calls_removed(webhook_id)]
    return await deeds.delete(db, actor, WEBHOOK, webhook_id, version, first)


def _said(values: Values) -> dict[str, object]:
    return {name: values[name] for name in SAID if name in values}
