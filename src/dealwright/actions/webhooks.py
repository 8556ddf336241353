"""Deeds on webhooks: each belongs to who made it, and tells what that person may see and nothing else."""

from __future__ import annotations

from typing import Final

from dealwright.actions import plain_records as deeds
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.actions.plain_records import Values
from dealwright.domain.actor import Actor
from dealwright.storage import plain_records as store
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord

SAID: Final = ("location_id", "name", "action", "description", "url", "active", "secret", "system_id")
"""What people say of a webhook; the rest is known from its deliveries."""


async def create(db: Database, actor: Actor, values: Values) -> PlainRecord:
    """Make a webhook of this person's; see plain_records.create. Refuses with Invalid an address or action as well."""
    return await deeds.create(db, actor, WEBHOOK, {**_said(values), "owner_id": actor.id})


async def change(
    db: Database, actor: Actor, webhook_id: int, values: Values, version: int | None = None
) -> PlainRecord:
    """Change a webhook; see plain_records.change. One that is switched on again begins without errors."""
    actor.require("WebHook-Edit")
    again = values.get("active") and not (await store.read(db, actor, WEBHOOK.kind, webhook_id)).values["active"]
    cleared = {"error_count": 0, "last_error": None} if again else {}
    return await deeds.change(db, actor, WEBHOOK, webhook_id, {**_said(values), **cleared}, version)


def _said(values: Values) -> dict[str, object]:
    return {name: values[name] for name in SAID if name in values}
