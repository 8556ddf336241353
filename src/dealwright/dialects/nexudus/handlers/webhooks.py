"""Webhooks as records (conventions §10; related, WebHook)."""

from __future__ import annotations

from typing import Final

from dealwright.actions import webhooks
from dealwright.actions.deed import now
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.dialects.nexudus.entities.webhooks import WEB_HOOK
from dealwright.dialects.nexudus.handlers.plainrecords import done, handler, values_of
from dealwright.dialects.nexudus.handling import Call, Done
from dealwright.dialects.nexudus.reading import Body


async def create(call: Call, body: Body) -> Done:
    """Make a webhook of the caller's; see actions.webhooks.create."""
    return done(await webhooks.create(call.db, call.actor, values_of(WEB_HOOK, WEBHOOK, body)))


async def change(call: Call, body: Body) -> Done:
    """Replace a webhook; see actions.webhooks.change. Its secret stays."""
    return done(await webhooks.change(call.db, call.actor, body.id, values_of(WEB_HOOK, WEBHOOK, body)))


async def remove(call: Call, record_id: int) -> Done:
    """Take a webhook away; see actions.webhooks.delete."""
    return Done((await webhooks.delete(call.db, call.actor, record_id)).id, now())


WEBHOOKS: Final = handler(WEB_HOOK, WEBHOOK, create=create, change=change, remove=remove)
